"""Words of the calendar."""

from engine.problems import Text

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
_DAYS = (("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun"))

WORDS = {
    "calendar": Text("日历", "Calendar"),
    "month_of": Text("{year} 年 {month}", "{month} {year}"),
    **{f"month_{n}": Text(f"{n} 月", name) for n, name in enumerate((*_MONTHS, "December"), 1)},
    **{f"weekday_{n}": Text(f"周{zh}", en) for n, (zh, en) in enumerate(_DAYS, 1)},
    "month_previous": Text("上月", "Previous month"),
    "month_next": Text("下月", "Next month"),
    "month_now": Text("本月", "This month"),
    "today": Text("今天", "today"),
    "day_off": Text("休", "off"),
    "day_work": Text("班", "work"),
    "day_off_why": Text("放假", "holiday"),
    "day_work_why": Text("调休上班日", "working day made up"),
    "due_n": Text("{title} {n} 项", "{title}: {n}"),
    "due_late": Text("逾期 {n}", "{n} overdue"),
    "due_more": Text("另有 {n} 类", "{n} more"),
    "issued": Text("发文", "Issued"),
    "day_due": Text("当日到期", "Due on this day"),
    "day_issued": Text("当日发文", "Issued on this day"),
    "day_nothing": Text("这一天没有到期的时限。", "Nothing falls due on this day."),
    "month_nothing": Text("本月没有到期的时限。", "Nothing falls due in this month."),
    "col_document": Text("文书", "Document"),
    "calendar_back": Text("返回 {month}", "Back to {month}"),
    "scope_feed": Text("日历订阅", "calendar feed"),
    "feed": Text("日历订阅", "Subscribe"),
    "feed_why": Text(
        "在手机或电脑的日历中订阅您范围内的时限。地址只显示一次，知道地址的人都能查看，请勿外传。",
        "Subscribe to the deadlines in your scope from your own calendar. The address is shown once; "
        "whoever knows it can read them, so keep it to yourself.",
    ),
    "feed_make": Text("生成订阅地址", "Make an address"),
    "feed_again": Text("更换订阅地址", "Replace the address"),
    "feed_end": Text("停止订阅", "End the subscription"),
    "feed_since": Text(
        "订阅地址自 {day} 起有效，至 {until}。", "There is an address since {day}, valid until {until}."
    ),
    "feed_made": Text("请复制此地址（只显示这一次）：", "Copy this address; it is shown this once:"),
    "feed_where": Text(
        "前面加上本系统的网址。管理员设置 DUBAN_BASE_URL 后，这里显示完整地址。",
        "Put the address of this system before it. It is shown in full once an administrator has set DUBAN_BASE_URL.",
    ),
    "feed_name": Text("督办时限（{name}）", "Deadlines of {name}"),
}
