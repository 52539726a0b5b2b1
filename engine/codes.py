"""What may be wrong with a text that is loaded: a code for each, what it is, and what mends it, in both languages.

A problem says more, about the very place; its code is for machines, and for whoever looks it up. The table in
`docs/language.md` is written from this one, and a test finds no code in the source that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.problems import Text


class Code(NamedTuple):
    """The words of one code."""

    what: Text
    cure: Text


CODES: Mapping[str, Code] = {
    # -- the text
    "too-large": Code(
        Text("文件超过 1 MB", "the file is larger than 1 MB"), Text("拆成几个流程", "make several of it")
    ),
    "not-utf-8": Code(Text("文件不是 UTF-8 编码", "the file is not UTF-8"), Text("另存为 UTF-8", "save it as UTF-8")),
    "hidden-character": Code(
        Text("文中有看不见的字符", "an invisible character in the text"), Text("删去，重新输入", "delete it, type anew")
    ),
    "empty": Code(Text("文件是空的", "the file is empty"), Text("写入内容", "write something")),
    "several-documents": Code(
        Text("一个文件里有多个 YAML 文档", "more than one YAML document"), Text("只写一份", "keep one in a file")
    ),
    "directive": Code(Text("有 YAML 指令（%）", "a YAML directive (%)"), Text("删去该行", "remove the line")),
    "syntax": Code(
        Text("不合 YAML 的写法", "not valid YAML"),
        Text("检查缩进、引号、括号、冒号", "look at indentation, quotes, brackets, colons"),
    ),
    "tab": Code(Text("缩进用了制表符", "a tab indents a line"), Text("改用空格", "indent with spaces")),
    "alias": Code(Text("用了锚点或别名（&、*）", "an anchor or alias (&, *)"), Text("把内容写全", "write it out")),
    "tag": Code(Text("用了标签（!）", "a tag (!)"), Text("删去，或加引号", "remove it, or quote the text")),
    "merge-key": Code(Text("用了合并键 `<<`", "a merge key `<<`"), Text("把内容写全", "write the shared part out")),
    "empty-key": Code(Text("键是空的", "a key is empty"), Text("写出键名", "write its name")),
    "key-not-text": Code(Text("键不是文字", "a key that is not text"), Text("写成“键: 值”", "write `key: value`")),
    "duplicate-key": Code(Text("同一个键写了两次", "a key stands twice"), Text("只保留一个", "keep one of them")),
    "number": Code(
        Text("数字不可用", "a number that cannot be used"),
        Text("写普通数字，或加引号", "write an ordinary number, or quote it"),
    ),
    "too-deep": Code(Text("嵌套太深", "nested too deep"), Text("减少嵌套", "nest less")),
    "too-many": Code(
        Text("内容或子事项的种类太多", "too many keys and values, or kinds of children"),
        Text("拆成几个流程", "make several processes of it"),
    ),
    # -- its keys and values
    "unknown-key": Code(
        Text("没有这个键", "a key that is not known here"), Text("用相近的键，或删去", "use the near one, or remove it")
    ),
    "missing-key": Code(Text("缺少必有的键", "a required key is missing"), Text("加上", "add it")),
    "wrong-key": Code(Text("键名不合要求", "a name that cannot be a key"), Text("换一个名称", "choose another")),
    "wrong-kind": Code(
        Text("值的种类不对：如应为一组内容，写的是文字", "a value of another kind, such as text for a mapping"),
        Text("按所示的种类写", "write the kind that is told"),
    ),
    "wrong-value": Code(
        Text("值不合要求", "a value that is not possible"), Text("按所示的要求写", "write what the message asks for")
    ),
    "unknown-parameter": Code(
        Text("`--set` 所改的单值参数不存在", "`--set` names no parameter of one value"),
        Text("用定义中的参数", "name one of the definition"),
    ),
    # -- names
    "reserved-name": Code(
        Text("名称另有含义", "a name that means something already"), Text("换一个", "choose another")
    ),
    "unknown-timezone": Code(
        Text("没有这个时区", "an unknown time zone"), Text("如 Asia/Shanghai", "as Asia/Shanghai")
    ),
    "unknown-state": Code(Text("没有这个状态", "an unknown state"), Text("用已有的，或先定义", "name or define one")),
    "unknown-trigger": Code(
        Text("没有这个操作", "an unknown trigger"), Text("用已有的，或先定义", "name or define one")
    ),
    "unknown-role": Code(Text("没有这个角色", "an unknown role"), Text("用已有的，或先定义", "name or define one")),
    "unknown-field": Code(Text("没有这个字段", "an unknown field"), Text("用已有的，或先定义", "name or define one")),
    "unknown-child": Code(
        Text("没有这种子事项", "an unknown kind of children"), Text("用已有的，或先定义", "name or define one")
    ),
    "unknown-notice": Code(Text("没有这种通知", "an unknown notice"), Text("用已有的，或先定义", "name or define one")),
    "unknown-publication": Code(
        Text("没有这种文书", "an unknown publication"), Text("用已有的，或先定义", "name or define one")
    ),
    "unknown-deadline": Code(
        Text("没有这个时限", "an unknown deadline"), Text("用已有的，或先定义", "name or define one")
    ),
    "unknown-variable": Code(Text("没有这个变量", "an unknown variable"), Text("用已有的", "name one that is there")),
    # -- expressions, terms, dates
    "expression": Code(
        Text("条件或算式不能理解，或种类不符", "an expression that cannot be read, or of the wrong kind"),
        Text("看所示的位置和相近的名称", "look at the place, and at the name that was meant"),
    ),
    "word-not-here": Code(
        Text("此处不能用这个词：如表单里没有的项、个人信息", "a word that has no meaning here, or is personal"),
        Text("用此处可用的", "use what is known here"),
    ),
    "name-not-literal": Code(
        Text("应写出名称之处用了算式", "a computed text where a name is needed"),
        Text("用引号写出名称", "write the name itself, in quotes"),
    ),
    "decimal-equality": Code(
        Text("计算所得的小数判断相等（提醒）", "computed decimals are compared for equality (a warning)"),
        Text("用 >= 或 <= 比较", "compare with `>=` or `<=`"),
    ),
    "bad-date": Code(Text("不是日期", "not a date"), Text("写成 2022-12-25", "write it as 2022-12-25")),
    "bad-term": Code(Text("不是期限", "not a term"), Text("写成 10 working days", "write it as 10 working days")),
    # -- fields, forms, roles
    "personal": Code(
        Text("个人信息写入了公开的字段", "what is personal is written to a field that is not"),
        Text("目标字段也写 personal: true", "make that field `personal: true` too"),
    ),
    "immutable": Code(
        Text("操作改写了不可更改的字段", "an act sets a field that is immutable"),
        Text("去掉 set，或去掉 immutable", "drop the `set`, or the `immutable`"),
    ),
    "written-by": Code(
        Text("只由操作写入的字段又要人填", "a field that transitions alone write is asked of people too"),
        Text("两处只留一处", "leave out one of the two"),
    ),
    "required-field": Code(
        Text("开设子事项没有填必填的字段", "a child is opened without a field that it requires"),
        Text("在 with 中填写", "give it in `with`"),
    ),
    "for-each": Code(
        Text("没有写明逐项开设的内容放在哪里", "nothing says where the value of each goes"),
        Text("用 as 写明字段", "name the field in `as`"),
    ),
    "form-type": Code(
        Text("同名表单项在不同操作里类型不同", "one form field has two types in two transitions"),
        Text("改成一致，或换名", "make them one, or rename it"),
    ),
    "role-unit": Code(
        Text("角色的单位无法确定", "the unit of a role cannot be told"),
        Text("写成 task.字段，字段为单位类型", "write `task.FIELD`, of type `unit`"),
    ),
    "cited-exhortation": Code(
        Text("规则既列为倡导性条款，又被引为依据", "a rule is listed as an exhortation and cited by a line"),
        Text("两处只留一处", "do one of the two"),
    ),
    # -- states, transitions, deadlines
    "initial-state": Code(
        Text("初始状态不是恰好一个", "not exactly one initial state"),
        Text("给一个状态写 initial: true", "give one state `initial: true`"),
    ),
    "no-final-state": Code(
        Text("没有终结状态", "no state is final"), Text("给一个状态写 final: true", "give one state `final: true`")
    ),
    "duplicate-trigger": Code(
        Text("同一操作写了两次", "a trigger stands twice"),
        Text("合成一个，用分支区分；或换名", "make one of them, with branches, or rename it"),
    ),
    "otherwise-not-last": Code(
        Text("otherwise 不在最后", "`otherwise` is not the last branch"), Text("把它放到最后", "put it last")
    ),
    "refusal-not-last": Code(
        Text("不带条件的理由不在最后，之后的不会出现", "words of a refusal without a condition stand before others"),
        Text("把它放到最后", "put it last"),
    ),
    "no-start": Code(
        Text("时限没有说明何时起算", "nothing starts a deadline"),
        Text("写 starts、while、every 或 for_each", "say `starts`, `while`, `every` or `for_each`"),
    ),
    "no-milestones": Code(
        Text("用到节点而没有定义", "milestones are used and not defined"),
        Text("先定义 milestones", "define `milestones` first"),
    ),
    "not-by-system": Code(
        Text("系统触发的操作不许系统办理", "what is fired may not be done by the system"),
        Text("在该操作的 by 里加 system", "add `system` to its `by`"),
    ),
    "no-cancelled-state": Code(
        Text("子事项随上级终结，却没有说明进入何状态", "nothing says where a child goes that ends with its parent"),
        Text("写 cancelled", "write `cancelled`"),
    ),
    # -- measures and lights
    "measure-type": Code(
        Text("计数或合计的指标不是数字类型", "a count or a sum whose type is not a number"),
        Text("用 integer 或 decimal", "use `integer` or `decimal`"),
    ),
    "circular-measure": Code(
        Text("指标互相引用", "measures read one another in a circle"), Text("去掉一处引用", "break the circle")
    ),
    "signal-not-total": Code(
        Text("最后一条灯色规则不是 true", "the last rule of the light is not `true`"),
        Text("最后加一条 green: true", "end with `green: true`"),
    ),
}
"""Every code of loading, in the order in which a text is looked at."""
