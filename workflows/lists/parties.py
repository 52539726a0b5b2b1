"""Whose a task is: every unit that it, or a task above it in its family, names in a field that is not personal."""

from __future__ import annotations

from engine.edition import Sheet
from engine.model.fields import FieldType
from engine.task import Task
from workflows.desk import Desk


def parties(desk: Desk, task: Task) -> frozenset[str]:
    """The units that a task and those above it name. Whoever acts for one of them sees the task."""
    sheet = desk.book(task.edition)[0].sheets[task.kind]
    above = desk.store.task(task.parent) if task.parent else None
    return named_units(sheet, task) | (parties(desk, above) if above else frozenset())


def named_units(sheet: Sheet, task: Task) -> frozenset[str]:
    """The units that one task names itself."""
    found: set[str] = set()
    for name, field in sheet.body.fields.items():
        value = task.fields.get(name)
        if field.personal or not value:
            continue
        if field.type is FieldType.UNIT:
            found.add(str(value))
        elif field.type is FieldType.UNITS:
            found.update(map(str, value))
    return frozenset(found)
