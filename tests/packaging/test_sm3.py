"""The tree of SM3 beside the main one, as an office that must have it packages it: each is judged by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.packaging import offices
from tests.packaging.mutations import KEY, headed, relisted
from tests.packaging.reading import judged_first, parts
from tests.packaging.second import Files, judged
from workflows.audit.sealing.signing import signer_for
from workflows.packaging import verify_package as first

LEAVES, KEYS = "data/tree/leaves.txt", "data/tree/keys.json"


def _heads(files: Files, tree: str = "sm3") -> list[str]:
    return sorted(name for name in files if name.startswith(f"data/tree/{tree}/"))


def test_the_offices_own_trees_hold(packages: dict[str, Files]) -> None:
    """Two heads of each, over the same leaves, under two names of one key; by a key from elsewhere too."""
    files = packages["both trees"]
    assert len(_heads(files)) == len(_heads(files, "sha256")) == 2
    assert [name[-16:] for name in _heads(files)] == [name[-16:] for name in _heads(files, "sha256")]
    for key in (None, str(KEY.verifier)):
        report = judged_first(files, key)
        assert set(parts(report).values()) == set(judged(files, key).values()) == {True}
        assert "no_hash" not in dict(report.notes)
    assert first.beside(str(KEY.verifier), "sm3") == str(signer_for(KEY, "sm3").verifier)


def _turned(data: bytes, line: int) -> bytes:
    """Two letters of a line in each other's place."""
    lines = data.split(b"\n")
    where = next(n for n in range(4, 40) if lines[line][n] != lines[line][n + 1])
    row = bytearray(lines[line])
    row[where], row[where + 1] = row[where + 1], row[where]
    lines[line] = bytes(row)
    return b"\n".join(lines)


def _signed(files: Files, leaves: list[bytes], signer: Any = KEY) -> Files:
    """The last head of SM3 signed over other leaves."""
    name = _heads(files)[-1]
    return {**files, name: headed(leaves, "sm3", signer)}


def _other_leaf(leaves: list[bytes]) -> list[bytes]:
    return [*leaves[:-1], leaves[-1][:-2] + (b"0" if leaves[-1][-2:-1] != b"0" else b"1") + b"\n"]


def _leaves(files: Files) -> list[bytes]:
    """Those under the last head."""
    return files[LEAVES].splitlines(keepends=True)[: int(_heads(files)[-1][-16:-4])]


def _signed_as_sm3(files: Files) -> Files:
    from engine.tree import Head, leaf_hash, root
    from workflows.audit.sealing.checkpoints import checkpoint

    leaves = _leaves(files)
    head = Head(len(leaves), root([leaf_hash(leaf) for leaf in leaves]))
    return {**files, _heads(files)[-1]: checkpoint(head, signer_for(KEY, "sm3")).encode()}


def _beyond(files: Files) -> Files:
    leaves = [*files[LEAVES].splitlines(keepends=True), b"tiny-99#1 " + b"0" * 64 + b"\n"]
    return {**files, f"data/tree/sm3/{len(leaves):012d}.txt": headed(leaves, "sm3")}


PLANTED: dict[str, tuple[str, Callable[[Files], Files]]] = {
    "a root that is another": ("signature", lambda f: {**f, _heads(f)[-1]: _turned(f[_heads(f)[-1]], 2)}),
    "a signature that is another": ("signature", lambda f: {**f, _heads(f)[-1]: _turned(f[_heads(f)[-1]], 4)}),
    "a head signed over another leaf": ("other_tree", lambda f: _signed(f, _other_leaf(_leaves(f)))),
    "a head signed by somebody else": ("signature", lambda f: _signed(f, _leaves(f), offices.STRANGER)),
    "a head of the main tree in its place": (
        "signature",
        lambda f: {**f, _heads(f)[-1]: f[_heads(f, "sha256")[-1]]},
    ),
    "a root of SHA-256 signed as one of SM3": ("other_tree", _signed_as_sm3),
    "a head of more leaves than there are": ("fewer_leaves", _beyond),
    "a key that is another": ("key", lambda f: {**f, KEYS: f[KEYS].replace(b"/sm3+", b"/sm4+")}),
    "no key": ("no_key", lambda f: {**f, KEYS: f'{{"sha256":"{KEY.verifier}"}}\n'.encode()}),
    "an older head under a later size": (
        "misplaced",
        lambda f: {**f, _heads(f)[-1]: f[_heads(f)[0]]},
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_wrong_with_the_tree_of_sm3_alone_is_found(packages: dict[str, Files], name: str) -> None:
    """The manifests fit and the main tree stands: it is this tree that tells, and each finding is of it."""
    code, plant = PLANTED[name]
    files = relisted(plant(packages["both trees"]))
    report = judged_first(files)
    assert {found[1] for found in report.found["tree"]} == {code}
    assert all("sm3" in place for place, *_ in report.found["tree"])
    assert parts(report) == judged(files) == {**dict.fromkeys(first.RESTS_ON, True), "tree": False}


def test_a_verifier_that_does_not_look_at_it_is_found_out(
    packages: dict[str, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it makes nothing of SM3, a head signed over another leaf passes, and the two disagree."""
    files = relisted(PLANTED["a head signed over another leaf"][1](packages["both trees"]))
    monkeypatch.setattr(first, "hash_named", _main_alone)
    assert parts(judged_first(files))["tree"] is True
    assert judged(files)["tree"] is False


def _main_alone(name: str) -> Callable[[bytes], bytes]:
    if name != "sha256":
        raise ValueError(name)
    return lambda data: hashlib.sha256(data).digest()


def test_a_python_without_sm3_says_that_it_did_not_look(
    packages: dict[str, Files], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The main tree is checked all the same; what is wrong with the other one is not called right."""
    new = hashlib.new

    def without(name: str, *data: Any, **how: Any) -> Any:
        if name == "sm3":
            raise ValueError(f"unsupported hash type {name}")
        return new(name, *data, **how)

    monkeypatch.setattr(hashlib, "new", without)
    report = judged_first(packages["both trees"])
    assert report.notes.count(("no_hash", {"name": "sm3"})) == 1
    assert report.found["tree"] == []
    main = relisted({**packages["both trees"], _heads(packages["both trees"], "sha256")[-1]: b"x\n"})
    assert judged_first(main).found["tree"]
