"""How one change becomes rows: pure, and shared by the stores, so that all three keep the same things.

Personal fields (`Change.personal`) stand in two places only: the payload, where each has a salt of its own and can
be erased with every proof intact, and the snapshot, which is the task. No header, column, span or outbox row may
hold one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from engine.chain import GENESIS, canonical, header, recorded_text, salt_bytes, salted, seal
from engine.events import Event, iso
from engine.problems import Text
from engine.task import OPEN, OWED, Occurrence, Task
from storage.errors import StoreBusy
from storage.instants import micros, micros_of, micros_or_none, moment_of
from storage.spans import Face, Span
from workflows.ports import Change, Recorded, Wake

Row = tuple[Any, ...]

MISSED = "missed"


@dataclass(slots=True)
class Head:
    """Where a stream ends: what the next append must follow. `span` is the one still open on the board."""

    version: int = 0
    hash: str = GENESIS
    recorded_at: int = 0
    span: Span | None = None

    @property
    def face(self) -> Face | None:
        return self.span.face if self.span else None


class Duty(NamedTuple):
    """What the deadlines table says of one occurrence (or of a mere wake: then only `wake_at`)."""

    wake_at: int | None
    who: str | None = None
    status: str | None = None
    due_at: int | None = None
    last_day: str | None = None
    provisional: bool = False


def follow(head: Head, change: Change) -> None:
    """Refuse what cannot be appended: StoreBusy where others were faster, ValueError where the change is unlawful."""
    if not change.personal.isdisjoint(name for name, fact in change.facts.items() if fact is not None):
        raise ValueError(f"{change.after.id}: a personal field among the facts")
    first = change.events[0].seq if change.events else head.version + 1
    if (change.before.seq if change.before else 0) != head.version or first != head.version + 1:
        name, last = change.after.id, head.version
        raise StoreBusy(
            Text(
                f"`{name}` 已到第 {last} 条，本次改动从第 {first} 条起",
                f"{name} is at {last}, the change starts at {first}",
            )
        )


def sealed(events: Sequence[Event], head: Head, recorded_at: int) -> Iterator[Recorded]:
    """The events with their evidence, in order. Salts come from the system's randomness; `head` moves along."""
    recorded = moment_of(recorded_at)
    for event, proof in _chained(events, head, recorded_at):
        yield Recorded(event, recorded, *proof)


def event_rows(events: Sequence[Event], head: Head, recorded_at: int) -> list[Row]:
    """The same as rows."""
    return [
        (
            event.task,
            event.seq,
            event.type.value,
            micros(event.occurred_at),
            recorded_at,
            event.actor,
            event.edition,
            *proof,
        )
        for event, proof in _chained(events, head, recorded_at)
    ]


_Proof = tuple[str, str, str, str, str]
"""Header, payload, salts, the hash before, and the hash."""


def _chained(events: Sequence[Event], head: Head, recorded_at: int) -> Iterator[tuple[Event, _Proof]]:
    known = iso(moment_of(recorded_at))
    texts = [recorded_text(event.payload) for event in events]
    sizes = [salt_bytes(text) for text in texts]
    randomness = BytesIO(os.urandom(sum(sizes)))  # asked of the system once: that takes longer than to hash a line
    for event, text, size in zip(events, texts, sizes, strict=True):
        top, salts, prev = header(event, known), salted(randomness.read(size)), head.hash
        head.hash = seal(prev, top, text, salts)
        head.version, head.recorded_at = event.seq, recorded_at
        yield event, (top, text, salts, prev, head.hash)


def waiting(rows: Sequence[Row]) -> list[Row]:
    """That the events of these rows are not in the tree yet: when each was recorded, its stream and number."""
    return [(row[4], row[0], row[1]) for row in rows]


def snapshot(task: Task) -> str:
    """The task as canonical JSON."""
    return canonical(task.to_json())


def task_row(task: Task, heading: str | None, head: Head, span: Span) -> Row:
    face = span.face
    return (
        task.id,
        task.root,
        task.parent,
        task.part_of,
        task.edition.partition("@")[0],
        task.kind,
        task.edition,
        face.state,
        face.signal,
        face.ended,
        task.seq,
        face.title,
        face.unit,
        snapshot(task),
        head.hash,
        head.recorded_at,
        span.valid_from,
        span.known_from,
        span.seq,
        heading,
        *next_due(task),
    )


def next_due(task: Task) -> tuple[int | None, bool]:
    """When a task owes something next (what has no date counts last), and whether it has missed what is still owed."""
    dates, late = [], False
    for told in _running(task).values():
        if told["status"] in OWED:
            late = late or told["status"] == MISSED
            dates.append(told.get("due_at"))
    return micros_of(min(filter(None, dates), default=None)), late  # as text they sort as time does


def span_row(task: str, span: Span) -> Row:
    return (
        task,
        span.valid_from,
        span.known_from,
        span.valid_to,
        span.known_to,
        span.closed_at,
        span.over_at,
        *span.face,
        span.seq,
    )


class Owed(NamedTuple):
    """An occurrence that somebody owes, or None for a mere wake, and the first instant at which it wakes.

    Two are the same where their occurrences are one object, which comparing them finds at once.
    """

    occurrence: Occurrence | None
    wake_at: datetime | None

    def duty(self) -> Duty:
        """As the deadlines table says it."""
        wake_at, told = micros_or_none(self.wake_at), self.occurrence
        if told is None:
            return Duty(wake_at)
        due_at, provisional = micros_of(told.get("due_at")), told.get("provisional", False)
        return Duty(wake_at, told.get("who", ""), told["status"], due_at, told.get("last_day"), provisional)


def owed(task: Task | None, wakes: Sequence[Wake]) -> dict[tuple[str, str], Owed]:
    """What is owed and what wakes, by (name, key).

    Of several wakes of one occurrence the first counts; an ended task owes what still runs.
    """
    return _owed(_running(task).values(), wakes)


def _owed(occurrences: Iterable[Occurrence], wakes: Sequence[Wake]) -> dict[tuple[str, str], Owed]:
    first: dict[tuple[str, str], datetime] = {}
    for at, _, name, key in wakes:
        known = first.get((name, key))
        if known is None or at < known:
            first[name, key] = at
    found = {}
    for told in occurrences:
        if told["status"] in OWED:
            which = told["name"], told["key"]
            found[which] = Owed(told, first.pop(which, None))
    for which, at in first.items():
        found[which] = Owed(None, at)
    return found


def duty_changes(change: Change) -> tuple[list[tuple[tuple[str, str], Duty]], list[tuple[str, str]]]:
    """The rows of the deadlines table that differ after the change, and those that are over."""
    woken = {f"{name}/{key}" for _, _, name, key in (*change.wakes_before, *change.wakes)}
    old, new = _running(change.before), _running(change.after)
    before = _owed(_apart(old, new, woken), change.wakes_before)
    after = _owed(_apart(new, old, woken), change.wakes)
    changed = [(key, each.duty()) for key, each in after.items() if before.get(key) != each]
    return changed, [key for key in before if key not in after]


def _running(task: Task | None) -> Mapping[str, Occurrence]:
    """What may be owed: on an ended task what its definition lets run on (a report on what was done), and no more."""
    if task is None or not task.ended:
        return task.deadlines if task is not None else {}
    return {name: told for name, told in task.deadlines.items() if told["status"] in OPEN}


def _apart(mine: Mapping[str, Occurrence], others: Mapping[str, Occurrence], woken: set[str]) -> list[Occurrence]:
    """Those that may differ from the others: an occurrence that nothing happened to is the same object."""
    return [told for name, told in mine.items() if others.get(name) is not told or name in woken]
