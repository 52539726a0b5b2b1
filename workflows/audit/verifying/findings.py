"""What a verification may find: a code for each kind, with its words, and what to make of it, in both languages.

A finding says that the database is otherwise than its own record allows. It names no culprit: a disk, a program or a
person may have done it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.problems import Language, Text, fact_in


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold. `stream` and `seq` say where (of a whole table: its name and None)."""

    code: str
    stream: str
    seq: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """Where: `leak-01#7`, or a stream or table by its name."""
        return self.stream if self.seq is None else f"{self.stream}#{self.seq}"

    def said(self, lang: Language) -> str:
        """What is wrong, as a sentence."""
        return (
            KINDS[self.code].said.in_(lang).format(**{name: fact_in(each, lang) for name, each in self.facts.items()})
        )

    def meaning(self, lang: Language) -> str:
        """What it means and what to do."""
        return KINDS[self.code].meaning.in_(lang)

    def to_json(self, lang: Language) -> dict[str, Any]:
        """Plain data."""
        told = {"code": self.code, "stream": self.stream, "seq": self.seq, "facts": dict(self.facts)}
        return {**told, "message": self.said(lang), "meaning": self.meaning(lang)}

    def kept(self) -> dict[str, Any]:
        """As a file of results keeps it."""
        return {"code": self.code, "stream": self.stream, "seq": self.seq, "facts": dict(self.facts)}


