"""Recurrences: duties that come again each week, month, quarter or year, or every n days from a date.

How a definition writes one stands in `engine.every`.
Each occurrence is a `Period`, named by its key (`2022-02`, `2022-Q2`, `2022`, `2022-W08`, or the date), so that a
late January report never meets February. `next_period` and `periods` walk them in the order in which they are due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, assert_never

from engine.calendars import Calendar
from engine.dues import Roll, provisional_step, roll_day
from engine.period_keys import Cycle, key_of, start_of_key
from engine.steps import Step
from engine.terms import TermError, add_months, month_end

_DAY = timedelta(days=1)
_EPOCH_MONDAY = date(1, 1, 1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Of a cycle."""
MONTH_END = 32  # as a `Recurrence.day`: whatever the last day of the month is


@dataclass(frozen=True)
class Recurrence:
    """A repeating duty, read from an `Every`.

    `step` is the length in days of a DAYS or WORKING_DAYS cycle, which needs `first`. In the other cycles exactly
    one of `day` (MONTH_END: the last of the month), `working_day` (the n-th of the period) and `weekday` (0 = Monday)
    says which day; `month` says of which month of the cycle. `following` puts the day into the next period ("the
    report for a month is due on the 5th of the next"). `first` and `last` bound the days that are meant, both included.
    """

    cycle: Cycle
    step: int = 1
    month: int = 1
    day: int | None = None
    working_day: int | None = None
    weekday: int | None = None
    following: bool = False
    first: date | None = None
    last: date | None = None
    roll: Roll = "none"


@dataclass(frozen=True, slots=True)
class Period:
    """One occurrence: its key, the days it covers (both included), and the day on which it is due, rolled."""

    key: str
    start: date
    end: date
    due_on: date
    provisional: bool
    why: tuple[Step, ...]


@lru_cache(maxsize=16384)
def period_of(recurrence: Recurrence, calendar: Calendar, key: str) -> Period | None:
    """Return the occurrence with that key; None if it has none (a malformed key, or one outside the bounds)."""
    start = start_of_key(recurrence.cycle, key)
    if start is None:
        return None
    number = _number_on(recurrence, calendar, start)
    if _place(recurrence, calendar, number) != "inside":
        return None
    period = _period(recurrence, calendar, number)
    return period if period.key == key else None


@lru_cache(maxsize=16384)
def period_begun(recurrence: Recurrence, calendar: Calendar, key: str) -> Period:
    """Return an occurrence that was there once, as it is by this calendar, whose days may be others since.

    It keeps its key and is not measured by the bounds again. Where no period of working days begins on its day any
    more it is the one that begins nearest, the later of two.
    """
    start = start_of_key(recurrence.cycle, key)
    assert start is not None, "its key named it when it started"
    number = _number_on(recurrence, calendar, start)
    if recurrence.cycle is Cycle.WORKING_DAYS:
        number = min((number + 1, number), key=lambda each: abs(_start(recurrence, calendar, each) - start))
    return replace(_period(recurrence, calendar, number), key=key)


@lru_cache(maxsize=16384)
def next_period(recurrence: Recurrence, calendar: Calendar, after: date) -> Period | None:
    """Return the first occurrence that is due on `after` or later; None when there is no more."""
    return next(_due_from(recurrence, calendar, after), None)


def periods(recurrence: Recurrence, calendar: Calendar, since: date, until: date) -> tuple[Period, ...]:
    """Return the occurrences due in `since`..`until`, both included, in order."""
    found: list[Period] = []
    for period in _due_from(recurrence, calendar, since):
        if period.due_on > until:
            break
        found.append(period)
    return tuple(found)


