"""Values to decide by again where the true ones are gone.

No rule may read what is personal, so any value that fits its field decides as the true one did: the same moves, dates
and effects. What comes out is compared line by line, less the lines that are gone. Where a plan's row is gone, or a
text that a rule asked for, what comes out may differ: then nobody can decide it again, and whoever verifies says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.edition import Sheet
from engine.events import Event, Json
from engine.lines import PERSONAL, Apart, gone
from engine.model import Field
from engine.model.fields import FieldType
from engine.task import Task
from workflows.erased.erasable import VALUES, field_of
from workflows.ports import Recorded

_FITTING: Mapping[FieldType, Json] = {
    FieldType.BOOLEAN: False,
    FieldType.INTEGER: 0,
    FieldType.DECIMAL: "0",
    FieldType.MONEY: "0",
    FieldType.PERCENT: "0",
    FieldType.DATE: "2000-01-01",
    FieldType.INSTANT: "2000-01-01T00:00:00.000000Z",
    FieldType.MONTH: "2000-01",
    FieldType.TERM: "1 day",
    FieldType.UNITS: [PERSONAL],
    FieldType.FILES: [{"name": PERSONAL}],
    FieldType.ROWS: [],
}


def fitting(field: Field | None) -> Json:
    """A value that a field takes."""
    if field is None:
        return PERSONAL
    if field.type is FieldType.CHOICE:
        return next(iter(field.choices or {}), PERSONAL)
    if field.type is FieldType.QUANTITY:
        return {"amount": "0", "unit": field.unit or ""}
    return _FITTING.get(field.type, PERSONAL)


def filled(event: Event, lines: Iterable[Apart], sheet: Sheet) -> Event:
    """The event with a fitting value on each line that is gone."""
    told = dict(event.payload)
    for _, part, name in lines:
        if part in VALUES and name is not None:
            told[part] = {**told[part], name: fitting(field_of(sheet, name))}
        elif part == "opening" and name is not None:
            told[part] = {**told[part], name: PERSONAL}
        elif part == "reason":
            told["command"] = {**told["command"], "reason": PERSONAL}
    head = (event.type, event.task, event.seq, event.occurred_at, event.due_at, event.actor, event.cause, event.edition)
    return Event(*head, told)


def history_filled(recorded: Sequence[Recorded], sheet_of: Callable[[Event], Sheet]) -> tuple[list[Event], int]:
    """The events of a task with fitting values where theirs were erased, and how many lost any."""
    found, count = list[Event](), 0
    for each in recorded:
        lost = gone(each.payload, each.salts)
        count += bool(lost)
        found.append(filled(each.event, lost, sheet_of(each.event)) if lost else each.event)
    return found, count


def filled_task(task: Task, names: Iterable[str], sheet: Sheet) -> Task:
    """The task as a decision may see it: with fitting values where its record lost one of these names."""
    lost = {name: fitting(field_of(sheet, name)) for name in names if name in task.fields and task.fields[name] is None}
    return task.with_fields({**task.fields, **lost}) if lost else task
