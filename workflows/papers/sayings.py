"""What refusals about documents and templates say: why not, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from engine.problems import Text

WHY: Mapping[str, tuple[Text, Text]] = {
    "no_press": (
        Text("“{publication}”是公文，此处不能印制", "{publication} is a document, and nothing here prints it"),
        Text("请用 duban 命令或网页办理，印令会保留", "use the program or the pages; what was ordered waits"),
    ),
    "ordered_once": (
        Text("“{publication}”已按 {order} 印发", "{publication} has been issued for {order}"),
        Text("不必再办", "there is nothing left to do"),
    ),
    "unknown_template": (
        Text("没有公文用模板 {template}", "no document uses a template {template}"),
        Text("可替换的有：{known}", "these can be replaced: {known}"),
    ),
    "template_names": (
        Text(
            "模板 {template} 用了没有的名称：{names}", "the template {template} uses names that are not there: {names}"
        ),
        Text("可用的有：{known}", "known here: {known}"),
    ),
    "template_unfit": (
        Text("模板 {template} 不可用：{reason}", "the template {template} cannot be used: {reason}"),
        Text("请在 Word 中改好后再上传", "mend it in Word, then upload it again"),
    ),
    "template_not_admin": (
        Text(
            "替换模板须由管理员（admin）办理，{actor} 不是",
            "only an administrator replaces templates, and {actor} is none",
        ),
        Text("请找管理员", "ask an administrator"),
    ),
    "unknown_document": (
        Text("没有编号为 {document} 的公文", "there is no document {document}"),
        Text("用 duban documents 查看编号", "duban documents shows the numbers"),
    ),
    "void_already": (
        Text("{number} 已于 {at} 作废", "{number} was declared void at {at}"),
        Text("不必再办；需要时重新印发", "there is nothing left to do; issue a new one if it is needed"),
    ),
    "void_reason": (
        Text("作废须写明原因", "a document is declared void for a reason"),
        Text("请写明原因", "say why"),
    ),
    "still_open": (
        Text("事项 {task} 尚未办结，状态“{state}”", "the task {task} is still open, {state}"),
        Text("办结销号后再归档", "file it when it is closed"),
    ),
}
