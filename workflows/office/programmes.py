"""Programmes, which tasks are part of."""

from __future__ import annotations

import json

from workflows.desk import Desk
from workflows.ports import PROGRAMME

PROGRAMMES = "programmes"
"""The note that lists them, so that the sweep need not read every task to find them."""


def is_programme(desk: Desk, name: str) -> bool:
    """Whether this is what tasks are part of."""
    found = desk.store.task(name)
    return found is not None and found.kind == PROGRAMME


def note_programme(desk: Desk, programme: str) -> None:
    """Remember a programme for the sweep."""
    known = programmes(desk)
    if programme not in known:
        desk.store.set_note(PROGRAMMES, json.dumps([*known, programme]))


def programmes(desk: Desk) -> list[str]:
    """The programmes that were noted."""
    note = desk.store.note(PROGRAMMES)
    return [str(name) for name in json.loads(note)] if note else []
