"""The log of a database, and what a signer remembers outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from engine.commands import Refusal
from engine.problems import Text
from engine.tree import Edge
from workflows.audit.sealing.values import Checkpoint, Grown, Kept, Leaf, Outside, Row, Tree


class Log(Protocol):
    """The trees over the committed events of one database, with their heads. One sequencer at a time appends."""

    def grow(self) -> Grown:
        """Append what waits, in the order of its recording, after looking whether each event is still what was
        recorded.
        """
        ...

    def begin(self, tree: str) -> None:
        """Keep a tree of this hash too, from the first leaf on; it is filled by `grow`."""
        ...

    def waiting(self, most: int) -> int:
        """How many events are not in the tree yet, counted up to `most`."""
        ...

    def trees(self) -> Mapping[str, Tree]: ...

    def leaves(self, start: int, end: int) -> Sequence[Leaf]:
        """The leaves from a position up to another, as many as there are."""
        ...

    def row(self, stream: str, seq: int) -> Row | None:
        """An event as it stands, sealed or not."""
        ...

    def position(self, stream: str, seq: int) -> int | None:
        """Where an event stands; None where it is not in the tree."""
        ...

    def tiles(self, tree: str) -> Sequence[bytes]:
        """The roots of all full tiles."""
        ...

    def keep(self, tree: str, size: int, note: str) -> None:
        """Keep a signed head; another note of the same size takes its place."""
        ...

    def checkpoint(self, tree: str, size: int | None = None) -> Checkpoint | None:
        """The last one, or the one of this size."""
        ...

    def recent(self, tree: str, most: int) -> Sequence[Checkpoint]:
        """The last ones, the largest first."""
        ...

    def checkpoints(self, tree: str) -> Sequence[Checkpoint]:
        """All, the smallest first."""
        ...

    def kept(self, until: int, *, start: int = 0, texts: bool = False) -> Iterator[Kept]:
        """The positions from `start` on and below `until` in their order, with the events as they are now: with the
        hash that is kept, or with the one that follows from their `texts`.
        """
        ...

    def outside(self) -> Iterator[Outside]:
        """The events that are not in the tree."""
        ...

    def damaged(self) -> Iterator[Text]:
        """The rows that the log cannot have written, which all other readings pass over: which, and what is wrong."""
        ...


class MemoryFault(Exception):
    """A signer cannot know its past, or not keep what it signs: then it signs nothing. The refusal says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Memory(Protocol):
    """What a signer knows of its own past: the edge of the last head that it signed of each origin. Raises
    `MemoryFault`.
    """

    def alone(self) -> AbstractContextManager[None]:
        """Be the only signer with this memory."""
        ...

    def recall(self, origin: str) -> Edge | None: ...

    def remember(self, origin: str, edge: Edge) -> None:
        """Written to the disk before the call returns."""
        ...
