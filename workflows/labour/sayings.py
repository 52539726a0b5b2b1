"""What refusals about jobs and the post say: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    "too_many_tasks": (
        Text("一次可办 1 至 {most} 项，不是 {count} 项", "one job takes 1 to {most} tasks, not {count}"),
        Text("请分批办理", "ask for several jobs"),
    ),
    "unknown_job": (
        Text("没有作业 {job}", "there is no job {job}"),
        Text("duban jobs list 列出全部作业", "duban jobs list shows them all"),
    ),
    "backtest_under_way": (
        Text("草稿 {draft} 正在回测（{by} 发起）", "a backtest of the draft {draft} is under way (asked for by {by})"),
        Text("请等它完成，或先停止它", "wait until it is done, or stop it first"),
    ),
    "job_over": (
        Text("作业 {job} 已经结束（{state}）", "the job {job} is over ({state})"),
        Text("不能取消；要再办请重新发起", "it cannot be cancelled; ask for it anew"),
    ),
    "job_standing": (
        Text("{job} 是常设作业，不能取消", "{job} is a standing job and cannot be cancelled"),
        Text("要让它停下，请停止 duban worker 或 duban serve", "to let it rest, stop duban worker or duban serve"),
    ),
    "no_mail_server": (
        Text("没有设置发信服务器", "no mail server is set"),
        Text(
            "请设环境变量 DUBAN_MAIL，如 smtps://用户:密码@主机?from=地址",
            "set DUBAN_MAIL in the environment, as in smtps://USER:PASSWORD@HOST?from=ADDRESS",
        ),
    ),
    "bad_setting": (
        Text("设置有误：{reason}", "a setting cannot be read: {reason}"),
        Text(
            "请检查环境变量 DUBAN_MAIL、DUBAN_BASE_URL、DUBAN_WEBHOOK_ALLOW 和 DUBAN_SEAL_KEY",
            "check DUBAN_MAIL, DUBAN_BASE_URL, DUBAN_WEBHOOK_ALLOW and DUBAN_SEAL_KEY",
        ),
    ),
    "no_address": (
        Text("{address} 不是可发送的地址", "nothing can be sent to {address}"),
        Text(
            "请写邮箱地址，或 https://、wecombot://、dingtalk://、feishu:// 开头的地址",
            "give a mail address, or one with https://, wecombot://, dingtalk:// or feishu://",
        ),
    ),
}
