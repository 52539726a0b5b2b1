"""Recurrences: duties that come again each week, month, quarter or year, or every n days from a date.

`Every` is the form in which a definition writes one (`{month_end: true, from: 2022-02, roll: previous}`).
Each occurrence is a `Period`, named by its key (`2022-02`, `2022-Q2`, `2022`, `2022-W08`, or the date), so that a
late January report never meets February. `next_period` and `periods` walk them in the order in which they are due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Self, TypeAlias, assert_never

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from engine.calendars import WEEKDAYS, Calendar
from engine.dues import Roll, provisional_step, roll_day
from engine.period_keys import Cycle, key_of, last_day_of_key, start_of_key
from engine.steps import Step
from engine.terms import TermError, add_months, month_end

_DAY = timedelta(days=1)
_EPOCH_MONDAY = date(1, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
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
    months = _MONTHS.get(recurrence.cycle.value)
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
            return add_months(_EPOCH_MONDAY, number * _MONTHS[recurrence.cycle])
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
            return ((day.year - 1) * 12 + day.month - 1) // _MONTHS[recurrence.cycle]
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


# -- the form in a definition

_Demand: TypeAlias = tuple[bool, tuple[str, str, str, str]]
"""Whether it holds, and the problem if it does not: en, zh, cure in en, cure in zh."""


def _bound_text(value: object) -> object:
    """Read a bound as a key: YAML gives `2022` as a number and `2022-01-01` as a date."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    if start_of_key(None, text) is None:
        raise TermError(
            en=f"not a period or a day: {value}",
            zh=f"不是周期或日期：{value}",
            cure_en="Write 2022-02, 2022-Q2, 2022, 2022-W08 or 2022-02-01",
            cure_zh="请写 2022-02、2022-Q2、2022、2022-W08 或 2022-02-01",
        )
    return text


Bound = Annotated[str, BeforeValidator(_bound_text), WithJsonSchema({"type": ["string", "integer"]})]
Count = Annotated[int, Field(ge=1, le=366)]


class Every(BaseModel):
    """How a definition writes a recurrence.

    Exactly one of `month_end`, `day`, `working_day`, `weekday`, `days`, `weeks`, `working_days`. `of` is the period
    (a month unless stated; a week for `weekday`); `month` says which month of a quarter or year (the last for
    `month_end`). `from` and `until` are periods or days, both included. Raises TermError inside the ValidationError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    month_end: bool = False
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    working_day: Annotated[int, Field(ge=1, le=262)] | None = None
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    days: Count | None = None
    weeks: Count | None = None
    working_days: Count | None = None
    of: Literal["week", "month", "quarter", "year"] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    following: bool = False
    from_: Bound | None = Field(default=None, alias="from")
    until: Bound | None = None
    roll: Roll = "none"

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        problem = next((problem for holds, problem in self._demands() if not holds), None)
        if problem is not None:
            en, zh, cure_en, cure_zh = problem
            raise TermError(en=en, zh=zh, cure_en=cure_en, cure_zh=cure_zh)
        return self

    @cached_property
    def recurrence(self) -> Recurrence:
        """The recurrence that this form means."""
        first, last = self._bounds
        if self._stepped:
            cycle = Cycle.WORKING_DAYS if self.working_days else Cycle.DAYS
            step = self.working_days or self.days or 7 * (self.weeks or 1)
            return Recurrence(cycle, step=step, first=first, last=last, roll=self.roll)
        weekday = None if self.weekday is None else WEEKDAYS.index(self.weekday)
        return Recurrence(
            Cycle(self._of),
            month=self.month or (_MONTHS[self._of] if self.month_end else 1),
            day=MONTH_END if self.month_end else self.day,
            working_day=self.working_day,
            weekday=weekday,
            following=self.following,
            first=first,
            last=last,
            roll=self.roll,
        )

    @property
    def _bounds(self) -> tuple[date | None, date | None]:
        return (
            None if self.from_ is None else start_of_key(None, self.from_),
            None if self.until is None else last_day_of_key(self.until),
        )

    @property
    def _of(self) -> str:
        return self.of or ("week" if self.weekday else "month")

    @property
    def _stepped(self) -> bool:
        return any((self.days, self.weeks, self.working_days))

    def _demands(self) -> Iterator[_Demand]:
        """Yield what must hold of the whole, in the order in which it is told."""
        chosen = (self.month_end, self.day, self.working_day, self.weekday, self.days, self.weeks, self.working_days)
        yield (
            sum(map(bool, chosen)) == 1,
            (
                "a recurrence names one kind of day",
                "周期须且只须写一种日子",
                "Keep one of month_end, day, working_day, weekday, days, weeks, working_days",
                "month_end、day、working_day、weekday、days、weeks、working_days 只保留一个",
            ),
        )
        yield from self._demands_of_steps()
        yield from self._demands_of_week()
        yield from self._demands_of_month()
        first, last = self._bounds
        yield (
            first is None or last is None or first <= last,
            (
                f"from {self.from_} is after until {self.until}",
                f"from {self.from_} 晚于 until {self.until}",
                "Put the earlier one first",
                "请把较早的写在 from",
            ),
        )

    def _demands_of_steps(self) -> Iterator[_Demand]:
        yield (
            not self._stepped or self.from_ is not None,
            ("every n days needs a first day", "每隔若干天须有起始日", "Add from: 2023-01-01", "请加 from: 2023-01-01"),
        )
        yield (
            not self._stepped or (self.of is None and not self.following),
            (
                "every n days has no period around it",
                "每隔若干天不属于任何周期",
                "Drop of and following",
                "请去掉 of 和 following",
            ),
        )

    def _demands_of_week(self) -> Iterator[_Demand]:
        yield (
            not self.weekday or self._of == "week",
            (
                f"a weekday stands in a week, not in a {self._of}",
                "星期几只能用于每周",
                "Drop of, or name a day",
                "请去掉 of，或改写 day",
            ),
        )
        yield (
            self._of != "week" or bool(self.weekday or self.working_day) or self._stepped,
            (
                "a week has weekdays, no days of the month",
                "周没有几号或月末",
                "Write weekday: fri",
                "请写 weekday: fri",
            ),
        )

    def _demands_of_month(self) -> Iterator[_Demand]:
        months = _MONTHS.get(self._of, 1)
        yield (
            self.month is None or (self.month <= months and months > 1 and bool(self.day or self.month_end)),
            (
                f"a {self._of} has no month {self.month} to choose",
                f"此周期没有第 {self.month} 个月可选",
                "Use month: 1 to 3 with of: quarter, 1 to 12 with of: year, beside day or month_end",
                "month 与 day 或 month_end 同用：of: quarter 时为 1 至 3，of: year 时为 1 至 12",
            ),
        )
        yield (
            not (self.day and months > 1 and self.month is None),
            (
                f"day {self.day} of a {self._of}: of which month?",
                f"周期内第 {self.day} 日：哪个月？",
                "Add month: 1",
                "请加 month: 1",
            ),
        )
