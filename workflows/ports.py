"""The Protocols through which people's work reaches a store, and the values that cross them.

One command, one transaction, one family locked: `Store.work` locks the roots it is given, in id order, and only then
reads; leaving the block commits, an exception rolls everything back. The sweep uses the same door with many roots at
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from engine.events import Event, Json
from engine.task import Family, Task
from engine.wakes import Wake as Wake  # noqa: PLC0414  # crosses the ports: re-exported on purpose
from workflows.people.values import Entry

CALENDARS = "calendars"
"""The note that names what administrators have changed in working calendars, by its digest; and the stream of these
changes."""

EDITIONS = "editions"
"""The stream of what was done to editions: submitted, returned, approved, published, and tasks moved to them."""

PROGRAMME = "programme"
"""The kind of the tasks that others are part of."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction does to one task. `wakes` are those that it has afterwards, `wakes_before` those it had;
    what wakes for the very same occurrence before and after may be left out of both.
    """

    before: Task | None
    after: Task
    events: Sequence[Event]
    wakes_before: Sequence[Wake]
    wakes: Sequence[Wake]
    facts: Mapping[str, str | None]
    """What lists and the board show and filter by: title, unit, programme; never a personal field."""
    personal: frozenset[str] = frozenset()
    """Names of the fields and form fields that the law protects: salted for themselves, kept out of every
    projection."""
    joined: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    """Units that the task names itself from now on, and those that it names no more."""
    facets: Mapping[str, str | None] = field(default_factory=dict)
    """What lists group by where it differs from before: a value, or None where there is none any more."""
    heading: str | None = None
    """The value under which a board puts the task, as it is afterwards."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A notice or a document to make: an outbox row, the truth of what has to leave the house."""

    task: str
    seq: int
    kind: str
    """`notice` or `publication`."""
    name: str
    body: Mapping[str, Json]


class Recorded(NamedTuple):
    """An event as the store holds it, with what makes it evidence."""

    event: Event
    recorded_at: datetime
    header: str
    payload: str
    salts: str
    prev: str
    hash: str


class KeyReused(Exception):
    """The same idempotency key came with another request."""


class Work(Protocol):
    """One transaction over locked families."""

    @property
    def now(self) -> datetime:
        """The store's clock, read after the locks were taken; no event of this transaction is recorded earlier."""
        ...

    @property
    def calendars(self) -> str | None:
        """The note `CALENDARS`, read after the locks were taken: it is another one when a calendar has changed."""
        ...

    @property
    def families(self) -> Mapping[str, Family]:
        """The locked families by root id, open descendants included; a root that does not exist yet is an empty
        family. Asking for one that is damaged raises `BrokenStream`.
        """
        ...

    def answer(self, actor: str, key: str, request: str) -> Json | None:
        """What the same request was answered before, or None. Raises `KeyReused` where `request` (its digest)
        differs.
        """
        ...

    def remember(self, actor: str, key: str, request: str, answer: Json) -> None:
        """Keep the answer to a request under its key."""
        ...

    def number(self, series: str) -> int:
        """The next number of a series: 1, 2, 3 …, without a gap, for it is taken in this transaction."""
        ...

    def save(self, changes: Sequence[Change], parcels: Sequence[Parcel] = ()) -> None:
        """Append the events, and bring tasks, deadlines, spans and outbox up to date with them."""
        ...


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """A published edition: its text for ever, and what it was compiled to. It is in force from `in_force_at` on, or
    from its publication.
    """

    process: str
    edition: str
    digest: str
    text: str
    compiled: str
    calendar: str
    published_at: datetime
    in_force_at: datetime | None = None

    @property
    def name(self) -> str:
        """`process@edition`."""
        return f"{self.process}@{self.edition}"

    @property
    def since(self) -> datetime:
        """From when on it is in force, until another one is."""
        return self.in_force_at or self.published_at


class BoardRow(NamedTuple):
    """One task as the board shows it at an instant."""

    task: str
    process: str
    kind: str
    state: str
    signal: str | None
    title: str | None
    unit: str | None
    part_of: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class OpenDeadline:
    """One open (or missed and still owed) occurrence, as the worklist shows it."""

    task: str
    title: str | None
    unit: str | None
    name: str
    key: str
    who: str
    status: str
    due_at: datetime | None
    last_day: str | None
    provisional: bool


