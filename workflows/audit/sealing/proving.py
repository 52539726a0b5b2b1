"""One event's proof as a text that needs neither this program nor its database: C2SP tlog-proof.

    c2sp.org/tlog-proof@v1
    extra bGVhay0zIzcgNWYxYy…        base64 of the leaf: `leak-3#7 5f1c…`, from which its hash is made
    index 73894                      the position, from 0
    gSKyXoYZUgZ6jduWYrkDOARinOMG…    hashes from the leaf's neighbour up to the root's child, base64, a line each

    duban.example.org                the checkpoint, as it was signed
    …

Source: https://c2sp.org/tlog-proof
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.commands import Refusal
from engine.events import Json
from engine.problems import Spoken
from engine.tree import DIGEST_BYTES, HASHES, TILE, Head, Levels, Tiles, included, leaf_hash
from workflows.audit.sealing.checkpoints import NotSigned, Verifier, head_of
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.values import MAIN, Leaf, Tree

FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"0|[1-9][0-9]{0,18}")


class NoProof(Spoken, ValueError):
    """A text proves nothing; says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a leaf stands at a position of a signed tree."""

    leaf: str
    """`STREAM#SEQ HASH`."""
    position: int
    hashes: tuple[bytes, ...]
    note: str

    def to_text(self) -> str:
        """As it is handed out."""
        extra = _text(self.leaf.encode())
        lines = [FIRST_LINE, f"extra {extra}", f"index {self.position}", *(_text(each) for each in self.hashes)]
        return "\n".join(lines) + f"\n\n{self.note}"

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        hashes = [_text(each) for each in self.hashes]
        return {"leaf": self.leaf, "index": self.position, "hashes": hashes, "checkpoint": self.note}


def prove(log: Log, stream: str, seq: int, tree: str = MAIN) -> Proof | Refusal:
    """Why an event is in the last head that was signed."""
    kept, position = log.checkpoint(tree), log.position(stream, seq)
    told = {"event": f"{stream}#{seq}"}
    if kept is None:
        return Refusal("seal_no_head", told)
    if position is None or position >= kept.size:
        return Refusal("seal_not_yet", {**told, "size": kept.size})
    levels = levels_of(log, log.trees()[tree])
    leaf = log.leaves(position, position + 1)[0]
    said = f"{leaf.stream}#{leaf.seq} {leaf.hash}"
    return Proof(said, position, tuple(levels.inclusion(position, kept.size)), kept.note)


def levels_of(log: Log, tree: Tree) -> Levels:
    """A tree for proofs, of which no more is read than they need."""
    hashed = HASHES[tree.name]

    def tile(number: int) -> Sequence[bytes]:
        found: Sequence[Leaf] = log.leaves(number * TILE, min(tree.size, (number + 1) * TILE))
        return [leaf.digest(hashed) for leaf in found]

    return Tiles(tree.size, log.tiles(tree.name), tile, hashed)


# -- without a database


def read_proof(text: str) -> Proof:
    """Read a proof. Raises `NoProof`."""
    top, gap, note = text.partition("\n\n")
    first, *lines = top.split("\n")
    if first != FIRST_LINE or not gap or len(lines) < 2:
        zh = f"开头不是 {FIRST_LINE}、extra 和 index 各一行"
        raise NoProof(zh, f"the text does not begin with {FIRST_LINE}, extra and index")
    extra, index, *hashes = lines
    position = index.removeprefix("index ")
    if not extra.startswith("extra ") or not index.startswith("index ") or not _INDEX.fullmatch(position):
        raise NoProof("缺少 extra 和 index 两行", "the lines extra and index are missing")
    try:
        leaf = base64.b64decode(extra.removeprefix("extra "), validate=True).decode()
    except ValueError as error:
        raise NoProof("有一行不是 base64", "a line is not base64") from error
    return Proof(leaf, int(position), hashes_in(hashes), note)


def hashes_in(lines: Sequence[str]) -> tuple[bytes, ...]:
    """The hashes of a proof, a line each. Raises `NoProof`."""
    try:
        found = tuple(base64.b64decode(each, validate=True) for each in lines)
    except ValueError as error:
        raise NoProof("有一行不是 base64", "a line is not base64") from error
    if any(len(each) != DIGEST_BYTES for each in found):
        raise NoProof("有一行不是 32 字节的哈希", "a line is no hash of 32 bytes")
    return found


def proved(proof: Proof, who: Verifier, tree: str = MAIN) -> Head:
    """The head in which the leaf of a proof stands, if it was signed by `who` and all the hashes fit. Raises
    `NoProof`.
    """
    hashed = HASHES[tree]
    try:
        head = head_of(proof.note, who)
    except NotSigned as error:
        raise NoProof(*error.text) from error
    leaf = leaf_hash(f"{proof.leaf}\n".encode(), hashed)
    if not included(leaf, proof.position, head.size, proof.hashes, head.root, hashed):
        raise NoProof("所附的哈希从这条记录算不到签署的根", "the hashes do not lead from the event to the signed root")
    return head


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
