"""Personal lines stay at home: each leaves its digest in the place of its salt, so that the chain can be verified.

What stands in its place is what stands in the place of a line that was erased (`engine.lines`).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.edition import Sheet
from engine.lines import erased, set_apart
from workflows.audit.sealing.values import Row
from workflows.personal import personal_plan, protected

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


def of_sheet(sheet: Sheet) -> Hidden:
    """The same of a body of an edition."""
    return of_body(protected(sheet), plan=personal_plan(sheet))


def withheld(row: Row, hidden: Hidden) -> Row:
    """The row with these lines withheld."""
    lines = row.payload.split("\n")
    if len(lines) == 1:
        return row
    which = {at for at, part, name in set_apart(lines) if hidden(part, name)}
    payload, salts = erased(row.payload, row.salts, which)
    return row._replace(payload=payload, salts=salts)
