"""Words of the pages with figures over histories."""

from engine.problems import Text

WORDS = {
    "analysis": Text("分析", "Analysis"),
    "analysis_title": Text("审计分析", "Analysis"),
    "analysis_reports": Text("分析项目", "Reports"),
    "analysis_how": Text("这些数字怎样得出", "How these figures are worked out"),
    "analysis_read": Text(
        "读取了 {tasks} 项事项（含子事项和专项）的 {events} 条历史记录，期间 {first} 至 {last}。",
        "Read from {events} recorded events of {tasks} tasks, children and programmes among them, {first} to {last}.",
    ),
    "analysis_query": Text("命令行上同样的查询（全部事项）", "The same asked at the command line, of all tasks"),
    "analysis_behind": Text("所依据的记录", "Events behind it"),
    "analysis_behind_n": Text("{n} 条", "{n}"),
    "analysis_more": Text("另有 {n} 条，见导出或命令 duban report", "{n} more: see the file, or duban report"),
    "analysis_none": Text("期间内没有。", "None in this period."),
    "analysis_many": Text(
        "事项过多（{total} 项，页面最多 {most} 项）：请选流程或单位，或用命令 duban report。",
        "Too many tasks ({total}; a page reads {most} at most): choose a process or a unit, or use duban report.",
    ),
    "analysis_from": Text("自", "From"),
    "analysis_to": Text("至", "To"),
    "analysis_scores": Text("绩效考核分与扣分原因", "Appraisal scores with their causes"),
    "analysis_table": Text("数据表", "Table"),
}
