"""What the office's own refusals say, and those about what it works by: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    "unknown_process": (
        Text("没有流程 {process}", "there is no process {process}"),
        Text("已发布的有：{known}", "published here: {known}"),
    ),
    "edition_exists": (
        Text("{edition} 已以另一文本发布", "{edition} is published with another text"),
        Text("请换一个版次", "give the new text another edition"),
    ),
    "unknown_calendar": (
        Text("没有日历 {calendar}", "there is no calendar {calendar}"),
        Text("请检查流程定义中的 calendar", "check `calendar` in the definition"),
    ),
    "draft_name": (
        Text("“{name}”不能作流程标识", "{name} cannot be the name of a process"),
        Text("请用小写字母、数字和连字符，以字母开头", "use small letters, digits and dashes, beginning with a letter"),
    ),
    "draft_too_long": (
        Text("正文超过 {most} 个字符", "the text has more than {most} characters"),
        Text("请拆分流程", "divide the process"),
    ),
    "draft_stale": (
        Text("{by} 已保存了草稿 {name} 的另一稿", "{by} has saved another text of the draft {name}"),
        Text("两稿都在本页，请合并后再保存", "both texts are on this page; join them, then save"),
    ),
    "no_calendar": (
        Text("没有日历 {calendar}", "there is no calendar {calendar}"),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "calendar_not_admin": (
        Text(
            "日历须由管理员（admin）调整，{actor} 不是", "only an administrator changes a calendar, and {actor} is none"
        ),
        Text("是管理员就写明：--as {actor}:admin", "if you are one, say so: --as {actor}:admin"),
    ),
    "calendar_works": (
        Text("按日历 {calendar}，{day} 本来就是工作日", "{day} is a working day of {calendar} already"),
        Text("无须调整；要改为休息日请用 --off", "nothing has to change; --off closes it"),
    ),
    "calendar_closed": (
        Text("按日历 {calendar}，{day} 本来就休息", "{day} is not worked by {calendar} already"),
        Text("无须调整；要改为工作日请用 --on", "nothing has to change; --on opens it"),
    ),
    "calendar_other": (
        Text(
            "文件写的是日历 {given}，或每周工作日不同，不能录入 {calendar}",
            "the file is of the calendar {given}, or works other days of the week, and is not a notice for {calendar}",
        ),
        Text(
            "calendar 须是 {calendar}，week 须与其一致",
            "write `calendar: {calendar}`, and the same `week`",
        ),
    ),
    "calendar_gap": (
        Text(
            "日历 {calendar} 已知 {known_from} 至 {known_until}，通知从 {from} 起，中间有空缺",
            "{calendar} is known from {known_from} until {known_until}, and the notice from {from}: a gap lies between",
        ),
        Text("请先录入中间的年份", "enter the years between first"),
    ),
    "calendar_same": (
        Text("通知与日历 {calendar} 现有内容完全相同", "the notice says what {calendar} says already"),
        Text("无须录入", "nothing has to be entered"),
    ),
    "not_admin": (
        Text(
            "发布流程定义须由管理员（admin）办理，{actor} 不是", "only an administrator publishes, and {actor} is none"
        ),
        Text("是管理员就写明：--as {actor}:admin", "if you are one, say so: --as {actor}:admin"),
    ),
    "unit_misspelt": (
        Text("单位名册中没有“{unit}”", "there is no unit {unit}"),
        Text("是否想写“{near}”？", "did you mean {near}?"),
    ),
    "unit_not_kept": (
        Text("单位名册中没有“{unit}”", "there is no unit {unit}"),
        Text("请改正，或先由管理员登记该单位", "correct it, or let an administrator enter the unit first"),
    ),
    "sweep_past": (
        Text("时限已运行到 {now}，不能再运行到 {until}", "time has run until {now}, which is past {until}"),
        Text("请给更晚的 --at；要看当时情况，用 duban board --at", "say a later --at; to look back, duban board --at"),
    ),
    "no_programme": (
        Text("{edition} 没有专项", "the edition {edition} has no programme"),
        Text("请在定义中写出 programme", "write a programme into the definition"),
    ),
    "unknown_programme": (
        Text("没有专项 {programme}", "there is no programme {programme}"),
        Text("请先登记专项：duban register --programmes", "register it first: duban register --programmes"),
    ),
    "id_taken": (
        Text("编号 {task} 已被使用", "the id {task} is taken"),
        Text("请换一个编号", "choose another one"),
    ),
    "list_unfit": (
        Text("清单有 {count} 处填写有误", "{count} cells of the list are not as their columns ask"),
        Text("请改正后重新上传", "correct them and send the list again"),
    ),
    "no_amend": (
        Text("{edition} 没有声明调整操作“{trigger}”", "the edition {edition} declares no trigger {trigger}"),
        Text(
            "请在定义中写出 {trigger}：谁可以、改哪些、因何", "declare {trigger} in the definition: who, what, and why"
        ),
    ),
    "key_reused": (
        Text("幂等键 {key} 已用于另一请求", "the key {key} came with another request"),
        Text("请换一个键", "use another key"),
    ),
    "clock_jumped": (
        Text("系统时钟跳动了 {minutes} 分钟，已停止办理", "the clock jumped by {minutes} minutes; nothing is decided"),
        Text("请校准时钟后重新启动", "set the clock right, then start the program again"),
    ),
    "clock_behind": (
        Text("系统时钟 {now} 早于已有记录 {last}", "the clock says {now}, before what is recorded: {last}"),
        Text("请校准时钟", "set the clock right"),
    ),
    "gap": (
        Text("上次运行是 {last}，已隔 {days} 天", "time last ran at {last}, {days} days ago"),
        Text("核对时钟无误后加 --accept-gap", "if the clock is right, say --accept-gap"),
    ),
    "sweep_ahead": (
        Text("{until} 还没有到，现在是 {now}", "{until} has not come yet: it is {now}"),
        Text("推演请另建数据库：duban init --rehearsal", "rehearse in a database of its own: duban init --rehearsal"),
    ),
    "unknown_publication": (
        Text("没有通报“{publication}”", "there is no publication {publication}"),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "already_issued": (
        Text("“{publication}”{key} 已作为第 {number} 期印发", "{publication} {key} was issued as no. {number}"),
        Text("请换一个 --key，确要再印发一次加 --again", "give another --key, or issue it once more with --again"),
    ),
    "family_stuck": (
        Text("事项 {task} 的时限无法运行：{error}", "time cannot run for {task}: {error}"),
        Text("其他事项不受影响，请与管理员联系", "the others are not touched; ask the administrator"),
    ),
    "publication_text": (
        Text("“{publication}”的文本无法生成：{reason}", "the text of {publication} cannot be made: {reason}"),
        Text("请修改定义中的模板", "mend its template in the definition"),
    ),
    "unknown_event": (
        Text("{task} 没有第 {seq} 条记录", "{task} has no event {seq}"),
        Text("序号从 1 到 {last}，见 duban history {task}", "they count from 1 to {last}: see duban history {task}"),
    ),
}
