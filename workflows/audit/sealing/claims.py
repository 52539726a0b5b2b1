"""The heads that a tree has to meet: those in the database, and those that others kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from engine.events import Json
from engine.problems import Text
from engine.tree import Head
from workflows.audit.sealing.checkpoints import NotSigned, Verifier, claimed, head_of, signed_by_name
from workflows.audit.sealing.printed import OnPaper
from workflows.audit.sealing.values import STORED, Checkpoint, Flaw, Leaf, tree_of

_UNSIGNED = Text("没有本日志的签名", "it bears no signature of its own log")


def _kept_as(size: int) -> Text:
    return Text(f"库中记为 {size} 条的树头", f"kept as of {size}")


@dataclass(frozen=True)
class Elsewhere:
    """What is known from outside the database: keys to verify with, and heads as they were handed out, each with where
    it is from. Where no key of its origin is known, a head's signature is not looked at.
    """

    keys: Sequence[Verifier] = ()
    heads: Sequence[tuple[str, str]] = ()
    """Where from, and the note."""
    now: datetime | None = None
    """When whoever has the keys from outside looks, by their own clock: what was recorded a while before has to stand
    under a head that is signed with them. None where no key is from outside.
    """
    typed: Sequence[tuple[str, OnPaper]] = ()
    """Heads as somebody read them from paper without a signature: it is the paper that is believed."""
    receipts: Sequence[tuple[str, Leaf]] = ()
    """Events as receipts have them, each with where it is from."""

    def key_of(self, origin: str) -> Verifier | None:
        """Whose signature a head of this origin has to bear."""
        return next((each for each in self.keys if each.name == origin), None)


class Bearer(Protocol):
    """Something in the database that bears a head."""

    def found(self, code: str, **facts: Json) -> Flaw:
        """A finding about it."""
        ...


class Claim(NamedTuple):
    """What a head says of a tree, and where the head is from; of one on a document of the database, the document."""

    source: str
    tree: str
    head: Head
    document: Bearer | None = None

    @property
    def told(self) -> dict[str, object]:
        """For a finding."""
        return {"source": self.source, "tree": self.tree, "size": self.head.size}

    def unmet(self) -> Flaw:
        """That it is not a head of this tree."""
        if self.document is not None:
            return self.document.found("document_head_unmet", size=self.head.size)
        return Flaw("head_wrong" if self.source == STORED else "head_unmet", facts=self.told)

    def lost(self, leaves: int) -> Flaw:
        """That the tree has fewer leaves: what the head covered has been taken away."""
        if self.document is not None:
            return self.document.found("document_head_unmet", size=self.head.size)
        return Flaw("rolled_back", facts={**self.told, "leaves": leaves})


def claims_of(stored: Mapping[str, Sequence[Checkpoint]], known: Elsewhere) -> tuple[Sequence[Claim], Sequence[Flaw]]:
    """Every head that can be read, and what is wrong with the heads by themselves."""
    origins = {each.name for each in known.keys}
    found = [
        _stored(tree, each, known, origins if each is kept[-1] else set())
        for tree, kept in stored.items()
        for each in kept
    ]
    origins = origins or set(_origins(stored))
    found += [_read(source, note, known, origins) for source, note in known.heads]
    found += [
        _foreign(source, paper.origin, origins) or Claim(source, tree_of(paper.origin), paper.head)
        for source, paper in known.typed
    ]
    return [each for each in found if isinstance(each, Claim)], [each for each in found if isinstance(each, Flaw)]


def _stored(tree: str, kept: Checkpoint, known: Elsewhere, origins: set[str]) -> Claim | Flaw:
    """A head that the database keeps, which has to be of the size that is written beside it."""
    found = _read(STORED, kept.note, known, origins, tree)
    if isinstance(found, Claim) and found.head.size != kept.size:
        return Flaw("head_bad", facts={**found.told, "reason": _kept_as(kept.size).both})
    if isinstance(found, Claim) and not signed_by_name(kept.note):
        return Flaw("head_bad", facts={**found.told, "reason": _UNSIGNED.both})
    return found


def _foreign(source: str, origin: str, origins: set[str]) -> Flaw | None:
    """That a head is of another log than those that are known, if any are."""
    if not origins or origin in origins:
        return None
    return Flaw("head_foreign", facts={"source": source, "origin": origin, "known": sorted(origins)})


def _origins(stored: Mapping[str, Sequence[Checkpoint]]) -> Iterator[str]:
    for each in (kept[-1] for kept in stored.values() if kept):
        try:
            yield claimed(each.note)[0]
        except NotSigned:
            continue


def _read(source: str, note: str, known: Elsewhere, origins: set[str], tree: str | None = None) -> Claim | Flaw:
    try:
        origin, head = claimed(note)
        if (foreign := _foreign(source, origin, origins)) is not None:
            return foreign
        key = known.key_of(origin)
        if key is not None:
            head = head_of(note, key)
    except NotSigned as error:
        return Flaw("head_bad", facts={"source": source, "reason": error.text.both})
    return Claim(source, tree or tree_of(origin), head)
