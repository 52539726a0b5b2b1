"""What crosses from the database to those who verify it: rows as they stand there, and what a family lived through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from engine.events import instant
from engine.task import Task
from engine.wakes import Wake
from workflows.ports import Change, Parcel


class Raw(NamedTuple):
    """A row of `events` as it is stored: of a damaged one nothing is sure, not even the types."""

    stream: Any
    seq: Any
    type: Any
    occurred_at: Any
    recorded_at: Any
    actor: Any
    edition: Any
    header: Any
    payload: Any
    salts: Any
    prev: Any
    hash: Any


Row: TypeAlias = tuple[Any, ...]
"""A stored row, or the one that should stand there: its key first, then what it says."""


class Shape(NamedTuple):
    """How the rows of a table are written: so many of the columns are the key."""

    columns: tuple[str, ...]
    keys: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What one transaction did to one family: its changes, and when it was recorded."""

    changes: Sequence[Change]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands after all of its events, and what follows from that for lists. `wakes` are those that follow
    if it was looked at last when it was touched last.
    """

    task: Task
    link: str
    recorded_at: datetime
    heading: str | None
    wakes: Sequence[Wake]
    units: frozenset[str]
    facets: Mapping[str, str]
    parcels: Sequence[Parcel] = ()


@dataclass(slots=True)
class Life:
    """A family lived again: its transactions in order, and where each task stands after them."""

    saved: list[Saved] = field(default_factory=list)
    standing: dict[str, Standing] = field(default_factory=dict)


class FileFound(NamedTuple):
    """A kept file: the digest under which it stands, and that of its bytes."""

    digest: str
    name: str
    actual: str


def moment_in(told: object) -> datetime | None:
    """The instant that a note tells; None of one that tells none, as whoever compares the notes says."""
    try:
        return instant(str(told)) if told else None
    except ValueError:
        return None
