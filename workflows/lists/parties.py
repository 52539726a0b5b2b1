"""Whose a task is: every unit that it, or a task above it in its family, names in a field that is not personal."""

from __future__ import annotations

from engine.task import Task
from workflows.desk import Desk
from workflows.lists.facets import named_units


def parties(desk: Desk, task: Task) -> frozenset[str]:
    """The units that a task and those above it name. Whoever acts for one of them sees the task."""
    edition, _ = desk.book(task.edition)
    above = desk.store.task(task.parent) if task.parent else None
    return named_units(edition, task) | (parties(desk, above) if above else frozenset())
