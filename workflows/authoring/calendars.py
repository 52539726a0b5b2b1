"""What an administrator does to a working calendar: one day of it is set, or an official notice is entered. Everything
decided from then on knows, and open deadlines are worked out anew.

Time runs first, as before every command: what was due before the change is decided by the calendar before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendars import Calendar
from engine.commands import Actor, Refusal
from engine.events import iso
from workflows.authoring.publishing import ADMIN
from workflows.calendars import Change, Notice, Override, Record, in_force, keep_notice, record, remember
from workflows.desk import Desk
from workflows.office.reprojecting import Progress, Reprojected, reproject
from workflows.office.sweeping import sweep
from workflows.sources import UnknownCalendar

Calendars = Callable[[str], Calendar]
"""Finds a calendar that comes with the program, by its name; raises `UnknownCalendar`."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that is kept, the calendar with it, and what it meant to open deadlines. `over` are days that were set
    one by one before and say otherwise than the notice: they hold still.
    """

    calendar: Calendar
    change: Change
    dates: Reprojected
    over: Sequence[Override] = ()


def calendar_of(desk: Desk, name: str, calendars: Calendars) -> Calendar | Refusal:
    """The calendar by which this database decides: that of the edition published last, else the program's own."""
    return _calendar(desk, name, calendars, record(desk.store))


def override(
    desk: Desk,
    name: str,
    day: date,
    actor: Actor,
    calendars: Calendars,
    *,
    working: bool,
    reason: str,
    progress: Progress | None = None,
) -> Changed | Refusal:
    """Set one day of a calendar, for every decision from now on, and work out anew the open deadlines under it."""

    def made(found: Calendar) -> Change | Refusal:
        if found.is_working(day) == working:
            facts = {"calendar": name, "day": day.isoformat()}
            return Refusal("calendar_works", facts) if working else Refusal("calendar_closed", facts)
        return Override(day.isoformat(), working, reason, actor.id, desk.login, iso(desk.clock()))

    return _change(desk, name, actor, calendars, made, progress)


def publish_notice(
    desk: Desk,
    name: str,
    notice: Calendar,
    actor: Actor,
    calendars: Calendars,
    *,
    reason: str,
    progress: Progress | None = None,
) -> Changed | Refusal:
    """Enter an official notice: a calendar whose known span (a year, or all years) holds from now on. Days that were
    set one by one stay as they were set. Open deadlines are worked out anew, and the provisional ones among them may
    be sure.
    """

    def made(found: Calendar) -> Change | Refusal:
        first, last = notice.first_known, notice.last_known
        if notice.name != name or notice.week != found.week:
            return Refusal("calendar_other", {"calendar": name, "given": notice.name})
        if first > found.last_known + _DAY or last < found.first_known - _DAY:
            known = {"known_from": found.first_known.isoformat(), "known_until": found.last_known.isoformat()}
            return Refusal("calendar_gap", {"calendar": name, "from": first.isoformat(), **known})
        if _same(found, notice):
            return Refusal("calendar_same", {"calendar": name})
        keep_notice(desk.store, notice)
        days = first.isoformat(), last.isoformat()
        return Notice(notice.digest, *days, reason, actor.id, desk.login, iso(desk.clock()))

    return _change(desk, name, actor, calendars, made, progress)


def _same(found: Calendar, notice: Calendar) -> bool:
    """Whether a notice says nothing new."""
    told = found.with_notice(notice)
    return (told.exceptions, told.first_known, told.last_known) == (
        found.exceptions,
        found.first_known,
        found.last_known,
    )


def reproject_again(
    desk: Desk, name: str, actor: Actor, calendars: Calendars, progress: Progress | None = None
) -> Reprojected | Refusal:
    """Do again what a change does to open deadlines, where it was interrupted."""
    reason = last_reason(desk, name, actor, calendars)
    return reason if isinstance(reason, Refusal) else reproject(desk, name, actor, reason, progress)


def last_reason(desk: Desk, name: str, actor: Actor, calendars: Calendars) -> str | Refusal:
    """Why a calendar was changed last, empty where nobody did, for an administrator who lets deadlines follow it."""
    if ADMIN not in actor.roles:
        return Refusal("calendar_not_admin", {"actor": actor.id})
    found = calendar_of(desk, name, calendars)
    if isinstance(found, Refusal):
        return found
    changes = record(desk.store).changes.get(name, ())
    return changes[-1].reason if changes else ""


Made = Callable[[Calendar], Change | Refusal]
"""What is to be put on record, by the calendar as it is in force."""


def _change(
    desk: Desk, name: str, actor: Actor, calendars: Calendars, made: Made, progress: Progress | None
) -> Changed | Refusal:
    if ADMIN not in actor.roles:
        return Refusal("calendar_not_admin", {"actor": actor.id})
    kept = _kept(desk, name, calendars, made)
    if isinstance(kept, Refusal):
        return kept
    dates = reproject(desk, name, actor, kept.reason, progress)
    if isinstance(dates, Refusal):
        return dates
    known = record(desk.store)
    changed = _calendar(desk, name, calendars, known)
    assert isinstance(changed, Calendar), "it was there a moment ago"
    return Changed(changed, kept, dates, list(_over(desk, known, name, kept)))


def _kept(desk: Desk, name: str, calendars: Calendars, made: Made) -> Change | Refusal:
    """Let time run and put a change on record; where somebody else was first, look again what there is to change."""
    while True:
        known = record(desk.store)
        found = _calendar(desk, name, calendars, known)
        change = found if isinstance(found, Refusal) else made(found)
        if isinstance(change, Refusal):
            return change
        swept = sweep(desk)
        if isinstance(swept, Refusal):
            return swept
        if remember(desk.store, known, name, change, _bases(desk, name) or [calendars(name)]):
            return change


def _over(desk: Desk, known: Record, name: str, change: Change) -> Iterator[Override]:
    """The single days that stand over a notice and say otherwise."""
    text = desk.store.calendar(change.digest) if isinstance(change, Notice) else None
    if text is None:
        return
    notice = Calendar.from_mapping(json.loads(text))
    for each in {each.day: each for each in known.overrides(name)}.values():
        day = date.fromisoformat(each.day)
        if notice.first_known <= day <= notice.last_known and notice.is_working(day) != each.working:
            yield each


def _calendar(desk: Desk, name: str, calendars: Calendars, known: Record) -> Calendar | Refusal:
    bases = _bases(desk, name)
    try:
        base = bases[-1] if bases else calendars(name)
    except UnknownCalendar as unknown:
        return Refusal("no_calendar", {"calendar": name, "known": unknown.known})
    return in_force(desk.store, base, known)


def _bases(desk: Desk, name: str) -> list[Calendar]:
    """The calendars of that name which published editions pin, in the order of their publishing."""
    records = sorted(desk.store.editions(), key=lambda each: each.published_at)
    texts = [desk.store.calendar(digest) for digest in dict.fromkeys(each.calendar for each in records)]
    found = [Calendar.from_mapping(json.loads(text)) for text in texts if text is not None]
    return [calendar for calendar in found if calendar.name == name]
