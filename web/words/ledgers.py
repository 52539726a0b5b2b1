"""Words of the ledgers and of the scores."""

from engine.problems import Text

WORDS = {
    "ledgers": Text("台账", "Registers"),
    "ledger_none": Text("已发布的流程没有子事项。", "No published process has children."),
    "ledger_open": Text("未办结", "Open"),
    "ledger_ended": Text("已办结", "Ended"),
    "ledger_overdue": Text("逾期", "Overdue"),
    "ledger_nothing": Text("没有符合条件的台账事项。", "Nothing in this register fits."),
    "ledger_unit": Text("单位", "Unit"),
    "col_number": Text("序号", "No."),
    "col_source": Text("来源事项", "About"),
    "col_entered": Text("立项时间", "Entered"),
    "col_ended": Text("办结时间", "Ended"),
    "col_limit": Text("完成时限", "Due"),
    "scores": Text("考核", "Scores"),
    "scores_title": Text("绩效考核", "Scores"),
    "scores_none": Text("已发布的流程没有记分的字段。", "No published process keeps a score."),
    "scores_by_unit": Text("各单位得分", "By unit"),
    "scores_causes": Text("扣分明细", "Each deduction"),
    "scores_no_causes": Text("没有扣分。", "Nothing was deducted."),
    "scores_full": Text("满分 {full}", "of {full}"),
    "col_score": Text("得分", "Score"),
    "col_points": Text("分值", "Points"),
    "col_cause": Text("事由", "Cause"),
    "col_rule": Text("依据", "Rule"),
    "col_when": Text("时间", "When"),
    "col_by": Text("经办", "By"),
    "col_said": Text("记载", "What was recorded"),
    "col_tasks": Text("事项", "Tasks"),
    "col_line": Text("流程定义第 {line} 行", "line {line} of the definition"),
    "scores_how": Text(
        "每一事项的得分由流程定义中的“{title}”（{value}）得出；计分的数每次变动都列在下面，附其事由和定义的行。",
        "A task's score is the measure “{title}” of the definition ({value}); each change of the number in which it is "
        "counted stands below, with its cause and the line of the definition.",
    ),
    "scores_lost": Text("各单位扣分", "Points by unit"),
    "scores_lowest": Text("最低", "lowest"),
    "scores_unit_why": Text(
        "单位得分为其牵头事项得分的平均数；扣分为其全部事项扣分之和。",
        "A unit's score is the mean over the tasks that it leads; its points are the sum over them.",
    ),
}
