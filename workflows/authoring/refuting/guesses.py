"""Values to try in records and forms: a few for each type, and those with which guards compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice, product
from typing import Any

from engine.cel.tree import walk
from engine.edition import Edition, Sheet
from engine.model import Field, Transition
from engine.model.fields import FieldType, to_fill_in

MOST_FORMS = 36
"""How many ways to fill in one form are tried."""

_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT, FieldType.MONEY, FieldType.QUANTITY})


def forms(edition: Edition, sheet: Sheet, transition: Transition, now: datetime) -> Iterator[dict[str, Any]]:
    """Ways to fill in the form of a transition, the plainest first. `now` is local."""
    texts = [transition.when, *(branch.when for branch in transition.to), *transition.set.values()]
    texts += [text for branch in transition.to for text in branch.set.values()]
    if transition.milestone:
        called = {name for expression in sheet.expressions.values() for name in expression.calls}
        rows = [text for name, text in transition.milestone.set.items() if name in called]
        texts += [*rows, transition.milestone.key] if rows else []
    told = [text for text in texts if text]
    yield from _filled(edition, sheet, transition.form, told, now, _looked_at(sheet, told))


def records(
    edition: Edition, sheet: Sheet, now: datetime, about: Iterable[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Ways to fill in the record of a task, the plainest first; `about` names the expressions that matter, else all."""
    asked = list(sheet.expressions if about is None else _with_measures(sheet, about))
    yield from _filled(edition, sheet, to_fill_in(sheet.body.fields), asked, now, _looked_at(sheet, asked))


def _with_measures(sheet: Sheet, texts: Iterable[str]) -> Iterator[str]:
    """Expressions, and those behind the measures that they read."""
    for text in texts:
        yield text
        for name in sheet.expressions[text].names if text in sheet.expressions else ():
            measure = sheet.body.measures.get(name.removeprefix("measure.")) if name.startswith("measure.") else None
            if measure is not None and measure.value is not None:
                yield from _with_measures(sheet, [measure.value])


def _looked_at(sheet: Sheet, texts: Iterable[str]) -> frozenset[str]:
    """The fields of form and record that expressions read; what no other reads need not vary."""
    found = (name for text in texts if text in sheet.expressions for name in sheet.expressions[text].names)
    return frozenset(name.partition(".")[2] for name in found if name.startswith(("form.", "task.")))


def _filled(
    edition: Edition,
    sheet: Sheet,
    fields: Mapping[str, Field],
    texts: list[str],
    now: datetime,
    varied: frozenset[str],
) -> Iterator[dict[str, Any]]:
    numbers = sorted({0.0, 1.0, 100.0, *_numbers(edition, sheet, texts)})
    most = {name: None if name in varied else 1 for name in fields}
    choices = [[(name, value) for value in values(field, numbers, now)][: most[name]] for name, field in fields.items()]
    seen: list[dict[str, Any]] = []
    for filled in islice(_diagonal(choices), MOST_FORMS):
        made = {name: value for name, value in filled if value is not None}
        if made not in seen:
            seen.append(made)
            yield made


def _diagonal(choices: list[list[tuple[str, Any]]]) -> Iterator[tuple[tuple[str, Any], ...]]:
    """The first of each, then one changed at a time, then everything."""
    first = tuple(each[0] for each in choices)
    yield first
    for place, each in enumerate(choices):
        yield from ((*first[:place], other, *first[place + 1 :]) for other in each[1:])
    yield from product(*choices)


def _numbers(edition: Edition, sheet: Sheet, texts: Iterable[str]) -> Iterator[float]:
    """The numbers that expressions name, and those just beside them."""
    for text in texts:
        for node in walk(sheet.expressions[text].tree()) if text in sheet.expressions else ():
            value = node.get("value") if node["node"] == "const" else None
            if node["node"] == "ident" and node["name"].startswith("param."):
                value = edition.parameters.get(node["name"].removeprefix("param."))
            if isinstance(value, float):
                yield from (value, value - 1, value + 1)


def values(field: Field, numbers: Iterable[float], now: datetime) -> list[Any]:
    """Values to try for a field; None leaves it out."""
    found = _typed(field, numbers, now)
    if field.default is not None or not field.required:
        return [None, *found]
    return found


def _typed(field: Field, numbers: Iterable[float], now: datetime) -> list[Any]:
    if field.type is FieldType.CHOICE:
        return list(field.choices or {})
    if field.type in _NUMBERS:
        low, high = field.minimum, field.maximum
        fit = [n for n in numbers if (low is None or n >= low) and (high is None or n <= high)]
        return [_number(field, number) for number in fit if fits(field, number)] or [low or 0]
    if field.type is FieldType.ROWS:
        return [[{name: _typed(column, numbers, now)[0] for name, column in (field.columns or {}).items()}]]
    return _dated(field.type, now) or _PLAIN.get(field.type, [field.zh])


_PLAIN: Mapping[FieldType, list[Any]] = {
    FieldType.BOOLEAN: [False, True],
    FieldType.TERM: ["5 working days"],
    FieldType.UNIT: ["甲局"],
    FieldType.UNITS: ["甲局"],
    FieldType.FILES: ["附件.pdf"],
    FieldType.PERSON: ["某甲"],
}


def _dated(kind: FieldType, now: datetime) -> list[Any]:
    today = now.date()
    match kind:
        case FieldType.DATE:
            return [(today + timedelta(days=each)).isoformat() for each in (30, 0, 1, 365, -1)]
        case FieldType.MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            return [today.isoformat()[:7], last.isoformat()[:7], f"{today.year}-12"]
        case FieldType.INSTANT:
            return [(now + timedelta(days=1)).isoformat(timespec="minutes")]
    return []


def fits(field: Field, number: float) -> bool:
    """Whether a number may stand in a field of its type."""
    whole = field.type is not FieldType.INTEGER or number == int(number)
    return whole and (field.type is not FieldType.PERCENT or number >= 0)


def _number(field: Field, number: float) -> Any:
    plain: int | str = int(number) if number == int(number) else f"{number:.15g}"
    return f"{plain} {field.unit}" if field.type is FieldType.QUANTITY and field.unit else plain
