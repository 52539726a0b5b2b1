"""Words of the worklist."""

from engine.problems import Text

WORDS = {
    "owed": Text("应办时限", "What is owed"),
    "owed_count": Text("{total} 项，其中逾期 {late} 项", "{total} in all, {late} overdue"),
    "owed_nothing": Text("没有应办的时限。", "Nothing is owed."),
    "waiting": Text("等待我办理", "What waits for me"),
    "waiting_why": Text("这些事项现在可以由您推进到下一步。", "You can move these tasks on now."),
    "waiting_nothing": Text("没有等待您办理的事项。", "Nothing waits for you."),
    "waiting_more": Text("继续查看", "Look further"),
    "col_due": Text("期限", "Due"),
    "col_left": Text("余量", "Left"),
    "col_task": Text("事项", "Task"),
    "col_deadline": Text("时限", "Deadline"),
    "col_unit": Text("单位", "Unit"),
    "col_role": Text("身份", "Role"),
    "col_state": Text("状态", "State"),
    "col_light": Text("灯", "Light"),
    "col_acts": Text("可办", "Acts"),
    "days_left": Text("还有 {n} 个工作日", "{n} working days left"),
    "days_left_1": Text("还有 1 个工作日", "1 working day left"),
    "days_none": Text("工作日已尽", "no working day left"),
    "days_today": Text("今日到期", "due today"),
    "days_late": Text("逾期 {n} 个工作日", "{n} working days late"),
    "days_late_1": Text("逾期 1 个工作日", "1 working day late"),
    "days_late_0": Text("已逾期", "overdue"),
    "paused": Text("中止计时", "paused"),
    "provisional": Text("暂定", "provisional"),
    "provisional_why": Text("该年放假安排尚未公布", "the holidays of that year are not announced yet"),
    "no_date": Text("未定", "not known yet"),
}
