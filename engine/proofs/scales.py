"""Two ways to read a clock, so that working days and calendar days live together.

A clock reads minutes since the *beginning of the day* on which it started: all clocks that one act starts begin at the
same reading within the first day. On the scale of calendar days a term of 15 days is then over at exactly 16 × 1440,
and 15 working days are over somewhere between two readings; on the scale of working days time stands still on days that
are not worked, 15 working days are exact, and calendar days have bounds. A claim is looked at on the scale of its own
term, so that what is counted alike is compared exactly.

The bounds are those of the whole calendar: N working days span at least and at most so many days anywhere in it.
Beyond its horizon nobody knows the holidays yet: there the bounds of all years that are known hold, with `MARGIN` days
more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from engine.calendars import Calendar
from engine.terms import MONTHS_IN, Term, Unit, add

DAY = 1440
"""Minutes in a day."""

MARGIN = 2
"""Days by which a notice that is not out yet may widen (or narrow) what all known years show."""

_CHUNK = 400
_AROUND = timedelta(days=4 * _CHUNK)


@dataclass(frozen=True)
class Scale:
    """How clocks read: by calendar days, or by working days alone."""

    calendar: Calendar
    working: bool

    def days(self, term: Term) -> tuple[int, int]:
        """The least and the greatest number of days of this scale between a day and the day a term after it."""
        if (term.unit is Unit.WORKING_DAYS) is self.working:
            return _length(self.calendar, term)
        if self.working:
            low, high = _length(self.calendar, term)
            return max(0, worked(self.calendar, low)[0] - MARGIN), min(high, worked(self.calendar, high)[1] + MARGIN)
        low, high = spanned(self.calendar, term.amount)
        return max(min(1, term.amount), low - MARGIN), high + (MARGIN if term.amount else 0)

    def minutes(self, amount: int) -> tuple[int, int]:
        """The bounds of an exact stretch, from its own instant on: on days not worked the clock stands."""
        return (0 if self.working else amount), amount + 1


def _length(calendar: Calendar, term: Term) -> tuple[int, int]:
    """The days between a day and the day a term after it, working days in working days."""
    match term.unit:
        case Unit.DAYS | Unit.WORKING_DAYS:
            return term.amount, term.amount
        case Unit.WEEKS:
            return 7 * term.amount, 7 * term.amount
        case _:
            return _months(calendar, term.amount * MONTHS_IN[term.unit])


@lru_cache(maxsize=256)
def _months(calendar: Calendar, months: int) -> tuple[int, int]:
    if months > 36:  # 400 years have 146,097 days
        return months * 146_097 // 4800 - 4, months * 146_097 // 4800 + 5
    starts = [date(year, 1, 1) + timedelta(days=day) for year in (2000, 2096) for day in range(5 * 366)]
    lengths = [(add(calendar, day, Term(months, Unit.MONTHS)) - day).days for day in starts]
    return min(lengths), max(lengths)


@lru_cache(maxsize=256)
def spanned(calendar: Calendar, amount: int) -> tuple[int, int]:
    """The least and the greatest number of calendar days that so many working days span."""
    if amount > _CHUNK:  # a long count is made of shorter ones
        (low, high), (less, more) = spanned(calendar, _CHUNK), spanned(calendar, amount - _CHUNK)
        return low + less, high + more
    if amount == 0:
        return 0, 0
    days = _working(calendar)
    ends = days[amount:]
    return (
        min(end - first + 1 for first, end in zip(days[1:], ends, strict=False)),
        max(end - last for last, end in zip(days, ends, strict=False)),
    )


@lru_cache(maxsize=256)
def worked(calendar: Calendar, amount: int) -> tuple[int, int]:
    """The least and the greatest number of working days among so many days in a row."""
    if amount > 2 * _CHUNK:
        (low, high), (less, more) = worked(calendar, 2 * _CHUNK), worked(calendar, amount - 2 * _CHUNK)
        return low + less, high + more
    counts = _counts(calendar)
    found = [later - sooner for sooner, later in zip(counts, counts[amount:], strict=False)]
    return min(found), max(found)


@lru_cache(maxsize=8)
def rest(calendar: Calendar) -> int:
    """The most days by which a last day that is not worked may roll."""
    days = _working(calendar)
    return max(later - sooner for sooner, later in pairwise(days)) - 1 + MARGIN


@lru_cache(maxsize=8)
def _working(calendar: Calendar) -> Sequence[int]:
    """The working days around everything that is not by the week, as ordinals."""
    first, last = _around(calendar)
    return [number for number in range(first, last) if calendar.is_working(date.fromordinal(number))]


@lru_cache(maxsize=8)
def _counts(calendar: Calendar) -> Sequence[int]:
    """How many working days there are up to each day around everything that is not by the week."""
    first, last = _around(calendar)
    found, total, working = [], 0, set(_working(calendar))
    for number in range(first, last):
        total += number in working
        found.append(total)
    return found


def _around(calendar: Calendar) -> tuple[int, int]:
    known = calendar.exceptions or {calendar.first_known: True}
    return (min(known) - _AROUND).toordinal(), (max(known) + _AROUND).toordinal()
