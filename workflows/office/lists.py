"""From a list that people keep in a spreadsheet to rows that can be registered.

For tasks that are already under way the list also says in which `state` they are, on which days their deadlines fall
due (`due:<deadline>`), and from which `source` that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.commands import Opening
from engine.model import Body, Field
from engine.model.fields import FieldType
from workflows.cells import Table
from workflows.listing import ListProblem, ListRow, listed_in, not_empty, tables
from workflows.rows import Row

_STATE, _SOURCE, _DUE = "state", "source", "due:"


@dataclass(frozen=True, slots=True)
class List:
    """The rows of a list; where there are problems, it is not registered."""

    rows: list[Row]
    problems: list[ListProblem]


def read(path: Path, body: Body, *, opening: bool = False, part_of: str | None = None) -> List:
    """Read a list of tasks for a body. Raises `OSError`, and `ValueError` for a file that is no list."""
    return read_tables(tables(path.name, path.read_bytes()), body, opening=opening, part_of=part_of)


def read_tables(sheets: Sequence[Table], body: Body, *, opening: bool = False, part_of: str | None = None) -> List:
    """Read a list of tasks whose sheets have been read."""
    found = not_empty(listed_in(sheets, widened(body) if opening else body))
    return List([_row(row, body, part_of, opening=opening) for row in found.rows], list(found.problems))


def widened(body: Body) -> Body:
    """A body with the columns of an opening list beside those of its record. It may state what transitions wrote."""
    record = {name: field.model_copy(update={"written_by": None}) for name, field in body.fields.items()}
    return body.model_copy(update={"fields": {**record, **_opening_columns(body)}})


def _opening_columns(body: Body) -> dict[str, Field]:
    """The columns of an opening list, as fields of their own; they stand before the record's of the same name."""
    due = {
        f"{_DUE}{name}": Field(type=FieldType.DATE, zh=f"期限：{rule.zh}", en=f"Due: {rule.en}")
        for name, rule in body.deadlines.items()
    }
    state = Field(type=FieldType.CHOICE, choices=body.states, required=True, zh="状态", en="State")
    return {_STATE: state, _SOURCE: Field(type=FieldType.TEXT, zh="依据", en="Source"), **due}


def _row(row: ListRow, body: Body, part_of: str | None, *, opening: bool) -> Row:
    if not opening:
        return Row(row.row, row.fields, row.milestones, None, part_of)
    columns = _opening_columns(body)
    due = {name.removeprefix(_DUE): str(day) for name, day in row.fields.items() if name.startswith(_DUE)}
    told = Opening(str(row.fields[_STATE]), due, row.fields.get(_SOURCE))
    record = {name: value for name, value in row.fields.items() if name not in columns}
    return Row(row.row, record, row.milestones, told, part_of)
