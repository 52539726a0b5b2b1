"""What crosses the port of a package: rows as they stand, the tree as far as there is one, and what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

FORMAT = "duban-package/1"


class Note(NamedTuple):
    """A signed head: of which tree (the name of its hash), its size, and its text."""

    tree: str
    size: int
    text: str


@dataclass(frozen=True)
class Sealed:
    """The tree over all chains: its leaves as (stream, number, hash) by position, its heads, and the public keys that
    the database tells, by tree. Empty where nothing is sealed.
    """

    leaves: Iterable[tuple[str, int, str]] = ()
    notes: Sequence[Note] = ()
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is wanted: some tasks with their families (none: everything), and what was recorded until an instant."""

    tasks: tuple[str, ...] = ()
    until: datetime | None = None
