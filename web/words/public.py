"""Words of the pages for everybody."""

from engine.problems import Text

WORDS = {
    "public": Text("政务督办公开", "Open to the public"),
    "public_why": Text("通报、项目进展，提交意见，无需登录", "Bulletins, projects and opinions; no account is needed"),
    "public_menu": Text("公开内容", "Public pages"),
    "public_home": Text("首页", "Start"),
    "public_bulletins": Text("公开通报", "Bulletins"),
    "public_projects": Text("项目", "Projects"),
    "public_receipt": Text("查询回执", "Look up a receipt"),
    "public_figures": Text("最新进展", "How it stands"),
    "public_latest": Text("最近的通报", "The latest bulletins"),
    "public_more": Text("查看全部", "See them all"),
    "public_none": Text("还没有公开的内容。", "Nothing has been made public yet."),
    "public_bulletins_none": Text("还没有公开通报。", "No bulletin has been issued yet."),
    "public_not_demanded": Text(
        "这里所办工作的方案没有要求向社会公开通报，进展以快报、通报在政府系统内印发。",
        "The plans of the work done here ask for no bulletin to the public; how it goes is told within the government.",
    ),
    "public_issued": Text("印发于 {day}", "issued {day}"),
    "public_docx": Text("下载 Word 文件", "Download as Word"),
    "public_pdf": Text("下载 PDF", "Download as PDF"),
    "public_plan": Text("推进计划", "Plan"),
    "public_key": Text("节点", "Node"),
    "public_projects_none": Text("没有公开的项目。", "No project is public."),
    "public_go": Text("查看项目，提交意见建议", "See the projects, send an opinion"),
    "public_see": Text("查看项目", "See the project"),
    "public_say": Text("我要提交：{kind}", "Send: {kind}"),
    "public_say_how": Text(
        "不必注册。提交后会得到一个回执码，凭码查询办理情况和答复。",
        "No account is needed. You get a code, and with it you can look up how far it is and the answer.",
    ),
    "public_personal": Text(
        "可以不填；只供办理人员联系，不会公开。", "Optional; for contacting you only, never published."
    ),
    "public_about": Text("关于", "About"),
    "public_send": Text("提交", "Send"),
    "public_website": Text("请勿填写此项", "Leave this empty"),
    "public_bait": Text("没有收到。请不要填写隐藏的项目。", "Nothing was sent: leave the hidden field empty."),
    "public_long": Text("内容过长，每项不超过 {most} 字。", "Too long: {most} characters at most in each field."),
    "public_often": Text("提交过于频繁，请过一小时再试。", "Too often: try again in an hour."),
    "public_refused": Text("现在不能提交，请稍后再试。", "It cannot be sent now; try again later."),
    "public_taken": Text("已收到，谢谢。", "It has been received. Thank you."),
    "public_taken_before": Text(
        "这一件此前已经收到，没有重复登记。", "This was received before; it was not entered twice."
    ),
    "public_code": Text("您的回执码（只显示这一次，请抄下）：", "Your code, shown this once; write it down:"),
    "public_code_how": Text("凭此码可以查询办理情况和答复。", "With it you can look up how far it is, and the answer."),
    "public_code_field": Text("回执码", "Code"),
    "public_code_unknown": Text("没有这个回执码，请核对。", "There is no such code; check it."),
    "public_stands": Text("办理情况", "How far it is"),
    "public_closed": Text("已办结", "closed"),
    "public_answer": Text("公开的内容", "The answer"),
    "public_no_answer": Text("还没有答复。", "There is no answer yet."),
}
