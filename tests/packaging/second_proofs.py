"""The second verifier, of proofs and receipts: written from `docs/tamper-evidence.md` alone, by recursion from the root
down where the first one goes up from the leaf.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re

from tests.packaging.second import Broken, event_in, holds, need, signed


def proof_holds(text: str, key: str) -> bool:
    """Whether a proof or a receipt shows what it says, by the key of its log."""
    return holds(lambda: shown(text, key))


def shown(text: str, key: str) -> None:
    match text.split("\n", 1)[0]:
        case "c2sp.org/tlog-proof@v1":
            stands(text, key)
        case "duban-growth/1":
            goes_on(text, key)
        case "duban-receipt/1":
            _, line, empty, rest = text.split("\n", 3)
            event = event_in(json.loads(line))
            need(empty == "" and rest.startswith("c2sp.org/tlog-proof@v1\n"))
            need(stands(rest, key) == f"{event['ref']} {event['hash']}")
        case _:
            raise Broken


def by_origin(note: str, key: str) -> tuple[int, bytes, str]:
    """A signed head, and the name of the hash of its tree."""
    name, _, encoded = key.strip().split("+", 2)
    if note.split("\n", 1)[0] != f"{name}/sm3":
        return (*signed(note, key), "sha256")
    mark = hashlib.sha256(f"{name}/sm3\n".encode() + base64.b64decode(encoded)).hexdigest()[:8]
    return (*signed(note, f"{name}/sm3+{mark}+{encoded}"), "sm3")


def stands(text: str, key: str) -> str:
    """The leaf of a proof that holds, by recursion from the root down: the last hash is the topmost."""
    head, note = text.split("\n\n", 1)
    _, extra, index, *lines = head.split("\n")
    need(extra.startswith("extra ") and re.fullmatch("index (0|[1-9][0-9]*)", index))
    leaf, path = base64.b64decode(extra[6:], validate=True), [base64.b64decode(each, validate=True) for each in lines]
    need(re.fullmatch(r"[^\n]+#[1-9][0-9]* [0-9a-f]{64}", leaf.decode()))
    size, root, name = by_origin(note, key)
    need(all(len(each) == 32 for each in path) and 0 <= int(index[6:]) < size)

    def under(place: int, leaves: int) -> bytes:
        if leaves == 1:
            return hashlib.new(name, b"\x00" + leaf + b"\n").digest()
        left, other = 1 << (leaves - 1).bit_length() - 1, path.pop()
        pair = (under(place, left), other) if place < left else (other, under(place - left, leaves - left))
        return hashlib.new(name, b"\x01" + b"".join(pair)).digest()

    need(under(int(index[6:]), size) == root and not path)
    return leaf.decode()


def goes_on(text: str, key: str) -> None:
    """Both roots built again by recursion (RFC 9162, 2.1.4.1, read backwards)."""
    head, *parts = text.split("\n\n")
    need(len(parts) == 4 and text.endswith("\n"))
    path = [base64.b64decode(each, validate=True) for each in head.split("\n")[1:]]
    old, was, name = by_origin(f"{parts[0]}\n\n{parts[1]}\n", key)
    new, root, other = by_origin(f"{parts[2]}\n\n{parts[3]}", key)
    need(name == other and 0 < old <= new and all(len(each) == 32 for each in path))

    def hashed(left: bytes, right: bytes) -> bytes:
        return hashlib.new(name, b"\x01" + left + right).digest()

    def both(older: int, leaves: int, *, whole: bool) -> tuple[bytes, bytes]:
        if older == leaves:
            same = was if whole else path.pop()
            return same, same
        left, beside = 1 << (leaves - 1).bit_length() - 1, path.pop()
        if older <= left:
            before, after = both(older, left, whole=whole)
            return before, hashed(after, beside)
        before, after = both(older - left, leaves - left, whole=False)
        return hashed(beside, before), hashed(beside, after)

    need(both(old, new, whole=True) == (was, root) and not path)
