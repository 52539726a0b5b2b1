"""The heads that a tree has to meet: those in the database, and those that others kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.tree import Head
from workflows.audit.checkpoints import NotSigned, Verifier, claimed, head_of
from workflows.audit.sealing.values import MAIN, SM3, Checkpoint, Finding

STORED = "database"
"""Where a head is from that the database itself keeps."""


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

    def key_of(self, origin: str) -> Verifier | None:
        """Whose signature a head of this origin has to bear."""
        return next((each for each in self.keys if each.name == origin), None)


class Claim(NamedTuple):
    """What a head says of a tree, and where the head is from."""

    source: str
    tree: str
    head: Head

    @property
    def told(self) -> dict[str, object]:
        """For a finding."""
        return {"source": self.source, "tree": self.tree, "size": self.head.size}


def claims_of(
    stored: Mapping[str, Sequence[Checkpoint]], known: Elsewhere
) -> tuple[Sequence[Claim], Sequence[Finding]]:
    """Every head that can be read, and what is wrong with the heads by themselves."""
    claims, findings, origins = list[Claim](), list[Finding](), {each.name for each in known.keys}
    for tree, kept in stored.items():
        for each in kept:
            found = _read(STORED, each.note, known, origins if each is kept[-1] else set(), tree)
            if isinstance(found, Claim) and found.head.size != each.size:
                found = Finding("head_bad", facts={**found.told, "reason": f"kept as of {each.size}"})
            (claims if isinstance(found, Claim) else findings).append(found)  # type: ignore[arg-type]
    if not origins:
        origins = set(_origins(stored))
    for source, note in known.heads:
        given = _read(source, note, known, origins)
        (claims if isinstance(given, Claim) else findings).append(given)  # type: ignore[arg-type]
    return claims, findings


def _origins(stored: Mapping[str, Sequence[Checkpoint]]) -> Iterator[str]:
    for each in (kept[-1] for kept in stored.values() if kept):
        try:
            yield claimed(each.note)[0]
        except NotSigned:
            continue


def _read(source: str, note: str, known: Elsewhere, origins: set[str], tree: str | None = None) -> Claim | Finding:
    try:
        origin, head = claimed(note)
        if origins and origin not in origins:
            return Finding("head_foreign", facts={"source": source, "origin": origin, "known": sorted(origins)})
        key = known.key_of(origin)
        if key is not None:
            head = head_of(note, key)
    except NotSigned as error:
        return Finding("head_bad", facts={"source": source, "reason": str(error)})
    return Claim(source, tree or (SM3 if origin.endswith(f"/{SM3}") else MAIN), head)
