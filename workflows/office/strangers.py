"""Units that nobody keeps: a task, or an act on it, may name only those that the organisation has. A task of a misspelt
unit would be seen by no unit at all. Where no unit is kept, any may be named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from engine.commands import Refusal
from engine.events import Json
from engine.model import Field
from engine.model.fields import FieldType

_UNITS = (FieldType.UNIT, FieldType.UNITS)


def stranger(units: Collection[str], fields: Mapping[str, Field], values: Mapping[str, Json]) -> Refusal | None:
    """Why these values (as the engine has read them) may not stand: the first unit that is not among those kept, with
    the one that was probably meant.
    """
    asked = ((name, field) for name, field in fields.items() if field.type in _UNITS or field.columns)
    named = [(name, unit) for name, field in asked for unit in _named(field, values.get(name))]
    for name, unit in named:  # the units are read when one is named, which few acts do
        if len(units) and unit not in units:
            near = get_close_matches(unit, list(units), 1)
            facts = {"unit": unit, "near": near[0] if near else None, "fields": [name]}
            return Refusal("unit_misspelt" if near else "unit_not_kept", facts)
    return None


def _named(field: Field, value: Json) -> Iterator[str]:
    """The units in a value, those in the rows of a table too."""
    if field.type in _UNITS:
        yield from [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    for row in value if field.columns and isinstance(value, list) else ():
        for name, column in (field.columns or {}).items():
            yield from _named(column, row.get(name))
