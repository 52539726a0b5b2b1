"""How a definition writes a recurrence: `{month_end: true, from: 2022-02, roll: previous}`. See `engine.recurrence`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from engine.calendar_data import WEEKDAYS
from engine.dues import Roll
from engine.period_keys import Cycle, last_day_of_key, start_of_key
from engine.recurrence import MONTH_END, MONTHS, Recurrence
from engine.terms import TermError

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
            month=self.month or (MONTHS[self._of] if self.month_end else 1),
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
        months = MONTHS.get(self._of, 1)
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
