"""A working calendar as data that people write: its keys, days and ranges read, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_KEYS = {"calendar", "edition", "title", "week", "known", "titles", "closed", "working", "source"}

_REQUIRED = ("calendar", "edition", "week", "known")


class CalendarError(ValueError):
    """Calendar data that cannot be read: a cause and a cure in both languages."""

    def __init__(self, *, en: str, zh: str, cure_en: str, cure_zh: str) -> None:
        super().__init__(f"{en}. {cure_en}.")
        self.message = {"en": en, "zh": zh}
        self.cure = {"en": cure_en, "zh": cure_zh}


def check_keys(data: Mapping[str, Any]) -> None:
    """Raises `CalendarError` for keys that are unknown or missing."""
    unknown = sorted(set(map(str, data)) - _KEYS)
    missing = [key for key in _REQUIRED if key not in data]
    if unknown:
        raise CalendarError(
            en=f"unknown key in a calendar: {', '.join(unknown)}",
            zh=f"日历中有未知的键：{'、'.join(unknown)}",
            cure_en=f"Known keys are {', '.join(sorted(_KEYS))}",
            cure_zh=f"可用的键：{'、'.join(sorted(_KEYS))}",
        )
    if missing:
        raise CalendarError(
            en=f"a calendar lacks {', '.join(missing)}",
            zh=f"日历缺少 {'、'.join(missing)}",
            cure_en="Add the missing keys",
            cure_zh="请补上缺少的键",
        )


def week_of(names: Sequence[str]) -> tuple[bool, ...]:
    """Which days are worked, Monday first, by the names of those that are."""
    wrong = sorted(set(names) - set(WEEKDAYS))
    if wrong:
        raise CalendarError(
            en=f"unknown weekday {', '.join(map(str, wrong))}",
            zh=f"未知的星期 {'、'.join(map(str, wrong))}",
            cure_en=f"Write {', '.join(WEEKDAYS)}",
            cure_zh=f"请写 {'、'.join(WEEKDAYS)}",
        )
    return tuple(name in names for name in WEEKDAYS)


def dated(entries: Mapping[Any, Any] | Sequence[Any]) -> Iterator[tuple[date, str]]:
    """Each day that is listed, ranges day by day, with the key of its name."""
    items = entries.items() if isinstance(entries, Mapping) else ((entry, "") for entry in entries)
    for key, label in items:
        first, _, last = str(key).partition("..")
        day, end = day_of(first), day_of(last or first)
        while day <= end:
            yield day, str(label or "")
            day += timedelta(days=1)


def day_of(value: Any) -> date:
    """A day as people write it."""
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise CalendarError(
            en=f"not a date: {value}",
            zh=f"不是日期：{value}",
            cure_en="Write dates as 2026-10-01, ranges as 2026-10-01..2026-10-07",
            cure_zh="日期写作 2026-10-01，时段写作 2026-10-01..2026-10-07",
        ) from None


def listed_twice(day: date) -> CalendarError:
    """What is wrong with a day that stands twice."""
    return CalendarError(
        en=f"{day} is listed twice",
        zh=f"{day} 重复列出",
        cure_en="Keep one entry for each day",
        cure_zh="每一天只保留一条",
    )
