"""Working calendars as a database keeps them: the one of the program, then official notices that an administrator
entered, and over them single days that an administrator set.

Nothing is ever taken back, only followed by something later: who changed what, when and why stays on record. The
record is a text that is kept under its digest, and one note names the one in force: it is swapped only by who has seen
the last one, so that no change is lost, and whoever decides sees at once that it is another. Each version of a
calendar is kept under its digest too, which the events that were decided by it name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias

from engine.calendars import Calendar
from engine.chain import canonical
from workflows.ports import CALENDARS, Store


@dataclass(frozen=True, slots=True)
class Override:
    """One day as an administrator set it. `at` is an instant, `day` a date, both as ISO text."""

    day: str
    working: bool
    reason: str
    actor: str
    login: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An official notice that an administrator entered: its days hold from `first` to `last`, both included. They are
    kept as the calendar with this `digest`.
    """

    digest: str
    first: str
    last: str
    reason: str
    actor: str
    login: str | None
    at: str


Change: TypeAlias = Override | Notice


class Done(StrEnum):
    """What is recorded in the chained stream `calendars`, in the transaction from which on it holds."""

    DAY_SET = "DaySet"
    NOTICE_ENTERED = "NoticeEntered"


@dataclass(frozen=True, slots=True)
class Record:
    """What administrators have changed, by calendar, in their order. `version` is its digest; None: nothing yet."""

    version: str | None = None
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)

    def overrides(self, name: str) -> list[Override]:
        """The single days that were set."""
        return [each for each in self.changes.get(name, ()) if isinstance(each, Override)]

    def notices(self, name: str) -> list[Notice]:
        """The official notices that were entered."""
        return [each for each in self.changes.get(name, ()) if isinstance(each, Notice)]


def record(store: Store) -> Record:
    """The record as it is now."""
    return record_of(store, store.note(CALENDARS))


def record_of(store: Store, version: str | None) -> Record:
    """A version of the record."""
    if version is None:
        return Record()
    text = store.calendar(version)
    assert text is not None, "a record is kept before it is named"
    return Record(version, {name: [_change(each) for each in told] for name, told in json.loads(text).items()})


def _change(told: Mapping[str, str]) -> Change:
    return Override(**told) if "day" in told else Notice(**told)  # type: ignore[arg-type]  # as `asdict` wrote it


def in_force(store: Store, calendar: Calendar, known: Record | None = None) -> Calendar:
    """The calendar with everything that administrators changed in it: notices first, and single days over them all."""
    known = record(store) if known is None else known
    for notice in known.notices(calendar.name):
        text = store.calendar(notice.digest)
        assert text is not None, "a notice is kept before it is told"
        calendar = calendar.with_notice(Calendar.from_mapping(json.loads(text)))
    for each in known.overrides(calendar.name):
        calendar = calendar.with_overrides({date.fromisoformat(each.day): each.working}, label=each.reason)
    return calendar


def keep(store: Store, calendar: Calendar) -> None:
    """Keep this version of a calendar under its digest, as it is and as it is in force."""
    _keep(store, (calendar, in_force(store, calendar)))


def remember(store: Store, known: Record, name: str, made: Change, bases: Sequence[Calendar]) -> bool:
    """Put a change on record after those that are `known`, and keep every version of the calendar that it makes; False
    where somebody else was first.
    """
    changes = {**known.changes, name: [*known.changes.get(name, ()), made]}
    text = canonical({each: [asdict(one) for one in told] for each, told in sorted(changes.items())})
    version = sha256(text.encode()).hexdigest()
    _keep(store, [*bases, *(in_force(store, base, Record(version, changes)) for base in bases)])
    store.keep_calendar(CALENDARS, version, text)
    with store.chained(CALENDARS) as chain:
        if not chain.swap_note(CALENDARS, known.version, version):
            return False
        kind = Done.DAY_SET if isinstance(made, Override) else Done.NOTICE_ENTERED
        chain.append(kind.value, made.actor, {"subject": name, "version": version, **asdict(made)})
    return True


def keep_notice(store: Store, notice: Calendar) -> None:
    """Keep the days of a notice, before it is put on record."""
    _keep(store, (notice,))


def _keep(store: Store, calendars: Iterable[Calendar]) -> None:
    for each in calendars:
        store.keep_calendar(each.name, each.digest, canonical(each.to_mapping()))
