"""Why an expression has no value, in Chinese: facts, functions and the library say it in English, and the record keeps
that. Sayings are matched whole, as `engine.checks.chinese` does for those of the compiler.
"""

from __future__ import annotations

import re

from engine.problems import Text
from engine.reasons import Glossary, in_chinese, quoted

_KINDS = {
    "boolean": "真假值",
    "number": "数字",
    "text": "文字",
    "list of texts": "文字列表",
    "list of rows": "表",
    "table of numbers": "数字表",
    "table of texts": "文字表",
    "date": "日期",
    "instant": "时刻",
}

KNOWN: Glossary = {
    r"(`.*`) is not set": "{0} 还没有填写",
    r"not set": "还没有填写",
    r"(`.*`) has no due date now": "{0} 现在没有到期日",
    r"(`.*`) has not happened": "{0} 还没有办过",
    r"(?:division|divide) by zero": "除数为零",
    r"evaluations refer to each other more than (\d+) deep": "互相引用超过 {0} 层",
    r"Iteration budget exceeded": "计算量超过上限",
    r"expected a (.*), not (.*)": "应为{0}，不是 {1}",
    r"(.*) is not a finite number": "{0} 不是有限的数",
    r"(`.*`) is not of kind (.*)": "{0} 不是{1}",
    r"Key not found in map : (.*)": "没有 {0} 这一项",
    r"Index error: index=(\d+) size=(\d+)": "序号 {0} 超出范围，共 {1} 行（从 0 数起）",
    r"cannot convert .* to double": "不能转换为数字",
    r"No matching overloads found : (.*)": "类型不符，不能这样运算（`{0}`）",
    r"invalid regular expression: (.*)": "正则表达式有误（`{0}`）",
}
"""What expressions are found to lack."""

_SUIT = "the result does not suit: "
_PLACE = re.compile(r"(`[^`]*`|[A-Za-z_][\w.]*\(.*?\)): (.*)", re.DOTALL)


def undecided(error: str) -> Text:
    """The cause that `Evaluation.error` names, in both languages; what is not known is quoted behind its place."""
    return Text(_chinese(error), error)


def _chinese(error: str) -> str:
    if error.startswith(_SUIT):
        return f"结果不符合要求：{_chinese(error.removeprefix(_SUIT))}"
    if known := in_chinese(error, KNOWN, lambda part: _KINDS.get(part, part)):
        return known
    if placed := _PLACE.fullmatch(error):
        return f"{placed[1]}：{_chinese(placed[2])}"
    return quoted(error).zh
