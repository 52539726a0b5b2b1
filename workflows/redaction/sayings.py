"""What refusals about erasing say: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    "redact_facts": (
        Text(
            "{names} 不是个人信息，也不是自行填写的文字，不能删除",
            "{names} tells of no person and is no words of somebody's own: it stays",
        ),
        Text("可以删除的有：{known}", "these may be erased: {known}"),
    ),
    "redact_decides": (
        Text("{event} 是按“{name}”的内容判定的，不能删除", "{event} was decided by what {name} says: it stays"),
        Text(
            "请保留；确属个人信息的，先在定义中标明 personal，今后不再作为条件",
            "leave it; what is personal is marked `personal` in the definition, where no rule may read it",
        ),
    ),
    "redact_nothing": (
        Text("{task} 中没有可删的 {names}", "nothing of {names} stands in {task}"),
        Text(
            "请核对名称和记录号；已删除的不必再删",
            "check the names and numbers of events; what is gone need not go again",
        ),
    ),
    "redact_reason": (
        Text("删除个人信息须写明理由", "whoever erases personal data says why"),
        Text("请加 --reason，例如“本人申请删除”", "give --reason, such as the person's own request"),
    ),
    "redact_waits": (
        Text("同样的删除已由 {by} 报批（{order}）", "{by} has asked for the same already ({order})"),
        Text("请另一位管理员批准：duban approve {order}", "another administrator approves it: duban approve {order}"),
    ),
    "redact_over": (
        Text("{order} 不在待批（{state}）", "{order} does not wait for approval ({state})"),
        Text(
            "未办完的由作业继续，也可运行 duban redact finish",
            "what is not done yet goes on by itself, or by duban redact finish",
        ),
    ),
    "redact_file": (
        Text("文件 {file} 不是事项 {task} 的佐证材料，不能删除", "the file {file} is no evidence of {task}: it stays"),
        Text(
            "请写佐证材料的完整摘要；印发的公文不能删除",
            "give the whole digest of a piece of evidence; what was issued stays",
        ),
    ),
    "redact_shared": (
        Text("文件 {file} 也是 {others} 的佐证材料，不能删除", "the file {file} is evidence of {others} too: it stays"),
        Text("请保留；或与这些事项的经办人商定", "leave it, or settle it with those who lead these tasks"),
    ),
    "redact_active": (
        Text("用户 {user} 仍在用，不能删除其姓名", "the account of {user} is open: its name stays"),
        Text("请先停用：duban user close {user}", "close it first: duban user close {user}"),
    ),
    "redact_broken": (
        Text(
            "{task} 的记录与其哈希不符，不能删除",
            "the record of {task} does not agree with its hashes: nothing is erased",
        ),
        Text("请先运行 duban verify 查明", "run duban verify first"),
    ),
}
