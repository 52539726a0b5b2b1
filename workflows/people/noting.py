"""What all changes of people and rights share: names that fit, what is recorded of them, units by id, instants."""

from __future__ import annotations

import re
from datetime import datetime

from engine.events import SYSTEM, Json
from workflows.people.ports import Note, People
from workflows.people.values import By, Changed, Unit

LONGEST = 64
"""How many characters the name of a user or unit has at most."""

_NAME = re.compile(r"[^\s:@,，;/#\\\"'<>]+")


def note(by: By, kind: Changed, **told: Json) -> Note:
    """What is recorded of a change, with who made it, how, and as whom the system knows them."""
    return Note(kind.value, by.id, {**told, "channel": by.channel, "login": by.login})


def fits(name: str) -> bool:
    """Whether a user or a unit may have this name: one word that `--as` can tell from what follows it."""
    return len(name) <= LONGEST and bool(_NAME.fullmatch(name)) and name.isprintable() and name != SYSTEM


def units_of(people: People) -> dict[str, Unit]:
    """All units by id."""
    return {each.id: each for each in people.units()}


def not_before(now: datetime, at: datetime | None) -> datetime:
    """An instant that was asked for, or now: never one that is over."""
    return now if at is None else max(now, at)
