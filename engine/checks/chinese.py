"""What is wrong with an expression, in Chinese: `engine.cel` says it in English, as the compiler does.

Sayings are matched whole; what stands in backticks or quotes is the author's own and stays as it is.
"""

from __future__ import annotations

from engine.cel.faults import ExpressionError
from engine.problems import Text
from engine.reasons import in_chinese

_KINDS = {
    "number": "数字",
    "text": "文字",
    "boolean": "真假值",
    "date": "日期",
    "instant": "时刻",
    "texts": "文字列表",
    "rows": "表",
    "integer": "整数",
    "anything": "任意值",
    "null_type": "空值",
    "a date": "日期",
    "an instant": "时刻",
    "a kind that expressions know": "表达式认识的类型",
}
_MESSAGES = {
    r"unknown function (`.*`)": "没有名为 {0} 的函数",
    r"unknown name (`.*`)": "未知的名称 {0}",
    r"(`.*`) does not take so many values": "{0} 的参数个数不对",
    r"(`.*`) does not take (.*)": "{0} 不适用于 {1}",
    r"the expression gives (.*), not (.*)": "表达式的值是{0}，应为{1}",
    r"this is of kind (.*), not (.*)": "这里的值是{0}，应为{1}",
    r"the expression is nested too deeply": "表达式嵌套过深",
    r"the expression is empty": "表达式是空的",
    r"the expression has (\d+) characters, more than (\d+)": "表达式有 {0} 个字符，超过 {1} 个",
    r"(`.*`) is not a number here": "{0} 在这里不是数字",
    r"(`.*`) is not available": "不能使用 {0}",
    r"(`.*`) is reserved": "{0} 是保留的名称",
    r"(`.*`) is not an operator": "{0} 不是运算符",
    r"(`.*`) hides a declared name": "{0} 与已有的名称相同",
    r"the text has letters that cannot be kept": "文字中有无法保存的字符",
    r"a date is compared with an instant": "日期与时刻不能比较",
    r"('.*') is not (a date|an instant)": "{0} 不是{1}",
    r"integers are divided": "整数不能相除",
    r"a quoted text hides a division": "引号内的文字含有控制字符",
    r"more than (\d+) expressions in one body": "一处的表达式超过 {0} 个",
    r"mismatched input (.*)": "此处不应是 {0}",
    r"extraneous input (.*)": "多余的 {0}",
    r"missing (.*) at (.*)": "{1} 之前缺少 {0}",
    r"no viable alternative at input (.*)": "读不懂 {0}",
    r"token recognition error at: (.*)": "不能识别 {0}",
}
_CURES = {
    r"did you mean (`.*`)\?": "是否想写 {0}？",
    r"use a declared name, or put a text in quotes": "请用已声明的名称；文字要加引号",
    r"write a condition such as (`.*`)": "写一个条件，如 {0}",
    r"leave out the null character": "去掉空字符",
    r"leave out the `u`": "去掉 `u`",
    r"use `count\(list\)`, which gives a number": "请用 `count(列表)`，结果是数字",
    r"write (`[^`]*`) for (`[^`]*`)": "把 {1} 写成 {0}",
    r"write `==` to compare": "比较请写 `==`",
    r"write it as (.*)": "请写成 {0}",
    r"write one that gives (.*)": "表达式的值应是{0}",
    r"write (\w+\(.*\))": "请写 {0}",
    r"write (`.*`)": "请写 {0}",
    r"name a part of it as a measure": "把其中一部分定义为指标",
    r"at most about 30 levels; split it": "最多约 30 层，请拆开",
    r"simplify the expression": "请简化表达式",
    r"numbers are decimals and have no remainder": "数字是小数，不能求余",
    r"an index is a whole number, as in `rows\[0\]`": "序号是整数，如 `rows[0]`",
    r"numbers are decimals: wrap the integer in `double\(...\)`": "数字都是小数：请把整数写成 `double(...)`",
    r"wrap them in `double\(...\)`: numbers are decimals": "请写成 `double(...)`：数字都是小数",
    r"give both sides the same kind: .*": "两边的类型应相同：数字不加引号，文字、日期加引号",
    r"outside quotes only ASCII letters and marks are read": "引号之外只能用半角英文字母和符号",
    r"check quotes, brackets and operators (.*)": "请检查引号、括号和运算符{0}",
    r"call it `row` or `r`": "请改称 `row` 或 `r`",
    r"compare dates with dates": "日期只与日期比较",
    r"ask has\(...\) whether it is filled in": "是否填写，请用 has(...) 判断",
    r"give a value of kind (.*)": "此处应是{0}",
    r"take control characters out of the texts": "去掉文字中的控制字符",
    r"split the definition": "请拆分定义",
}


def message(error: ExpressionError) -> Text:
    """What is wrong. What the library alone says of a text stays in its words, behind ours."""
    return Text(in_chinese(error.message, _MESSAGES, _kinds) or f"表达式有误：{error.message}", error.message)


def cure(error: ExpressionError) -> Text:
    """What would be right."""
    return Text(in_chinese(error.cure, _CURES, _kinds) or f"请改正表达式（{error.cure}）", error.cure)


def _kinds(part: str) -> str:
    """The name of a kind, or names in brackets, in Chinese; anything else as it is."""
    if part.startswith("(") and part.endswith(")") and "`" not in part:
        return "（" + "、".join(_KINDS.get(each, each) for each in part[1:-1].split(", ")) + "）"
    if part.startswith("(") or not part.isascii():
        return part
    return _KINDS.get(part, part.replace(" or ", " 或 "))
