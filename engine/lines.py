r"""The lines of a payload's text: each stands under a salt of its own, and one may be gone.

A line that is *erased* (or withheld from who takes a package) leaves its digest in the place of its salt, and a
stand-in in its own: `"NAME":"<personal>"`, or `"<personal>"` where the line was all of its part. A salt has 32 digits,
a digest 64: so the two are told apart, every hash stays, and the payload is JSON all the same. The stand-in alone may
stand there, and only where a line stands apart: whoever wrote anything else beside a digest would be believed.

Read, what is gone is null, as what was never filled in; a row of a plan is an empty row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

SALT_BYTES = 16

DIGITS = 64
"""Of a digest that stands in a salt's place."""

PERSONAL = "<personal>"
"""Stands for a value that is not shown, or is gone."""

ROWS = "milestones"
"""The part whose values are rows."""


class Apart(NamedTuple):
    """A line that stands apart: its number from 0, the part of the payload, and the name in it (None: the part is this
    one line).
    """

    at: int
    part: str
    name: str | None


_OPENS = re.compile(r'"(\w+)":(\{?)$')
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"(?=:)')


def set_apart(lines: Sequence[str]) -> Iterator[Apart]:
    """The lines that stand apart. All others are structure."""
    part, inside = "", False
    for at, line in enumerate(lines):
        if inside and not line.startswith("}"):
            name = _NAME.match(line)
            yield Apart(at, part, json.loads(name[0]) if name else None)
            continue
        if part and not inside:
            yield Apart(at, part, None)
            part = ""
            continue
        opens = _OPENS.search(line)
        part, inside = (opens[1], opens[2] == "{") if opens else ("", False)


def leaf(salt: str, line: str) -> bytes:
    """The digest of one line of a payload's text under its salt."""
    return sha256((salt + line).encode()).digest()


def stand_in(line: str, name: str | None, value: str = f'"{PERSONAL}"') -> str:
    """What stands in the place of a line."""
    comma = "," if line.endswith(",") else ""
    named = "" if name is None else f"{json.dumps(name, ensure_ascii=False)}:"
    return f"{named}{value}{comma}"


def any_gone(payload: str, salts: str) -> bool:
    """Whether a digest stands among the salts; as quick as counting the lines."""
    return len(salts) > 2 * SALT_BYTES and len(salts) != (2 * SALT_BYTES + 1) * (payload.count("\n") + 1) - 1


def gone(payload: str, salts: str) -> list[Apart]:
    """The lines that are gone. Raises ValueError where a digest stands beside anything but the stand-in of a line that
    stands apart, or salts and lines do not fit.
    """
    if not any_gone(payload, salts):
        return []
    lines = payload.split("\n")
    pairs = enumerate(zip(salts.split(" "), lines, strict=True))
    wanted = {at for at, (word, _) in pairs if len(word) == DIGITS}
    apart = (each for each in set_apart(lines) if each.at in wanted)
    found = [each for each in apart if lines[each.at] == stand_in(lines[each.at], each.name)]
    if len(found) != len(wanted):
        raise ValueError("a digest stands beside a line that is not gone")
    return found


def erased(payload: str, salts: str, which: Collection[int]) -> tuple[str, str]:
    """The text and the salts less these lines, which stand apart, by their numbers. One that is gone already stays so;
    where salts and lines do not fit, so much is wrong with the row already, and its lines go all the same.
    """
    lines, words = payload.split("\n"), salts.split(" ")
    for at, _, name in list(set_apart(lines)):
        if at not in which:
            continue
        if at < len(words) and len(words[at]) != DIGITS:
            words[at] = leaf(words[at], lines[at]).hex()
        lines[at] = stand_in(lines[at], name)
    return "\n".join(lines), " ".join(words)


def readable(payload: str, salts: str) -> str:
    """The text as it is read: what is gone is null. Raises ValueError as `gone` does."""
    found = gone(payload, salts)
    if not found:
        return payload
    lines = payload.split("\n")
    for at, part, name in found:
        lines[at] = stand_in(lines[at], name, "{}" if part == ROWS and name is not None else "null")
    return "\n".join(lines)