def next_start(recurrence: Recurrence, day: date) -> date | None:
    """Return the first day after `day` on which a period may begin; None when there is no more.

    No calendar is asked: periods of working days may begin on any day, and `begins_on` knows whether one does.
    """
    months = MONTHS.get(recurrence.cycle.value)
    if months:
        start = add_months(_EPOCH_MONDAY, (((day.year - 1) * 12 + day.month - 1) // months + 1) * months)
    elif recurrence.cycle is Cycle.WEEK:
        start = day + timedelta(days=7 - day.weekday())
    elif recurrence.cycle is Cycle.DAYS:
        start = day + timedelta(days=recurrence.step - (day - _origin(recurrence)).days % recurrence.step)
    else:
        start = day + _DAY
    return None if recurrence.last is not None and start > recurrence.last else start


def begins_on(recurrence: Recurrence, calendar: Calendar, day: date) -> bool:
    """Tell whether a period begins on `day`."""
    return _start(recurrence, calendar, _number_on(recurrence, calendar, day)) == day


# -- walking: each period has a whole number, in the order of time


def _due_from(recurrence: Recurrence, calendar: Calendar, after: date) -> Iterator[Period]:
    number = _number_on(recurrence, calendar, max(after, recurrence.first or after))
    # Rolling and `following` keep the order but may carry a due day past its period: step back until all are seen.
    while _place(recurrence, calendar, number - 1) != "early" and _due_on(recurrence, calendar, number - 1) >= after:
        number -= 1
    while (place := _place(recurrence, calendar, number)) != "late":
        if place == "inside" and _due_on(recurrence, calendar, number) >= after:
            yield _period(recurrence, calendar, number)
        number += 1


def _place(recurrence: Recurrence, calendar: Calendar, number: int) -> Literal["early", "inside", "late"]:
    """Say where a period lies to the bounds: by its own day, or by its last day if it is due in the following one."""
    meant = _span(recurrence, calendar, number)[1] if recurrence.following else _meant(recurrence, calendar, number)[0]
    if recurrence.first is not None and meant < recurrence.first:
        return "early"
    return "late" if recurrence.last is not None and meant > recurrence.last else "inside"


def _due_on(recurrence: Recurrence, calendar: Calendar, number: int) -> date:
    return roll_day(calendar, _meant(recurrence, calendar, number)[0], recurrence.roll, [])


def _period(recurrence: Recurrence, calendar: Calendar, number: int) -> Period:
    start, end = _span(recurrence, calendar, number)
    key = key_of(recurrence.cycle, start)
    meant, clamped = _meant(recurrence, calendar, number)
    why = [Step("period", {"key": key, "day": meant.isoformat()})]
    if clamped:
        why.append(Step("clamped", {"day": recurrence.day, "to": meant.isoformat()}))
    due_on = roll_day(calendar, meant, recurrence.roll, why)
    counted = recurrence.roll != "none" or recurrence.working_day or recurrence.cycle is Cycle.WORKING_DAYS
    provisional = bool(counted) and (calendar.is_provisional(meant) or calendar.is_provisional(due_on))
    if provisional:
        why.append(provisional_step(calendar))
    return Period(key, start, end, due_on, provisional, tuple(why))


def _span(recurrence: Recurrence, calendar: Calendar, number: int) -> tuple[date, date]:
    """Return the first and last day of a period."""
    return _start(recurrence, calendar, number), _start(recurrence, calendar, number + 1) - _DAY


def _start(recurrence: Recurrence, calendar: Calendar, number: int) -> date:
    match recurrence.cycle:
        case Cycle.WEEK:
            return _EPOCH_MONDAY + timedelta(weeks=number)
        case Cycle.MONTH | Cycle.QUARTER | Cycle.YEAR:
            return add_months(_EPOCH_MONDAY, number * MONTHS[recurrence.cycle])
        case Cycle.DAYS:
            return _origin(recurrence) + timedelta(days=number * recurrence.step)
        case Cycle.WORKING_DAYS:
            first = calendar.next_working(_origin(recurrence))
            return calendar.add_working_days(first, number * recurrence.step)
        case _:
            assert_never(recurrence.cycle)


def _number_on(recurrence: Recurrence, calendar: Calendar, day: date) -> int:
    """Return the number of the period that holds `day`."""
    match recurrence.cycle:
        case Cycle.WEEK:
            return (day - _EPOCH_MONDAY).days // 7
        case Cycle.MONTH | Cycle.QUARTER | Cycle.YEAR:
            return ((day.year - 1) * 12 + day.month - 1) // MONTHS[recurrence.cycle]
        case Cycle.DAYS:
            return (day - _origin(recurrence)).days // recurrence.step
        case Cycle.WORKING_DAYS:
            first = calendar.next_working(_origin(recurrence))
            return calendar.working_days_between(first, day) // recurrence.step
        case _:
            assert_never(recurrence.cycle)


def _meant(recurrence: Recurrence, calendar: Calendar, number: int) -> tuple[date, bool]:
    """Return the day that the rule names, before rolling, and whether a short month clamped it."""
    start, end = _span(recurrence, calendar, number + 1 if recurrence.following else number)
    if recurrence.weekday is not None:
        return start + timedelta(days=recurrence.weekday), False
    if recurrence.working_day is not None:
        return min(calendar.add_working_days(start - _DAY, recurrence.working_day), end), False
    if recurrence.day is None:
        return start, False
    last = month_end(add_months(start, recurrence.month - 1))
    return last.replace(day=min(recurrence.day, last.day)), last.day < recurrence.day < MONTH_END


def _origin(recurrence: Recurrence) -> date:
    if recurrence.first is None:
        raise TermError(
            en="every n days needs a first day",
            zh="每隔若干天须有起始日",
            cure_en="Give the first day",
            cure_zh="请给出起始日",
        )
    return recurrence.first
