"""Instants as the tables hold them: whole microseconds since 1970 in UTC, which sort and compare as time does
everywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from engine.events import instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOREVER = 2**63 - 1
"""Later than every instant: the end of what has not ended."""


def micros(moment: datetime) -> int:
    """An aware instant as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)
def moment_of(count: int) -> datetime:
    """The inverse of `micros`."""
    return EPOCH + timedelta(microseconds=count)


def micros_or_none(moment: datetime | None) -> int | None:
    """As `micros`, where there may be none."""
    return None if moment is None else micros(moment)


def moment_or_none(count: int | None) -> datetime | None:
    """As `moment_of`, where there may be none."""
    return None if count is None else moment_of(count)


def micros_of(text: str | None) -> int | None:
    """An ISO instant as microseconds since 1970."""
    return None if text is None else micros(instant(text))
