"""The same contract in dictionaries: what the databases have to do, said plainly. It leaves nothing behind.

Nothing is serialised, and hashes are made only when somebody asks for a stream's events. A transaction stages what
it does and commits at the end; one thread at a time writes.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from threading import RLock

from engine.chain import recorded_text
from engine.events import Json
from engine.task import Family, Task
from storage.instants import FOREVER, micros
from storage.memory_rows import Kept, Waking, believed, board_row, bring_up, open_deadline, publish_in, unit_of
from storage.projection import project
from storage.rows import Head, follow, sealed
from workflows.people.values import Entry
from workflows.ports import (
    CALENDARS,
    BoardRow,
    Chained,
    Change,
    EditionRecord,
    KeyReused,
    OpenDeadline,
    Parcel,
    Recorded,
    Work,
    in_force,
)


class MemoryWork:
    """See `workflows.ports.Work`."""

    def __init__(self, store: MemoryStore, roots: Sequence[str]) -> None:
        self._store = store
        self.now = store.clock()
        self.calendars = store.note(CALENDARS)
        self.families: Mapping[str, Family] = {root: store.family(root) for root in roots}
        self.staged: dict[str, Kept] = {}
        self.answers: dict[tuple[str, str], tuple[str, Json]] = {}
        self.numbers: dict[str, int] = {}
        self.parcels: list[Parcel] = []

    def answer(self, actor: str, key: str, request: str) -> Json | None:
        kept = self.answers.get((actor, key)) or self._store.answers.get((actor, key))
        if kept is None:
            return None
        if kept[0] != request:
            raise KeyReused(key)
        return kept[1]

    def remember(self, actor: str, key: str, request: str, answer: Json) -> None:
        self.answers[actor, key] = (request, answer)

    def number(self, series: str) -> int:
        last = self.numbers.get(series, self._store.numbers.get(series, 0))
        self.numbers[series] = last + 1
        return last + 1

    def save(self, changes: Sequence[Change], parcels: Sequence[Parcel] = ()) -> None:
        for change in changes:
            self._apply(change)
        self.parcels += parcels

    def _apply(self, change: Change) -> None:
        kept = self._staged(change)
        follow(kept.head, change)
        recorded_at = max(micros(self.now), kept.head.recorded_at)
        projection = project(change, kept.head, recorded_at, lambda after: believed(kept, after))
        kept.task = change.after
        kept.parties = (kept.parties | change.joined) - change.left
        kept.facets = {name: value for name, value in {**kept.facets, **change.facets}.items() if value is not None}
        if change.events:
            kept.head = Head(change.after.seq, "", recorded_at, projection.span)
            kept.events += [(event, recorded_at) for event in change.events]
        bring_up(kept, projection)

    def _staged(self, change: Change) -> Kept:
        task = change.after.id
        if task not in self.staged:
            kept = self._store.kept.get(task)
            self.staged[task] = kept.staged() if kept else Kept(change.after, Head())
        return self.staged[task]


class MemoryStore:
    """See `workflows.ports.Store`. `clock` gives the virtual time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.kept: dict[str, Kept] = {}
        self.answers: dict[tuple[str, str], tuple[str, Json]] = {}
        self.numbers: dict[str, int] = {}
        self._members: defaultdict[str, list[str]] = defaultdict(list)
        self._wakes: list[Waking] = []
        self._parcels: list[Parcel] = []
        self._editions: list[EditionRecord] = []
        self._calendars: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self._notes: dict[str, str] = {}
        self._chains: dict[str, list[Entry]] = {}
        self._lock = RLock()

    @contextmanager
    def work(self, roots: Sequence[str]) -> Iterator[Work]:
        with self._lock:
            work = MemoryWork(self, roots)
            yield work
            self._commit(work)

    def work_on(self, task: str) -> AbstractContextManager[Work]:
        kept = self.kept.get(task)
        return self.work([kept.task.root] if kept else [])

    def _commit(self, work: MemoryWork) -> None:
        for task, kept in work.staged.items():
            self._replace(task, kept)
        self.answers |= work.answers
        self.numbers |= work.numbers
        self._parcels += work.parcels

    def _replace(self, task: str, kept: Kept) -> None:
        before = self.kept.get(task)
        had = before.wakes() if before else set()
        has = kept.wakes()
        for wake in had - has:
            del self._wakes[bisect_left(self._wakes, wake)]
        for wake in has - had:
            insort(self._wakes, wake)
        if before:
            before.events.extend(kept.events)
            kept.events = before.events
        else:
            self._members[kept.task.root].append(task)
        self.kept[task] = kept

    def family(self, root: str) -> dict[str, Task]:
        tasks = (self.kept[task].task for task in self._members.get(root, ()))
        return {task.id: task for task in tasks if not task.ended or task.id == root}

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        last, roots = micros(until), dict[str, None]()
        for wake in self._wakes:
            if wake[0] > last or len(roots) == limit:
                break
            roots[wake[1]] = None
        return list(roots)

    def task(self, task: str) -> Task | None:
        kept = self.kept.get(task)
        return kept.task if kept else None

    def tasks(self, *, process: str | None = None, part_of: str | None = None) -> Iterator[Task]:
        tasks = [self.kept[name].task for name in sorted(self.kept)]
        return (
            task
            for task in tasks
            if process in {None, task.edition.partition("@")[0]} and part_of in {None, task.part_of}
        )

    def events(self, stream: str) -> Sequence[Recorded]:
        with self._lock:
            kept = self.kept.get(stream)
            if kept is None:
                return []
            for event, recorded_at in kept.events[len(kept.evidence) :]:
                kept.evidence += sealed([event], kept.link, recorded_at)
            return list(kept.evidence)

    def streams(self) -> Iterator[str]:
        return iter(sorted(self.kept))

    def board(self, at: datetime, known_at: datetime | None = None) -> Sequence[BoardRow]:
        then, known = micros(at), FOREVER - 1 if known_at is None else micros(known_at)
        shown = ((self.kept[name], self.kept[name].spans.values()) for name in sorted(self.kept))
        return [board_row(kept.task, span) for kept, spans in shown for span in spans if span.answers(then, known)]

    def parties(self, task: str) -> frozenset[str]:
        kept = self.kept.get(task)
        return kept.parties if kept else frozenset()

    def facets(self, task: str) -> Mapping[str, str]:
        kept = self.kept.get(task)
        return kept.facets if kept else {}

    def worklist(self, *, unit: str | None = None, who: str | None = None) -> Sequence[OpenDeadline]:
        owed = [
            (duty.due_at is None, duty.due_at or 0, task, key, duty)
            for task, kept in self.kept.items()
            for key, duty in kept.duties.items()
            if duty.status is not None and who in {None, duty.who} and unit in {None, unit_of(kept)}
        ]
        return [
            open_deadline(self.kept[task], key, duty) for *_, task, key, duty in sorted(owed, key=lambda row: row[:4])
        ]

    def publish(self, edition: EditionRecord) -> None:
        publish_in(self._editions, edition)

    def edition(self, process: str, edition: str | None = None, *, at: datetime | None = None) -> EditionRecord | None:
        found = [each for each in self.editions() if each.process == process and edition in {None, each.edition}]
        if edition is None and at is not None:
            return in_force(found, at)
        return found[-1] if found else None

    def editions(self) -> Sequence[EditionRecord]:
        return sorted(self._editions, key=lambda each: each.published_at)

    def keep_calendar(self, name: str, digest: str, text: str) -> None:  # noqa: ARG002 - a name is for people who read tables
        self._calendars.setdefault(digest, text)

    def calendar(self, digest: str) -> str | None:
        return self._calendars.get(digest)

    def keep_file(self, name: str, content: bytes) -> str:  # noqa: ARG002 - a name is for people who read tables
        digest = hashlib.sha256(content).hexdigest()
        self._files.setdefault(digest, content)
        return digest

    def file(self, digest: str) -> bytes | None:
        return self._files.get(digest)

    def parcels(self, *, waiting: bool = False) -> Sequence[Parcel]:  # noqa: ARG002 - nothing is ever sent from here
        return list(self._parcels)

    def last_number(self, series: str) -> int:
        return self.numbers.get(series, 0)

    def note(self, name: str) -> str | None:
        return self._notes.get(name)

    def notes(self) -> dict[str, str]:
        """All of them, as they are now."""
        return dict(self._notes)

    def set_note(self, name: str, value: str) -> None:
        self._notes[name] = value

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        with self._lock:
            same = self._notes.get(name) == before
            if same:
                self._notes[name] = after
            return same

    @contextmanager
    def chained(self, stream: str) -> Iterator[Chained]:
        with self._lock:
            on = MemoryChained(self, stream)
            yield on
            self._chains[stream] = list(on.entries())
            self._editions, self._notes = on.editions, on.notes

    def chain(self, stream: str) -> Sequence[Entry]:
        return list(self._chains.get(stream, ()))

    def chain_back(
        self, stream: str, most: int, *, before: int | None = None, actor: str = "", naming: str = ""
    ) -> Sequence[Entry]:
        found = (
            each
            for each in reversed(self._chains.get(stream, ()))
            if (before is None or each.seq < before)
            and actor in ("", each.actor)
            and naming in recorded_text(each.told)
        )
        return list(islice(found, most))

    def close(self) -> None:
        """Nothing is held open."""


class MemoryChained:
    """See `workflows.ports.Chained`: it works on copies, which the store takes over when it is left."""

    def __init__(self, store: MemoryStore, stream: str) -> None:
        self.now, self._stream = store.clock(), stream
        self._entries = list(store.chain(stream))
        self.editions, self.notes = list(store.editions()), store.notes()

    def entries(self) -> Sequence[Entry]:
        return list(self._entries)

    def append(self, kind: str, actor: str, told: Mapping[str, Json]) -> str:
        seq = len(self._entries) + 1
        last = self._entries[-1].recorded_at if self._entries else self.now
        self._entries.append(Entry(seq, kind, actor, max(self.now, last), told))
        return f"{self._stream}#{seq}"

    def publish(self, edition: EditionRecord) -> None:
        publish_in(self.editions, edition)

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        same = self.notes.get(name) == before
        if same:
            self.notes[name] = after
        return same
