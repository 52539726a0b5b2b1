"""Dues: the arithmetic of one deadline, from its anchor, budget and pauses to the instant after which it is late.

The counting itself stands in `engine.counting`. A `due_at` is exclusive: the first instant that is too
late. Day D ends at D+1 00:00 local.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from engine.calendars import Calendar
from engine.counting import Pause, instant_of, local_day, local_text, merged, run_days, run_exact
from engine.steps import Step
from engine.terms import Term, TermError, Unit

Roll = Literal["none", "next", "previous"]

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """When something is late, and why.

    `due_at` is aware UTC, the first instant that is too late; `last_day` the last local day on which one is in time.
    Both are None while the count is paused. `provisional` marks a date that hangs on days no notice covers yet.
    """

    due_at: datetime | None
    last_day: date | None
    provisional: bool
    why: tuple[Step, ...]


def plan(  # noqa: PLR0913 - each is a rule that a definition may state, and all but the first four have defaults
    calendar: Calendar,
    zone: ZoneInfo,
    anchor: date | datetime,
    budget: Sequence[Term],
    *,
    pauses: Sequence[Pause] = (),
    roll: Roll = "none",
    count_start: bool = False,
    at: time | None = None,
    including: bool = True,
) -> Due:
    """Compute the due of `budget` from `anchor`.

    Neighbouring terms of one kind make one longer term (60 days + 60 days); other terms follow one another in order.
    `roll` moves a last day that is not worked, once, at the end. `count_start` counts the anchor's own day.
    `including=False` means "before": the limit itself is too late. `at` ends the last day at a local time.
    A pause that begins on or after the last counted day changes nothing; an open one before it leaves no due.
    Raises TermError if hours start from a date without a time, or end at a stated time of the day.
    """
    ending = _Ending(calendar, zone, roll, at, including)
    why = [Step("anchor", {"at": local_text(anchor, zone)})]
    reach = anchor
    for number, term in enumerate(merged(tuple(budget))):
        if term.exact:
            end: date | datetime | None = run_exact(zone, instant_of(reach, term), term, pauses, why)
        else:
            start = local_day(reach, zone)
            before = start - _DAY if count_start and number == 0 else start
            end = run_days(calendar, zone, start, before, term, pauses, why)
        if end is None:
            return Due(None, None, provisional=False, why=tuple(why))
        reach = end
    if isinstance(reach, datetime):
        return _end_exact(ending, reach, why)
    counts = any(term.unit is Unit.WORKING_DAYS for term in budget)
    start = local_day(anchor, zone)
    return _end_day(ending, reach, why, (start if count_start else start + _DAY) if counts else None)


@lru_cache(maxsize=4096)
def on_date(
    calendar: Calendar,
    zone: ZoneInfo,
    day: date,
    *,
    at: time | None = None,
    including: bool = True,
    roll: Roll = "none",
) -> Due:
    """Return the due of a fixed date: by the end of `day`, or before it, or at a local time on it."""
    ending = _Ending(calendar, zone, roll, at, including)
    return _end_day(ending, day, [Step("fixed", {"day": day.isoformat()})], None)


def latest(dues: Sequence[Due]) -> Due:
    """Return the latest of several (not none); while one of them is paused nothing is due."""
    if any(due.due_at is None for due in dues):
        paused = tuple(step for due in dues if due.due_at is None for step in due.why)
        return Due(None, None, provisional=False, why=(*paused, _candidates("latest_of", dues, None)))
    return _choose("latest_of", dues, max(dues, key=_moment))


def earliest(dues: Sequence[Due]) -> Due:
    """Return the earliest of several (not none) that is due at all; paused ones wait."""
    return _choose("earliest_of", dues, min(dues, key=_moment))


def days_late(calendar: Calendar, last_day: date, on: date, unit: Unit = Unit.WORKING_DAYS) -> int:
    """Count the days after `last_day` through `on`, in working days or (any other unit) calendar days; at least 0."""
    late = calendar.working_days_between(last_day, on) if unit is Unit.WORKING_DAYS else (on - last_day).days
    return max(0, late)


def minutes_late(due_at: datetime, at: datetime) -> int:
    """Count the minutes begun from a due (the first instant too late) to `at`, both aware; at least 1."""
    return max(1, -((due_at - at) // timedelta(minutes=1)))


def start_of(day: date, zone: ZoneInfo, at: time = time.min) -> datetime:
    """Return the instant (UTC) of a local time on `day`; one that a clock change skips is the instant of the change."""
    return datetime.combine(day, at, zone).astimezone(UTC)


class _Ending(NamedTuple):
    """How the last day or instant of a count becomes a due."""

    calendar: Calendar
    zone: ZoneInfo
    roll: Roll
    at: time | None
    including: bool


# -- ending it


def _end_day(ending: _Ending, day: date, why: list[Step], first_counted: date | None) -> Due:
    """Turn the last day of a count into a due. `first_counted` is given when working days were counted."""
    calendar = ending.calendar
    if not ending.including:
        day = _step_to(day - _DAY, day, "exclusive", why)
    unrolled, day = day, roll_day(calendar, day, ending.roll, why)
    provisional = (
        first_counted is not None and (calendar.is_provisional(first_counted) or calendar.is_provisional(day))
    ) or (ending.roll != "none" and (calendar.is_provisional(unrolled) or calendar.is_provisional(day)))
    if provisional:
        why.append(provisional_step(calendar))
    if ending.at is None:
        return Due(start_of(day + _DAY, ending.zone), day, provisional, tuple(why))
    why.append(Step("at", {"time": ending.at.isoformat("minutes")}))
    return Due(start_of(day, ending.zone, ending.at), day, provisional, tuple(why))


def _end_exact(ending: _Ending, limit: datetime, why: list[Step]) -> Due:
    """Turn an exact limit into a due; rolled, it keeps its time of the day."""
    calendar, zone = ending.calendar, ending.zone
    if ending.at is not None:
        raise TermError(
            en="a term in hours cannot also end at a stated time",
            zh="按小时计算的期限不能再指定截止时刻",
            cure_en="Drop the time of the day, or write the term in days",
            cure_zh="请去掉截止时刻，或改用天数",
        )
    local = limit.astimezone(zone)
    day = roll_day(calendar, local.date(), ending.roll, why)
    if day != local.date():
        limit = start_of(day, zone, local.time())
    provisional = ending.roll != "none" and (calendar.is_provisional(local.date()) or calendar.is_provisional(day))
    if provisional:
        why.append(provisional_step(calendar))
    due_at = (limit + _TICK if ending.including else limit).astimezone(UTC)
    return Due(due_at, local_day(due_at - _TICK, zone), provisional, tuple(why))


def roll_day(calendar: Calendar, day: date, roll: Roll, why: list[Step]) -> date:
    """Return `day`, moved off a day that is not worked as `roll` says; a move is noted in `why`."""
    if roll == "none":
        return day
    rolled = calendar.next_working(day) if roll == "next" else calendar.previous_working(day)
    if rolled != day:
        why.append(Step("rolled", {"from": day.isoformat(), "to": rolled.isoformat(), "roll": roll}))
    return rolled


def provisional_step(calendar: Calendar) -> Step:
    """Return the step that says how far the calendar is known."""
    return Step(
        "provisional",
        {
            "calendar": calendar.name,
            "known_from": calendar.first_known.isoformat(),
            "known_until": calendar.last_known.isoformat(),
        },
    )


# -- small parts


def _moment(due: Due) -> datetime:
    return due.due_at or datetime.max.replace(tzinfo=UTC)


def _step_to(day: date, before: date, rule: str, why: list[Step]) -> date:
    why.append(Step(rule, {"from": before.isoformat(), "to": day.isoformat()}))
    return day


def _candidates(rule: str, dues: Sequence[Due], chosen: date | None) -> Step:
    days = [due.last_day and due.last_day.isoformat() for due in dues]
    return Step(rule, {"candidates": days, "to": chosen and chosen.isoformat()})


def _choose(rule: str, dues: Sequence[Due], chosen: Due) -> Due:
    provisional = any(due.provisional for due in dues)
    return Due(chosen.due_at, chosen.last_day, provisional, (*chosen.why, _candidates(rule, dues, chosen.last_day)))
