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
    "ask_diff": Text("与现行版次对比", "Compare with what is in force"),
    "ask_rehearse": Text("推演", "Rehearse"),
    "ask_backtest": Text("以历史回测", "Backtest"),
    "ask_since": Text("自", "From"),
    "ask_until": Text("至", "Until"),
    "ask_list": Text("清单（不选则取在办事项）", "A list (else some open tasks)"),
    "ask_go": Text("开始推演", "Rehearse"),
    "ask_report": Text("全文", "The whole report"),
    "ask_same": Text("含义相同。", "No difference in meaning."),
    "ask_nothing_published": Text(
        "这一流程还没有发布过版次，无从对比。",
        "No edition of this process is published, so there is nothing to compare.",
    ),
    "ask_days": Text(
        "请写明先后两天，至多三年。", "Give two days, the first before the last, three years apart at most."
    ),
    "ask_no_tasks": Text("没有在办事项可作样本；请选一份清单。", "There is no open task to try it on: choose a list."),
    "ask_no_history": Text("这一流程还没有历史，无从回测。", "This process has no history to backtest."),
    "ask_backtested": Text(
        "以草案重走 {of} 项中的 {n} 项：{same} 项毫无差别。全部事项请用 duban backtest。",
        "{n} of {of} tasks under the draft: {same} come out the same. For all of them, use duban backtest.",
    ),
    "ask_lost": Text("草案不许可的已记录操作：{n} 次", "Recorded acts that the draft refuses: {n}"),
    "ask_diverges": Text(
        "自 {at} 起与历史分叉：此后人们会怎样做，无从得知。",
        "It diverges from history at {at}: what people would have done after it, nobody knows.",
    ),
}
