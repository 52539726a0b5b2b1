"""Forms that people may choose: for each field a few values, and those with which guards compare, as facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from engine.cel.tree import walk
from engine.model import Transition
from engine.model.fields import FieldType
from engine.proofs.domains import Range, Value, exactly, word
from engine.proofs.judging import Facts, Ranges
from engine.proofs.model import Model

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
    choices = [_choices(name, transition, numbers) for name in transition.form if f"form.{name}" in read]
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


def _choices(name: str, transition: Transition, numbers: Iterable[float]) -> list[list[tuple[str, Value]]]:
    field, said = transition.form[name], f"form.{name}"
    values: list[Value] = []
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
        case _:
            return [[(f"has({said})", True), (f"count({said})", Range((1, 0)))]]
    there: list[list[tuple[str, Value]]] = [[(said, value), (f"has({said})", True)] for value in values]
    return there if field.required else [*there, [(f"has({said})", False)]]


def _numbers(model: Model, transition: Transition, ranges: Ranges) -> Iterator[float]:
    for text in (transition.when, *(branch.when for branch in transition.to), *transition.set.values(), *model.atoms):
        if text is not None and text in model.sheet.expressions:
            for node in walk(ranges.tree(text)):
                if node["node"] == "const" and isinstance(node["value"], float):
                    yield node["value"]
