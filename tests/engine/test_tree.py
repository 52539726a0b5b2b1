"""The tree hashes as RFC 6962 says: its published vectors, a second way to the same roots, proofs that cannot lie."""

from __future__ import annotations

from hashlib import sha256 as plain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tree import (
    HASHES,
    TILE,
    Edge,
    Hash,
    Head,
    Levels,
    Tiles,
    append,
    consistent,
    edge_of,
    edge_root,
    grown,
    included,
    leaf_hash,
    leaf_text,
    root,
    sha256,
    sm3,
)

# The reference data of RFC 6962, as the test suites of certificate-transparency and Trillian have it.
LEAVES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHED = [leaf_hash(each) for each in LEAVES]


def _naive(leaves: list[bytes], hashed: Hash) -> bytes:
    """The definition of RFC 9162, 2.1.1, as it is written there."""
    if not leaves:
        return hashed(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashed(b"\x01" + _naive(leaves[:split], hashed) + _naive(leaves[split:], hashed))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_rfc(size: int) -> None:
    assert root(HASHED[:size]).hex() == ROOTS[size - 1]
    assert Levels(HASHED).root(size).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root([]) == plain(b"").digest() == Levels([]).root()


def test_proofs_are_those_of_the_rfc() -> None:
    """Paths as they stand in the same reference data."""
    told = [each.hex() for each in Levels(HASHED).inclusion(0)]
    assert told == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    told = [each.hex() for each in Levels(HASHED).consistency(6)]
    assert told == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_sm3_is_the_standard_s() -> None:
    """GB/T 32905, example 1."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize("name", sorted(HASHES))
@given(data=st.data())
def test_every_leaf_is_proved_and_nothing_else(name: str, data: st.DataObject) -> None:
    """A proof holds for its leaf, place, size and root, and for no other of them."""
    hashed = HASHES[name]
    size = data.draw(st.integers(1, 70))
    leaves = [leaf_hash(leaf_text("t", n, f"{n:064x}"), hashed) for n in range(size)]
    at, tree = data.draw(st.integers(0, size - 1)), Levels(leaves, hashed)
    proof, top = tree.inclusion(at), _naive(leaves, hashed)
    assert included(leaves[at], at, size, proof, top, hashed)
    assert not included(leaf_hash(b"other", hashed), at, size, proof, top, hashed)
    assert not included(leaves[at], at, size, [*proof, top], top, hashed)
    assert not included(leaves[at], at, size, proof, hashed(top), hashed)
    assert not included(leaves[at], size + at, size, proof, top, hashed)
    for other in set(range(size)) - {at}:
        assert not included(leaves[at], other, size, proof, top, hashed)
    for n in range(len(proof)):
        assert not included(leaves[at], at, size, proof[:n] + proof[n + 1 :], top, hashed)
        assert not included(leaves[at], at, size, [*proof[:n], hashed(proof[n]), *proof[n + 1 :]], top, hashed)


@pytest.mark.parametrize("name", sorted(HASHES))
@given(data=st.data())
def test_growth_is_proved_and_nothing_else(name: str, data: st.DataObject) -> None:
    """An old head is consistent with what grew from it, and with no tree in which one of its leaves is another."""
    hashed = HASHES[name]
    size = data.draw(st.integers(1, 70))
    old = data.draw(st.integers(1, size))
    leaves = [leaf_hash(bytes([n]), hashed) for n in range(size)]
    tree = Levels(leaves, hashed)
    proof, was, now = tree.consistency(old), Head(old, _naive(leaves[:old], hashed)), Head(size, tree.root())
    assert consistent(was, now, proof, hashed)
    assert not consistent(Head(old, hashed(was.root)), now, proof, hashed)
    assert not consistent(was, Head(size, hashed(now.root)), proof, hashed)
    at = data.draw(st.integers(0, old - 1))
    forged = Levels([*leaves[:at], leaf_hash(b"forged", hashed), *leaves[at + 1 :]], hashed)
    assert not consistent(was, Head(size, forged.root()), forged.consistency(old), hashed)
    assert not consistent(Head(size + 1, now.root), now, proof, hashed)


@given(sizes=st.lists(st.integers(0, 9), max_size=9))
def test_the_edge_grows_to_the_same_root(sizes: list[int]) -> None:
    """Appended in any portions, kept as text between them, the root is that of the whole."""
    leaves: list[bytes] = []
    edge = Edge()
    for count in sizes:
        more = [leaf_hash(bytes([len(leaves) + n])) for n in range(count)]
        leaves += more
        edge = edge_of(edge.size, edge.to_text())
        edge = append(edge, more)
        assert edge_root(edge) == _naive(leaves, sha256)
    assert edge.size == len(leaves)


def test_an_edge_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 has 2 full subtrees"):
        Edge(3, (b"",))


def test_a_leaf_says_which_event_it_is() -> None:
    assert leaf_text("leak-3", 7, "5f" * 32) == b"leak-3#7 " + b"5f" * 32 + b"\n"


@pytest.mark.parametrize(("at", "size"), [(-1, 3), (3, 3), (0, 9), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(at: int, size: int) -> None:
    with pytest.raises(ValueError, match="no position"):
        Levels(HASHED).inclusion(at, size)


def test_there_is_no_growth_from_a_larger_tree() -> None:
    with pytest.raises(ValueError, match="no tree of 9"):
        Levels(HASHED).consistency(9)


def test_an_empty_tree_begins_every_tree() -> None:
    assert consistent(Head(0, root([])), Head(8, root(HASHED)), [])
    assert not consistent(Head(0, b"x"), Head(8, root(HASHED)), [])


@given(st.lists(st.integers(0, 2 * TILE + 3), max_size=4))
def test_growing_by_tiles_is_growing(sizes: list[int]) -> None:
    """The same edge in whatever steps, and each full tile once, with the root over its leaves."""
    leaves = [sha256(str(n).encode()) for n in range(sum(sizes))]
    edge, filled, start = Edge(), list[bytes](), 0
    for size in sizes:
        edge, more = grown(edge, leaves[start : start + size])
        filled, start = filled + more, start + size
    assert edge == append(Edge(), leaves)
    assert filled == [root(leaves[at : at + TILE]) for at in range(0, len(leaves) - TILE + 1, TILE)]


@given(st.data())
def test_proofs_from_tiles_are_the_same(data: st.DataObject) -> None:
    """And of the leaves no more is read than one tile for an inclusion."""
    size = data.draw(st.integers(1, 5 * TILE + 7))
    leaves, read = [sha256(str(n).encode()) for n in range(size)], []

    def tile(number: int) -> list[bytes]:
        read.append(number)
        return leaves[number * TILE : (number + 1) * TILE]

    whole, filled = Levels(leaves), grown(Edge(), leaves)[1]
    at, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert Tiles(size, filled, tile).inclusion(at) == whole.inclusion(at)
    assert set(read) <= {at // TILE, size // TILE}
    assert Tiles(size, filled, tile).consistency(old) == whole.consistency(old)
    assert Tiles(size, filled, tile).root(old) == whole.root(old)
