"""What the law protects, left out of what is shown: a value of a `personal` field reads `<personal>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.edition import Sheet
from engine.events import Json
from engine.model import Field

PERSONAL = "<personal>"
"""Stands for a value that is not shown."""

RECORDS = frozenset({"form", "set", "fields", "milestones"})
"""Parts of a payload that hold values of fields by their names."""

Names = Mapping[str, Field]


def withheld(payload: Mapping[str, Json], sheet: Sheet) -> dict[str, Json]:
    """The payload of an event with no personal value in it."""
    return {str(name): part for name, part in _part(payload, _named(sheet), within=False).items()}


def record(values: Mapping[str, Json], sheet: Sheet) -> dict[str, Json]:
    """A record, a form or the rows of a plan with no personal value in them."""
    return {str(name): part for name, part in _part(values, _named(sheet), within=True).items()}


def _part(value: Json, names: Names, *, within: bool) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(name, one, names, within=within) for name, one in value.items()}
    if isinstance(value, list):
        return [_part(one, names, within=within) for one in value]
    return value


def _value(name: str, value: Json, names: Names, *, within: bool) -> Any:
    field = names.get(name) if within else None
    if field is not None and field.personal:
        return None if value is None else PERSONAL
    below = (field.columns or names) if field is not None else names
    return _part(value, below, within=within or name in RECORDS)


def _named(sheet: Sheet) -> Names:
    """Every field of a body by its name; where two share one, that which is protected."""
    named: dict[str, Field] = {}
    for name, field in _fields(sheet):
        if name not in named or field.personal:
            named[name] = field
    return named


def _fields(sheet: Sheet) -> Iterator[tuple[str, Field]]:
    body = sheet.body
    yield from body.fields.items()
    for transition in body.transitions:
        yield from transition.form.items()
    if body.milestones is not None:
        yield from body.milestones.fields.items()
