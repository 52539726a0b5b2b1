"""What a database shows to those who verify it: one moment of it, read only, behind the back of the store.

Rows come as they stand, damaged or not. Asking for what cannot be read at all raises `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from engine.problems import Text
from workflows.audit.verifying.values import FileFound, Life, Raw, Row, Shape


class Unreadable(Exception):
    """The database cannot read what was asked for; the message is its own."""


class Evidence(Protocol):
    """One moment of a database. Nothing that is written after it began is seen, and nothing can be written by it."""

    @property
    def now(self) -> datetime:
        """The database's clock when the moment began."""
        ...

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The tables that follow from the events of tasks."""
        ...

    def openings(self) -> Mapping[str, str | None]:
        """Every stream by name, with the payload of its first event (None: it has none)."""
        ...

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """The number and the hash of the last event of every stream."""
        ...

    def digests(self) -> Sequence[str]:
        """Under which digests files are kept."""
        ...

    def rows(self, streams: Sequence[str]) -> Mapping[str, Sequence[Raw]]:
        """All rows of these streams, in the order of their numbers."""
        ...

    def links(self, streams: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        """The same as plain rows, with header, payload and salts as UTF-8 and None where no text stands: what chains
        are made of, at the least cost.
        """
        ...

    def streams(self) -> Sequence[str]:
        """Every stream by name."""
        ...

    def kept(self, tasks: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        """What is stored of these tasks, by the tables of `shapes`."""
        ...

    def rebuilt(self, life: Life) -> Mapping[str, Sequence[Row]]:
        """What should be stored of a family, worked out from what it lived through."""
        ...

    def owners(self) -> Mapping[str, set[str]]:
        """By the tables of `shapes`: the tasks of which they hold anything."""
        ...

    def table(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The rows of one of the other tables."""
        ...

    def files(self) -> Iterator[FileFound]:
        """Every file, with the digest of its bytes."""
        ...

    def faults(self) -> Sequence[Text]:
        """What the database itself says is wrong with its pages and indexes, and where its schema is not ours."""
        ...


Opener = AbstractContextManager[Evidence]
