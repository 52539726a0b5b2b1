"""What a store of tasks can say about many tasks at once. Each question is one statement; rights come in as data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.task import Task


@dataclass(frozen=True, slots=True)
class Slot:
    """Tasks of one edition and kind: of any unit where `units` is None, otherwise those whose unit is one of them. In
    any state where `states` is None.
    """

    edition: str
    kind: str
    units: frozenset[str] | None = None
    states: frozenset[str] | None = None


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
class Owing:
    """Whose deadlines are asked for: a role, in these slots."""

    role: str
    slots: Sequence[Slot] = field(default_factory=tuple)


class Lists(Protocol):
    """Questions about many tasks. A store of tasks answers them."""

    def tasks_of(self, ids: Collection[str]) -> Mapping[str, Task]:
        """The tasks with these ids that exist."""
        ...

    def owed(self, owing: Collection[Owing]) -> Sequence[OwedRow]:
        """What these roles owe, the earliest first; what has no date comes last."""
        ...

    def open_in(self, slots: Collection[Slot], *, after: str = "", limit: int) -> Sequence[Task]:
        """Tasks that have not ended in any of these slots, by id, from the one after `after`."""
        ...
