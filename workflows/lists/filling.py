"""Lists over tasks that were there before lists knew them, or whose rules have changed."""

from __future__ import annotations

from engine.task import Task
from workflows.desk import Desk
from workflows.facets import facets, headed, named_units
from workflows.lists.ports import Boards, Marks


def fill(desk: Desk, lists: Boards) -> None:
    """Let lists know every task by what it says now; doing it again changes nothing."""

    def marks(task: Task) -> Marks:
        edition, _ = desk.book(task.edition)
        return named_units(edition, task), facets(edition, task), headed(edition, task)

    last: str | None = ""
    while last is not None:
        last = lists.mark(marks, after=last)