class Chained(Protocol):
    """One transaction on a stream that is no task's: what is read in it stays true until it is left, for nobody else
    appends to the stream meanwhile. Leaving it commits, an exception undoes all of it.
    """

    @property
    def now(self) -> datetime:
        """The store's clock, read after the lock was taken."""
        ...

    def entries(self) -> Sequence[Entry]:
        """What stands in the stream so far, in order."""
        ...

    def append(self, kind: str, actor: str, told: Mapping[str, Json]) -> str:
        """Chain an event onto the stream; returns its name, `stream#seq`."""
        ...

    def publish(self, edition: EditionRecord) -> None:
        """Keep an edition. The same text twice is one; another text under the same name raises `EditionExists`."""
        ...

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        """Set a note that is still as it was `before` (None: not there); False where somebody else was first."""
        ...


class Store(Protocol):
    """Where everything is kept: memory, SQLite or PostgreSQL, one contract for all three."""

    def work(self, roots: Sequence[str]) -> AbstractContextManager[Work]:
        """Begin a transaction and lock these families."""
        ...

    def work_on(self, task: str) -> AbstractContextManager[Work]:
        """Begin a transaction and lock the one family to which this task belongs; without such a task, none."""
        ...

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        """Roots of families with a wake at or before `until`, the earliest first, each once, at most `limit`."""
        ...

    def task(self, task: str) -> Task | None: ...

    def tasks(self, *, process: str | None = None, part_of: str | None = None) -> Iterator[Task]: ...

    def events(self, stream: str) -> Sequence[Recorded]: ...

    def streams(self) -> Iterator[str]:
        """The tasks that have events; what is chained beside them (people, deliveries) is not among them."""
        ...

    def board(self, at: datetime, known_at: datetime | None = None) -> Sequence[BoardRow]:
        """Every task as it was at `at`, as known at `known_at` (by default: now)."""
        ...

    def parties(self, task: str) -> frozenset[str]:
        """The units that a task names itself; those above it have their own."""
        ...

    def facets(self, task: str) -> Mapping[str, str]:
        """By what lists group a task."""
        ...

    def worklist(self, *, unit: str | None = None, who: str | None = None) -> Sequence[OpenDeadline]: ...

    def publish(self, edition: EditionRecord) -> None:
        """Keep an edition. The same text twice is one; another text under the same name raises `EditionExists`."""
        ...

    def edition(self, process: str, edition: str | None = None, *, at: datetime | None = None) -> EditionRecord | None:
        """The named edition; without a name the one in force at an instant (before any is, the one that will be first),
        or the one published last.
        """
        ...

    def editions(self) -> Sequence[EditionRecord]: ...

    def keep_calendar(self, name: str, digest: str, text: str) -> None: ...

    def calendar(self, digest: str) -> str | None: ...

    def keep_file(self, name: str, content: bytes) -> str:
        """Keep evidence; returns its SHA-256 digest, by which it is found again."""
        ...

    def file(self, digest: str) -> bytes | None: ...

    def parcels(self, *, waiting: bool = False) -> Sequence[Parcel]: ...

    def last_number(self, series: str) -> int:
        """The number of a series that was taken last, 0 for none: the next one is probably one more."""
        ...

    def note(self, name: str) -> str | None:
        """A fact about this database itself (purpose, clock, last sweep), or None."""
        ...

    def set_note(self, name: str, value: str) -> None: ...

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        """Set a note that is still as it was `before` (None: not there); False where somebody else was first."""
        ...

    def chained(self, stream: str) -> AbstractContextManager[Chained]:
        """Begin a transaction on a stream that is no task's (`EDITIONS`, `CALENDARS`)."""
        ...

    def chain(self, stream: str) -> Sequence[Entry]:
        """What stands in such a stream, in order."""
        ...

    def chain_back(
        self, stream: str, most: int, *, before: int | None = None, actor: str = "", naming: str = ""
    ) -> Sequence[Entry]:
        """At most so many entries of such a stream, the latest first: those before a number, by one actor, whose
        payload as it is recorded has the text `naming` in it, where these are given.
        """
        ...

    def close(self) -> None: ...


def in_force(records: Sequence[EditionRecord], at: datetime) -> EditionRecord | None:
    """Of the editions of one process (in the order of their publication) the one in force at an instant: the latest
    whose date has come, of one date the one published last. Before any is in force, the one that will be first.
    """
    come = [each for each in records if each.since <= at]
    if come:
        return max(enumerate(come), key=lambda one: (one[1].since, one[0]))[1]
    return min(records, key=lambda each: each.since, default=None)


class EditionExists(Exception):
    """Another text is already published under this process and edition."""
