"""The kinds of value that expressions know, and what may stand where.

One number kind only: decimals are doubles inside an expression. A date or an instant is an ISO text ("2022-03-31",
"2022-03-31T16:00:00Z"), which compares rightly as a text as long as both sides are well formed and of one kind; CEL
cannot know that, so it is checked here.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from engine.cel.tree import Node, children, walk

Value: TypeAlias = bool | int | float | str | Decimal | list[Any] | dict[str, Any]
COMPARISONS = frozenset({"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"})
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")


class Kind(StrEnum):
    """What a variable holds, a function takes or an expression yields."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    TEXTS = "texts"
    ROWS = "rows"
    NUMBERS_BY = "numbers by key"
    TEXTS_BY = "texts by key"


TIMES = (Kind.DATE, Kind.INSTANT)
_PLAIN = {"boolean": Kind.BOOLEAN, "number": Kind.NUMBER, "text": Kind.TEXT}


@dataclass(frozen=True)
class Function:
    """A function that an expression may call; what it does is answered by the facts of each evaluation."""

    name: str
    parameters: tuple[Kind, ...]
    result: Kind

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class Misfit:
    """A node whose kind does not suit its place."""

    at: str
    message: str
    cure: str


def _boolean(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(f"expected a boolean, not {value!r}")


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise TypeError(f"expected a number, not {value!r}")
    number = float(value)
    if math.isfinite(number):
        return number + 0.0  # a zero has no sign
    raise ValueError(f"{value} is not a finite number")


def _text(value: Value) -> str:
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"expected a text, not {value!r}")


def _texts(value: Any) -> list[str]:
    if isinstance(value, (list, tuple, set, frozenset)):
        found = [_text(item) for item in value]
        return found if isinstance(value, (list, tuple)) else sorted(found)
    raise TypeError(f"expected a list of texts, not {value!r}")


def _rows(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) for row in value):
        return [{_text(key): _anything(item) for key, item in row.items()} for row in value]
    raise TypeError(f"expected a list of rows, not {value!r}")


def _numbers_by(value: Value) -> dict[str, float]:
    if isinstance(value, Mapping):
        return {_text(key): _number(item) for key, item in value.items()}
    raise TypeError(f"expected a table of numbers, not {value!r}")


def _texts_by(value: Value) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {_text(key): _text(item) for key, item in value.items()}
    raise TypeError(f"expected a table of texts, not {value!r}")


def _anything(value: Any) -> Any:
    """A value inside a row: numbers become doubles at any depth."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case list() | tuple():
            return [_anything(item) for item in value]
        case Mapping():
            return {_text(key): _anything(item) for key, item in value.items()}
        case _:
            return _number(value)


ACCEPT: Mapping[Kind, Callable[[Value], Any]] = {
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.DATE: _text,
    Kind.INSTANT: _text,
    Kind.TEXTS: _texts,
    Kind.ROWS: _rows,
    Kind.NUMBERS_BY: _numbers_by,
    Kind.TEXTS_BY: _texts_by,
}
"""By kind: the value as CEL takes it and as an operand is recorded. Raises TypeError or ValueError."""


def is_well_formed(text: str, kind: Kind) -> bool:
    """Is ``text`` what a value of this kind looks like? Any text is a good text."""
    try:
        if kind is Kind.DATE:
            return bool(_ISO_DATE.fullmatch(text) and date.fromisoformat(text))
        if kind is Kind.INSTANT:
            return bool(_ISO_INSTANT.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False
    return True


def kind_of(node: Node) -> Kind | None:
    """The kind of a node, None where only the running value can tell (a cell of a row)."""
    if node["node"] == "call" and node["function"] == "_?_:_":
        first, second = (kind_of(branch) for branch in node["arguments"][1:])
        if first == second:
            return first
    declared = node.get("kind")
    return Kind(declared) if declared else _PLAIN.get(node["type"])


def hidden_names(tree: Node, variables: Collection[str]) -> Iterator[Misfit]:
    """Row variables, as ``r`` in ``rows.exists(r, ...)``, that would hide a declared name."""
    for node in walk(tree):
        if node["node"] == "comprehension":
            row = node["variable"]
            if any(name == row or name.startswith(f"{row}.") for name in variables):
                yield Misfit(node["at"], f"`{row}` hides a declared name", "call it `row` or `r`")


def misfits(tree: Node) -> Iterator[Misfit]:
    """Comparisons of times that would compare as texts and mean nothing; and texts that end for the library where
    their null character stands.
    """
    for node in walk(tree):
        if node["node"] == "const" and node["type"] == "text" and "\x00" in node["value"]:
            yield Misfit(node["at"], "the text has letters that cannot be kept", "leave out the null character")
        if node["node"] == "call" and node["function"] in COMPARISONS:
            left, right = children(node)
            yield from _compared(node, left, right)
            yield from _compared(node, right, left)


def _compared(node: Node, side: Node, other: Node) -> Iterator[Misfit]:
    kind, against = kind_of(side), kind_of(other)
    if kind is Kind.DATE and against is Kind.INSTANT:
        yield Misfit(node["at"], "a date is compared with an instant", "compare dates with dates")
    elif kind in TIMES and other["node"] == "const" and other["type"] == "text":
        yield from unfit_literal(other, kind)


def unfit_literal(node: Node, kind: Kind) -> Iterator[Misfit]:
    """A quoted text that stands where a date or an instant belongs and is none."""
    if not is_well_formed(node["value"], kind):
        example = "'2022-03-31'" if kind is Kind.DATE else "'2022-03-31T16:00:00Z'"
        cure = f"write it as {example}" if node["value"] else "ask has(...) whether it is filled in"
        yield Misfit(node["at"], f"'{node['value']}' is not {'a date' if kind is Kind.DATE else 'an instant'}", cure)


def result_misfits(node: Node, expect: Kind) -> Iterator[Misfit]:
    """Does the value of a node, of a CEL type already found right, suit a time that is expected?

    A text put together (``form.month + '-01'``) may be one: it is looked at when it is there.
    """
    if expect not in TIMES:
        return
    if node["node"] == "call" and node["function"] == "_?_:_":
        for branch in node["arguments"][1:]:
            yield from result_misfits(branch, expect)
    elif node["node"] == "const" and node["type"] == "text":
        yield from unfit_literal(node, expect)
    elif node.get("function") != "_+_" and kind_of(node) not in (expect, None):
        yield Misfit(node["at"], f"this is of kind {kind_of(node)}, not {expect}", f"give a value of kind {expect}")


def equates_numbers(node: Node) -> bool:
    """Does this node ask whether two numbers are equal? Counts are whole, so they may."""
    if node["node"] != "call" or node["function"] not in ("_==_", "_!=_"):
        return False
    sides = node["arguments"]
    return any(side["type"] == "number" for side in sides) and all(side.get("function") != "count" for side in sides)
