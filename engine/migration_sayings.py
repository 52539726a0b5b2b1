"""What refusals of migrations say: why a task cannot come under another edition, or back, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

MIGRATIONS: Mapping[str, tuple[Text, Text]] = {
    "migrated_already": (
        Text("{task} 已适用版次 {edition}", "{task} is under {edition} already"),
        Text("不必再迁移", "it has not to be moved"),
    ),
    "migrate_ended": (
        Text("{task} 已经办结", "{task} has ended"),
        Text("办结的事项留在原版次", "what has ended stays where it is"),
    ),
    "migrate_kind": (
        Text(
            "{task} 属于“{kind}”，{edition} 没有这一类", "{task} is of the kind {kind}, which {edition} does not have"
        ),
        Text("请先了结它，或在新版次中保留这一类", "end it first, or let the new edition keep that kind"),
    ),
    "migrate_state": (
        Text(
            "{task} 的状态“{state}”在新版次中没有对应",
            "{task} is in the state {state}, and the plan does not say to which",
        ),
        Text("请在方案的 states 中写明对应到：{known}", "say it in the plan under `states`; there are: {known}"),
    ),
    "migrate_final": (
        Text(
            "{task} 的状态“{state}”对应到了终结状态 {to}", "the plan leads {task} from {state} to {to}, which is final"
        ),
        Text("迁移不能了结事项，请对应到别的状态", "a migration ends no task; name another state"),
    ),
    "migrate_field": (
        Text("{task} 缺少新版次必填的“{field}”", "{task} has no {field}, which the new edition requires"),
        Text(
            "请在方案的 fields 中写明取值 value 或来源 from",
            "give it in the plan under `fields`: a `value`, or `from` where",
        ),
    ),
    "migrate_personal": (
        Text(
            "{task} 的“{field}”是个人信息，新版次不再标明，迁移后人人可见",
            "{field} of {task} is protected by law, and the new edition does not say so: it would be open to all",
        ),
        Text(
            "请在新版次写 personal: true，或在方案的 opened（节点则 opened_milestones）中"
            "写明 yes（公开）或 empty（不带过去）",
            "mark it `personal: true` in the new edition, or say in the plan under `opened` (of milestones under "
            "`opened_milestones`): `yes`, or `empty`",
        ),
    ),
    "migrate_value": (
        Text("{task} 的“{field}”不合新版次：{zh}", "{field} of {task} does not fit the new edition: {en}"),
        Text(
            "请先在事项上改正，或在方案的 fields 中写明来源",
            "put it right in the task, or name another source in the plan",
        ),
    ),
    "migrate_deadline": (
        Text(
            "{task} 的“{deadline}”尚未了结，{edition} 没有这一时限",
            "{deadline} of {task} is still owed, and {edition} does not have it",
        ),
        Text(
            "请在方案的 deadlines 中写明 policy: drop，或用 to 写明新名称",
            "say in the plan under `deadlines` that it is dropped (`policy: drop`), or `to` which one it belongs",
        ),
    ),
    "migrate_over": (
        Text(
            "按“{policy}”办，{task} 的“{deadline}”期限 {last_day} 已经过了",
            "by {policy} the last day of {deadline} of {task} would be {last_day}, which is over",
        ),
        Text(
            "请在方案中改用 keep 或 start_anew，或用 if_over 写明过期时怎么办",
            "choose keep or start_anew in the plan, or say there with `if_over` what holds then",
        ),
    ),
    "migrate_undated": (
        Text("{task} 的“{deadline}”按新版次无法算出期限", "the new edition gives {deadline} of {task} no date"),
        Text("请在方案中改用 keep 或 start_anew", "choose keep or start_anew in the plan"),
    ),
    "migrate_kept": (
        Text(
            "{task} 的“{deadline}”无法照原规定继续：中止期间没有到期日",
            "{deadline} of {task} cannot go on as it was: it stands still, and has no date that could be kept",
        ),
        Text(
            "请改用 re_anchor 或 start_anew，或等它恢复后再迁移",
            "choose re_anchor or start_anew, or move it when it runs",
        ),
    ),
    "not_migrated": (
        Text("{task} 不是由 {migration} 迁移来的", "{task} was not moved by {migration}"),
        Text("只能撤回由它迁移的事项", "only what it moved goes back"),
    ),
    "lived_on": (
        Text("{task} 自 {since} 迁移以来已有新的记录", "{task} has lived on since it was moved at {since}"),
        Text("不能撤回；可另做一个迁移方案", "it cannot go back; make another plan, to the old edition"),
    ),
    "revert_over": (
        Text(
            "回到原版次，{task} 的“{deadline}”期限 {last_day} 已经过了",
            "back there the last day of {deadline} of {task} would be {last_day}, which is over",
        ),
        Text("不能撤回；可另做一个迁移方案", "it cannot go back; make another plan, to the old edition"),
    ),
    "left_behind": (
        Text(
            "{task} 在版次 {edition} 下办结，上级事项现适用 {now}",
            "{task} ended under {edition}, and its family is under {now}",
        ),
        Text("请在上级事项上办理", "act on the task that it belongs to"),
    ),
}
