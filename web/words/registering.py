"""Words of registering one task by a form."""

from engine.problems import Text

WORDS = {
    "register_one": Text("登记事项", "Register a task"),
    "register_programme": Text("登记专项", "Register a programme"),
    "register_how": Text(
        "逐项填写；有不对之处会标在该项旁边，已填内容不会丢失。",
        "What is wrong is said beside its field, and nothing that was typed is lost.",
    ),
    "register_many": Text("有多项或在办事项？导入清单", "Several, or one under way already? Import a list"),
    "register_more": Text("其他内容（{n} 项，可以不填）", "More, which may be left out ({n})"),
    "register_go": Text("登记", "Register"),
    "register_no_key": Text("每一行都要写明节点", "each row must say which node it is about"),
    "register_twice": Text("节点重复：{keys}", "these nodes stand twice: {keys}"),
}
