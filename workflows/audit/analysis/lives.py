"""The history of one task, read once for every question: its events, and where it stood from when to when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.edition import Edition
from engine.events import Event, EventType
from engine.once import once
from engine.problems import Language
from engine.task import Occurrence
from engine.titles import Titles
from workflows.audit.analysis.report import Ref
from workflows.audit.moments import Face, faces
from workflows.desk import Desk
from workflows.ports import Recorded

ENDINGS = (EventType.DEADLINE_MET, EventType.DEADLINE_MISSED, EventType.MISS_EXCUSED)
"""How an occurrence of a deadline turns out."""


class Stay(NamedTuple):
    """From when until when (None: still) a task was in a state, whose it was, and the event that brought it there."""

    state: str
    unit: str
    since: datetime
    until: datetime | None
    ended: bool
    seq: int


class Outcome(NamedTuple):
    """How an occurrence turned out, by which event; the last word, where there were several."""

    occurrence: Occurrence
    event: Event


@dataclass
class Life:
    """One task with its whole history."""

    desk: Desk
    recorded: Sequence[Recorded]
    lang: Language

    @property
    def id(self) -> str:
        """The task."""
        return self.recorded[0].event.task

    @property
    def kind(self) -> str:
        """Its body."""
        return str(self.recorded[0].event.payload["kind"])

    @once
    def edition(self) -> Edition:
        """The edition that it was under last."""
        return self.desk.book(self.recorded[-1].event.edition)[0]

    @once
    def titles(self) -> Titles:
        """The titles of that edition."""
        return Titles(self.edition, self.lang, self.kind)

    def ref(self, event: Event) -> Ref:
        """The name of an event of it."""
        return Ref(event.task, event.seq)

    @once
    def events(self) -> Sequence[Event]:
        """What happened, in the order of recording."""
        return [each.event for each in self.recorded]

    @once
    def stays(self) -> Sequence[Stay]:
        """Where it stood, as it is known now: a late entry holds from when it happened; nothing before it changes."""
        believed: list[Face] = []
        for face in faces(self.desk, self.recorded):
            while believed and believed[-1].at >= face.at:
                believed.pop()
            believed.append(face)
        return list(_stays(believed))

    def unit_at(self, at: datetime) -> str:
        """Whose it was at an instant."""
        found = bisect_right(self.stays, at, key=lambda stay: stay.since)
        return self.stays[found - 1].unit if found else ""

    def units_of(self, event: Event) -> Sequence[str]:
        """Whose an event is: of a deadline that turned out the units that owed it, or the role where that is bound to
        none; else whose the task was.
        """
        occurrence = event.payload.get("occurrence") or {}
        if "units" not in occurrence:
            return [self.unit_at(event.occurred_at)]
        return occurrence["units"] or [self.titles.role(occurrence["who"])]

    @once
    def outcomes(self) -> Sequence[Outcome]:
        """How each duty turned out, in the order in which they began."""
        last: dict[str, Outcome] = {}
        for event in self.events:
            found = event.payload.get("occurrence")
            if found and found["duty"]:
                key = f"{found['name']}/{found['key']}/{found['n']}"
                if event.type in ENDINGS or key in last:
                    last[key] = Outcome(found, event if event.type in ENDINGS else last[key].event)
        return sorted(last.values(), key=lambda each: each.occurrence["n"])

    def deadline(self, occurrence: Occurrence) -> str:
        """A deadline in words."""
        return self.titles.deadline(occurrence["name"])


def _stays(believed: Sequence[Face]) -> Iterator[Stay]:
    """Runs of faces of one state and unit."""
    begun: Stay | None = None
    for face in believed:
        state, _, ended, _, unit = face.look
        found = Stay(state, str(unit or ""), face.at, None, ended, face.seq)
        if begun is not None and (begun.state, begun.unit) == (found.state, found.unit):
            continue
        if begun is not None:
            yield begun._replace(until=face.at)
        begun = found
    if begun is not None:
        yield begun


def lives(
    desk: Desk, tasks: Iterable[str], lang: Language, progress: Callable[[int], None] = lambda _: None
) -> Iterator[Life]:
    """The histories of these tasks, one after the other."""
    for number, task in enumerate(tasks, 1):
        recorded = desk.store.events(task)
        if recorded:
            yield Life(desk, recorded, lang)
        progress(number)
