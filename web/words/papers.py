"""Words of documents and their templates."""

from engine.problems import Text

WORDS = {
    "papers": Text("公文", "Official documents"),
    "papers_none": Text("没有符合条件的公文。", "No document matches."),
    "paper_number": Text("文号", "Number"),
    "paper_title": Text("标题", "Title"),
    "paper_kind": Text("文种", "Kind"),
    "paper_issued": Text("印发", "Issued"),
    "paper_files": Text("下载", "Download"),
    "paper_void": Text("作废", "Declare void"),
    "paper_voided": Text("已作废", "Void"),
    "paper_in_force": Text("有效", "In force"),
    "paper_void_why": Text("作废原因", "Why it is void"),
    "paper_void_kept": Text(
        "作废后原件、文号和原因留存，文号不再使用。", "It stays on record; its number is not used again."
    ),
    "paper_find": Text("文号、标题或事项", "Number, title or task"),
    "templates": Text("公文模板", "Templates"),
    "template_upload": Text("更换模板", "Replace"),
    "template_file": Text("Word 文件（.docx）", "Word file (.docx)"),
    "template_why": Text(
        "上传后先检查变量并试印，合格才启用；以前印发的公文不变。",
        "The names it uses are checked and it is printed once before it is taken; documents already issued "
        "stay as they are.",
    ),
    "template_used": Text("用于", "Used for"),
    "template_versions": Text("版本", "Versions"),
    "template_now": Text("现用", "in use"),
    "template_by": Text("{by}，{at}", "{by}, {at}"),
    "template_none": Text("还没有上传", "none was uploaded"),
    "template_print": Text("试印", "Test print"),
    "template_sample": Text("试印", "Sample"),
    "template_kept": Text("已更换 {name}。", "{name} is replaced."),
}
