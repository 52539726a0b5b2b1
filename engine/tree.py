r"""One append-only tree over everything that was recorded, hashed as RFC 6962 (section 2.1) and RFC 9162 say.

    leaf of an event   the UTF-8 text `STREAM#SEQ HASH\n`, e.g. `leak-3#7 5f1c…\n`: the event's stream and number, and
                       its hash in the chain of its stream (`engine.chain`), 64 lower-case hexadecimal digits
    hash of a leaf     H(0x00 leaf)
    hash of a node     H(0x01 left right)
    root of nothing    H()

H is SHA-256, or SM3 (GB/T 32905) for a second tree over the same leaves. A leaf binds the place of an event as well as
its content, so that two events cannot change places, and stays true when a personal line of it is erased.

Whoever appends needs the right edge only: the roots of the full subtrees, one for each bit of the size. Proofs are
lists of hashes; the two checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2, word for word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_sha256 = hashlib.sha256

Hash: TypeAlias = Callable[[bytes], bytes]

DIGEST_BYTES = 32

TILE = 256
"""Leaves under one root that is kept beside the tree, so that a proof reads one tile of leaves and those roots."""


def sha256(data: bytes) -> bytes:
    """SHA-256 of these bytes."""
    return _sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """SM3 of these bytes. Raises ValueError where Python's OpenSSL has none."""
    return hashlib.new("sm3", data).digest()


HASHES: dict[str, Hash] = {"sha256": sha256, "sm3": sm3}


def leaf_text(stream: str, seq: int, chain_hash: str) -> bytes:
    """What stands at a position of the tree: which event, and its hash in the chain of its stream."""
    return f"{stream}#{seq} {chain_hash}\n".encode()


def leaf_hash(data: bytes, hashed: Hash = sha256) -> bytes:
    """The hash of a leaf."""
    return hashed(b"\x00" + data)


def node_hash(left: bytes, right: bytes, hashed: Hash = sha256) -> bytes:
    """The hash of a node over its two children."""
    return hashed(b"\x01" + left + right)


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: its size, and the roots of its full subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.roots) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} has {self.size.bit_count()} full subtrees, not {len(self.roots)}")

    def to_text(self) -> str:
        """As it is kept: hexadecimal, spaces between."""
        return " ".join(root.hex() for root in self.roots)


def edge_of(size: int, text: str) -> Edge:
    """The inverse of `Edge.to_text`. Raises ValueError where the text is not of this size."""
    return Edge(size, tuple(bytes.fromhex(each) for each in text.split()))


def append(edge: Edge, leaves: Sequence[bytes], hashed: Hash = sha256) -> Edge:
    """The edge after these hashes of leaves: about two hashes each."""
    size, roots = edge.size, list(edge.roots)
    for leaf in leaves:
        node, carry = leaf, size
        while carry & 1:
            node = hashed(b"\x01" + roots.pop() + node)
            carry >>= 1
        roots.append(node)
        size += 1
    return Edge(size, tuple(roots))


