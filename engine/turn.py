"""One decision in the making: the family as it stands after the events so far, and the events.

A turn is private to `decide`. It emits an event by applying it, so that every later rule sees what the earlier ones
did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from msgspec import Struct, field

from engine.calendars import Calendar
from engine.commands import TIME, Actor
from engine.edition import Edition, Sheet
from engine.events import Event, EventType, Json, iso
from engine.ledger import Ledger, Ledgers
from engine.once import once
from engine.task import Task, evolve


@dataclass(frozen=True)
class Over:
    """Where a unit stands in the organisation: its level, and the unit over it."""

    level: str
    unit: str | None


@dataclass(frozen=True)
class Pending:
    """A trigger that a deadline, a child or a parent fires, once the reactions at hand are over."""

    task: str
    trigger: str
    cause: Event
    form: Mapping[str, Json]


Mark: TypeAlias = tuple[list[Event], dict[str, Task], list[Pending]]
"""How far a decision had come: its events, the family after them, and what was pending."""


class Turn(Struct, dict=True):
    """`now` is the present of the decision, `occurred_at` when its act is said to have happened (the same, or
    earlier).
    """

    edition: Edition
    calendar: Calendar
    actor: Actor
    now: datetime
    occurred_at: datetime
    due_at: datetime | None = None
    units: Mapping[str, Over] = {}
    command: Mapping[str, Json] | None = None
    family: dict[str, Task] = {}
    events: list[Event] = []
    pending: list[Pending] = []
    ledgers: Ledgers = field(default_factory=Ledgers)

    @once
    def now_text(self) -> str:
        """The present as events write it."""
        return iso(self.now)

    @once
    def occurred_text(self) -> str:
        """When the act happened, as events write it."""
        return self.now_text if self.occurred_at is self.now else iso(self.occurred_at)

    @once
    def today(self) -> date:
        """The local day of the present."""
        return self.now.astimezone(self.edition.zone).date()

    def sheet(self, task: Task) -> Sheet:
        """The compiled body of a task."""
        return self.edition.sheets[task.kind]

    @property
    def by_time(self) -> bool:
        """Whether time itself decides: it is never refused, only what it sets off may be ignored."""
        return self.actor is TIME

    def mark(self) -> Mark:
        """Where the decision stands, to come back to."""
        return list(self.events), dict(self.family), list(self.pending)

    def back(self, mark: Mark) -> None:
        """Undo everything since a mark."""
        events, family, pending = mark
        self.events, self.family, self.pending = list(events), dict(family), list(pending)

    def emit(
        self, kind: EventType, task: str, payload: dict[str, Json], cause: Event | None, actor: str | None = None
    ) -> Event:
        """Add an event to the decision and bring the task up to date with it. The first one carries the command."""
        before = self.family.get(task)
        if not self.events and self.command is not None:
            payload = {"command": self.command, **payload}
        elif self.now != self.occurred_at:
            payload = {"now": self.now_text, **payload}
        event = Event(
            type=kind,
            task=task,
            seq=before.seq + 1 if before else 1,
            occurred_at=self.occurred_at,
            due_at=self.due_at,
            actor=actor or self.actor.id,
            cause=cause.ref if cause else "",
            edition=self.edition.name,
            payload=payload,
        )
        after = self.family[task] = evolve(before, event)
        self.events.append(event)
        if before is not None and "occurrence" in payload:
            self.ledgers.follow(before, after, payload["occurrence"])
        return event

    def ledger(self, task: Task) -> Ledger:
        """The occurrences of a task at hand."""
        return self.ledgers.of(task)

    def above(self, unit: str, level: str) -> str | None:
        """The nearest unit of a level at or above a unit; without a level the one directly over it. None where there
        is none.
        """
        if not level:
            return self.units[unit].unit if unit in self.units else None
        seen: str | None = unit
        while seen is not None and seen in self.units:
            if self.units[seen].level == level:
                return seen
            seen = self.units[seen].unit
        return None

    def fire_later(self, task: str, trigger: str, cause: Event, form: Mapping[str, Json] | None = None) -> None:
        """Fire a trigger as the system, after the reactions at hand."""
        self.pending.append(Pending(task, trigger, cause, form or {}))

    def by_id(self) -> list[Task]:
        """The family in an order that does not hang on how it was loaded."""
        return [self.family[task] for task in sorted(self.family)]

    def parent(self, task: Task) -> Task | None:
        """The parent in the family, or None for a root."""
        return self.family.get(task.parent) if task.parent else None
