"""Terms: an amount of time as people write it ("10 working days", "3个月"), and adding one to a day.

One grammar serves deadlines, windows and guard functions. Months, quarters and years clamp to the month's end.
Minutes and hours are exact: they belong to instants, not to days (see `engine.dues`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from engine.calendars import Calendar


class Unit(StrEnum):
    """What a term is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"


EXACT_UNITS = frozenset({Unit.MINUTES, Unit.HOURS})
MONTHS_IN = {Unit.MONTHS: 1, Unit.QUARTERS: 3, Unit.YEARS: 12}

_CENTURY = {
    Unit.MINUTES: 52_596_000,
    Unit.HOURS: 876_600,
    Unit.DAYS: 36_525,
    Unit.WORKING_DAYS: 36_525,
    Unit.WEEKS: 5_218,
    Unit.MONTHS: 1_200,
    Unit.QUARTERS: 400,
    Unit.YEARS: 100,
}
_ENGLISH = {
    "minute": Unit.MINUTES,
    "hour": Unit.HOURS,
    "day": Unit.DAYS,
    "calendar day": Unit.DAYS,
    "working day": Unit.WORKING_DAYS,
    "week": Unit.WEEKS,
    "month": Unit.MONTHS,
    "quarter": Unit.QUARTERS,
    "year": Unit.YEARS,
}
# "3月" is March and "2季度" the second quarter: months and quarters need the 个.
_CHINESE = {
    "分钟": Unit.MINUTES,
    "小时": Unit.HOURS,
    "个小时": Unit.HOURS,
    "日": Unit.DAYS,
    "天": Unit.DAYS,
    "个自然日": Unit.DAYS,
    "自然日": Unit.DAYS,
    "工作日": Unit.WORKING_DAYS,
    "个工作日": Unit.WORKING_DAYS,
    "周": Unit.WEEKS,
    "个星期": Unit.WEEKS,
    "个月": Unit.MONTHS,
    "个季度": Unit.QUARTERS,
    "年": Unit.YEARS,
}
_CHINESE_NAME = {
    Unit.MINUTES: "分钟",
    Unit.HOURS: "小时",
    Unit.DAYS: "日",
    Unit.WORKING_DAYS: "个工作日",
    Unit.WEEKS: "周",
    Unit.MONTHS: "个月",
    Unit.QUARTERS: "个季度",
    Unit.YEARS: "年",
}
_FORM = re.compile(r"([0-9０-９]{1,40})\s*(\S.*)")


class TermError(ValueError):
    """A term, recurrence or count that makes no sense: a cause and a cure in both languages."""

    def __init__(self, *, en: str, zh: str, cure_en: str, cure_zh: str) -> None:
        super().__init__(f"{en}. {cure_en}.")
        self.message = {"en": en, "zh": zh}
        self.cure = {"en": cure_en, "zh": cure_zh}


@dataclass(frozen=True, slots=True)
class Term:
    """An amount (0 or more, at most a century) of a unit. `str` gives the canonical English, which parses back."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse amounts that no deadline can mean."""
        if not 0 <= self.amount <= _CENTURY[self.unit]:
            raise TermError(
                en=f"a term of {self.amount} {self.unit.value.replace('_', ' ')} is out of range",
                zh=f"期限 {self.amount}{_CHINESE_NAME[self.unit]} 超出范围",
                cure_en="Write an amount from 0 to a hundred years",
                cure_zh="数量应在 0 到一百年之间",
            )

    @staticmethod
    @lru_cache(maxsize=1024)
    def parse(text: str) -> Term:
        """Read "10 working days", "1 hour", "10个工作日", "30日", "3个月". Raises TermError with a cure."""
        form = _FORM.fullmatch(text.strip())
        unit = _unit(form[2]) if form else None
        if form is None or unit is None:
            raise TermError(
                en=f"not a term: {text!r}",
                zh=f"不是期限：{text!r}",
                cure_en="Write a number and a unit, such as 10 working days, 30 days, 2 hours, 3 months",
                cure_zh="请写数字加单位，如 10个工作日、30日、2小时、3个月",
            )
        return Term(int(form[1]), unit)

    def __str__(self) -> str:
        """Return canonical English, such as "1 working day"."""
        name = self.unit.value.replace("_", " ")
        return f"{self.amount} {name.removesuffix('s') if self.amount == 1 else name}"

    def text(self, lang: str) -> str:
        """Return the term in the reader's language ("zh" or "en")."""
        return f"{self.amount}{_CHINESE_NAME[self.unit]}" if lang == "zh" else str(self)

    @property
    def exact(self) -> bool:
        """Whether it runs from an instant (minutes, hours) rather than over days."""
        return self.unit in EXACT_UNITS


def _unit(name: str) -> Unit | None:
    chinese = _CHINESE.get(name.strip())
    english = " ".join(name.replace("_", " ").lower().split())
    return chinese or _ENGLISH.get(english.removesuffix("s"))


def add(calendar: Calendar, day: date, term: Term) -> date:
    """Return the day that lies `term` after `day`, which is not counted. Raises TermError for hours and minutes."""
    return _shift(calendar, day, term, 1)


def subtract(calendar: Calendar, day: date, term: Term) -> date:
    """Return the day that lies `term` before `day`, which is not counted. Raises TermError for hours and minutes."""
    return _shift(calendar, day, term, -1)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later (earlier, if negative), clamped to that month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _shift(calendar: Calendar, day: date, term: Term, sign: int) -> date:
    amount = sign * term.amount
    match term.unit:
        case Unit.DAYS:
            return day + timedelta(days=amount)
        case Unit.WEEKS:
            return day + timedelta(weeks=amount)
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(day, amount)
        case Unit.MONTHS | Unit.QUARTERS | Unit.YEARS:
            return add_months(day, amount * MONTHS_IN[term.unit])
        case Unit.MINUTES | Unit.HOURS:
            raise TermError(
                en=f"{term} cannot be added to a day",
                zh=f"{term.text('zh')} 不能从某一天起算",
                cure_en="Hours and minutes run from an instant; give a date and time, or write the term in days",
                cure_zh="小时、分钟从具体时刻起算：请给出日期和时间，或改用天数",
            )
        case _:
            assert_never(term.unit)
