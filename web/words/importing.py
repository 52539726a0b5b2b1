"""Words of importing a list."""

from engine.problems import Text

WORDS = {
    "import": Text("导入清单", "Import a list"),
    "import_steps": Text(
        "一、下载空白清单并填写；二、上传查看，错处逐格标出；三、确认后全部登记，有一处不对就一项也不登记。",
        "First download an empty list and fill it in; then upload it and see every fault at its cell; then register "
        "all of it. Nothing is registered while anything is wrong.",
    ),
    "import_blank": Text("空白清单", " – empty list"),
    "import_blank_get": Text("空白清单", "The empty list"),
    "import_choose_process": Text("换一个流程", "Another process"),
    "import_go": Text("选择", "Choose"),
    "import_opening": Text(
        "在办事项（清单写明现在的状态和期限）", "Tasks under way: the list says their state and what is due"
    ),
    "import_opening_short": Text("在办事项", "tasks under way"),
    "import_programmes": Text("专项（不是事项）", "Programmes, not tasks"),
    "import_kind": Text("清单内容", "What the list is of"),
    "import_kind_tasks": Text("事项", "Tasks"),
    "import_kind_programmes": Text("专项", "Programmes"),
    "import_programme": Text("所属专项", "Part of the programme"),
    "import_file": Text("填好的清单（.xlsx 或 .csv）", "The list, filled in (.xlsx or .csv)"),
    "import_file_hint": Text(
        "不超过 {mb} MB、{most} 项。公式按保存时算出的值读取，不运行；不接收含宏的文件。",
        "{mb} MB and {most} tasks at most. Of a formula the saved value is read, and none is run; "
        "no files with macros.",
    ),
    "import_look": Text("上传并查看", "Upload and look"),
    "import_columns": Text("各列怎样填写", "What each column takes"),
    "import_column": Text("列", "Column"),
    "import_type": Text("类型", "Type"),
    "import_required": Text("必填", "Required"),
    "import_how": Text("可选值、写法", "Choices and form"),
    "import_none": Text("没有您可以登记事项的流程。", "There is no process in which you may register tasks."),
    "import_done": Text("已登记 {n} 项。", "Registered: {n}."),
    "import_see": Text("在看板中查看", "See them on the board"),
    "import_no_file": Text("请选择一个文件。", "Choose a file."),
    "import_ending": Text("清单须是 .xlsx 或 .csv 文件", "a list is a file in .xlsx or .csv"),
    "import_unreadable": Text(
        "无法读取：不是电子表格、已损坏，或内容过大。",
        "it cannot be read: it is no spreadsheet, damaged, or far too large.",
    ),
    "import_again": Text("请重新上传清单。", "Send the list again."),
    "import_preview": Text("查看清单", "The list before it is registered"),
    "import_counts": Text("共 {tasks} 项，没有错误。", "{tasks} tasks, and nothing is wrong."),
    "import_wrong": Text(
        "有 {faults} 处错误，涉及 {rows} 行；一项也没有登记。请在文件中改正后重新上传。",
        "{faults} faults in {rows} rows; nothing was registered. Correct them in the file and upload it again.",
    ),
    "import_where": Text("位置", "Where"),
    "import_row": Text("行", "Row"),
    "import_cell": Text("第 {row} 行“{heading}”", "row {row}, {heading}"),
    "import_cell_row": Text("第 {row} 行", "row {row}"),
    "import_cell_sheet": Text("第 {sheet} 张表，", "sheet {sheet}, "),
    "import_what": Text("问题", "What is wrong"),
    "import_more_faults": Text("另有 {n} 处未列出", "{n} more are not listed"),
    "import_more_rows": Text("另有 {n} 行未显示", "{n} more rows are not shown"),
    "import_fault_here": Text("此格有误", "wrong"),
    "import_rows_wrong": Text("有错误的行", "The rows at fault"),
    "import_rows": Text("清单内容", "The list"),
    "import_hidden": Text("•••", "•••"),
    "import_register": Text("全部登记（{n} 项）", "Register all {n}"),
    "import_large": Text(
        "清单较大，将作为作业登记，可以看到进度。",
        "It is a large list: it is registered by a job whose progress you can see.",
    ),
    "import_other": Text("上传另一个文件", "Upload another file"),
}
