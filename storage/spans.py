"""The bitemporal board: what each task looked like, at which time in the world, as known at which time.

A span says: from `valid_from` until `valid_to` the task looked so (its face), and this was believed from
`known_from` until `known_to`. While a span is open it is believed to last; `closed_at` is when its end became known,
so that closing the last span of a task, which is what almost every change does, rewrites nothing. A span answers the
question (at, known) where

    valid_from <= at  and  (at < valid_to or known < closed_at)  and  known_from <= known < known_to

Every change follows one rule, for state never rewinds: the new face holds from `occurred_at` on, believed from
`recorded_at` on; what was believed of earlier times stays. So a change after the open span's start closes it. A late
entry, before that start, ends the belief in the spans that it covers and cuts anew the one in which it falls. Only a
change of face cuts: an event that leaves state, signal, end, title and unit alone paints nothing. Where several
events of one transaction share an instant, only the last counts, so that no span is empty in either time.

`over_at`, the later of `valid_to` and `closed_at`, serves the index: an answer has `min(at, known) < over_at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from engine.events import Event, EventType
from engine.task import evolve
from storage.instants import FOREVER, micros
from workflows.ports import Change


class Face(NamedTuple):
    """What the board shows of a task and what can change."""

    state: str
    signal: str | None
    title: str | None
    unit: str | None
    ended: bool


class Step(NamedTuple):
    """From `at` on the task has this face, by event `seq`."""

    at: int
    face: Face
    seq: int


@dataclass(slots=True)
class Span:
    """One row of the board's history of a task. Times are microseconds."""

    valid_from: int
    known_from: int
    face: Face
    seq: int
    valid_to: int = FOREVER
    known_to: int = FOREVER
    closed_at: int = FOREVER

    @property
    def over_at(self) -> int:
        return max(self.valid_to, self.closed_at)

    def answers(self, at: int, known: int) -> bool:
        """Whether this is how the task was at `at`, as known at `known`."""
        lasting = at < self.valid_to or known < self.closed_at
        return self.valid_from <= at and lasting and self.known_from <= known < self.known_to


def face_of(change: Change) -> Face:
    """How the task looks after the change."""
    task, facts = change.after, change.facts
    return Face(task.state, task.signal, facts.get("title"), facts.get("unit"), task.ended)


def steps(change: Change, face: Face | None) -> list[Step]:
    """The changes of face in the stream's order. `face` is the one before, None for a new task."""
    if face == face_of(change) and not any(event.type in _SHOWN for event in change.events):
        return []
    return list(_changes(_walk(change, face), face)) if change.events else []


_SHOWN = frozenset(
    {
        EventType.TASK_REGISTERED,
        EventType.TRIGGER_FIRED,
        EventType.ACT_CORRECTED,
        EventType.SIGNAL_CHANGED,
        EventType.TASK_MIGRATED,
        EventType.TASK_RESTORED,
    }
)
"""By what state, signal or end may change; whatever else happens leaves them alone."""


def _changes(walk: Iterable[Step], face: Face | None) -> Iterator[Step]:
    for step in walk:
        if step.face != face:
            yield step
            face = step.face


def _walk(change: Change, face: Face | None) -> Iterator[Step]:
    """The face after each run of events of one instant; all but the last, which is known, found by obeying the events.

    Title and unit are told for the end only; they hold from where the fields are what they are in the end.
    """
    *earlier, last = _runs(change.events)
    after, task = face_of(change), change.before
    for run in earlier:
        for event in run:
            task = evolve(task, event)
        assert task is not None  # a run has an event
        known = after if face is None or task.fields == change.after.fields else face
        shown = Face(task.state, task.signal, known.title, known.unit, task.ended)
        yield Step(micros(run[-1].occurred_at), shown, run[-1].seq)
    yield Step(micros(last[-1].occurred_at), after, last[-1].seq)


def _runs(events: Sequence[Event]) -> list[list[Event]]:
    return [list(run) for _, run in groupby(events, key=attrgetter("occurred_at"))]


class Canvas:
    """The believed spans of one task, painted by the steps of one transaction recorded at `known`.

    `current` must hold every believed span that ends after the earliest step. `written` and `dropped` are what has to
    be stored, by (valid_from, known_from).
    """

    def __init__(self, current: Iterable[Span], known: int) -> None:
        self.current = list(current)
        self.known = known
        self.written: dict[tuple[int, int], Span] = {}
        self.dropped: set[tuple[int, int]] = set()

    def paint(self, step: Step) -> None:
        """Let the step's face hold from its instant on."""
        believed = [self._covered(span, step.at) for span in self.current]
        self.current = [span for span in believed if span is not None]
        self._believe(Span(step.at, self.known, step.face, step.seq))

    def _covered(self, span: Span, at: int) -> Span | None:
        """What is still believed of a span when everything from `at` on is new."""
        if span.valid_to <= at:
            return span
        if span.valid_from < at:
            return self._cut(span, at)
        self._disbelieve(span)
        return None

    def _cut(self, span: Span, at: int) -> Span:
        if span.valid_to == FOREVER or span.known_from == self.known:
            span.valid_to, span.closed_at = at, self.known
            return self._write(span)
        self._disbelieve(span)
        return self._write(replace(span, valid_to=at, known_from=self.known, known_to=FOREVER, closed_at=self.known))

    def _disbelieve(self, span: Span) -> None:
        if span.known_from == self.known:
            self.written.pop((span.valid_from, span.known_from), None)
            self.dropped.add((span.valid_from, span.known_from))
        else:
            span.known_to = self.known
            self._write(span)

    def _believe(self, span: Span) -> None:
        self.current.append(self._write(span))

    def _write(self, span: Span) -> Span:
        key = (span.valid_from, span.known_from)
        self.dropped.discard(key)
        self.written[key] = span
        return span
