"""One family while it is lived again: its events as they are recorded, and its tasks as these leave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from engine.chain import recorded_event
from engine.edition import Edition
from engine.events import Event, EventType, Json
from engine.ledger import Ledgers
from engine.problems import Text
from engine.reasons import reason_of
from engine.task import Task
from workflows.audit.verifying.books import Books
from workflows.audit.verifying.findings import Finding, unreadable
from workflows.audit.verifying.values import Raw
from workflows.authoring.backtest import OFFICE as OFFICE  # noqa: PLC0414 - it belongs beside what else is asked of an event

MOVED = (EventType.TASK_MIGRATED, EventType.TASK_RESTORED)
"""By what a family comes under another edition."""

TIME = ("time", "light")
"""The commands that are time's own."""


class Told(NamedTuple):
    """One event as it is recorded."""

    event: Event
    recorded_at: datetime
    raw: Raw
    ref: str


class Step(NamedTuple):
    """One decision of the family as it was recorded: the tasks before and after it, and the edition that decided."""

    events: Sequence[Told]
    before: Mapping[str, Task]
    after: Mapping[str, Task]
    edition: Edition | None
    person: bool


@dataclass
class Family:
    """The tasks of a family as their events so far leave them."""

    books: Books
    told: Mapping[str, Told]
    tasks: dict[str, Task] = field(default_factory=dict)
    quiet: dict[str, datetime] = field(default_factory=dict)
    ledgers: Ledgers = field(default_factory=Ledgers)
    recorded_at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    undecided: list[Finding] = field(default_factory=list)
    """What nobody can decide again: it rested on what was erased."""

    @property
    def open(self) -> dict[str, Task]:
        """The root with its open descendants."""
        return {name: task for name, task in self.tasks.items() if not task.ended or task.parent is None}

    def find(self, code: str, event: Event, **facts: Json) -> None:
        """Add a finding about an event."""
        self.findings.append(Finding(code, event.task, event.seq, facts))


def read(rows: Iterable[Raw]) -> tuple[list[Told], list[Finding]]:
    """Events as far as they can be read; that a header is none is told by its chain."""
    told: list[Told] = []
    wrong: list[Finding] = []
    for row in rows:
        error = Text("内容应是一组“名称: 值”", "a payload is an object")
        try:
            event, recorded_at = recorded_event(row.header, row.payload, row.salts)
        except (AttributeError, TypeError, ValueError) as problem:
            error = reason_of(problem)
        else:
            if isinstance(event.payload, dict):
                told.append(Told(event, recorded_at, row, event.ref))
                continue
        wrong.append(unreadable(str(row.stream), error, row.seq))
    return told, wrong
