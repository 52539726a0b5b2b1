"""Working calendars: which days an office works, how far that is known, and fast counting over it.

A calendar is data, not a library: a week pattern, dated exceptions (holidays that close a weekday, make-up days
that open a weekend) and the span for which the official notice is known. Outside that span the week pattern alone
decides and every answer is provisional. The digest names the exact data, so that a date computed years ago can be
checked against the calendar of that day.

Counting goes by *index*: each working day has a serial number, so that counting is a subtraction and a term of
n working days is one look-up, never a loop over days.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from engine.calendar_data import WEEKDAYS, CalendarError, check_keys, dated, day_of, listed_twice, week_of
from engine.once import once


@dataclass(frozen=True, eq=False)
class Calendar:
    """A working calendar.

    `week` is seven booleans, Monday first. `exceptions` maps a date to True (worked) or False (closed) and wins over
    the week. `first_known`..`last_known` (both included) is what the official notices cover. `labels` maps an
    exception to the key of its name in `titles` ({key: {zh, en}}). Raises CalendarError when no weekday is worked.
    """

    name: str
    edition: str
    week: tuple[bool, ...]
    exceptions: Mapping[date, bool] = field(repr=False)
    first_known: date
    last_known: date
    title: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[date, str] = field(default_factory=dict, repr=False)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a week or a span that cannot be counted over; put the days in order."""
        if len(self.week) != 7 or not any(self.week):
            raise CalendarError(
                en=f"calendar {self.name}: the week has no working day",
                zh=f"日历 {self.name} 没有工作日",
                cure_en="Name at least one weekday, such as week: [mon, tue, wed, thu, fri]",
                cure_zh="至少写一个工作日，如 week: [mon, tue, wed, thu, fri]",
            )
        if self.first_known > self.last_known:
            raise CalendarError(
                en=f"calendar {self.name}: known from {self.first_known} is after until {self.last_known}",
                zh=f"日历 {self.name} 的起始日 {self.first_known} 晚于截止日 {self.last_known}",
                cure_en="Put the earlier date first",
                cure_zh="把较早的日期写在前面",
            )
        object.__setattr__(self, "exceptions", dict(sorted(self.exceptions.items())))
        object.__setattr__(self, "labels", dict(sorted(self.labels.items())))

    def __eq__(self, other: object) -> bool:
        """The same data. A calendar is a key of caches that are asked in every decision: days are not compared."""
        return self is other or (isinstance(other, Calendar) and self.digest == other.digest)

    def __hash__(self) -> int:
        """By its data."""
        return hash(self.digest)

    # -- asking about a day

    def is_working(self, day: date) -> bool:
        """Tell whether the office works on `day` (beyond the known span: by the week pattern)."""
        known = self.exceptions.get(day)
        return self.week[day.weekday()] if known is None else known

    def is_provisional(self, day: date) -> bool:
        """Tell whether no official notice covers `day`, so that its status may still change."""
        return not self.first_known <= day <= self.last_known

    def label(self, day: date, lang: str = "zh") -> str | None:
        """Return the name of the exception on `day`, in `lang`, or None."""
        key = self.labels.get(day)
        return None if key is None else self.titles.get(key, {}).get(lang, key)

    # -- counting

    def index(self, day: date) -> int:
        """Return the serial number of the last working day up to and including `day`; differences count days."""
        return self._index(day.toordinal())

    def day_at(self, index: int) -> date:
        """Return the working day with that serial number. Raises OverflowError or ValueError beyond year 9999."""
        days = self._working_ordinals
        if 0 < index <= len(days):
            return date.fromordinal(days[index - 1])
        low, high = self._table_span
        if index > 0:
            return date.fromordinal(self._pattern_day(self._pattern_count(high) + index - len(days)))
        return date.fromordinal(self._pattern_day(self._pattern_count(low - 1) + index))

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days in (after, until]; negative when `until` is the earlier day."""
        return self.index(until) - self.index(after)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the count-th working day after `day` (before it, if negative); `day` itself for 0."""
        if count == 0:
            return day
        ordinal = day.toordinal()
        return self.day_at(self._index(ordinal) + count if count > 0 else self._index(ordinal - 1) + 1 + count)

    def next_working(self, day: date) -> date:
        """Return `day` if it is worked, else the next day that is."""
        return self.day_at(self._index(day.toordinal() - 1) + 1)

    def previous_working(self, day: date) -> date:
        """Return `day` if it is worked, else the last day before it that is."""
        return self.day_at(self.index(day))

    def closed_weekdays(self, after: date, until: date) -> Sequence[date]:
        """List the days in (after, until] that the week would work and an exception closes."""
        return _between(self._closings, after, until)

    def make_up_days(self, after: date, until: date) -> Sequence[date]:
        """List the days in (after, until] that the week would not work and an exception opens (调休上班日)."""
        return _between(self._openings, after, until)

    # -- as data

    @once
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON: names exactly this data."""
        text = json.dumps(self.to_mapping(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    def to_mapping(self) -> dict[str, Any]:
        """Return plain JSON-able data, one entry a day; `from_mapping` reads it back."""
        return {
            "calendar": self.name,
            "edition": self.edition,
            "title": dict(self.title),
            "source": self.source,
            "week": [name for name, worked in zip(WEEKDAYS, self.week, strict=True) if worked],
            "known": {"from": self.first_known.isoformat(), "until": self.last_known.isoformat()},
            "titles": {key: dict(value) for key, value in self.titles.items()},
            "closed": self._listed(worked=False),
            "working": self._listed(worked=True),
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Calendar:
        """Read a calendar file. Keys of `closed` and `working` are days or ranges `2022-01-01..2022-01-03`.

        Raises CalendarError for unknown or missing keys, bad dates and days that are listed twice.
        """
        check_keys(data)
        exceptions: dict[date, bool] = {}
        labels: dict[date, str] = {}
        for key, worked in (("closed", False), ("working", True)):
            for day, label in dated(data.get(key) or {}):
                if day in exceptions:
                    raise listed_twice(day)
                exceptions[day] = worked
                if label:
                    labels[day] = label
        known = data["known"]
        return cls(
            name=str(data["calendar"]),
            edition=str(data["edition"]),
            week=week_of(data["week"]),
            exceptions=exceptions,
            first_known=day_of(known["from"]),
            last_known=day_of(known["until"]),
            title=dict(data.get("title") or {}),
            labels=labels,
            titles=dict(data.get("titles") or {}),
            source=str(data.get("source") or ""),
        )

    def with_overrides(
        self,
        overrides: Mapping[date, bool],
        *,
        label: str | None = None,
        last_known: date | None = None,
    ) -> Calendar:
        """Return a new calendar (new digest) with an admin's days laid over this one.

        `label` names the overridden days; `last_known` moves the horizon when a whole notice has been entered.
        """
        if not overrides and last_known is None:
            return self
        kept = {day: name for day, name in self.labels.items() if day not in overrides}
        named = dict.fromkeys(overrides, label) if label else {}
        return replace(
            self,
            exceptions={**self.exceptions, **overrides},
            labels={**kept, **named},
            last_known=last_known or self.last_known,
        )

    def with_notice(self, notice: Calendar) -> Calendar:
        """Return a new calendar (new digest): within the span that the notice knows its days hold, outside it those
        of this one. The spans touch or overlap, and the week is the same.
        """
        first, last = notice.first_known, notice.last_known
        before = [day for day in self.exceptions if not first <= day <= last]
        within = [day for day in notice.exceptions if first <= day <= last]
        return replace(
            self,
            edition=notice.edition,
            exceptions={day: self.exceptions[day] for day in before} | {day: notice.exceptions[day] for day in within},
            labels={day: self.labels[day] for day in before if day in self.labels}
            | {day: notice.labels[day] for day in within if day in notice.labels},
            titles={**self.titles, **notice.titles},
            first_known=min(self.first_known, first),
            last_known=max(self.last_known, last),
            source=notice.source or self.source,
        )

    # -- tables, built once a calendar

    def _listed(self, *, worked: bool) -> dict[str, str]:
        chosen = (day for day, value in self.exceptions.items() if value is worked)
        return {day.isoformat(): self.labels.get(day, "") for day in chosen}

    def _index(self, ordinal: int) -> int:
        days = self._working_ordinals
        low, high = self._table_span
        if ordinal > high:
            return len(days) + self._pattern_count(ordinal) - self._pattern_count(high)
        if ordinal < low:
            return self._pattern_count(ordinal) - self._pattern_count(low - 1)
        return bisect_right(days, ordinal)

    @once
    def _table_span(self) -> tuple[int, int]:
        # Beyond the exceptions the week pattern alone decides, and arithmetic is cheaper than a table.
        if not self.exceptions:
            return 1, 0
        return min(self.exceptions).toordinal(), max(self.exceptions).toordinal()

    @once
    def _working_ordinals(self) -> list[int]:
        low, high = self._table_span
        return [ordinal for ordinal in range(low, high + 1) if self.is_working(date.fromordinal(ordinal))]

    @once
    def _closings(self) -> list[date]:
        return [day for day, worked in self.exceptions.items() if not worked and self.week[day.weekday()]]

    @once
    def _openings(self) -> list[date]:
        return [day for day, worked in self.exceptions.items() if worked and not self.week[day.weekday()]]

    @once
    def _week_sums(self) -> tuple[int, ...]:
        return tuple(sum(self.week[:days]) for days in range(8))

    @once
    def _week_positions(self) -> tuple[int, ...]:
        return tuple(position for position, worked in enumerate(self.week) if worked)

    def _pattern_count(self, ordinal: int) -> int:
        # Ordinal 1 is a Monday, so whole weeks divide evenly.
        weeks, days = divmod(ordinal, 7)
        return weeks * self._week_sums[7] + self._week_sums[days]

    def _pattern_day(self, count: int) -> int:
        weeks, position = divmod(count - 1, self._week_sums[7])
        return weeks * 7 + self._week_positions[position] + 1


def _between(days: list[date], after: date, until: date) -> list[date]:
    return days[bisect_right(days, after) : bisect_right(days, until)] if after < until else []
