"""How a schema is otherwise than this program makes it, in the words of both languages.

The catalogs name what stands in them in their own way (`index`, `trigger`); a Chinese sentence has its own word for
each, and sets the name apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.problems import Text

_KINDS: Mapping[str, str] = {
    "table": "表",
    "column": "列",
    "index": "索引",
    "trigger": "触发器",
    "view": "视图",
    "rule": "规则",
    "constraint": "约束",
    "fk": "外键",
}


def thing(kind: str, name: object) -> Text:
    """What is spoken of: `index spans_as_of`."""
    return Text(f"{_KINDS.get(kind, kind)} `{name}` ", f"{kind} {name}")


def altered(what: Text) -> Text:
    """One of ours, and another than it was."""
    return Text(f"{what.zh}与建库时不同", f"{what.en} is not as it was made")


def foreign(what: Text) -> Text:
    """Somebody else put it there."""
    return Text(f"{what.zh}不是本系统建立的", f"{what.en} is not ours")


def gone(what: Text) -> Text:
    """One of ours, taken away."""
    return Text(f"{what.zh}不存在", f"{what.en} is not there")


def lacks(names: Sequence[str]) -> Text:
    """Tables, or columns (`table.column`), that were taken out."""
    return Text(f"缺少 {listed(names).zh}", f"not there: {listed(names).en}")


def listed(names: Sequence[str]) -> Text:
    """Names one after another."""
    return Text("、".join(f"`{each}`" for each in names), ", ".join(names))


def one_after_another(sayings: Sequence[Text]) -> Text:
    """Several sentences as one."""
    return Text("；".join(each.zh for each in sayings), "; ".join(each.en for each in sayings))
