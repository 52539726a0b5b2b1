"""Heads are signed only where they go on from the last one that was signed.

The signer does not trust the database for its past: it remembers the edge of the last tree that it signed, takes the
leaves that came since, and signs what these lead to. A database that was rolled back has fewer leaves than that, and
one whose past was rewritten leads elsewhere: both are refused. What was signed is remembered before it is given away
(C2SP tlog-checkpoint: a log never signs what is not consistent with what it signed before).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.commands import Refusal
from engine.tree import HASHES, Edge, Hash, Head, append, edge_root
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.ports import Log, Memory
from workflows.audit.sealing.values import MAIN, Checkpoint, Tree

PAGE = 5_000
"""Leaves that are read at once."""


@dataclass(frozen=True)
class Pen:
    """With what heads are signed: a key, and what was signed with it."""

    signer: Signer
    memory: Memory


def signer_for(signer: Signer, tree: str) -> Signer:
    """Who signs a tree: each has an origin of its own, the one beside the main tree `ORIGIN/sm3`."""
    return signer if tree == MAIN else Signer(f"{signer.name}/{tree}", signer.seed)


def sign(log: Log, pen: Pen) -> Sequence[Checkpoint] | Refusal:
    """Sign each tree that has grown since, and keep its head; answers the last heads. Refuses where one does not go on
    from the last one that was signed.
    """
    with pen.memory.alone():
        signed = [_signed(log, pen, tree) for tree in log.trees().values()]
    refused = next((each for each in signed if isinstance(each, Refusal)), None)
    return refused or [each for each in signed if isinstance(each, Checkpoint)]


def _signed(log: Log, pen: Pen, tree: Tree) -> Checkpoint | Refusal | None:
    signer, hashed = signer_for(pen.signer, tree.name), HASHES[tree.name]
    last = pen.memory.recall(signer.name) or Edge()
    told = {"origin": signer.name, "signed": last.size, "size": tree.size}
    if tree.size < last.size:
        return Refusal("seal_rolled_back", told)
    edge = followed(log, last, tree.size, hashed)
    if edge != tree.edge:
        return Refusal("seal_forked", told)
    if edge.size > last.size:
        pen.memory.remember(signer.name, edge)
    note = checkpoint(Head(edge.size, edge_root(edge, hashed)), signer)
    kept = log.checkpoint(tree.name)
    if edge.size and (kept is None or (kept.size, kept.note) != (edge.size, note)):
        log.keep(tree.name, edge.size, note)
    return log.checkpoint(tree.name)


def followed(log: Log, edge: Edge, size: int, hashed: Hash) -> Edge | None:
    """The edge after the leaves that follow, up to a size; None where some are missing."""
    while edge.size < size:
        more = log.leaves(edge.size, min(size, edge.size + PAGE))
        if not more:
            return None
        edge = append(edge, [leaf.digest(hashed) for leaf in more], hashed)
    return edge
