"""Texts, dates, months and instants as whole numbers, which a solver compares at once, and back."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from engine.events import iso
from engine.guards.domains import Sort

_START = datetime(1970, 1, 1, tzinfo=UTC)
_SHARE = timedelta(microseconds=1)
_APART = 1_000_003
YEARS = (1000, 2999)


class Codes:
    """The texts that occur in some guards, numbered far apart; the numbers between are other texts."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._invented = 0

    def of(self, text: str) -> int:
        """The number of a text."""
        if text not in self._known:
            self._keep(text, (len(self._known) + 1) * _APART)
        return self._known[text]

    def text(self, code: int) -> str:
        """The text of a number; one that nothing names is invented."""
        if code not in self._texts:
            self._invented += 1
            self._texts[code] = f"other-{self._invented}"
        return self._texts[code]

    def _keep(self, text: str, code: int) -> None:
        self._known[text], self._texts[code] = code, text


def encoded(text: str, sort: Sort) -> int | Fraction | None:
    """A date, month or instant as a number; for what is no month, a half between the months around it; else None."""
    try:
        match sort:
            case Sort.DATE:
                return 0 if text == "" else date.fromisoformat(text).toordinal()
            case Sort.INSTANT:
                return (datetime.fromisoformat(text) - _START) // _SHARE
            case Sort.MONTH:
                return _month(text)
    except (ValueError, TypeError):
        return None
    return None


def decoded(code: int, sort: Sort) -> str:
    """The text of such a number; the empty one where it stands for none."""
    match sort:
        case Sort.DATE:
            return date.fromordinal(code).isoformat() if 0 < code <= date.max.toordinal() else ""
        case Sort.INSTANT:
            return iso(_START + code * _SHARE)
        case _:
            return f"{code // 12:04d}-{code % 12 + 1:02d}" if code > 0 else ""


def _month(text: str) -> int | Fraction:
    months = _months()
    at = bisect_left(months, text)
    if at < len(months) and months[at] == text:
        return YEARS[0] * 12 + at
    return 0 if text == "" else Fraction(2 * (YEARS[0] * 12 + at) - 1, 2)


@lru_cache(maxsize=1)
def _months() -> list[str]:
    return [f"{year:04d}-{month:02d}" for year in range(YEARS[0], YEARS[1] + 1) for month in range(1, 13)]


def days_of(month: int) -> tuple[int, int]:
    """The first and the last day of a month, as numbers."""
    year, index = divmod(month, 12)
    first = date(year, index + 1, 1).toordinal()
    following = date(year + (index == 11), (index + 1) % 12 + 1, 1).toordinal()
    return first, following - 1
