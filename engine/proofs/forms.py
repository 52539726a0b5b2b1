"""Forms that people may choose: for each field a few values, and those with which guards compare, as facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from engine.cel.tree import walk
from engine.model import Field, Transition
from engine.model.fields import FieldType
from engine.proofs.domains import Range, Row, Rows, Value, exactly, word
from engine.proofs.judging import Ranges
from engine.proofs.model import Model
from engine.proofs.valuing import Facts

NOW: Mapping[str, str] = {
    "today": "2020-06-15",
    "occurred_on": "2020-06-15",
    "this_month": "2020-06",
    "last_month": "2020-05",
}
"""A day for all days: dates of forms are compared with it alone, never with a date that is fixed."""


def dated(model: Model) -> Iterator[str]:
    """Parameters that are fixed dates: a day for all days is not compared with them."""
    for name, parameter in model.edition.process.parameters.items():
        if parameter.type in (FieldType.DATE, FieldType.MONTH, FieldType.INSTANT):
            yield f"param.{name}"


def forms(model: Model, transition: Transition, ranges: Ranges) -> Iterator[Facts]:
    """Forms that people may choose, as facts about the fields that expressions read."""
    numbers = sorted({0.0, 100.0, *_numbers(model, transition, ranges)})
    read = _read(model, transition)
    choices = [_choices(name, transition, model, ranges, numbers) for name in transition.form if f"form.{name}" in read]
    for chosen in product(*choices):
        yield {name: value for part in chosen for name, value in part}


def _read(model: Model, transition: Transition) -> set[str]:
    """What of a form a transition looks at, or keeps."""
    texts = [transition.when, *(branch.when for branch in transition.to), *transition.set.values()]
    texts += [text for branch in transition.to for text in branch.set.values()]
    return {
        name
        for text in texts
        if text and text in model.sheet.expressions
        for name in model.sheet.expressions[text].names
    }


def _rows(field: Field) -> Iterator[Row]:
    """Rows that are filled in, one for each choice that a column leaves."""
    columns = field.columns or {}
    most = max((len(column.choices or ()) for column in columns.values()), default=1)
    for number in range(max(1, most)):
        yield Row(tuple((name, _entry(column, number)) for name, column in columns.items()))


def _entry(column: Field, number: int) -> Value:
    if column.choices:
        return word(list(column.choices)[number % len(column.choices)])
    return word("x") if column.type is FieldType.TEXT else None


def _choices(
    name: str, transition: Transition, model: Model, ranges: Ranges, numbers: Iterable[float]
) -> list[list[tuple[str, Value]]]:
    field, said = transition.form[name], f"form.{name}"
    values: list[Value] = []
    equal: list[list[tuple[str, Value]]] = []
    match field.type:
        case FieldType.BOOLEAN:
            values = [True, False]
        case FieldType.CHOICE:
            values = [word(each) for each in field.choices or {}]
        case FieldType.MONTH:
            values = [word(NOW["this_month"])]
        case FieldType.DATE:
            values = [word("2020-07-15"), word(NOW["today"]), word("2020-06-14")]
        case FieldType.PERCENT | FieldType.INTEGER | FieldType.DECIMAL | FieldType.MONEY | FieldType.QUANTITY:
            fit = [n for n in numbers if (field.minimum or 0) <= n and (field.maximum is None or n <= field.maximum)]
            values = [exactly(number) for number in fit]
            equal = list(_as_in_the_record(name, transition, model, ranges))
        case FieldType.ROWS:
            return [
                [(said, Rows((row,))), (f"has({said})", True), (f"count({said})", exactly(1.0))] for row in _rows(field)
            ]
        case _:
            return [[(f"has({said})", True), (f"count({said})", Range((1, 0)))]]
    there: list[list[tuple[str, Value]]] = [[(said, value), (f"has({said})", True)] for value in values]
    there = [*equal, *there]
    return there if field.required else [*there, [(f"has({said})", False)]]


def _as_in_the_record(
    name: str, transition: Transition, model: Model, ranges: Ranges
) -> Iterator[list[tuple[str, Value]]]:
    """Just as much as a field of the record: how it compares with that one is known, whatever it is."""
    asked, said = transition.form[name], f"form.{name}"
    for other, kept in model.body.fields.items():
        fits = kept.type is asked.type and asked.maximum is None and other not in ranges.copied
        fits = fits and (asked.minimum is None or (kept.minimum is not None and kept.minimum >= asked.minimum))
        if (
            fits
            and all(other in there for there in model.filled.values())
            and _compared(said, f"task.{other}", transition, ranges)
        ):
            same = (("<=", True), (">=", True), ("==", True), ("<", False), (">", False), ("!=", False))
            pairs = ((said, f"task.{other}"), (f"task.{other}", said))
            facts = [(f"({one} {sign} {two})", truth) for one, two in pairs for sign, truth in same]
            yield [*facts, (f"has({said})", True)]


def _compared(one: str, other: str, transition: Transition, ranges: Ranges) -> bool:
    """Whether a guard of the transition compares two variables."""
    for text in (transition.when, *(branch.when for branch in transition.to)):
        for node in walk(ranges.tree(text)) if text is not None else ():
            if {each.get("name") for each in node.get("arguments", ())} == {one, other}:
                return True
    return False


def _numbers(model: Model, transition: Transition, ranges: Ranges) -> Iterator[float]:
    for text in (transition.when, *(branch.when for branch in transition.to), *transition.set.values(), *model.atoms):
        if text is not None and text in model.sheet.expressions:
            for node in walk(ranges.tree(text)):
                if node["node"] == "const" and isinstance(node["value"], float):
                    yield node["value"]
