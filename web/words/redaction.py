"""Words of erasing personal data: the page of a task, the orders, and what a task lost."""

from engine.problems import Text

WORDS = {
    "redactions": Text("删除令", "Erasures"),
    "redact_data": Text("删除个人信息", "Erase personal data"),
    "redact_what": Text("删除哪些", "What to erase"),
    "redact_places": Text("{n} 处：{places}", "{n} in all: {places}"),
    "redact_none": Text("本事项没有可以删除的内容。", "There is nothing in this task that may be erased."),
    "redact_why": Text(
        "内容永久删除，不能恢复；摘要留下，哈希链和证明不受影响，删除本身记入办理经过。须另一位管理员批准。"
        "与个人无关的事实不能删除。",
        "It is gone for good. Its digest stays, so that every proof holds, and the erasure is on record. Another"
        " person, an administrator, has to approve. Facts that are about nobody stay.",
    ),
    "redact_files": Text("佐证材料", "Evidence"),
    "redact_files_why": Text("内容删除，摘要留下", "the contents go, the digest stays"),
    "redact_beside": Text(
        "同样的文字还在这些记录中，不随之删除：", "The same words stand in these events too, and stay: "
    ),
    "redact_documents": Text("印发的公文中还有，公文不删：", "Documents as issued hold them, and stay: "),
    "redact_unread": Text("打不开、请自查的文件：", "Files that cannot be looked into: "),
    "redact_others": Text("别的事项中也有：", "Other tasks hold them too: "),
    "redact_reason": Text("理由", "Why"),
    "redact_reason_hint": Text(
        "如：本人申请删除。不要写个人信息", "Such as: at the person's own request. Name nobody here"
    ),
    "redact_sure": Text("已核对：删除后不能恢复", "I have looked: it cannot be undone"),
    "redact_sure_wrong": Text("请勾选确认", "Tick this to go on"),
    "redact_pick": Text("请选择要删除的内容", "Choose what to erase"),
    "redact_ask": Text("报批", "Ask for approval"),
    "redact_asked": Text(
        "已报批 {order}，请另一位管理员批准。", "Asked for as {order}; another administrator approves it."
    ),
    "redact_done": Text("已删除。", "It is erased."),
    "redact_order": Text("令号", "Order"),
    "redact_of": Text("对象", "Of"),
    "redact_event": Text("办理记录", "On record as"),
    "redact_by": Text("报批", "Asked by"),
    "redact_approved_by": Text("批准", "Approved by"),
    "redact_asked_state": Text("待批准", "waits"),
    "redact_returned_state": Text("已退回", "returned"),
    "redact_approved_state": Text("已批准", "approved"),
    "redact_mine": Text("由您报批，须另一位管理员批准。", "You asked for it: another administrator has to approve."),
    "redact_approve": Text("批准并删除", "Approve and erase"),
    "redact_return": Text("退回", "Return"),
    "redact_orders_none": Text("还没有删除令。", "There are no orders yet."),
    "redact_wiping": Text(
        "数据库文件中的残留由作业清除，稍候片刻。", "What is left in the database's files is being wiped by a job."
    ),
    "redact_gone": Text("已于 {day} 按 {order} 号令删除", "erased on {day} by order {order}"),
    "redact_user_why": Text(
        "用户已停用：可报批删除姓名、邮箱等，用户名留在记录中。",
        "The account is closed: its name and mail may be erased; the account's own name stays in the record.",
    ),
}
