"""Words for programs: what is wrong with a request of the REST API."""

from engine.problems import Text

WORDS = {
    "api_json_only": Text(
        "请求体应为 JSON，收到的是“{sent}”；请写 Content-Type: application/json。",
        "The body should be JSON and came as {sent!r}; say Content-Type: application/json.",
    ),
    "api_form_only": Text(
        "文件应以表单上传，收到的是“{sent}”；请写 multipart/form-data，文件项名为 file。",
        "A file comes as a form, and this came as {sent!r}; send multipart/form-data with the part `file`.",
    ),
    "api_body_limit": Text(
        "请求体超过 {most} 字节；请分批提交。", "The body has more than {most} bytes; send it in parts."
    ),
    "api_no_json": Text("请求体不是 JSON；请检查后再发。", "The body is no JSON; check it and send it again."),
    "api_twice": Text("“{name}”写了两次；请只留一个。", "{name!r} is said twice; keep one of them."),
    "api_number": Text(
        "{number} 不能作数值；很大或很精确的数请写成文字。",
        "{number} is no number to work with; write what is very large or very exact as a text.",
    ),
    "api_nested": Text("嵌套超过 {most} 层；请改为较浅的结构。", "It is nested deeper than {most}; make it flatter."),
    "api_letters": Text(
        "文字中有无法保存的字符（空字符或不成对的代理码）；请去掉。",
        "A text has letters that cannot be kept (null, or half of a pair of surrogates); take them out.",
    ),
    "api_cursor": Text(
        "cursor 不是本列表给出的；请从第一页重新开始。",
        "This cursor was not given by this list; begin at its first page.",
    ),
    "api_stale": Text(
        '事项已变动（现为第 {version} 版）；请重新读取后再办，If-Match 写作 "{version}"。',
        'The task has changed (version {version} now); read it again, then send If-Match: "{version}".',
    ),
    "api_key": Text(
        "Idempotency-Key 应为 1 至 100 个可见的 ASCII 字符；请换一个，如 UUID。",
        "An Idempotency-Key has 1 to 100 visible ASCII characters; take another one, such as a UUID.",
    ),
    "api_list": Text(
        "清单有误，一项也没有登记；请按 errors 改正。", "Nothing was registered; correct what `errors` names."
    ),
    "api_not_yours": Text(
        "有的事项不存在，或者不在您的范围内；见 errors。",
        "Some tasks are not there, or not yours to see; see `errors`.",
    ),
    "api_one_process": Text(
        "一次作业只能办同一流程的事项，这里有：{processes}；请分别发起。",
        "One job acts on tasks of one process, and these are of {processes}; ask for a job each.",
    ),
    "api_reference": Text(
        "不是您上传文件所得的 reference；请先上传。", "no reference of a file that you have sent; upload the file first"
    ),
    "api_upload": Text("{said}", "{said}"),
    "api_no_room": Text(
        "这个服务器没有此项功能；请与管理员联系。", "This server does not have it; ask the administrator."
    ),
    "api_pdf": Text("{said}", "{said}"),
    "api_year": Text("时刻应在 1900 年至 2200 年之间。", "An instant lies between the years 1900 and 2200."),
    "api_span": Text(
        "from 应不晚于 to，且不超过 {most} 天", "`from` comes before `to`, and at most {most} days lie between"
    ),
}
