"""Words of the page with what auditors and administrators have read."""

from engine.problems import Text

WORDS = {
    "readings": Text("查阅记录", "Readings"),
    "readings_why": Text(
        "审计员和管理员查阅事项、看板、分析、公文和导出时，先记一条再显示；同一页面十分钟内重看不另记。"
        "记录链在一起，不能删改。",
        "When auditors and administrators read tasks, boards, analyses, documents and exports, it is recorded before "
        "it is shown; the same page within ten minutes is recorded once. The records are chained: none can be changed "
        "or taken out.",
    ),
    "readings_own": Text(
        "这里只有您自己的记录；管理员可见全部。", "These are your own; administrators see all of them."
    ),
    "readings_none": Text("没有记录。", "Nothing is recorded."),
    "readings_who": Text("谁", "Who"),
    "readings_page": Text("页面", "Page"),
    "readings_channel": Text("途径", "By"),
    "readings_latest": Text("最新的", "The latest"),
    "readings_older": Text("更早的", "Older ones"),
    "readings_number": Text("记录", "Record"),
}
