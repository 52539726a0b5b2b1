"""Working calendars as a database keeps them: the one of the program, with an administrator's days over it.

An override is never taken back, only followed by another: who changed which day, when and why stays on record, and
each version of the calendar is kept under its digest, which the events that were decided by it name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from engine.calendars import Calendar
from engine.chain import canonical
from workflows.ports import Store


@dataclass(frozen=True, slots=True)
class Override:
    """One day as an administrator set it. `at` is an instant, `day` a date, both as ISO text."""

    day: str
    working: bool
    reason: str
    actor: str
    login: str | None
    at: str


def overrides(store: Store, name: str) -> list[Override]:
    """What administrators changed in a calendar, in their order."""
    note = store.note(_note(name))
    return [Override(**each) for each in json.loads(note)] if note else []


def in_force(store: Store, calendar: Calendar) -> Calendar:
    """The calendar with everything that administrators changed in it."""
    for each in overrides(store, calendar.name):
        calendar = calendar.with_overrides({date.fromisoformat(each.day): each.working}, label=each.reason)
    return calendar


def keep(store: Store, calendar: Calendar) -> None:
    """Keep this version of a calendar under its digest, as it is and as it is in force."""
    for each in (calendar, in_force(store, calendar)):
        store.keep_calendar(each.name, each.digest, canonical(each.to_mapping()))


def remember(store: Store, name: str, made: Override, bases: Sequence[Calendar]) -> None:
    """Put an override on record, and keep every version of the calendar that it makes."""
    told = [asdict(each) for each in (*overrides(store, name), made)]
    store.set_note(_note(name), canonical(told))
    for base in bases:
        keep(store, base)


def _note(name: str) -> str:
    return f"calendar:{name}"
