"""Words of the author's bench."""

from engine.problems import Text

WORDS = {
    "drafts": Text("流程编写", "Authoring"),
    "drafts_title": Text("流程定义草稿", "Drafts of definitions"),
    "drafts_none": Text("还没有草稿。", "There are no drafts yet."),
    "drafts_begin": Text("新建草稿", "Begin a draft"),
    "drafts_name": Text("流程标识（小写字母、数字、连字符）", "Name of the process (small letters, digits, dashes)"),
    "drafts_empty": Text("空白草稿", "An empty draft"),
    "drafts_follow": Text("由已发布的流程开始", "Begin from what is published"),
    "drafts_go": Text("开始", "Begin"),
    "col_draft": Text("草稿", "Draft"),
    "col_saved_by": Text("保存人", "Saved by"),
    "col_saved_at": Text("保存时间（UTC）", "Saved at (UTC)"),
    "col_version": Text("第几次保存", "Times saved"),
    "draft_text": Text("定义正文（YAML）", "Text of the definition (YAML)"),
    "draft_save": Text("保存", "Save"),
    "draft_saved": Text("已保存", "Saved"),
    "draft_unsaved": Text("尚未保存", "Not saved yet"),
    "draft_drop": Text("删除草稿", "Throw the draft away"),
    "draft_drop_sure": Text("确定删除这份草稿？", "Throw this draft away for good?"),
    "draft_findings": Text("检查结果", "Findings"),
    "draft_good": Text("没有发现问题。", "Nothing was found."),
    "draft_broken": Text("正文改好后显示状态图。", "The picture is drawn when the text is right."),
    "draft_picture": Text("状态图", "States"),
    "draft_picture_of": Text("{name} 的状态图", "The states of {name}"),
    "draft_theirs": Text("对方保存的正文", "What the other saved"),
    "draft_line": Text("第 {line} 行", "line {line}"),
    "draft_error": Text("错误", "error"),
    "draft_warning": Text("提醒", "warning"),
    "draft_help": Text(
        "输入时自动检查；Ctrl+空格补全；Ctrl+S 保存；Tab 前按 Esc 可离开编辑框。",
        "Checked while you type; Ctrl+Space completes; Ctrl+S saves; press Esc before Tab to leave the editor.",
    ),
}
