"""The tree of a database against its events, and heads against the tree: whatever was changed since it was sealed.

`check` is for every verifier. It believes nothing that the database keeps beside the leaves, neither edges nor tiles
nor its own heads. It compares the hash that each event has now with the one in its leaf; that an event's hash is that
of its texts is what the chains show. What a hostile administrator of the database cannot change are heads that others
keep: the more are given, the better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from engine.events import iso
from engine.reasons import reason_of
from engine.tree import HASHES, TILE, Edge, edge_root, grown
from workflows.audit.sealing.claims import Claim, Elsewhere, claims_of
from workflows.audit.sealing.on_documents import OnDocument, claims_on
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.values import MAIN, Checkpoint, Flaw, Kept, Leaf, Tree

BACKDATED = timedelta(minutes=10)
"""How long before the last head an event may have been recorded that entered the tree after it: no transaction is open
for so long."""

LATE = timedelta(minutes=10)
"""How long after its recording an event may be without a head: the standing job signs each minute."""

ALL = 2**63 - 1


def check(
    log: Log,
    elsewhere: Elsewhere | None = None,
    *,
    virtual: bool = False,
    texts: bool = False,
    documents: Sequence[OnDocument] = (),
) -> Iterator[Flaw]:
    """Everything that is found: heads by themselves, leaves in their order, heads against leaves, those of `documents`
    too, events outside the tree. In `virtual` time nothing is compared with when heads were signed. With `texts` each
    event's hash is computed anew; whoever verifies the chains too need not do it twice. Rows may hold anything: one
    that the log cannot have written is told and passed over.
    """
    try:
        for each in log.damaged():
            yield Flaw("tree_unreadable", facts={"error": each.both})
        yield from _checked(log, elsewhere or Elsewhere(), documents, virtual=virtual, texts=texts)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        yield Flaw("tree_unreadable", facts={"error": reason_of(error).both})


def _checked(
    log: Log, known: Elsewhere, documents: Sequence[OnDocument], *, virtual: bool, texts: bool
) -> Iterator[Flaw]:
    trees = log.trees()
    stored = {name: log.checkpoints(name) for name in sorted(HASHES)}
    heads, findings = claims_of(stored, known)
    printed, more = claims_on(documents, stored, known)
    yield from (*findings, *more)
    claims = [*heads, *printed]
    if MAIN not in trees and claims:
        yield Flaw("tree_missing", facts={"tree": MAIN})
    kept = log.kept(max((tree.size for tree in trees.values()), default=0), texts=texts)
    builds = [_Build(log, tree, [each for each in claims if each.tree == tree.name]) for tree in trees.values()]
    yield from _looked_over(kept, builds, () if virtual else stored[MAIN])
    for build in builds:
        yield from build.ended()
    yield from (claim.lost(0) for claim in claims if claim.tree not in trees)
    for each in log.outside():
        if not each.waits:
            yield Flaw("event_outside", each.stream, each.seq)
        elif each.recorded_at is None:
            yield Flaw("tree_unreadable", each.stream, each.seq, {"error": "recorded_at"})
    yield from _received(log, known.receipts)
    if known.now is not None:
        size = max((each.head.size for each in heads if each.tree == MAIN), default=0)
        yield from _overdue(log, size, None if virtual else known.now)


def _received(log: Log, receipts: Sequence[tuple[str, Leaf]]) -> Iterator[Flaw]:
    """Events that somebody holds a receipt of. What is recorded of them now is held against the leaves elsewhere."""
    for source, leaf in receipts:
        row = log.row(leaf.stream, leaf.seq)
        if row is None:
            yield Flaw("receipt_missing", leaf.stream, leaf.seq, {"source": source})
        elif row.hash != leaf.hash:
            facts = {"source": source, "receipt": leaf.hash, "hash": str(row.hash)}
            yield Flaw("receipt_unmet", leaf.stream, leaf.seq, facts)


def _overdue(log: Log, size: int, now: datetime | None) -> Iterator[Flaw]:
    """What is under no head, though it was recorded long ago: whoever cannot sign would take heads away, or leave what
    they rewrote unsigned, among the leaves or among what waits. In virtual time (None) long before the last of these:
    a database may say of itself that it is a rehearsal, and that must not silence this.
    """
    above = ((each.recorded_at, each.leaf.stream, each.leaf.seq) for each in log.kept(ALL, start=size))
    waiting = ((each.recorded_at, each.stream, each.seq) for each in log.outside() if each.waits)
    unsigned = sorted((at, stream, seq) for at, stream, seq in chain(above, waiting) if at is not None)
    end = now or (unsigned[-1][0] if unsigned else None)
    late = [each for each in unsigned if end is not None and each[0] < end - LATE]
    if late:
        at, stream, seq = late[0]
        yield Flaw("head_overdue", stream, seq, {"recorded_at": iso(at), "size": size, "count": len(late)})


def _looked_over(kept: Iterator[Kept], builds: Sequence[_Build], heads: Sequence[Checkpoint]) -> Iterator[Flaw]:
    """Each position: that it is there, that it points to its event, and that each stream stands in its order."""
    expected, last, dates = 0, dict[str, int](), _Dates(heads)
    for each in kept:
        if each.position != expected:
            yield Flaw("leaf_missing", facts={"position": expected, "count": each.position - expected})
            for build in builds:
                build.broken = True
        expected = each.position + 1
        yield from _pointed(each)
        yield from dates.look(each)
        if last.get(each.leaf.stream, 0) != each.leaf.seq - 1:
            facts = {"position": each.position, "after": last.get(each.leaf.stream, 0)}
            yield Flaw("leaf_misplaced", each.leaf.stream, each.leaf.seq, facts)
        last[each.leaf.stream] = each.leaf.seq
        for build in builds:
            yield from build.add(each.leaf)


def _pointed(each: Kept) -> Iterator[Flaw]:
    stream, seq, sealed = each.leaf
    if each.hash is not None and each.recorded_at is None:
        yield Flaw("tree_unreadable", stream, seq, {"error": "recorded_at"})
    if each.hash is None:
        yield Flaw("event_deleted", stream, seq, {"position": each.position})
    elif each.hash != sealed:
        yield Flaw(
            "event_changed", stream, seq, {"position": each.position, "sealed": str(sealed), "hash": str(each.hash)}
        )


class _Dates:
    """When each head was signed, as the walk comes past it."""

    def __init__(self, heads: Sequence[Checkpoint]) -> None:
        self._heads, self._next = heads, 0

    def look(self, each: Kept) -> Iterator[Flaw]:
        """Whether an event that came after a head says that it was recorded long before it."""
        while self._next < len(self._heads) and self._heads[self._next].size <= each.position:
            self._next += 1
        head = self._heads[self._next - 1] if self._next else None
        if head is not None and each.recorded_at is not None and each.recorded_at < head.signed_at - BACKDATED:
            facts = {"recorded_at": iso(each.recorded_at), "signed_at": iso(head.signed_at), "size": head.size}
            yield Flaw("event_backdated", each.leaf.stream, each.leaf.seq, facts)


class _Build:
    """A tree that is built again from its leaves, up to each head that it has to meet."""

    def __init__(self, log: Log, tree: Tree, claims: Sequence[Claim]) -> None:
        self._tree, self._hashed, self._edge = tree, HASHES[tree.name], Edge()
        self._tiles, self._waiting = log.tiles(tree.name), list[bytes]()
        self._claims = sorted(claims, key=lambda each: each.head.size)
        self._sizes = {each.head.size for each in claims}
        self.broken = False
        """Whether a leaf is missing: then nothing above it can be built."""

    def add(self, leaf: Leaf) -> Iterator[Flaw]:
        """One leaf more."""
        self._waiting.append(leaf.digest(self._hashed))
        size = self._edge.size + len(self._waiting)
        if size % TILE == 0 or size in self._sizes:
            yield from self._grown()

    def _grown(self) -> Iterator[Flaw]:
        first = self._edge.size // TILE
        self._edge, filled = grown(self._edge, self._waiting, self._hashed)
        self._waiting = []
        for number, root in enumerate(filled, first):
            kept = self._tiles[number] if number < len(self._tiles) else None
            if kept != root and not self.broken:
                yield Flaw("tile_wrong", facts={"tree": self._tree.name, "number": number})
        while self._claims and self._claims[0].head.size <= self._edge.size:
            yield from self._met(self._claims.pop(0))

    def _met(self, claim: Claim) -> Iterator[Flaw]:
        if claim.head.size != self._edge.size or self.broken or claim.head.root != self._root():
            yield claim.unmet()

    def _root(self) -> bytes:
        return edge_root(self._edge, self._hashed)

    def ended(self) -> Iterator[Flaw]:
        """What is left when the last leaf has been added."""
        while self._claims and self._claims[0].head.size == 0:
            claim = self._claims.pop(0)
            if claim.head.root != self._hashed(b""):
                yield claim.unmet()
        yield from self._grown()
        yield from (claim.lost(self._edge.size) for claim in self._claims)
        if self._edge != self._tree.edge and not self.broken:
            facts = {"tree": self._tree.name, "size": self._tree.size, "leaves": self._edge.size}
            yield Flaw("tree_wrong", facts=facts)
