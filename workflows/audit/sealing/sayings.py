"""What is said of the tree: why a head was not signed or not believed, with what would help, and what was found."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Language, Text, fact_in
from workflows.audit.sealing.values import STORED, Flaw

_RESTORED = Text(
    "若确实恢复过备份：旧树头照旧有效，请另建密钥、另取名称（duban seal init）并公告；"
    "否则请保全数据库，用 duban seal check 查明",
    "if a backup was restored on purpose, the old heads still hold: begin another log under another name and key"
    " (duban seal init) and make it known; otherwise secure the database and run duban seal check",
)

WHY: Mapping[str, tuple[Text, Text]] = {
    "seal_rolled_back": (
        Text(
            "{origin} 已签过 {signed} 条记录的树头，数据库里却只有 {size} 条：数据库被回退或删减，未签",
            "a head of {signed} events of {origin} was signed, and the database has {size}: it was rolled back or cut,"
            " and nothing is signed",
        ),
        _RESTORED,
    ),
    "seal_forked": (
        Text(
            "{origin} 上次签到第 {signed} 条，数据库现有 {size} 条，但不是从那里接下来的：历史被改写，未签",
            "a head of {signed} events of {origin} was signed, from which the tree of {size} does not go on: the past"
            " was rewritten, and nothing is signed",
        ),
        _RESTORED,
    ),
    "seal_torn": (
        Text("树叶与树的大小不符，未再追加", "the leaves are not those of the tree, and none is appended"),
        Text(
            "请保全数据库，用 duban seal check 查明缺了什么",
            "secure the database; duban seal check says what is missing",
        ),
    ),
    "seal_unfit": (
        Text(
            "有 {count} 条记录与入库时不符（{why}），未入树，第一条是 {event}",
            "{count} events are not what was recorded ({why}) and were not taken into the tree, {event} first",
        ),
        Text(
            "请保全数据库，从备份核对该记录",
            "secure the database and compare the event with a backup",
        ),
    ),
    "seal_name": (
        Text("“{name}”不能作日志名称", "{name} cannot be the name of a log"),
        Text(
            "请写成不含空格和加号的名称，如 duban.example.org",
            "write one without blanks and plus signs, as in duban.example.org",
        ),
    ),
    "seal_key_exists": (
        Text("文件 {file} 已经存在", "the file {file} already exists"),
        Text("密钥从不覆盖；请换一个文件名", "a key is never written over: choose another file"),
    ),
    "seal_key_missing": (
        Text("无法读取密钥文件 {file}（{reason}）", "the key's file {file} cannot be read ({reason})"),
        Text(
            "用 duban seal init 新建，或改正 DUBAN_SEAL_KEY", "make one with duban seal init, or correct DUBAN_SEAL_KEY"
        ),
    ),
    "seal_key_open": (
        Text(
            "密钥文件 {file} 别人也能读（权限 {mode}），不予使用", "others may read the key's file {file} (mode {mode})"
        ),
        Text(
            "请运行 chmod 600 {file}；若可能已被人读过，请另建密钥",
            "run chmod 600 {file}; make another key if somebody may have read it",
        ),
    ),
    "seal_key_bad": (
        Text("文件 {file} 里不是签名密钥（{reason}）", "the file {file} holds no key to sign with ({reason})"),
        Text("用 duban seal init 新建", "make one with duban seal init"),
    ),
    "seal_key_none": (
        Text("没有指明密钥", "no key is named"),
        Text(
            "请用 duban seal init 建立，再设环境变量 DUBAN_SEAL_KEY 或写 --key",
            "make one with duban seal init, then set DUBAN_SEAL_KEY or say --key",
        ),
    ),
    "seal_memory": (
        Text(
            "无法读取已签树头的留存文件 {file}，未签",
            "what was signed cannot be read from {file}, and nothing is signed",
        ),
        Text("请从备份恢复该文件", "restore the file from a backup of it"),
    ),
    "seal_memory_unkept": (
        Text(
            "已签树头无法留存在 {file}（{reason}），未签",
            "what is signed cannot be kept in {file} ({reason}), and nothing is signed",
        ),
        Text(
            "请腾出磁盘空间，或改正密钥及其 .signed 文件的权限；未签的稍后会签",
            "free some space, or mend the permissions of the key and of its .signed file; it is signed then",
        ),
    ),
    "seal_no_head": (
        Text("还没有签过树头", "no head has been signed yet"),
        Text("请先设密钥再运行 duban seal now", "set a key, then run duban seal now"),
    ),
    "seal_not_yet": (
        Text(
            "{event} 不在最近签署的树头里（共 {size} 条）",
            "{event} is not in the head that was signed last, of {size} events",
        ),
        Text("请核对编号和序号，或先运行 duban seal now", "check the id and the number, or run duban seal now first"),
    ),
    "receipt_none": (
        Text("没有 {event} 这一条记录", "there is no event {event}"),
        Text("请用 duban history 核对编号和序号", "see duban history for the id and the number"),
    ),
    "growth_unread": (
        Text("这不是签署的树头：{reason}", "this is no signed head: {reason}"),
        Text(
            "请给出树头文件、印有树头的公文文字，或照纸录入（有签名的，或本库签过的）",
            "give a file with a head, the text of a printed page, or a head typed from paper that this log signed",
        ),
    ),
    "growth_unkept": (
        Text("没有签过 {size} 条记录的树头", "no head of {size} events was ever signed"),
        Text("请从树头页或 duban seal head 看签过哪些", "see which there are on the page of heads"),
    ),
    "growth_empty": (
        Text(
            "有一份树头（{origin}）是空的：什么都接在它后面",
            "a head ({origin}) is of no events: anything goes on from it",
        ),
        Text("请给出记有内容的树头", "give one that has events"),
    ),
    "growth_apart": (
        Text("两份树头属于两个日志：{origin} 与 {other}", "the heads are of two logs, {origin} and {other}"),
        Text("请给出同一日志的两份树头", "give two heads of one log"),
    ),
    "growth_none": (
        Text(
            "本库的树接不上这两份树头（{origin}，{old} 条与 {new} 条）：历史被改写，或其中一份是伪造的",
            "the tree of this database does not lead through both heads ({origin}, of {old} and {new} events): the"
            " past was rewritten, or one of them is forged",
        ),
        Text("请保留两份树头，用 duban seal check 查明", "keep both heads and run duban seal check with them"),
    ),
    "growth_unsigned": (
        Text(
            "录入的树头没有签名，本库也没有签过这样一份（{origin}，{size} 条）",
            "the head that was typed bears no signature, and this database keeps none like it ({origin}, {size}"
            " events)",
        ),
        Text(
            "用 duban seal check --typed 核对它；要证明，请给出带签名的树头",
            "hold it against the record with duban seal check --typed; for a proof give the head with its signature",
        ),
    ),
    "seal_no_sm3": (
        Text("这里的 OpenSSL 没有 SM3", "OpenSSL has no SM3 here"),
        Text("请换用带 SM3 的 OpenSSL，或不用 --sm3", "use an OpenSSL that has it, or leave --sm3 out"),
    ),
    "witness_key": (
        Text(
            "{origin} 的树头换了密钥：{file} 记得的是 {known}，现在是 {key}",
            "the heads of {origin} have another key: {file} remembers {known}, and this is {key}",
        ),
        Text(
            "请向经管单位当面核实；确已更换再另用一个文件",
            "ask those who keep the log face to face; if it was changed indeed, begin another file",
        ),
    ),
    "witness_unsigned": (
        Text("{origin} 的树头签名不对（{reason}）", "the head of {origin} is not signed as it should be ({reason})"),
        Text("请保留这份树头并查明", "keep this head and look into it"),
    ),
    "witness_fork": (
        Text(
            "{origin} 现在的树头（{size} 条）不是从 {file} 记得的树头（{seen} 条）接下来的：历史被改写或回退",
            "the head of {origin} ({size} events) does not go on from the one that {file} remembers ({seen}): the past"
            " was rewritten or rolled back",
        ),
        Text("请保留两份树头，用 duban seal check 查明", "keep both heads and run duban seal check"),
    ),
    "witness_broken": (
        Text("无法读取见证文件 {file}", "the witness file {file} cannot be read"),
        Text("请从备份恢复，不要删除了事", "restore it from a backup; do not just delete it"),
    ),
}

FINDINGS: Mapping[str, Text] = {
    "head_bad": Text("{source}的树头不可信：{reason}", "{source}: a head is not to be believed: {reason}"),
    "head_foreign": Text("{source}的树头属于另一日志 {origin}", "{source}: a head is of another log, {origin}"),
    "head_wrong": Text(
        "数据库里 {size} 条记录的树头（{tree}）与树叶算出的不符",
        "a head of {size} events ({tree}) in the database is not that of the leaves",
    ),
    "head_unmet": Text(
        "{source}的树头（{size} 条，{tree}）与数据库不符：历史被改写",
        "{source}: a head of {size} events ({tree}) is not that of this database: the past was rewritten",
    ),
    "rolled_back": Text(
        "{source}的树头有 {size} 条记录（{tree}），数据库里只剩 {leaves} 条",
        "{source}: a head has {size} events ({tree}), and this database has {leaves} left",
    ),
    "document_head_bad": Text(
        "公文 {number} 上印的树头不可信：{reason}", "the head on the document {number} is not to be believed: {reason}"
    ),
    "document_head_unmet": Text(
        "公文 {number} 上印的树头（{size} 条）不是本库的",
        "the head of {size} events on the document {number} is not one of this database",
    ),
    "document_head_unkept": Text(
        "公文 {number} 印有 {origin} 第 {size} 条的树头，库中却没有留存这份树头",
        "the document {number} bears a head of {size} events of {origin}, and the database keeps no such head",
    ),
    "receipt_missing": Text(
        "{source}的回执上有 {event}，数据库里没有这一条",
        "{source}: a receipt is of {event}, and there is no such event",
    ),
    "receipt_unmet": Text(
        "{source}的回执上 {event} 的哈希，与数据库里的不同",
        "{source}: a receipt has another hash of {event} than is recorded",
    ),
    "tree_missing": Text("树（{tree}）不见了", "the tree ({tree}) is gone"),
    "tree_wrong": Text(
        "树（{tree}）记为 {size} 条，与 {leaves} 条树叶算出的不符",
        "the tree ({tree}) is kept as of {size} events and is not that of its {leaves} leaves",
    ),
    "tile_wrong": Text(
        "树（{tree}）第 {number} 块的根不符", "the root of tile {number} ({tree}) is not that of its leaves"
    ),
    "leaf_missing": Text(
        "树中从位置 {position} 起缺 {count} 片树叶", "{count} leaves are missing from position {position} on"
    ),
    "leaf_misplaced": Text(
        "{event} 在位置 {position} 排在本流第 {after} 条之后：次序不对",
        "{event} stands at position {position} after number {after} of its stream: out of order",
    ),
    "event_deleted": Text(
        "{event} 已入树（位置 {position}），记录却不在了", "{event} is in the tree (position {position}) and is gone"
    ),
    "event_changed": Text(
        "{event} 的哈希与入树时不同（位置 {position}）：记录被改写",
        "{event} has another hash than when it was sealed (position {position}): it was rewritten",
    ),
    "event_backdated": Text(
        "{event} 自称记于 {recorded_at}，却在 {signed_at} 签署的树头（{size} 条）之后才入树",
        "{event} says that it was recorded {recorded_at}, and entered the tree after the head of {size} events that was"
        " signed {signed_at}",
    ),
    "event_outside": Text(
        "{event} 不在树中，也不在等待：未经正常办理写入",
        "{event} is not in the tree and does not wait for it: it was not written by this program",
    ),
    "tree_unreadable": Text("树的记录有损：{error}", "what is kept of the tree is damaged: {error}"),
    "head_overdue": Text(
        "{event} 记于 {recorded_at}，至今不在所给密钥签署的任何树头之下（签到第 {size} 条，未签的旧记录 {count} 条）",
        "{event} was recorded {recorded_at} and is under no head of the keys that are given: those reach {size} events,"
        " and {count} older ones are unsigned",
    ),
}
"""Each code of a finding in words."""


_KEPT = Text(
    "历史在树头签署之后被改动或删减；保留两份树头，从外部留存的备份找回",
    "the past was changed or cut after the head was signed: keep both heads, and look for what it was in a backup kept"
    " elsewhere",
)
_UNSIGNED = Text(
    "这份树头不能作为凭据；向经管单位核实公钥和树头的来处",
    "this head proves nothing: ask those who keep the log about the key, and where the head came from",
)
_OVERDUE = Text(
    "树头被拿走，或签署早已停止：先看 /health/ready，运行 duban seal now；签得上再核验，签不上则历史已被改写",
    "heads were taken away, or signing has stood for long: look at /health/ready and run duban seal now; verify again"
    " if it signs, and if it refuses, the past was rewritten",
)
_RECEIPT = Text(
    "要么记录被改动、删去，要么回执是假的：回执带证明的，凭公钥即可断定（verify_package.py proof）；"
    "没有证明的，看其树头，并与外部留存的备份核对",
    "either the record was changed or cut, or the receipt is made up: one with its proof is decided by the public key"
    " alone (verify_package.py proof); for one without look at its head, and in a backup kept elsewhere",
)
_DOCUMENT = Text(
    "公文印发时带的是当时最近的树头：要么历史或树头在此后被改动、拿走，要么公文是从别处放进来的；与寄出的公文核对",
    "a document goes out with the head that was last then: the past or the heads were changed or taken away since, or"
    " the document was put in from elsewhere; compare it with the one that was sent",
)
_TREE = Text(
    "树被人动过，它自己的树叶足以查明；看同时列出的记录",
    "somebody wrote into the tree; its leaves tell what is wrong: look at the events named beside it",
)
_EVENT = Text(
    "记录在入树之后被改动；以外部留存的备份或证明核对这一条",
    "it was changed after it was sealed: compare this event with a backup or a proof kept elsewhere",
)
_BESIDE = Text(
    "它没有经由本程序写入，或写入时间不实；查明是谁写的",
    "it was not written by this program, or not when it says: find out who wrote it",
)

MEANINGS: Mapping[str, Text] = {
    **dict.fromkeys(("head_bad", "head_foreign"), _UNSIGNED),
    **dict.fromkeys(("head_wrong", "head_unmet", "rolled_back"), _KEPT),
    **dict.fromkeys(("tree_missing", "tree_wrong", "tile_wrong", "leaf_missing", "leaf_misplaced"), _TREE),
    "tree_unreadable": _TREE,
    **dict.fromkeys(("document_head_bad", "document_head_unmet", "document_head_unkept"), _DOCUMENT),
    **dict.fromkeys(("receipt_missing", "receipt_unmet"), _RECEIPT),
    **dict.fromkeys(("event_deleted", "event_changed"), _EVENT),
    **dict.fromkeys(("event_backdated", "event_outside"), _BESIDE),
    "head_overdue": _OVERDUE,
}
"""What each finding means, and what to do."""


def meaning(code: str, lang: Language) -> str:
    """What a finding of this code means."""
    return MEANINGS[code].in_(lang)


def said(finding: Flaw, lang: Language) -> str:
    """A finding as a sentence without its full stop."""
    source = finding.facts.get("source")
    facts = {name: fact_in(each, lang) for name, each in finding.facts.items()}
    facts["event"] = f"{finding.stream}#{finding.seq}"
    if source == STORED:
        facts["source"] = Text("数据库", "the database").in_(lang)
    text = FINDINGS[finding.code].in_(lang).format_map(facts)
    return text[:1].upper() + text[1:] if lang == "en" and not finding.stream else text
