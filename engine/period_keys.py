"""Period keys: the names of weeks, months, quarters, years and days, such as 2022-W08, 2022-02, 2022-Q2, 2022.

A key is how a person says which occurrence is meant ("January's report") and how a definition bounds a recurrence.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from engine.terms import add_months


class Cycle(StrEnum):
    """What a recurrence repeats by."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DAYS = "days"
    WORKING_DAYS = "working_days"


_PATTERNS = {
    Cycle.WEEK: re.compile(r"([0-9]{4})-W([0-9]{2})"),
    Cycle.MONTH: re.compile(r"([0-9]{4})-([0-9]{2})"),
    Cycle.QUARTER: re.compile(r"([0-9]{4})-Q([1-4])"),
    Cycle.YEAR: re.compile(r"([0-9]{4})()"),
    Cycle.DAYS: re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})()"),
}


def key_of(cycle: Cycle, start: date) -> str:
    """Return the key of the period that starts on `start`; for every n days the day itself."""
    match cycle:
        case Cycle.MONTH:
            return f"{start.year:04}-{start.month:02}"
        case Cycle.QUARTER:
            return f"{start.year:04}-Q{(start.month + 2) // 3}"
        case Cycle.YEAR:
            return f"{start.year:04}"
        case Cycle.WEEK:
            year, week, _ = start.isocalendar()
            return f"{year:04}-W{week:02}"
        case Cycle.DAYS | Cycle.WORKING_DAYS:
            return start.isoformat()
        case _:
            assert_never(cycle)


def start_of_key(cycle: Cycle | None, key: str) -> date | None:
    """Return the first day of what `key` names; None if it names nothing, or not a period of `cycle`."""
    found = _read(key)
    if found is None:
        return None
    wanted = Cycle.DAYS if cycle is Cycle.WORKING_DAYS else cycle
    return found[1] if wanted in {None, found[0]} else None


def last_day_of_key(key: str) -> date | None:
    """Return the last day of what `key` names; None if it names nothing."""
    found = _read(key)
    if found is None:
        return None
    cycle, start = found
    match cycle:
        case Cycle.WEEK:
            return start + timedelta(days=6)
        case Cycle.MONTH | Cycle.QUARTER | Cycle.YEAR:
            months = {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.YEAR: 12}[cycle]
            return add_months(start, months) - timedelta(days=1)
        case Cycle.DAYS | Cycle.WORKING_DAYS:
            return start
        case _:
            assert_never(cycle)


def _read(key: str) -> tuple[Cycle, date] | None:
    for cycle, pattern in _PATTERNS.items():
        form = pattern.fullmatch(key)
        if form is not None:
            return _first_day(cycle, form[1], form[2])
    return None


def _first_day(cycle: Cycle, year: str, part: str) -> tuple[Cycle, date] | None:
    try:
        match cycle:
            case Cycle.WEEK:
                return cycle, date.fromisocalendar(int(year), int(part), 1)
            case Cycle.MONTH:
                return cycle, date(int(year), int(part), 1)
            case Cycle.QUARTER:
                return cycle, date(int(year), int(part) * 3 - 2, 1)
            case Cycle.YEAR:
                return cycle, date(int(year), 1, 1)
            case Cycle.DAYS | Cycle.WORKING_DAYS:
                return cycle, date.fromisoformat(year)
            case _:
                assert_never(cycle)
    except ValueError:
        return None
