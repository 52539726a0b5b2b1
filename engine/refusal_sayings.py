"""The sentence of each refusal by its code: why not, and what would help, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.migration_sayings import MIGRATIONS
from engine.problems import Text


class Saying(NamedTuple):
    """Why not, and what would help; `{names}` are filled with facts."""

    why: Text
    cure: Text


_PROBLEMS = Text("{problems}", "{problems}")

SAYINGS: Mapping[str, Saying] = {
    # who
    "wrong_role": Saying(
        Text("这一步只能由{role}操作，您的角色是{roles}", "only {role} may do this, and you act as {roles}"),
        Text("请由{role}操作", "ask {role} to do it"),
    ),
    "wrong_role_none": Saying(
        Text("这一步只能由{role}操作，您没有任何角色", "only {role} may do this, and you act in no role"),
        Text("请由{role}操作", "ask {role} to do it"),
    ),
    "wrong_unit": Saying(
        Text("这一事项的{role}是{units}，您所在单位是{held}", "{role} of this task is {units}, and you act for {held}"),
        Text("请由{units}的人员操作", "ask somebody of {units} to do it"),
    ),
    "same_person": Saying(
        Text("前一步也是{person}办的，同一人不能自己核自己", "{person} also took the step that this one checks"),
        Text("请由另一位{role}人员操作", "ask another person of {role}"),
    ),
    # from where
    "unknown_task": Saying(
        Text("没有事项 {task}", "there is no task {task}"),
        Text("请核对编号，看板列出全部事项", "check its id; the board lists all tasks"),
    ),
    "unknown_trigger": Saying(
        Text("没有操作“{trigger}”", "there is no trigger {trigger}"), Text("可用的有：{known}", "known here: {known}")
    ),
    "unknown_trigger_near": Saying(
        Text("没有操作“{trigger}”", "there is no trigger {trigger}"), Text("是否想用“{near}”", "did you mean {near}")
    ),
    "unknown_kind": Saying(
        Text("这个流程没有可登记的“{kind}”", "this process has nothing called {kind} to register"),
        Text("事项本身的类别为空，所属计划为 programme", "the kind of a task is empty, that of a plan is programme"),
    ),
    "unknown_state": Saying(
        Text("没有状态“{state}”", "there is no state {state}"), Text("可用的有：{known}", "known here: {known}")
    ),
    "unknown_deadline": Saying(
        Text("没有时限“{deadline}”", "there is no deadline {deadline}"),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "wrong_state": Saying(
        Text("现在是“{state}”，“{trigger}”只能在“{sources}”时办理", "it is {state}; {trigger} starts from {sources}"),
        Text("现在可以：{possible}", "possible now: {possible}"),
    ),
    "stale": Saying(
        Text(
            "事项 {task} 在您查看之后已有变动（{seen} → {now}）",
            "task {task} has changed since you saw it ({seen} → {now})",
        ),
        Text("请刷新后再办理", "look at it again, then act"),
    ),
    "nothing_to_correct": Saying(
        Text("事项 {task} 没有可以更正的操作", "task {task} has no act that can be taken back"),
        Text("只有最近一次由人办理的操作可以更正", "only the last act of a person can be corrected"),
    ),
    "children_open": Saying(
        Text("还有未了结的：{children}", "these are still open: {children}"),
        Text("请先了结它们", "end them first"),
    ),
    # when
    "window_not_before": Saying(
        Text("“{trigger}”从 {day} 起才能办理", "{trigger} is possible from {day}"),
        Text("请在 {day} 或以后办理", "do it on {day} or later"),
    ),
    "window_after": Saying(
        Text("“{trigger}”要到 {day} 过后才能办理", "{trigger} is possible once {day} is over"),
        Text("请在 {day} 之后办理", "do it after {day}"),
    ),
    "window_not_after": Saying(
        Text("“{trigger}”的办理截止于 {day}", "{trigger} was possible through {day}"),
        Text("如确在期内办理，请作补录并写明原因", "if it happened in time, enter it late with the reason"),
    ),
    "window_unknown": Saying(
        Text("“{trigger}”的办理时间尚未确定", "it is not known yet when {trigger} is possible"),
        Text("请先填好它所依据的日期", "fill in the date that it hangs on"),
    ),
    "right_lapsed": Saying(
        Text("“{deadline}”已于 {last_day} 届满", "{deadline} lapsed after {last_day}"),
        Text("如确在期内办理，请作补录并写明原因", "if it happened in time, enter it late with the reason"),
    ),
    "right_lapsed_stated": Saying(
        Text(
            "“{deadline}”到 {last_day} 届满，所填日期是 {stated}",
            "{deadline} lapsed after {last_day}; stated is {stated}",
        ),
        Text("请核对所填日期", "check the date that was stated"),
    ),
    "extension_too_late": Saying(
        Text("“{deadline}”没有在限期内的事项，不能延期", "{deadline} is not running, so it cannot be extended"),
        Text("延期应在到期前提出", "ask for more time before it is due"),
    ),
    "extension_spent": Saying(
        Text("“{deadline}”最多延期 {at_most} 次，已用完", "{deadline} may be extended {at_most} times, all used"),
        Text("请按现有期限办理", "keep to the date as it is"),
    ),
    "extension_cap": Saying(
        Text(
            "“{deadline}”累计最多延 {cap}，已延 {used}，这次要延 {asked}",
            "{deadline} may be extended by {cap} in all; {used} is used, {asked} is asked",
        ),
        Text("请缩短延期", "ask for less"),
    ),
    "extension_over": Saying(
        Text(
            "延期后“{deadline}”的期限 {last_day} 已经过了", "with this extension {deadline} ended on {last_day} already"
        ),
        Text("请延到以后的日期，或按逾期办理", "ask for a later date, or leave it as overdue"),
    ),
    # what cannot be kept
    "unkept_text": Saying(
        Text("{place}中有无法保存的字符", "{place} has letters that cannot be kept"),
        Text(
            "请重新输入，不要带空字符、乱码或改变阅读次序的隐藏字符",
            "write it anew, without null characters, broken letters or hidden ones that turn the order of reading",
        ),
    ),
    # late entries
    "future": Saying(
        Text("发生时间 {occurred_at} 晚于现在 {now}", "it cannot have happened at {occurred_at}: it is {now}"),
        Text("请核对发生时间", "check when it happened"),
    ),
    "before_it_began": Saying(
        Text(
            "发生时间 {occurred_at} 早于立项 {began_at}",
            "it cannot have happened at {occurred_at}: it began at {began_at}",
        ),
        Text(
            "请核对发生时间；立项前的情况在立项时作为在办事项登记",
            "check when; what lies before belongs to an opening entry",
        ),
    ),
    "no_backdate": Saying(
        Text("{roles}不能补录以前的事", "{roles} may not enter what happened earlier"),
        Text("可以补录的有：{may}", "these may: {may}"),
    ),
    "no_reason": Saying(
        Text("补录没有写明原因", "a late entry needs a reason"), Text("请写明原因", "write why it is entered late")
    ),
    # with what
    "form": Saying(_PROBLEMS, Text("请改正后再提交", "correct it and send it again")),
    "not_by_hand": Saying(
        Text("{fields}只由操作写入，登记时不填", "{fields} is written by acts alone, and not by whoever registers"),
        Text("请不要填写；由{triggers}写入", "leave it out: {triggers} will write it"),
    ),
    "fields": Saying(_PROBLEMS, Text("请改正后再登记", "correct it and register again")),
    "milestones": Saying(
        Text("节点：{problems}", "milestones: {problems}"), Text("请改正后再登记", "correct it and register again")
    ),
    "no_milestones": Saying(
        Text("这一流程没有节点", "this process has no milestones"), Text("请去掉节点", "leave them out")
    ),
    "twin": Saying(
        Text("{fields}相同的事项已有：{twin}", "a task with the same {fields} exists: {twin}"),
        Text("请在该事项上办理", "go on with that one"),
    ),
    "guard_said": Saying(
        Text("{said}（{operands}）", "{said} ({operands})"), Text("条件是 {guard}", "the condition is {guard}")
    ),
    "guard": Saying(
        Text("“{trigger}”的条件不满足：{operands}", "the condition of {trigger} does not hold: {operands}"),
        Text("条件是 {guard}", "the condition is {guard}"),
    ),
    # what the definition says
    "guard_error": Saying(
        Text("{guard} 无法判断：{error}（{operands}）", "{guard} cannot be decided: {error} ({operands})"),
        Text("请补齐它所依据的内容，或修改定义", "fill in what it needs, or mend the definition"),
    ),
    "unset": Saying(
        Text("{guard} 所需的内容还没有：{error}", "{guard} needs what is not there yet: {error}"),
        Text("请先填好，或在定义中用 has(…) 判断", "fill it in first, or let the definition ask has(…)"),
    ),
    "computed": Saying(
        Text("{guard} 算出的值不可用：{problem}", "{guard} gives a value that does not fit: {problem}"),
        Text("请检查填写的内容，或修改定义", "check what was filled in, or mend the definition"),
    ),
    "cascade": Saying(
        Text("这一步引出的操作没有尽头：{triggers}", "this step sets off triggers without end: {triggers}"),
        Text("请修改定义，不要让它们互相触发", "mend the definition, so that they do not fire one another"),
    ),
    **{code: Saying(*said) for code, said in MIGRATIONS.items()},
}
