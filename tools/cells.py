"""Cells of the generated tables in Chinese: what a key takes is put together of few words, each of which has its own
here. A word that has none is a `KeyError`, so that no English cell gets into a Chinese page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WORDS: Mapping[str, str] = {
    "key": "键",
    "takes": "可填",
    "default": "默认",
    "meaning": "含义",
    "variable": "变量",
    "kind": "类型",
    "function": "函数",
    "gives": "结果",
    "type": "类型",
    "in a guard": "在条件中",
    "**required**": "**必填**",
    "–": "–",
    "name": "名称",
    "text": "文字",
    "value": "值",
    "expression": "表达式",
    "field type": "字段类型",
    "whole number": "整数",
    "local time": "当地时间",
    "role": "角色",
    "sentence": "句子",
    "true": "true",
    "false": "false",
    "period": "期",
    "day": "日",
    "number": "数字",
    "boolean": "真假值",
    "date": "日期",
    "instant": "时刻",
    "texts": "文字列表",
    "rows": "表",
    "1 to 366": "1 至 366",
    "name, dashes allowed": "名称，可带连字符",
    "text, or a list": "文字，或列表",
    "name, or a list": "名称，或列表",
    "event, or a list": "事件，或列表",
    "role, `By`, or a list": "角色、`By`，或列表",
    "`Effect`, or a list": "`Effect`，或列表",
    "`Pause`, or a list": "`Pause`，或列表",
    "`OnChildren`, or a list": "`OnChildren`，或列表",
    "state, or a list of `Branch`": "状态，或 `Branch` 的列表",
    "`registered`, trigger, list, or `Starts`": "`registered`、操作、列表，或 `Starts`",
    "trigger, `MetBy`, or a list": "操作、`MetBy`，或列表",
    "sentence, `Reminder`, or a list": "句子、`Reminder`，或列表",
    "`Titled`, or the name of another publication": "`Titled`，或另一份通报的名称",
    "guard, or `{state: …}`": "条件，或 `{state: …}`",
}


def in_chinese(cell: str) -> str:
    """A cell of a generated table. Raises `KeyError` for words that are not known here."""
    if cell in _WORDS:
        return _WORDS[cell]
    if cell.startswith("list of "):
        return f"{in_chinese(cell.removeprefix('list of '))}的列表"
    for mark, between in ((" or ", " 或 "), (": ", ": "), ("`, `", "`、`")):
        one, parted, other = cell.partition(mark)
        if parted and mark == "`, `":
            return f"{one}{between}{in_chinese(f'`{other}').removeprefix('`')}"
        if parted:
            return f"{in_chinese(one)}{between}{in_chinese(other)}"
    if cell.startswith("`") and cell.endswith("`"):
        return cell
    raise KeyError(cell)


def row_in_chinese(cells: Sequence[str]) -> tuple[str, ...]:
    """A row, less its first cell, which is what people type."""
    return tuple(map(in_chinese, cells))
