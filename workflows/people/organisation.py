"""The organisation as others use it: its units, and who holds which role from when to when."""

from __future__ import annotations

from workflows.people.holdings import Post, admins, deputise, end, end_within, grant, own, succeed
from workflows.people.noting import LONGEST, fits, note
from workflows.people.units import close_unit, found, merge, move, rename

__all__ = [
    "LONGEST", "Post", "admins", "close_unit", "deputise", "end", "end_within", "fits", "found", "grant", "merge",
    "move", "note", "own", "rename", "succeed",
]  # fmt: skip
