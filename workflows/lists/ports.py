"""What a store of tasks can say about many tasks at once. Each question is one statement; rights come in as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeAlias

from engine.task import Task
from workflows.people.values import Scope


@dataclass(frozen=True, slots=True)
class Slot:
    """Tasks of one edition and kind: of any unit where `units` is None, otherwise those whose unit is one of them. In
    any state where `states` is None.
    """

    edition: str
    kind: str
    units: frozenset[str] | None = None
    states: frozenset[str] | None = None


class OwedKey(NamedTuple):
    """Which occurrence of a deadline is open (or missed and still owed), and by what its task is listed: little, for
    there may be many.
    """

    task: str
    name: str
    key: str
    edition: str
    kind: str
    who: str
    unit: str | None
    status: str


@dataclass(frozen=True, slots=True)
class OwedRow:
    """An open (or missed and still owed) occurrence of a deadline, with what a list shows of its task."""

    task: str
    edition: str
    kind: str
    state: str
    signal: str | None
    title: str | None
    unit: str | None
    name: str
    key: str
    who: str
    status: str
    due_at: datetime | None
    last_day: str | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Running:
    """Which deadlines are asked for: those on tasks in a scope, by whatever else is given; both days are included."""

    scope: Scope
    unit: str | None = None
    who: str | None = None
    status: str | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Owing:
    """Whose deadlines are asked for: a role, in these slots."""

    role: str
    slots: Sequence[Slot] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks a list shows: those in `scope` of one kind ("" are the tasks themselves) or of `every_kind`, by
    whatever else is given.

    `heading` is that under which their edition puts them; `facets` are values that they have (see `facets.py`); `text`
    is looked for in title and id; `overdue` ones have missed something that is still owed.
    """

    scope: Scope
    kind: str = ""
    process: str | None = None
    programme: str | None = None
    state: str | None = None
    signal: str | None = None
    unit: str | None = None
    heading: str | None = None
    ended: bool | None = None
    facets: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    overdue: bool = False
    every_kind: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`by` is one of `ORDERS`; `group`, where it is given, one of `GROUPS`, comes before it. `ranks` puts the values of
    state or light in an order that is not that of letters.
    """

    by: str = "due"
    descending: bool = False
    group: str | None = None
    ranks: Mapping[str, Sequence[str]] = field(default_factory=dict)


GROUPS = ("heading", "unit", "state", "signal")
ORDERS = ("due", "title", "unit", "state", "signal", "touched", "task")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a list shows it. `heading` is the value under which its own edition puts it."""

    task: str
    process: str
    edition: str
    kind: str
    parent: str | None
    part_of: str | None
    state: str
    signal: str | None
    ended: bool
    title: str | None
    unit: str | None
    heading: str | None
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class NextOwed:
    """What is owed next on a task."""

    task: str
    name: str
    key: str
    status: str
    due_at: datetime | None
    last_day: str | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks share all of this, and how many of them have missed something that is still owed."""

    process: str
    state: str
    signal: str | None
    unit: str | None
    heading: str | None
    tasks: int
    late: int | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A list as somebody saved it: the query of its address."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class DueDay:
    """How many tasks owe one deadline on one day, and one of them."""

    day: str
    edition: str
    kind: str
    name: str
    tasks: int
    missed: int
    provisional: bool
    task: str
    title: str | None


@dataclass(frozen=True, slots=True)
class DueRow:
    """One thing that is owed, on its day."""

    day: str
    task: str
    edition: str
    kind: str
    title: str | None
    unit: str | None
    name: str
    key: str
    who: str
    status: str
    provisional: bool
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """A document that was issued about a task."""

    task: str
    number: str
    title: str
    publication: str
    document: int
    issued_at: datetime


class Turns(NamedTuple):
    """When tasks looked otherwise than before: the first instant of all, the last before a day and the first after
    it.
    """

    first: datetime | None
    before: datetime | None
    after: datetime | None


Marks: TypeAlias = tuple[Collection[str], Mapping[str, str], str | None]
"""The units that a task names itself, its facets, and the value of its heading."""


class Boards(Protocol):
    """Lists of tasks, filtered, sorted, counted and paged by the store; and how somebody likes to see them."""

    def counts(self, wanted: Wanted) -> Sequence[Count]:
        """All that is wanted, counted by process, state, light, unit and heading."""
        ...

    def rows(self, wanted: Wanted, order: Order, *, offset: int = 0, limit: int | None = None) -> Sequence[TaskRow]:
        """A page of what is wanted; all of it without a limit."""
        ...

    def columns(self, wanted: Wanted, *, each: int) -> Sequence[TaskRow]:
        """At most so many of each state, what is due first before the others."""
        ...

    def next_owed(self, tasks: Collection[str]) -> Mapping[str, NextOwed]:
        """For each of these tasks what is owed next, if anything."""
        ...

    def ids(self, wanted: Wanted) -> frozenset[str]: ...

    def seen(self, scope: Scope, ids: Collection[str]) -> frozenset[str]:
        """Those of these tasks that are in a scope: the one place that decides it, for one task as for lists."""
        ...

    def editions_of(self, wanted: Wanted) -> Mapping[str, int]:
        """How many tasks stand under which edition (`process@edition`)."""
        ...

    def units_of(self, wanted: Wanted) -> Sequence[str]:
        """The units by which these tasks are listed."""
        ...

    def due_days(self, scope: Scope, first: date, last: date) -> Sequence[DueDay]:
        """What is owed in these days (both included), counted by day and deadline."""
        ...

    def due_rows(
        self, scope: Scope, first: date, last: date, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[DueRow]:
        """What is owed in these days, in the order of days, deadlines and tasks."""
        ...

    def issued(self, scope: Scope, since: datetime, until: datetime) -> Sequence[IssuedRow]:
        """The documents that were issued from an instant until before another, the voided ones left out."""
        ...

    def turns(self, wanted: Wanted, since: datetime, until: datetime) -> Turns:
        """When the board of these tasks changed around a day, which begins at `since` and ends before `until`, as it is
        known now.
        """
        ...

    def mark(self, marks: Callable[[Task], Marks], *, after: str = "", limit: int = 500) -> str | None:
        """Keep anew by what lists know the next tasks by id, as they are now; the id of the last of them, or None where
        there are no more.
        """
        ...

    def views(self, user: str, page: str) -> Sequence[View]: ...

    def keep_view(self, user: str, page: str, name: str, query: str) -> None:
        """Save a view; one of the same name is replaced."""
        ...

    def drop_view(self, user: str, number: int) -> None:
        """Forget a view of this user; nobody else's."""
        ...


class Lists(Boards, Protocol):
    """Questions about many tasks. A store of tasks answers them."""

    def tasks_of(self, ids: Collection[str]) -> Mapping[str, Task]:
        """The tasks with these ids that exist."""
        ...

    def owing(self, owing: Collection[Owing]) -> Sequence[OwedKey]:
        """What these roles owe, the earliest first; what has no date comes last."""
        ...

    def owed(self, keys: Sequence[OwedKey]) -> Sequence[OwedRow]:
        """These with what a list shows of them, in this order; what is owed no more is left out."""
        ...

    def running(self, wanted: Running, *, offset: int = 0, limit: int) -> Sequence[OwedRow]:
        """A page of what is owed, by whomever, the earliest first; what has no date comes last."""
        ...

    def open_in(self, slots: Collection[Slot], *, after: str = "", limit: int) -> Sequence[Task]:
        """Tasks that have not ended in any of these slots, by id, from the one after `after`."""
        ...
