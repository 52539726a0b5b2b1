"""The recorded events of a family, and a task as it was before any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from engine.calendars import Calendar
from engine.commands import Actor
from engine.edition import Edition
from engine.events import Event, EventType, Json, instant
from engine.task import Task, replay
from engine.turn import Turn
from workflows.audit.explaining.lines import Lines
from workflows.desk import Desk
from workflows.ports import Recorded


@dataclass
class Past:
    """Everything an explanation reads, each stream once."""

    desk: Desk
    _streams: dict[str, Sequence[Recorded]] = field(default_factory=dict)
    _lines: dict[str, Lines] = field(default_factory=dict)

    def events(self, task: str) -> Sequence[Recorded]:
        """The stream of a task; empty where there is none."""
        if task not in self._streams:
            self._streams[task] = self.desk.store.events(task)
        return self._streams[task]

    def find(self, ref: str) -> Recorded | None:
        """The event of that name (`task#seq`)."""
        task, _, seq = ref.rpartition("#")
        events = self.events(task)
        return events[int(seq) - 1] if seq.isdecimal() and 0 < int(seq) <= len(events) else None

    def before(self, event: Event) -> list[Event]:
        """What had happened to the same task before an event."""
        return [one.event for one in self.events(event.task)[: event.seq - 1]]

    def answered(self, act: Event) -> Event:
        """The moment at which an act is on record with what the deadlines of its task answered: what it sets off is
        asked then. It is the act again, in the place of the next event.
        """
        rest = takewhile(lambda one: _answers(one.event, act), self.events(act.task)[act.seq :])
        return act.at(act.seq + 1 + sum(1 for _ in rest))

    def started(self, event: Event) -> Event | None:
        """The event that started the occurrence of which an event of a deadline tells; None where a registration of
        what was under way, or another edition, brought it along.
        """
        occurrence = event.payload["occurrence"]
        same = (
            one
            for one in reversed([*self.before(event), event])
            if one.type is EventType.DEADLINE_STARTED and _same(one.payload["occurrence"], occurrence)
        )
        return next(same, None)

    def known_at(self, event: Event) -> datetime:
        """When an event was recorded."""
        stream = self.events(event.task)
        return stream[min(event.seq, len(stream)) - 1].recorded_at

    def kind(self, task: str) -> str:
        """The body of a task."""
        return str(self.events(task)[0].event.payload["kind"])

    def edition(self, event: Event) -> Edition:
        """The edition under which an event was decided."""
        return self.desk.book(event.edition)[0]

    def lines(self, event: Event) -> Lines:
        """The text of that edition."""
        if event.edition not in self._lines:
            self._lines[event.edition] = Lines(self.edition(event))
        return self._lines[event.edition]

    def first(self, event: Event) -> Event:
        """The event that began the decision to which an event belongs: it carries the command."""
        while not event.payload.get("command"):
            found = self.find(event.cause)
            if found is None:
                return event
            event = found.event
        return event

    def command(self, event: Event) -> Mapping[str, Any]:
        """What was asked when an event was decided."""
        return self.first(event).payload.get("command") or {}

    def calendar(self, event: Event) -> Calendar:
        """The working calendar by which an event was decided."""
        digest = self.command(event).get("calendar")
        found = self.desk.version_of(digest) if digest else None
        return found or self.desk.book(event.edition)[1]

    def turn(self, event: Event) -> tuple[Turn, Task] | None:
        """The moment before an event, with its family, to look at a condition again; None before a registration."""
        before = self.before(event)
        if not before:
            return None
        mine = replay(before)
        told = self.command(event).get("actor") or {"id": event.actor, "roles": [], "units": []}
        at = instant(self.command(event).get("at") or event.payload.get("now") or event.occurred_at.isoformat())
        actor = Actor(told["id"], tuple(told["roles"]), tuple(told["units"]))
        family = {mine.id: mine, **self._kin(mine, event)}
        units = self.desk.units
        turn = Turn(self.edition(event), self.calendar(event), actor, at, event.occurred_at, units=units, family=family)
        return turn, mine

    def _kin(self, task: Task, event: Event) -> dict[str, Task]:
        """Parent and children as they were when the decision was over."""
        recorded_at = self.known_at(event)
        found = {}
        for name in [*task.children, *([task.parent] if task.parent else [])]:
            known = [one.event for one in self.events(name) if one.recorded_at <= recorded_at]
            if known:
                found[name] = replay(known)
        return found


def _answers(event: Event, act: Event) -> bool:
    """Whether an event says what a deadline made of an act."""
    return event.cause == act.ref and "occurrence" in event.payload


def _same(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return (one["name"], one["key"]) == (other["name"], other["key"])
