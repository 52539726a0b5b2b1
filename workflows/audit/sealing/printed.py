"""Heads and events on paper: short lines that people can type again and a program finds in a page's text.

    记录树头 duban.example.org 20852742
    09f8a1b2 … (eight groups of eight: the root) … 3f2c
    — duban.example.org Az3grl…   the signature, where there is room for it

The root is hexadecimal, so that no letter looks like a digit; the last four characters are the beginning of
SHA-256 over origin, size and root (a line feed between them), so that a slip of the fingers is told from another
record. The signature is that of the checkpoint, which these lines give back byte for byte.

    记录 leak-3#7
    5f1c07aa … (eight groups of eight: its hash in the chain) … 81d0

An event stands so on a receipt. Its last four characters are of SHA-256 over its name and its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from engine.problems import Spoken
from engine.tree import DIGEST_BYTES, Head
from workflows.audit.sealing.checkpoints import NotSigned, body, claimed
from workflows.audit.sealing.values import Leaf

LABEL = {"zh": "记录树头", "en": "Head of the record"}
EVENT = {"zh": "记录", "en": "Event"}
GROUP, CHECK = 8, 4

_FOUND = re.compile(
    r"(?<![^\s+])(?P<origin>[^\s+]+)\s+(?P<size>0|[1-9]\d{0,18})\s+"
    r"(?P<root>(?:[0-9a-f]{8}\s+){8})(?P<check>[0-9a-f]{4})\b"
    r"(?:\s+— (?P=origin)\s+(?P<signature>[A-Za-z0-9+/]{91,92}=?))?"
)
_EVENT = re.compile(
    r"(?<!\S)(?P<stream>\S+)#(?P<seq>[1-9]\d{0,8})\s+(?P<hash>(?:[0-9a-f]{8}\s*){8})(?P<check>[0-9a-f]{4})\b",
    re.IGNORECASE,
)
"""Both begin where a word does: looked for at every letter, a word without an end would keep its reader for hours."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_DIGITS = re.compile(rf"[0-9a-f]{{{2 * DIGEST_BYTES + CHECK}}}")


class Mistyped(Spoken, ValueError):
    """What was typed is no head or event as it is printed, or there is a slip in it; says where."""


def _slip(check: str) -> Mistyped:
    return Mistyped(f"校验 {check} 与它前面的内容不符，有录入错误", f"there is a slip in it: {check} is not its check")


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A head that was read from paper. `note` is the signed checkpoint, where the signature was read too."""

    origin: str
    head: Head
    note: str | None = None


def printed(note: str, lang: str) -> list[str]:
    """The lines of a checkpoint for paper. Raises `NotSigned` where it is none."""
    origin, head = claimed(note)
    first = next((line for line in note.splitlines() if line.startswith(f"— {origin} ")), None)
    lines = [f"{LABEL[lang]} {origin} {head.size}", _grouped(head.root.hex(), _check(origin, head))]
    return [*lines, first] if first is not None else lines


def head_lines(note: str | None, lang: str) -> list[str]:
    """The same; nothing where there is none, or where somebody wrote into the database what is none: `duban seal check`
    tells it, and it is printed nowhere.
    """
    try:
        return printed(note, lang) if note is not None else []
    except NotSigned:
        return []


def printed_event(leaf: Leaf, lang: str) -> list[str]:
    """The lines of an event for paper."""
    return [f"{EVENT[lang]} {leaf.stream}#{leaf.seq}", _grouped(leaf.hash, _check_of(leaf))]


def _grouped(digits: str, check: str) -> str:
    return " ".join([*(digits[at : at + GROUP] for at in range(0, len(digits), GROUP)), check])


def _check(origin: str, head: Head) -> str:
    return sha256(f"{origin}\n{head.size}\n{head.root.hex()}".encode()).hexdigest()[:CHECK]


def _check_of(leaf: Leaf) -> str:
    return sha256(f"{leaf.stream}#{leaf.seq}\n{leaf.hash}".encode()).hexdigest()[:CHECK]


def events_in(text: str) -> Iterator[Leaf]:
    """Every event in the text of a receipt as it is printed, or as somebody typed it. One with a slip in it raises
    `Mistyped`.
    """
    for match in _EVENT.finditer(text):
        found = Leaf(match["stream"], int(match["seq"]), "".join(match["hash"].split()).lower())
        if _check_of(found) != match["check"].lower():
            raise _slip(match["check"])
        yield found


def found_in(text: str) -> Iterator[OnPaper]:
    """Every head in the text of a printed page. One with a slip in it raises `Mistyped`."""
    for match in _FOUND.finditer(text):
        head = _headed(match["origin"], match["size"], "".join(match["root"].split()), match["check"])
        yield OnPaper(match["origin"], head, _noted(match["origin"], head, match["signature"]))


def typed(text: str) -> OnPaper:
    """A head as somebody typed it from paper: origin, size and root with its check, in groups or not. Raises
    `Mistyped`.
    """
    plain = text.strip()
    for label in LABEL.values():
        plain = plain.removeprefix(label).strip()
    whole = next(found_in(plain), None)
    if whole is not None:
        return whole
    origin, size, *rest = [*plain.split(), "", ""]
    digits = "".join(rest).lower()
    if not _SIZE.fullmatch(size) or not _DIGITS.fullmatch(digits):
        raise Mistyped(
            "应有日志名、条数、八组根和四位校验",
            "a log, a size, eight groups of the root and four of the check are wanted",
        )
    return OnPaper(origin, _headed(origin, size, digits[:-CHECK], digits[-CHECK:]))


def _headed(origin: str, size: str, root: str, check: str) -> Head:
    head = Head(int(size), bytes.fromhex(root))
    if _check(origin, head) != check:
        raise _slip(check)
    return head


def _noted(origin: str, head: Head, signature: str | None) -> str | None:
    return f"{body(origin, head)}\n— {origin} {signature}\n" if signature else None
