"""That one signed head goes on from another, as a text that needs neither this program nor its database.

    duban-growth/1
    gSKyXoYZUgZ6jduWYrkDOARinOMG…    the hashes of RFC 9162, section 2.1.4.1, base64, a line each; none where the two
                                     heads are of one size

    duban.example.org                the older checkpoint, as it was signed
    …

    duban.example.org                the younger one
    …

C2SP has a form for what a witness is asked (tlog-witness: the old size, the hashes, the new checkpoint) and none for a
file: both heads stand in ours, so that whoever kept them sees by comparing that it is about these.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from engine.commands import Refusal
from engine.events import Json
from engine.tree import HASHES, Head, consistent
from workflows.audit.sealing.checkpoints import NotSigned, Verifier, claimed, head_of, is_checkpoint
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.printed import Mistyped, typed
from workflows.audit.sealing.proving import NoProof, hashes_in, levels_of
from workflows.audit.sealing.values import MAIN, tree_of

GROWTH = "duban-growth/1"


@dataclass(frozen=True, slots=True)
class Growth:
    """Why the record of one signed head is how that of another began."""

    old: str
    """The older note."""
    hashes: tuple[bytes, ...]
    new: str

    def to_text(self) -> str:
        """As it is handed out."""
        lines = [GROWTH, *(base64.b64encode(each).decode() for each in self.hashes)]
        return "\n".join([*lines, "", self.old]) + f"\n{self.new}"

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        hashes = [base64.b64encode(each).decode() for each in self.hashes]
        return {"from": self.old, "hashes": hashes, "to": self.new}


def grown_from(log: Log, one: str, other: str) -> Growth | Refusal:
    """Why the younger of two heads of this log goes on from the older. Refuses where the tree of this database does
    not lead through both.
    """
    try:
        (origin, first), (also, second) = claimed(one), claimed(other)
    except NotSigned as error:
        return Refusal("growth_unread", {"reason": error.text.both})
    if 0 in (first.size, second.size):
        return Refusal("growth_empty", {"origin": origin if first.size == 0 else also})
    if origin != also:
        return Refusal("growth_apart", {"origin": origin, "other": also})
    pairs = [(first, one), (second, other)]
    (old, older), (new, younger) = sorted(pairs, key=lambda each: each[0].size)
    proof = proof_between(log, tree_of(origin), old, new)
    told = {"origin": origin, "old": old.size, "new": new.size}
    return Refusal("growth_none", told) if proof is None else Growth(older, tuple(proof), younger)


def note_told(log: Log, text: str, tree: str = MAIN) -> str | Refusal:
    """A signed head as somebody tells it: the note itself, the text of a page that bears one, one typed from paper, or
    how many events it has. One that is told without its signature is that of its size which the log keeps. Refuses
    what is none, and one that the log never signed.
    """
    plain = text.strip()
    if plain.isdecimal():
        kept = log.checkpoint(tree, int(plain)) if len(plain) < 19 else None
        return Refusal("growth_unkept", {"size": plain[:20]}) if kept is None else kept.note
    return text if is_checkpoint(text) else _from_paper(log, plain)


def _from_paper(log: Log, text: str) -> str | Refusal:
    try:
        found = typed(text)
    except Mistyped as error:
        return Refusal("growth_unread", {"reason": error.text.both})
    if found.note is not None:
        return found.note
    kept = log.checkpoint(tree_of(found.origin), found.head.size)
    try:
        holds = kept is not None and claimed(kept.note) == (found.origin, found.head)
    except NotSigned:
        holds = False
    if kept is None or not holds:
        return Refusal("growth_unsigned", {"origin": found.origin, "size": found.head.size})
    return kept.note


def grown_to(log: Log, one: str, other: str | None) -> Growth | Refusal:
    """Why one head goes on from another, each as it is told (`note_told`); None is the last of the same log."""
    first = note_told(log, one)
    if isinstance(first, Refusal):
        return first
    if other is not None:
        second = note_told(log, other)
        return second if isinstance(second, Refusal) else grown_from(log, first, second)
    try:
        last = log.checkpoint(tree_of(claimed(first)[0]))
    except NotSigned as error:  # somebody wrote into the database what is no head
        return Refusal("growth_unread", {"reason": error.text.both})
    return Refusal("seal_no_head") if last is None else grown_from(log, first, last.note)


def proof_between(log: Log, tree: str, old: Head, new: Head) -> Sequence[bytes] | None:
    """The hashes that lead from one head to the other by the tree of a database; None where it does not."""
    kept, hashed = log.trees().get(tree), HASHES[tree]
    if kept is None or not 0 <= old.size <= new.size <= kept.size:
        return None
    levels = levels_of(log, kept)
    proof = levels.consistency(old.size, new.size)
    holds = levels.root(new.size) == new.root and consistent(old, new, proof, hashed)
    return proof if holds else None


def grows(log: Log, tree: str, old: Head, new: Head) -> bool:
    """Whether the tree of a database begins as one head says and has come to the other."""
    return proof_between(log, tree, old, new) is not None


# -- without a database


def read_growth(text: str) -> Growth:
    """Read one. Raises `NoProof`."""
    top, *parts = text.split("\n\n")
    first, *hashes = top.split("\n")
    if first != GROWTH or len(parts) != 4 or not text.endswith("\n"):
        raise NoProof(
            f"应是 {GROWTH}、各行哈希和两份签署的树头，中间空行",
            f"the text is not {GROWTH}, hashes, and two signed heads with blank lines between",
        )
    body, signatures, other, others = parts
    return Growth(f"{body}\n\n{signatures}\n", hashes_in(hashes), f"{other}\n\n{others}")


def has_grown(growth: Growth, who: Verifier) -> tuple[Head, Head]:
    """The two heads, if both were signed by `who` and all the hashes fit. Raises `NoProof`."""
    try:
        old, new = head_of(growth.old, who), head_of(growth.new, who)
    except NotSigned as error:
        raise NoProof(*error.text) from error
    if old.size == 0 or not consistent(old, new, growth.hashes, HASHES[tree_of(who.name)]):
        raise NoProof(
            "所附的哈希从较早的树头接不到较晚的", "the hashes do not lead from the older head to the younger one"
        )
    return old, new
