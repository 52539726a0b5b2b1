"""A walk: one family on a virtual clock, and what was done to it so far. A walk never changes; a step gives another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from engine.calendars import Calendar
from engine.commands import Fire, Origin, Refusal, Register
from engine.edition import Edition
from engine.events import Event, instant
from engine.task import OPEN, Occurrence, Task
from workflows.authoring.grammar import Doer
from workflows.authoring.virtual import VirtualFamily

ROOT = "task"
ORIGIN = Origin("rehearsal")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Done:
    """One step: at a local time, what who did (or only time passed), and what it brought, time before it included; an
    act that was `refused` brought nothing else.
    """

    at: datetime
    do: str | None = None
    on: str | None = None
    doer: Doer | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    refused: Refusal | None = None


@dataclass(frozen=True)
class Walk:
    """Where a family is, and how it came there. `now` is local to the process."""

    edition: Edition
    calendar: Calendar
    kind: str
    now: datetime
    given: Mapping[str, Any]
    family: VirtualFamily
    done: tuple[Done, ...] = ()

    @property
    def root(self) -> Task:
        """The task of the walk."""
        return self.family.tasks[ROOT if self.kind != "programme" else "programme"]

    def member(self, kind: str) -> Task | None:
        """The member of the family that is of a kind: the one opened last."""
        if kind == self.root.kind:
            return self.root
        kin = [task for task in self.family.tasks.values() if task.kind == kind]
        return kin[-1] if kin else None

    def act(self, task: Task, trigger: str, doer: Doer, form: Mapping[str, Any], at: datetime) -> Walk | Refusal:
        """The walk after an act, or why it is refused."""
        family = self.family.copy()
        passed = family.pass_time(at)
        actor = family.actor(doer, family.tasks[task.id], at)
        events, refusal = family.do(Fire(task.id, trigger, form, actor, at, origin=ORIGIN))
        if refusal is not None:
            return refusal
        on = None if task.id == self.root.id else task.id
        done = Done(at, trigger, on, doer, form, (*passed, *events))
        return replace(self, now=at, family=family, done=(*self.done, done))

    def tried(self, task: Task, trigger: str, doer: Doer, form: Mapping[str, Any], refusal: Refusal) -> Walk:
        """The walk after an act that is refused now."""
        on = None if task.id == self.root.id else task.id
        return replace(self, done=(*self.done, Done(self.now, trigger, on, doer, form, refused=refusal)))

    def wait(self, until: datetime) -> Walk:
        """The walk after some time in which nobody does anything."""
        family = self.family.copy()
        events = family.pass_time(until)
        return replace(self, now=until, family=family, done=(*self.done, Done(until, events=tuple(events))))

    def due(self, name: str | None = None, kind: str | None = None) -> datetime | None:
        """The first minute at which the next open deadline (of that name) has passed, local; None where none is due."""
        tasks = [task for task in self.family.open.values() if kind is None or task.kind == kind]
        found = [
            instant(str(each["due_at"]))
            for task in tasks
            for each in task.deadlines.values()
            if each["status"] in OPEN and each.get("due_at") and (name is None or each["name"] == name)
        ]
        if not found:
            return None
        first = min(found).astimezone(self.edition.zone)
        whole = first.replace(second=0, microsecond=0)
        return max(self.now, whole if whole == first else whole + MINUTE)

    def events(self) -> Iterator[Event]:
        """Everything that happened."""
        for each in self.done:
            yield from each.events

    def open_of(self, task: Task, name: str) -> list[Occurrence]:
        """The open occurrences of a deadline."""
        return [each for each in task.deadlines.values() if each["name"] == name and each["status"] in OPEN]


def begin(
    edition: Edition, calendar: Calendar, kind: str, fields: Mapping[str, Any], rows: Mapping[str, Any], at: datetime
) -> Walk | Refusal:
    """A walk from a registration, by whoever may register."""
    by = edition.sheets[kind].body.registration.by
    role = next((each.role for each in by if each.role != "anyone"), "office")
    family, task = VirtualFamily(edition, calendar), "programme" if kind == "programme" else ROOT
    actor = family.actor(Doer(role=role), None, at)
    events, refusal = family.do(Register(task, kind, fields, rows, actor, at, origin=ORIGIN))
    if refusal is not None:
        return refusal
    given = {"at": f"{at:%Y-%m-%d %H:%M}", "as": role, "fields": dict(fields)}
    given |= {"milestones": dict(rows)} if rows else {}
    given |= {"kind": kind} if kind else {}
    return Walk(edition, calendar, kind, at, given, family, (Done(at, events=tuple(events)),))
