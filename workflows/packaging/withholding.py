"""Personal lines stay at home: each leaves its digest in the place of its salt, so that the chain can be verified.

The line itself becomes `"NAME":"<personal>"`, which keeps the payload JSON. A salt has 32 digits, a digest 64: so the
two are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from engine.chain import canonical, leaf, parsed
from workflows.packaging.values import Row
from workflows.personal import PERSONAL

Hidden = Callable[[str, str | None], bool]
"""Whether a line is withheld, by the part of the payload in which it stands and its name; None: it is all of it."""

VALUES = frozenset({"fields", "form", "set"})
"""Parts that hold values of fields by their names."""


def everything(_part: str, _name: str | None) -> bool:
    """Whatever is set apart: for streams that are no task's, and for what cannot be read."""
    return True


def of_body(personal: frozenset[str], *, plan: bool) -> Hidden:
    """What a body protects: fields by name, and rows of the plan."""

    def hidden(part: str, name: str | None) -> bool:
        return (part in VALUES and name in personal) or (plan and part == "milestones" and name is not None)

    return hidden


def withheld(row: Row, hidden: Hidden) -> Row:
    """The row with these lines withheld; one whose salts do not fit its lines stays as it is but for its lines."""
    lines, salts = row.payload.split("\n"), row.salts.split(" ")
    if len(lines) == 1:
        return row
    for at, part, name in set_apart(lines):
        if hidden(part, name):
            if at < len(salts):
                salts[at] = leaf(salts[at], lines[at]).hex()
            lines[at] = stand_in(lines[at], name)
    return row._replace(payload="\n".join(lines), salts=" ".join(salts))


def stand_in(line: str, name: str | None) -> str:
    """What stands in the place of a line."""
    comma = "," if line.endswith(",") else ""
    named = "" if name is None else f"{canonical(name)}:"
    return f'{named}"{PERSONAL}"{comma}'


_OPENS = re.compile(r'"(\w+)":(\{?)$')
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"(?=:)')


def set_apart(lines: Sequence[str]) -> Iterator[tuple[int, str, str | None]]:
    """The lines that stand apart: number, part and name (None: the part is this one line). All others are structure."""
    part, inside = "", False
    for at, line in enumerate(lines):
        if inside and not line.startswith("}"):
            name = _NAME.match(line)
            yield at, part, parsed(name[0]) if name else None
            continue
        if part and not inside:
            yield at, part, None
            part = ""
            continue
        opens = _OPENS.search(line)
        part, inside = (opens[1], opens[2] == "{") if opens else ("", False)
