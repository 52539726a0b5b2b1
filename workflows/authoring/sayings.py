"""What refusals about editions and migrations say: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    "not_in_force": (
        Text("{edition} 自 {since} 起施行，现在还不能用", "{edition} is in force from {since} on, and not yet"),
        Text("请用现行版次，或等到那一天", "use the edition in force, or wait for that day"),
    ),
    "edition_waits": (
        Text("{edition} 已由 {by} 报批，正待批准", "{edition} was submitted by {by} and waits for approval"),
        Text(
            "请先批准或退回：duban approve、duban return {edition}",
            "approve or return that one first: duban approve, duban return {edition}",
        ),
    ),
    "own_proposal": (
        Text("{subject} 是 {actor} 自己报批的，不能自己批准", "{actor} submitted {subject} and cannot approve it too"),
        Text("请由另一位管理员批准", "another administrator has to approve it"),
    ),
    "not_alone": (
        Text("另有管理员 {known}，不能一人发布", "there are other administrators: {known}"),
        Text("请报批，由他们中的一位批准", "submit it, and let one of them approve it"),
    ),
    "alone_reason": (
        Text("一人办理须写明理由", "who does alone what takes two says why"),
        Text("请加 --reason，理由将永久记入版次记录", "give --reason; it stays in the record for ever"),
    ),
    "return_reason": (
        Text("退回须写明理由", "a return says why"),
        Text("请加 --reason", "give --reason"),
    ),
    "unknown_proposal": (
        Text("没有报批过 {subject}", "nothing called {subject} was submitted"),
        Text("现有：{known}", "there is: {known}"),
    ),
    "not_waiting": (
        Text("{subject} 不在待批准之列（{state}）", "{subject} does not wait for approval ({state})"),
        Text("duban editions 列出各版次的情况", "duban editions shows where each stands"),
    ),
    "unknown_edition": (
        Text("没有版次 {edition}", "there is no edition {edition}"),
        Text("现有：{known}", "there is: {known}"),
    ),
    "same_edition": (
        Text("{edition} 不能迁移到自己", "{edition} cannot be left for itself"),
        Text("--to 请写另一个版次", "name another edition with --to"),
    ),
    "which_edition": (
        Text(
            "流程 {process} 的在办事项不都在同一个别的版次下",
            "open tasks of {process} stand under no other edition, or several",
        ),
        Text("请用 --from 写明从哪个版次迁移：{known}", "say with --from which one they leave: {known}"),
    ),
    "unanswered": (
        Text("方案中还有未填写之处：{questions}", "the plan has open questions: {questions}"),
        Text("请把“?”改成答案后再报批", "replace each `?` by an answer, then submit it"),
    ),
    "plan_known": (
        Text("这一方案已报批：{migration}（{state}）", "this plan was submitted already: {migration} ({state})"),
        Text("duban history {migration} 可看经过", "duban history {migration} shows what was done to it"),
    ),
    "not_approved": (
        Text("迁移方案 {migration} 未经批准", "the plan {migration} is not approved"),
        Text(
            "先报批（--submit），由另一位管理员批准（duban approve）",
            "submit it (--submit), and let another administrator approve it (duban approve)",
        ),
    ),
    "not_applied": (
        Text("迁移 {migration} 没有执行过", "the migration {migration} has not been applied"),
        Text("没有可撤回的", "there is nothing to take back"),
    ),
    "unknown_migration": (
        Text("没有迁移 {migration}", "there is no migration {migration}"),
        Text("现有：{known}", "there is: {known}"),
    ),
    "migrate_elsewhere": (
        Text(
            "{task} 适用版次 {edition}，与方案所列不符",
            "{task} is under {edition}, which the plan does not speak of",
        ),
        Text("请另做一个方案", "make another plan for it"),
    ),
    "other_text": (
        Text(
            "{subject} 现在的文本是 {digest}，不是您看过的 {given}",
            "the text of {subject} is {digest} now, and not {given}, which you read",
        ),
        Text("请看过现在的文本再批准", "read what is there now, then approve it"),
    ),
}
