"""Words of the heads of the tree: at the foot of public pages, on receipts, and for whoever keeps the machine."""

from engine.problems import Text

WORDS = {
    "head_foot": Text(
        "记录树头：{origin}，{n} 条，{at} 签署",
        "Head of the record: {origin}, {n} events, signed {at}",
    ),
    "head_why": Text(
        "抄下或打印这一行：日后记录若被改动、删减，凭它可以查出。",
        "Keep or print this line: if the record is changed or cut later, it tells.",
    ),
    "head_note": Text("签名全文", "The signed text"),
    "heads": Text("历次树头与证明", "Heads and proofs"),
    "heads_why": Text(
        "每份树头是对当时全部记录的签名。留存任何一份，日后就能查出此前的记录有没有被改动、删减。",
        "Each head is a signature over everything recorded by then. Whoever keeps one can tell later whether"
        " anything before it was changed or cut.",
    ),
    "heads_none": Text("还没有签过树头。", "No head has been signed yet."),
    "heads_size": Text("记录条数", "Events"),
    "heads_signed": Text("签署时间", "Signed"),
    "heads_root": Text("根", "Root"),
    "heads_proof": Text("两份树头前后相接的证明", "The proof that one head goes on from another"),
    "heads_proof_why": Text(
        "填您留存的树头：贴上全文、照纸录入，或只写记录条数。得到的文件不到 1.5 kB，离线可验，不必相信本网站。",
        "Give a head that you kept: paste it, type it from paper, or say how many events it has. The file that you get"
        " is below 1.5 kB and is verified offline, without trust in this site.",
    ),
    "heads_from": Text("较早的树头", "The older head"),
    "heads_to": Text("较晚的树头（不填则为最近一份）", "The younger one (the last, if nothing is said)"),
    "heads_fetch": Text("下载证明", "Download the proof"),
    "heads_check": Text("怎样核验", "How it is verified"),
    "heads_check_how": Text(
        "在任何装有 Python 的机器上运行审计包里的那一个文件，不用联网；加 --head 文件，还会说明是否正是您留存的树头。",
        "Run the one file of the audit package on any machine with Python, offline; with --head FILE it also says"
        " whether the head that you kept is the one in the proof.",
    ),
    "heads_key_why": Text(
        "这里的公钥由本网站自述；请与从别处得来的核对。",
        "These are the public keys as this site tells them: compare them with what you got elsewhere.",
    ),
    "act_receipt": Text("办理回执", "Receipt"),
    "act_receipt_task": Text("事项", "Task"),
    "act_receipt_what": Text("办理内容", "What was recorded"),
    "act_receipt_who": Text("经办", "By"),
    "act_receipt_occurred": Text("发生时间", "Occurred"),
    "act_receipt_recorded": Text("入库时间", "Recorded"),
    "act_receipt_waits": Text(
        "上列记录的哈希此刻还没有入树，树头是此前全部记录的；一两分钟后再取本回执，文件里就有不依赖本系统的证明。",
        "The event is in no signed head yet; the head above is of everything before it. Fetch this receipt again in"
        " a minute or two, and its file holds a proof that does not depend on this system.",
    ),
    "act_receipt_proved": Text(
        "回执文件里有它已入树的证明：凭公钥即可断定，不必相信任何人。",
        "The file of this receipt holds the proof that it stands in the record: the public key decides, and nobody has"
        " to be trusted.",
    ),
    "act_receipt_check": Text(
        "日后核对：duban seal check --receipt 文件或照纸录入；离线：verify_package.py proof 文件 --key 公钥。",
        "To check it later: duban seal check --receipt with the file, or what is printed above; offline:"
        " verify_package.py proof FILE --key KEY.",
    ),
    "act_receipt_file": Text("下载回执文件", "Download the file of the receipt"),
    "act_receipt_print": Text("回执（可打印、下载）", "The receipt, to print or to keep"),
    "csv_head": Text("树头", "Head"),
    "csv_head_why": Text(
        "CSV 里放不下别的内容：请把记录树头另存在旁边，日后可查出记录有没有被改动。",
        "A CSV holds rows and nothing else: keep the head of the record beside it, and it tells later whether the"
        " record was changed.",
    ),
    "receipt_leaf": Text("您这一件的记录与哈希：", "What was recorded, and its hash:"),
    "receipt_proof": Text("它在记录树中的证明", "Its proof in the tree of the record"),
    "op_seal": Text("封存", "The tree over the record"),
    "op_seal_size": Text("已入树", "Events in the tree"),
    "op_seal_waiting": Text("等待入树", "Events that wait for it"),
    "op_seal_head": Text("最近签署的树头", "The head that was signed last"),
    "op_seal_none": Text(
        "没有签过树头：用 duban seal init 建密钥，设 DUBAN_SEAL_KEY。",
        "No head was ever signed: make a key with duban seal init and set DUBAN_SEAL_KEY.",
    ),
    "op_seal_behind": Text(
        "有 {n} 条已入树而没有签署：检查 DUBAN_SEAL_KEY。",
        "{n} events are in the tree and in no signed head: look at DUBAN_SEAL_KEY.",
    ),
    "op_seal_refused": Text("未签的原因", "Why the last one was not signed"),
}
