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
