"""Words of a demonstration: its clock, its users, and what it would have sent."""

from engine.problems import Text

WORDS = {
    "demo": Text("演示", "Demonstration"),
    "demo_clock": Text("时钟", "Clock"),
    "demo_day": Text("后一日", "+1 day"),
    "demo_week": Text("后一周", "+1 week"),
    "demo_month": Text("到月末", "To the end of the month"),
    "demo_to": Text("到", "To"),
    "demo_go": Text("拨到此日", "Go there"),
    "demo_move": Text("把时钟往后拨", "Move the clock on"),
    "demo_post": Text("通知托盘", "Post tray"),
    "demo_moved": Text("时钟已拨动", "The clock was moved"),
    "demo_moved_from": Text("{since} → {until}", "{since} → {until}"),
    "demo_heard": Text("其间发生的事", "What happened meanwhile"),
    "demo_heard_more": Text("（只列您看得到的事项）", "(of the tasks that you see)"),
    "demo_quiet": Text("其间无事。", "Nothing happened meanwhile."),
    "demo_on": Text("回到办理", "Back to work"),
    "demo_several": Text("共 {n} 项", "{n} tasks"),
    "demo_no": Text("时钟只能往后拨，一次不超过两年。", "The clock goes forward only, two years at most at a time."),
    "demo_moving": Text("有人正在拨动时钟，请稍候。", "Somebody is moving the clock: wait a moment."),
    "demo_users": Text("以谁的角色看一看？", "As whom would you like to look around?"),
    "demo_users_why": Text(
        "这是演示：数据虚构，什么也不会发出去。点一个角色即可登录；密码都是 {password}。",
        "This is a demonstration: its data are invented, and nothing leaves it. Choose somebody; every password is "
        "{password}.",
    ),
    "demo_try": Text("可以这样试", "What to try"),
    "demo_try_1": Text(
        "以「市公安局」登录，补报 4 月进展，填得低于计划：事项转为滞后。",
        "As 市公安局 (a lead unit), report April, which is late, with less than planned: the task lags.",
    ),
    "demo_try_2": Text(
        "以「市政府督考办」责令限期整改，下载整改通知书；把时钟拨过期限：约谈开启。",
        "As 市政府督考办 (the office), order its rectification and take the order as a Word file; move the clock past "
        "the deadline: an interview opens.",
    ),
    "demo_try_3": Text(
        "以「分管市领导」办理约谈、附上纪要；牵头单位报送整改结果，督考办验收；报满 100%，申请销号，核验办结。",
        "As 分管市领导 (the city leader), hold it and file the minutes; the lead unit submits the rectification, the "
        "office accepts it; report 100 %, submit the completion, and close it.",
    ),
    "demo_try_4": Text(
        "登记一条市民意见，转办、答复；在看板上选多项一起办；导入一份事项清单。",
        "Register a citizen's opinion, forward and answer it; act on many tasks at once from the board; import a list.",
    ),
    "tray": Text("通知托盘", "Post tray"),
    "tray_why": Text(
        "演示中不发任何邮件；这里是本应发出的。", "In a demonstration no mail is sent; this is what would have been."
    ),
    "tray_none": Text("没有通知。", "There are no messages."),
    "tray_to": Text("收件人", "To"),
    "tray_subject": Text("主题", "Subject"),
    "tray_when": Text("发出", "Sent"),
    "tray_waits": Text("定于 {at} 发出", "goes out {at}"),
    "tray_failed": Text("未成", "failed"),
}
