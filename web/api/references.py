"""Files in what a program sends: a field of type files holds references, which show that a file is the sender's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.events import Json
from engine.model import Field
from engine.model.fields import FieldType
from web.forms import keeper_of
from web.problems import Fault, Problem, pointer
from web.visit import Visit

Place = tuple[str | int, ...]
"""Where in a body something stands."""


def with_files(visit: Visit, fields: Mapping[str, Field], told: Mapping[str, Any], at: Place) -> dict[str, Json]:
    """A record for the engine, with references as the files that they stand for. Raises `Problem`. Files that are
    named in another way are refused where the record is written: see `workflows.office.evidence`.
    """
    return {name: _with_files(visit, fields.get(name), value, (*at, name)) for name, value in told.items()}


def _with_files(visit: Visit, field: Field | None, value: Any, at: Place) -> Json:
    if field is not None and field.type is FieldType.FILES and value:
        given = value if isinstance(value, list) else [value]
        return [_file(visit, each, pointer(*at, number)) for number, each in enumerate(given)]
    if field is not None and field.columns is not None and isinstance(value, list):
        columns = field.columns
        return [
            with_files(visit, columns, row, (*at, number)) if isinstance(row, Mapping) else row
            for number, row in enumerate(value)
        ]
    return value


def _file(visit: Visit, reference: Any, at: str) -> dict[str, Json]:
    kept = keeper_of(visit).found(reference) if isinstance(reference, str) else None
    if kept is None:
        raise Problem(422, faults=[Fault("body", at, visit.words("api_reference"))])
    return kept