def unreadable(name: str, why: Text, seq: object = None) -> Finding:
    """That a stream or a table, or one event of it, cannot be read."""
    at = "" if seq is None else f"#{seq}"
    both = Text(f"{at}：{why.zh}", f"{at}: {why.en}") if at else why
    return Finding("unreadable", name, None, {"error": both.both})


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of one code."""

    said: Text
    meaning: Text


_ALTERED = Text(
    "记录写入后被改动；以外部留存的备份或证据包核对这一条",
    "it was altered after it was written; compare this event with a backup or a package kept elsewhere",
)
_LOST = Text(
    "有记录被删去或插入；从外部留存的备份找回",
    "events were taken out or put in; look for them in a backup kept elsewhere",
)
_DERIVED = Text(
    "看板和清单所用的表与记录不符：记录本身为准；查明是谁改了表，再从备份恢复",
    "a table that boards and lists are read from differs from the record, which counts: find out who changed it, then"
    " restore it from a backup",
)
_UNLAWFUL = Text(
    "按当时生效的定义得不出这一条：记录连同哈希被重写，或由别的程序写入；与外部留存的树头核对",
    "the definition in force then does not lead to it: it was rewritten with its hashes, or written by another"
    " program; compare with a head kept elsewhere",
)
_BESIDE = Text(
    "记录之外所存的内容与记录不符；从备份找回原件",
    "what is kept beside the record differs from it; look for the original in a backup",
)
_SOURCE = Text(
    "办理所依的定义或日历被删去或改动，无从重新判定；从备份或审计包找回原文，再核验",
    "the definition or calendar by which it was decided was taken out or changed, so that nobody can decide it again:"
    " get its text from a backup or a package, and verify again",
)
_TIME = Text(
    "时间被改动，或机器时钟曾被拨动；查系统日志中的时钟调整",
    "a time was altered, or the machine's clock was set; look into the system's log for changes of the clock",
)

CODES: Mapping[str, Kind] = {
    # -- the database itself
    "unreadable": Kind(
        Text("无法读取：{error}", "cannot be read: {error}"),
        Text(
            "文件已损坏，或内容被写坏；停用并从备份恢复",
            "the file is damaged, or something was written over: stop using it and restore a backup",
        ),
    ),
    "database_fault": Kind(
        Text("数据库自检不通过：{error}", "the database's own check fails: {error}"),
        Text(
            "页、索引或结构被改动或损坏；停用并从备份恢复",
            "a page, an index or the schema was changed or damaged: stop using it, restore a backup",
        ),
    ),
    # -- chains
    "hash_broken": Kind(
        Text(
            "内容与写下时所记的校验码（哈希）不符",
            "does not agree with the digest (hash) that was taken when it was written",
        ),
        _ALTERED,
    ),
    "chain_broken": Kind(
        Text("与前一条记录接不上", "does not join the event before it, whose hash it should name"), _LOST
    ),
    "number_broken": Kind(Text("此处应是第 {expected} 条", "stands where number {expected} should"), _LOST),
    "column_differs": Kind(
        Text(
            "数据库另存的 {columns} 与这条记录的原文不符",
            "the columns {columns} beside the event differ from what its own text says",
        ),
        _ALTERED,
    ),
    "time_runs_back": Kind(
        Text(
            "记录时间 {recorded_at} 早于前一条 {before}",
            "was recorded at {recorded_at}, before its forerunner at {before}",
        ),
        _TIME,
    ),
    "backdated": Kind(
        Text(
            "自称于 {at} 作出，记录于 {recorded_at}",
            "says that it was decided at {at}, and was recorded at {recorded_at}",
        ),
        _TIME,
    ),
    "recorded_apart": Kind(
        Text("与同一决定的 {first} 不是同时记录的", "was not recorded together with {first}, of the same decision"),
        _TIME,
    ),
    "in_the_future": Kind(
        Text("记录时间 {recorded_at} 晚于现在", "was recorded at {recorded_at}, which has not come"), _TIME
    ),
    # -- what was erased
    "erased_unnamed": Kind(
        Text("{line} 已被删去，却没有删除的记录", "{line} is gone, and no event says that it was erased"),
        Text(
            "有人绕过程序删了个人信息，或删了删除的记录；从外部留存的备份或证据包核对",
            "somebody erased it past the program, or took out the event that said so; compare with a backup or a"
            " package kept elsewhere",
        ),
    ),
    "erased_still_there": Kind(
        Text("{event} 说 {line} 已删去，它却还在", "{event} says that {line} was erased, and it is there"),
        Text(
            "删除之后恢复过旧备份，或有人把它放了回来；请重新删除",
            "an old backup was restored after that, or somebody put it back: erase it again",
        ),
    ),
    "erased_without_right": Kind(
        Text("删除了 {line}，而 {order} 不允许", "erased {line}, which {order} does not allow"),
        Text(
            "没有获批的删除令，或所删的不是个人信息；查明是谁写入的",
            "no order for it was approved, or what was erased tells of no person: find out who wrote it",
        ),
    ),
    # -- legality
    "history_broken": Kind(
        Text("无法接着前面的历史：{error}", "cannot follow the history before it: {error}"), _UNLAWFUL
    ),
    "cause_missing": Kind(Text("所称的原因 {cause} 不存在", "names a cause that is not there: {cause}"), _LOST),
    "decided_otherwise": Kind(
        Text(
            "按 {edition} 重新判定，{what} 不同：记为 {recorded}，应为 {decided}",
            "decided again by {edition}, {what} is otherwise: recorded {recorded}, decided {decided}",
        ),
        _UNLAWFUL,
    ),
    "not_lawful": Kind(Text("按 {edition} 不可能：{why}", "is impossible by {edition}: {why}"), _UNLAWFUL),
    "guard_otherwise": Kind(
        Text(
            "条件 {guard} 以所存的数值重算为 {found}，记为 {held}",
            "the guard {guard} comes to {found} by the operands that are kept, and was recorded as {held}",
        ),
        _UNLAWFUL,
    ),
    "guard_unknown": Kind(Text("条件 {guard} 不在 {edition} 中", "the guard {guard} is not in {edition}"), _UNLAWFUL),
    "time_skipped": Kind(
        Text("{name} 在 {at} 已到时间，却没有记录", "{name} was due at {at}, and nothing is recorded of it"),
        Text(
            "时限到期的记录被删去，或运行时限的服务没有照看这一项；"
            "先运行 duban sweep 再核验，仍然如此的，与外部备份核对",
            "the record of what time did was taken out, or the sweep left this task out: run duban sweep and verify"
            " again; if it is the same, compare with a backup kept elsewhere",
        ),
    ),
    "edition_missing": Kind(
        Text("所依版次 {edition} 不在库中", "was decided by the edition {edition}, which is not here"), _SOURCE
    ),
    "edition_early": Kind(
        Text(
            "依 {edition} 登记于其施行之前（{since}）", "was registered by {edition} before that was in force ({since})"
        ),
        _UNLAWFUL,
    ),
    "calendar_missing": Kind(
        Text(
            "所依日历 {calendar} 不在库中，或不是那一份",
            "was decided by the calendar {calendar}, which is not here as it was",
        ),
        _SOURCE,
    ),
    "calendar_not_in_force": Kind(
        Text(
            "所依日历 {calendar} 当时并不生效（应为 {expected}）",
            "was decided by the calendar {calendar}, which was not in force (that was {expected})",
        ),
        _UNLAWFUL,
    ),
    # -- what follows from the record
    "row_differs": Kind(
        Text("表 {table} 中 {key} 的 {columns} 与记录不符", "in {table}, {columns} of {key} differ from the record"),
        _DERIVED,
    ),
    "row_missing": Kind(Text("表 {table} 中缺少 {key}", "{key} is missing in {table}"), _DERIVED),
    "row_stray": Kind(
        Text("表 {table} 中的 {key} 没有依据", "{key} in {table} follows from nothing recorded"), _DERIVED
    ),
    "parcel_silenced": Kind(
        Text(
            "第 {seq} 条：应制发的文书已标为办结，但未制发",
            "the document ordered by #{seq} is marked as done and was never issued",
        ),
        _DERIVED,
    ),
    "answer_unfounded": Kind(
        Text(
            "{actor} 凭编号 {key} 提交的操作，库中所存的答复不是当时所办：{lost}",
            "the answer that is kept for {actor}'s {key} is not what was done: {lost}",
        ),
        Text(
            "有人伪造或改动了所存的答复，再次提交会得到假的答复；以记录为准，删去这一答复并查明是谁写的",
            "somebody made up or changed a kept answer, so that whoever asks again is told what is not so: the"
            " record counts; take the answer out and find out who wrote it",
        ),
    ),
    # -- beside the record
    "file_altered": Kind(
        Text("文件 {name} 的内容与摘要不符", "the bytes of the file {name} do not agree with its digest"), _BESIDE
    ),
    "file_missing": Kind(
        Text("所引文件 {name}（{digest}）不在库中", "names the file {name} ({digest}), which is not here"), _BESIDE
    ),
    "document_differs": Kind(
        Text("公文 {number} 的 {columns} 与记录不符", "of the document {number}, {columns} differ from the record"),
        _BESIDE,
    ),
    "document_missing": Kind(
        Text("公文 {number} 的登记不在库中", "the entry of the document {number} is not here"), _BESIDE
    ),
    "document_stray": Kind(
        Text("公文 {number} 没有制发的记录", "the document {number} was never issued by the record"), _BESIDE
    ),
    "facts_altered": Kind(
        Text(
            "公文 {number} 所存的事实与其摘要不符",
            "the facts that are kept beside the document {number} do not agree with their digest",
        ),
        _BESIDE,
    ),
    "facts_unknown": Kind(
        Text(
            "公文 {number} 是按第 {version} 版写法编成的，本程序只会到第 {known} 版，无从重做",
            "the document {number} was worded by version {version}; this program knows them up to {known} and cannot"
            " make it again",
        ),
        Text(
            "用签发它的程序或更新的程序核验；没有这样的程序，就是记录被改写",
            "verify it with the program that issued it, or a later one; if there is none, the record was rewritten",
        ),
    ),
    "facts_otherwise": Kind(
        Text(
            "公文 {number} 的 {where} 与当时的记录不符：印为 {printed}，应为 {made}",
            "of the document {number}, {where} is not what the record said then: printed {printed}, made again {made}",
        ),
        Text(
            "公文所述与它所依据的记录不一致：请对照事项的历史",
            "what the document says is not what it was made from: compare the history of its tasks",
        ),
    ),
    "facts_stale": Kind(
        Text(
            "公文 {number} 只依据 {task} 的前 {read} 条记录，当时早已有第 {next} 条",
            "the document {number} was made from the first {read} events of {task};"
            " event {next} had long been recorded",
        ),
        Text(
            "公文是按旧的记录编成的，或后来插入了记录；以寄出的公文和 duban history 对照",
            "the document was made from an older state, or events were put in afterwards: compare the one that was sent"
            " with duban history",
        ),
    ),
    "text_altered": Kind(
        Text("印发的文字与其摘要不符", "the words as issued do not agree with their digest"), _ALTERED
    ),
    "number_gap": Kind(
        Text("{series} 缺第 {missing} 号", "{series} has no number {missing}"),
        Text(
            "作废的文号仍有记录，缺号则是被删去；从外部备份找回，并查明该号公文的去向",
            "a voided number stays on record; one that is missing was taken out: look for it in a backup kept"
            " elsewhere, and for what became of the document",
        ),
    ),
    "number_twice": Kind(
        Text("{series} 第 {number} 号用了不止一次", "{series} has the number {number} more than once"), _LOST
    ),
    "counter_differs": Kind(
        Text(
            "{series} 的计数为 {last}，记录共 {found}",
            "the counter of {series} stands at {last}, the record has {found}",
        ),
        _LOST,
    ),
    "edition_altered": Kind(
        Text("版次 {edition} 的 {columns} 与发布时不符", "of the edition {edition}, {columns} are not as published"),
        _BESIDE,
    ),
    "edition_unpublished": Kind(
        Text("版次 {edition} 没有发布的记录", "the edition {edition} was never published by the record"),
        Text(
            "有人绕过程序放进了定义，或删了发布的记录；查明是谁，并逐一核对依它办理的事项",
            "somebody put a definition in past the program, or cut the record of its publication: find out who, and"
            " look at each task that goes by it",
        ),
    ),
    "calendar_altered": Kind(
        Text("日历 {calendar} 的内容与摘要不符", "the calendar {calendar} does not agree with its digest"), _BESIDE
    ),
    "rights_differ": Kind(
        Text(
            "表 {table} 中 {key} 与人员和权限的记录不符：{columns}",
            "{key} in {table} differs from the record of people and rights: {columns}",
        ),
        Text(
            "有人绕过程序改了人员、单位或权限；查明是谁、改后谁办了什么，再由管理员改回",
            "somebody changed people, units or rights past the program: find out who, and what was done by it since,"
            " and let an administrator set it right",
        ),
    ),
    "note_differs": Kind(
        Text(
            "所记 {name} 为 {value}，与记录不符（{expected}）",
            "the note {name} says {value}, and not {expected} as the record has it",
        ),
        Text(
            "系统自己的记事被改动；查明是谁改的，再从备份恢复",
            "what the system notes for itself was changed: find out who changed it, then restore it from a backup",
        ),
    ),
}
"""Every code, in the order in which a page tells them."""

UNDECIDED: Mapping[str, Kind] = {
    "redacted_undecided": Kind(
        Text("已按 {events} 删除个人信息，无法重新判定", "cannot be decided again: redacted by {events}"),
        Text(
            "不是不符：判定所依的内容已依法删除；哈希与其余各项照样核验",
            "no fault: what it was decided by was erased lawfully; its hash and all the rest was verified",
        ),
    )
}
"""What nobody can tell any more, and is told apart: it is neither found sound nor wrong."""

KINDS: Mapping[str, Kind] = {**CODES, **UNDECIDED}
"""The words of all of them."""
