"""What an administrator does to a working calendar: one day of it is set, and everything decided from then on knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.calendars import Calendar
from engine.commands import Actor, Refusal
from engine.events import instant, iso
from engine.task import OPEN, Occurrence
from workflows.authoring.publishing import ADMIN
from workflows.calendars import Override, in_force, remember
from workflows.desk import Desk
from workflows.sources import UnknownCalendar

Calendars = Callable[[str], Calendar]
"""Finds a calendar that comes with the program, by its name; raises `UnknownCalendar`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An open occurrence that was dated before a day within its term changed, and keeps its date."""

    task: str
    deadline: str
    key: str
    last_day: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An override that is kept, the calendar with it, and what keeps the date that it had."""

    calendar: Calendar
    override: Override
    standing: Sequence[Standing]


def calendar_of(desk: Desk, name: str, calendars: Calendars) -> Calendar | Refusal:
    """The calendar by which this database decides: that of the edition published last, else the program's own."""
    bases = _bases(desk, name)
    try:
        base = bases[-1] if bases else calendars(name)
    except UnknownCalendar as unknown:
        return Refusal("no_calendar", {"calendar": name, "known": unknown.known})
    return in_force(desk.store, base)


def override(
    desk: Desk, name: str, day: date, actor: Actor, calendars: Calendars, *, working: bool, reason: str
) -> Changed | Refusal:
    """Set one day of a calendar, for every decision from now on. Deadlines that are dated already keep their dates."""
    if ADMIN not in actor.roles:
        return Refusal("calendar_not_admin", {"actor": actor.id})
    found = calendar_of(desk, name, calendars)
    if isinstance(found, Refusal):
        return found
    if found.is_working(day) == working:
        facts = {"calendar": name, "day": day.isoformat()}
        return Refusal("calendar_works", facts) if working else Refusal("calendar_closed", facts)
    made = Override(day.isoformat(), working, reason, actor.id, desk.login, iso(desk.clock()))
    remember(desk.store, name, made, _bases(desk, name) or [calendars(name)])
    changed = calendar_of(desk, name, calendars)
    assert isinstance(changed, Calendar), "it was there a moment ago"
    return Changed(changed, made, list(_standing(desk, name, day)))


def _bases(desk: Desk, name: str) -> list[Calendar]:
    """The calendars of that name which published editions pin, in the order of their publishing."""
    records = sorted(desk.store.editions(), key=lambda record: record.published_at)
    texts = [desk.store.calendar(digest) for digest in dict.fromkeys(record.calendar for record in records)]
    found = [Calendar.from_mapping(json.loads(text)) for text in texts if text is not None]
    return [calendar for calendar in found if calendar.name == name]


def _standing(desk: Desk, name: str, day: date) -> Iterator[Standing]:
    """Open occurrences of tasks under this calendar, whose term has the day in it."""
    for task in desk.store.tasks():
        edition = desk.book(task.edition)[0]
        if task.ended or edition.process.calendar != name:
            continue
        for each in task.deadlines.values():
            last = each.get("last_day")
            if last is not None and _spans(each, day, date.fromisoformat(last), instant(each["started_at"]).date()):
                yield Standing(task.id, each["name"], each["key"], last)


def _spans(occurrence: Occurrence, day: date, last: date, started: date) -> bool:
    return occurrence["status"] in OPEN and started <= day <= last