def grown(edge: Edge, leaves: Sequence[bytes], hashed: Hash = sha256) -> tuple[Edge, list[bytes]]:
    """As `append`, with the roots of the tiles that were filled, from number `edge.size // TILE` on.

    The full tiles are themselves the leaves of a tree, which the roots of the tile at hand follow.
    """
    within = edge.size % TILE
    cut = len(edge.roots) - within.bit_count()
    high, low = Edge(edge.size // TILE, edge.roots[:cut]), Edge(within, edge.roots[cut:])
    filled, start = list[bytes](), 0
    while start < len(leaves):
        part = leaves[start : start + TILE - low.size]
        low, start = append(low, part, hashed), start + len(part)
        if low.size == TILE:
            filled += low.roots
            high, low = append(high, low.roots, hashed), Edge()
    return Edge(high.size * TILE + low.size, high.roots + low.roots), filled


def edge_root(edge: Edge, hashed: Hash = sha256) -> bytes:
    """The root of the tree that ends so."""
    if not edge.roots:
        return hashed(b"")
    node = edge.roots[-1]
    for left in reversed(edge.roots[:-1]):
        node = node_hash(left, node, hashed)
    return node


def root(leaves: Sequence[bytes], hashed: Hash = sha256) -> bytes:
    """The root over these hashes of leaves (MTH of RFC 9162)."""
    return edge_root(append(Edge(), leaves, hashed), hashed)


def _split(size: int) -> int:
    """The largest power of two below a size that is at least two."""
    return 1 << ((size - 1).bit_length() - 1)


class Levels:
    """A whole tree in memory, for many proofs: every full node once, 64 bytes a leaf."""

    def __init__(self, leaves: Sequence[bytes], hashed: Hash = sha256) -> None:
        self.size, self._hashed = len(leaves), hashed
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = zip(below[::2], below[1::2], strict=False)  # an odd one at the end has no full parent
            self._levels.append([hashed(b"\x01" + left + right) for left, right in pairs])

    def range_root(self, start: int, size: int) -> bytes:
        """The root over `size` leaves from `start` on, where `start` is where a subtree of that size may begin."""
        if size == 0:
            return self._hashed(b"")
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            return self._levels[level][start >> level]
        left = _split(size)
        return node_hash(self.range_root(start, left), self.range_root(start + left, size - left), self._hashed)

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, by default of all."""
        return self.range_root(0, self.size if size is None else size)

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """Why the leaf at `position` (from 0) is in the tree of `size` leaves. Raises ValueError where it is not."""
        size = self.size if size is None else size
        if not 0 <= position < size <= self.size:
            raise ValueError(f"no position {position} in a tree of {size}, {self.size} known")
        return self._path(position, 0, size)

    def _path(self, position: int, start: int, size: int) -> list[bytes]:
        if size == 1:
            return []
        left = _split(size)
        if position < left:
            return [*self._path(position, start, left), self.range_root(start + left, size - left)]
        return [*self._path(position - left, start + left, size - left), self.range_root(start, left)]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Why the tree of `old` leaves is how the tree of `size` leaves began. Raises ValueError for no such sizes."""
        size = self.size if size is None else size
        if not 0 <= old <= size <= self.size:
            raise ValueError(f"no tree of {old} in a tree of {size}, {self.size} known")
        return list(self._subproof(old, 0, size, whole=True)) if 0 < old < size else []

    def _subproof(self, old: int, start: int, size: int, *, whole: bool) -> Iterator[bytes]:
        if old == size:
            if not whole:
                yield self.range_root(start, size)
            return
        left = _split(size)
        if old <= left:
            yield from self._subproof(old, start, left, whole=whole)
            yield self.range_root(start + left, size - left)
        else:
            yield from self._subproof(old - left, start + left, size - left, whole=False)
            yield self.range_root(start, left)


class Tiles(Levels):
    """A tree of which the roots of full tiles are known; the leaves of a tile are fetched when a proof needs them."""

    def __init__(
        self, size: int, roots: Sequence[bytes], leaves_of: Callable[[int], Sequence[bytes]], hashed: Hash = sha256
    ) -> None:
        self.size, self._hashed = size, hashed
        self._full, self._leaves_of = Levels(roots, hashed), leaves_of
        self._opened: dict[int, Levels] = {}

    def range_root(self, start: int, size: int) -> bytes:
        if 0 < size < TILE:
            return self._tile(start // TILE).range_root(start % TILE, size)
        if size % TILE == 0:
            return self._full.range_root(start // TILE, size // TILE)
        left = _split(size)
        return node_hash(self.range_root(start, left), self.range_root(start + left, size - left), self._hashed)

    def _tile(self, number: int) -> Levels:
        if number not in self._opened:
            self._opened[number] = Levels(self._leaves_of(number), self._hashed)
        return self._opened[number]


def included(
    leaf: bytes, position: int, size: int, proof: Sequence[bytes], tree_root: bytes, hashed: Hash = sha256
) -> bool:
    """Whether the proof shows that a leaf (its hash) stands at `position` of the tree of this size and root."""
    if not 0 <= position < size:
        return False
    at, last, node = position, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(each, node, hashed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, each, hashed)
        at, last = at >> 1, last >> 1
    return last == 0 and node == tree_root


@dataclass(frozen=True, slots=True)
class Head:
    """A tree as it was: how many leaves, and their root."""

    size: int
    root: bytes


def consistent(old: Head, new: Head, proof: Sequence[bytes], hashed: Hash = sha256) -> bool:
    """Whether the proof shows that the new tree begins as the old one was."""
    if old.size > new.size:
        return False
    if old.size == 0:
        return not proof and old.root == hashed(b"")
    if old.size == new.size:
        return not proof and old.root == new.root
    return _grown(old, new, [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof), hashed)


def _grown(old: Head, new: Head, path: Sequence[bytes], hashed: Hash) -> bool:
    if not path:
        return False
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before, hashed), node_hash(each, after, hashed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each, hashed)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root
