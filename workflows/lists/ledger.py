"""Registers: for each kind of child that a definition declares, such as coordination items, opinions or interviews, one
list with the columns of its record. Kinds, titles and columns are the definition's; nothing personal is a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Json, instant
from engine.model import Child, Field
from engine.model.fields import FieldType
from engine.problems import Language
from engine.task import Task
from engine.titles import Titles
from workflows.changes import title_field
from workflows.desk import Desk
from workflows.lists.board import Line, Reader
from workflows.lists.ports import Order, Wanted
from workflows.sentences import said

UNSHOWN = frozenset({FieldType.ROWS, FieldType.FILES, FieldType.PERSON})
"""Types of fields that are no column."""


@dataclass(frozen=True, slots=True)
class Register:
    """One kind of child of one process."""

    process: str
    kind: str
    title: str
    process_title: str
    columns: Mapping[str, str]
    """The fields that are columns, with their titles."""

    @property
    def id(self) -> str:
        """As an address has it."""
        return f"{self.process}:{self.kind}"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a register. `above` is what it is about, with its title; `values` are those of the columns."""

    line: Line
    above: Task | None
    above_title: str
    values: Sequence[str]
    entered_on: date | None
    ended_on: date | None


def registers(desk: Desk, lang: Language) -> list[Register]:
    """Every kind of child that a published process declares now."""
    found = []
    for process in sorted({each.process for each in desk.store.editions()}):
        latest = desk.latest(process)
        if not isinstance(latest, Refusal):
            found += list(_of(latest[0], lang))
    return found


def _of(edition: Edition, lang: Language) -> Iterator[Register]:
    process = edition.process
    for kind, sheet in edition.sheets.items():
        if isinstance(sheet.body, Child):
            columns = {name: field.title(lang) for name, field in sheet.body.fields.items() if _is_column(field)}
            yield Register(process.process, kind, sheet.body.title(lang), process.title.title(lang), columns)


def _is_column(field: Field) -> bool:
    return not field.personal and field.type not in UNSHOWN


def items(
    reader: Reader, register: Register, wanted: Wanted, order: Order, *, offset: int = 0, limit: int | None = None
) -> list[Item]:
    """A page of a register."""
    lines = reader.page(wanted, order, offset=offset, limit=limit)
    tasks = reader.lists.tasks_of([line.row.task for line in lines])
    above = reader.lists.tasks_of([line.row.parent for line in lines if line.row.parent])
    return [_item(reader, register, line, tasks[line.row.task], above.get(line.row.parent or "")) for line in lines]


def _item(reader: Reader, register: Register, line: Line, task: Task, above: Task | None) -> Item:
    edition, _ = reader.desk.book(task.edition)
    titles = Titles(edition, reader.lang, task.kind)
    values = [_cell(titles, name, task.fields.get(name)) for name in register.columns]
    entered, ended = task.began_at or task.entered_at, task.entered_at if task.ended else None
    return Item(line, above, _title(reader, above), values, _day(edition, entered), _day(edition, ended))


def _title(reader: Reader, task: Task | None) -> str:
    if task is None:
        return ""
    name = title_field(reader.desk.book(task.edition)[0].sheets[task.kind])
    return str(task.fields.get(name or "") or task.id)


def _cell(titles: Titles, name: str, value: Json) -> str:
    return said(titles.value(name, value), titles.lang) if value not in (None, "", []) else ""


def _day(edition: Edition, at: str | datetime | None) -> date | None:
    if at is None:
        return None
    return (instant(at) if isinstance(at, str) else at).astimezone(edition.zone).date()
