"""One moment of a database, as a package reads it: what is recorded meanwhile is not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from workflows.audit.sealing.values import Row
from workflows.packaging.values import Sealed
from workflows.papers.values import Template
from workflows.ports import BoardRow


class Moment(Protocol):
    """One moment of everything that is recorded."""

    def counts(self) -> Mapping[str, int]:
        """Every stream by name, with how many events it has."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every event: stream after stream, each in the order of its numbers."""
        ...

    def roots(self, tasks: Sequence[str]) -> Mapping[str, str]:
        """The root of the family of each of these tasks; one that is not there is left out."""
        ...

    def families(self, roots: Sequence[str]) -> Sequence[str]:
        """The tasks of these families."""
        ...

    def board(self, at: datetime, known_at: datetime) -> Sequence[BoardRow]:
        """Every task as it was at an instant, as known at another."""
        ...

    def calendars(self) -> Mapping[str, str]:
        """The text of every version of a calendar by its digest."""
        ...

    def templates(self) -> Sequence[Template]:
        """All versions of all templates, the oldest first."""
        ...

    def file(self, digest: str) -> bytes | None: ...

    def sealed(self) -> Sealed:
        """The tree, as far as there is one."""
        ...
