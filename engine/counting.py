"""Counting: running a term from a day or an instant, stepping over pauses.

Every count runs on a line of whole numbers: microseconds for hours and minutes, day ordinals for calendar days, the
calendar's serial numbers for working days. A pause is an interval (since, until] on that line which is stepped over,
so that one function (`walk`) serves all units and days paused twice are skipped once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from engine.calendars import Calendar
from engine.steps import Step
from engine.terms import MONTHS_IN, Term, TermError, Unit, add_months

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that is not counted: aware instants; `until` is None while it lasts.

    For day terms the local days after `since` through `until` are skipped; for hours the exact stretch.
    """

    since: datetime
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse instants without a zone and pauses that end before they begin."""
        if self.since.tzinfo is None or (self.until is not None and self.until < self.since):
            raise TermError(
                en=f"not a pause: {self.since} to {self.until}",
                zh=f"不是有效的中止区间：{self.since} 至 {self.until}",
                cure_en="Give instants with a zone, the earlier one first",
                cure_zh="请给出带时区的时刻，先早后晚",
            )


def walk(
    start: int,
    amount: int,
    pauses: Iterable[tuple[int, int | None]],
    skips: list[tuple[int, int]],
) -> int | None:
    """Go `amount` along the line from `start`, stepping over sorted pauses; None if an open one stops the count.

    `skips` receives (number of the pause, length skipped) for each pause that mattered; the length is 0 if open.
    """
    position, left = start, amount
    for number, (since, until) in enumerate(pauses):
        if until is not None and until <= position:
            continue
        entered = max(since, position)
        if entered - position >= left:
            break
        if until is None:
            skips.append((number, 0))
            return None
        if until > entered:
            skips.append((number, until - entered))
        left -= entered - position
        position = until
    return position + left


def run_days(
    calendar: Calendar,
    zone: ZoneInfo,
    start: date,
    before: date,
    term: Term,
    pauses: Sequence[Pause],
    why: list[Step],
) -> date | None:
    """Return the last day of a term in days (or longer units), pauses stepped over; None if an open one stops it.

    `before` is the last day that is not counted: `start`, or the day before it where the start day counts.
    """
    working = term.unit is Unit.WORKING_DAYS
    amount = term.amount if working else _calendar_days(start, before, term, why)
    if amount <= 0:
        end: date | None = start
    elif pauses:
        end = _past_pauses(calendar, zone, before, amount, term.unit, pauses, why)
    else:
        end = calendar.add_working_days(before, amount) if working else before + timedelta(days=amount)
    if end is not None:
        why.append(_term_step(calendar, term, start, before, end))
    return end


def _past_pauses(
    calendar: Calendar,
    zone: ZoneInfo,
    before: date,
    amount: int,
    unit: Unit,
    pauses: Sequence[Pause],
    why: list[Step],
) -> date | None:
    working = unit is Unit.WORKING_DAYS
    position = calendar.index if working else date.toordinal
    days = [
        (local_day(pause.since, zone), None if pause.until is None else local_day(pause.until, zone))
        for pause in sorted(pauses, key=_since)
    ]
    line = ((position(since), None if until is None else position(until)) for since, until in days)
    skips: list[tuple[int, int]] = []
    reached = walk(position(before), amount, line, skips)
    for number, skipped in skips:
        since, until = days[number]
        why.append(
            _pause_step(
                since.isoformat(),
                None if until is None else until.isoformat(),
                skipped,
                "working_days" if working else "days",
            )
        )
    if reached is None:
        return None
    return calendar.day_at(reached) if working else date.fromordinal(reached)


def _calendar_days(start: date, before: date, term: Term, why: list[Step]) -> int:
    """Return the length of a term in calendar days, months clamped; counting the start ends it one day sooner."""
    months = MONTHS_IN.get(term.unit)
    if months is None:
        return term.amount * (7 if term.unit is Unit.WEEKS else 1)
    target = add_months(start, term.amount * months)
    if target.day == start.day:
        return (target - start).days
    why.append(Step("clamped", {"day": start.day, "to": target.isoformat()}))
    return (target - before).days


def run_exact(
    zone: ZoneInfo,
    start: datetime,
    term: Term,
    pauses: Sequence[Pause],
    why: list[Step],
) -> datetime | None:
    """Return the limit of a term in hours or minutes, exact pauses stepped over."""
    ordered = sorted(pauses, key=_since)
    line = ((_position(pause.since), None if pause.until is None else _position(pause.until)) for pause in ordered)
    skips: list[tuple[int, int]] = []
    reached = walk(_position(start), microseconds(term), line, skips)
    for number, skipped in skips:
        pause = ordered[number]
        until = None if pause.until is None else local_text(pause.until, zone)
        why.append(_pause_step(local_text(pause.since, zone), until, skipped // _MINUTE, "minutes"))
    if reached is None:
        return None
    limit = _EPOCH + timedelta(microseconds=reached)
    why.append(Step("term", {"term": str(term), "from": local_text(start, zone), "to": local_text(limit, zone)}))
    return limit


# -- small parts


@lru_cache(maxsize=4096)
def merged(budget: tuple[Term, ...]) -> tuple[Term, ...]:
    """Join neighbouring terms of one kind, in the finer unit where they differ (1 week + 2 days = 9 days)."""
    merged: list[Term] = []
    for _, group in groupby(budget, key=lambda term: _measure(term.unit)[0]):
        terms = list(group)
        alike = len({term.unit for term in terms}) == 1
        unit = terms[0].unit if alike else _measure(terms[0].unit)[0]
        merged.append(Term(sum(term.amount * (1 if alike else _measure(term.unit)[1]) for term in terms), unit))
    return tuple(merged)


def _measure(unit: Unit) -> tuple[Unit, int]:
    """Return the finest unit of the same kind and how many of it make one."""
    match unit:
        case Unit.MINUTES | Unit.HOURS:
            return Unit.MINUTES, 60 if unit is Unit.HOURS else 1
        case Unit.DAYS | Unit.WEEKS:
            return Unit.DAYS, 7 if unit is Unit.WEEKS else 1
        case Unit.MONTHS | Unit.QUARTERS | Unit.YEARS:
            return Unit.MONTHS, MONTHS_IN[unit]
        case Unit.WORKING_DAYS:
            return Unit.WORKING_DAYS, 1
        case _:
            assert_never(unit)


def instant_of(reach: date | datetime, term: Term) -> datetime:
    if isinstance(reach, datetime):
        return reach
    raise TermError(
        en=f"{term} cannot run from {reach}, a day without a time",
        zh=f"{term.text('zh')} 不能从没有时刻的日期 {reach} 起算",
        cure_en="Hours and minutes need an instant to start from: anchor the deadline on an act, or put hours first",
        cure_zh="小时、分钟须从具体时刻起算：请以某一操作为起点，或把小时放在最前",
    )


def local_day(moment: date | datetime, zone: ZoneInfo) -> date:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise TermError(
            en=f"{moment} has no time zone",
            zh=f"{moment} 没有时区",
            cure_en="Give an instant with a zone",
            cure_zh="请给出带时区的时刻",
        )
    return moment.astimezone(zone).date()


def local_text(moment: date | datetime, zone: ZoneInfo) -> str:
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return moment.astimezone(zone).isoformat(" ", "seconds" if moment.second else "minutes")


def _position(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def microseconds(term: Term) -> int:
    return term.amount * _MINUTE * (60 if term.unit is Unit.HOURS else 1)


def _since(pause: Pause) -> datetime:
    return pause.since


def _term_step(calendar: Calendar, term: Term, start: date, before: date, end: date) -> Step:
    facts: dict[str, Any] = {
        "term": str(term),
        "from": start.isoformat(),
        "to": end.isoformat(),
        "count_start": before != start,
    }
    if term.unit is Unit.WORKING_DAYS:
        facts["closed"] = [day.isoformat() for day in calendar.closed_weekdays(before, end)]
        facts["worked"] = [day.isoformat() for day in calendar.make_up_days(before, end)]
    return Step("term", facts)


def _pause_step(since: str, until: str | None, skipped: int, unit: str) -> Step:
    if until is None:
        return Step("paused", {"since": since})
    return Step("pause", {"since": since, "until": until, "skipped": skipped, "unit": unit})
