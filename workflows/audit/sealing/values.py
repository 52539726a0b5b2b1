"""What crosses the ports of the tree: plain values. Sizes count leaves, positions begin at 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from engine.events import Json
from engine.tree import Edge, Hash, leaf_hash, leaf_text, sha256

SEAL_KEYS = "seal_keys"
"""The note with the public keys of the heads that were signed last: for whom no key was given another way. It stands in
the same database, and so it proves nothing against who writes there."""

MAIN, SM3 = "sha256", "sm3"
"""The tree that every log has, and the one beside it for those who ask: the names of their hashes."""

STORED = "database"
"""Where a head is from that the database itself keeps."""


def tree_of(origin: str) -> str:
    """The tree of which a head with this origin is."""
    return SM3 if origin.endswith(f"/{SM3}") else MAIN


class Leaf(NamedTuple):
    """Which event stands at a position, and its hash in the chain of its stream."""

    stream: str
    seq: int
    hash: str

    @property
    def told(self) -> str:
        """As people read it: `STREAM#SEQ HASH`."""
        return f"{self.stream}#{self.seq} {self.hash}"

    def digest(self, hashed: Hash = sha256) -> bytes:
        """The hash of this leaf."""
        return leaf_hash(leaf_text(*self), hashed)


class Row(NamedTuple):
    """An event as it stands in the database, damaged or not."""

    stream: str
    seq: int
    header: str
    payload: str
    salts: str
    prev: str
    hash: str

    @property
    def leaf(self) -> Leaf:
        """What it is in the tree."""
        return Leaf(self.stream, self.seq, self.hash)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as the log keeps it: the name of its hash, its right edge, and when it grew last."""

    name: str
    edge: Edge
    grown_at: datetime

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self.edge.size


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head that was signed: the note is the evidence, the rest is there to search by."""

    tree: str
    size: int
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Unfit:
    """An event that was not taken into the tree, and why: `missing`, `altered` or `unchained`."""

    stream: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Grown:
    """What the sequencer did: how many events it appended, and those it would not take. `torn` says that it did nothing
    because the leaves are not those of the trees.
    """

    appended: int = 0
    unfit: tuple[Unfit, ...] = ()
    torn: bool = False


class Kept(NamedTuple):
    """A position of the tree with the event to which it points; None where there is no such event."""

    position: int
    leaf: Leaf
    hash: str | None
    recorded_at: datetime | None


class Outside(NamedTuple):
    """An event that is not in the tree; whether it waits for the sequencer."""

    stream: str
    seq: int
    waits: bool
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the tree that is not as it was recorded. `stream` and `seq` name an event, or are empty and 0."""

    code: str
    stream: str = ""
    seq: int = 0
    facts: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {"code": self.code, "stream": self.stream, "seq": self.seq, "facts": dict(self.facts)}
