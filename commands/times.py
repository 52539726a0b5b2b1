"""Instants as people write them: local to the processes of the database, to the minute or a whole day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from re import fullmatch
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from commands.session import wrong

if TYPE_CHECKING:
    from workflows.desk import Desk

TICK = timedelta(microseconds=1)


def zone_of(desk: Desk) -> ZoneInfo | None:
    """The time zone of the published processes, where they have one in common."""
    processes = {record.process for record in desk.store.editions()}
    zones = {found[0].zone for name in processes if isinstance(found := desk.latest(name), tuple)}
    return zones.pop() if len(zones) == 1 else None


FIRST, LAST = 1900, 9000
"""The years in which an instant may lie: beyond them neither zones nor working days are reckoned."""


def moment(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is its start. Raises a usage error."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise wrong(
            f"{option}：“{text}”不是时间；请写成 2022-03-31、2022-03-31T18:00 或 2022-03-31T18:00+08:00。",
            f"{option}: {text!r} is no time; write 2022-03-31, 2022-03-31T18:00 or 2022-03-31T18:00+08:00.",
        ) from None
    in_years(at.year, text, option)
    if at.tzinfo is None and zone is None:
        raise wrong(
            f"{option}：“{text}”没有写明时差；请写成 {at:%Y-%m-%dT%H:%M}+08:00。",
            f"{option}: {text!r} does not say its offset; write {at:%Y-%m-%dT%H:%M}+08:00.",
        )
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def in_years(year: int, text: str, option: str) -> None:
    """Raises a usage error for a year that nobody reckons with."""
    if not FIRST <= year <= LAST:
        raise wrong(
            f"{option}：“{text}”超出范围；请用 {FIRST} 年至 {LAST} 年之间的时间。",
            f"{option}: {text!r} is out of range; give a time in the years {FIRST} to {LAST}.",
        )


def day(text: str, option: str) -> date:
    """A day. Raises a usage error."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise wrong(
            f"{option}：“{text}”不是日期；请写成 2022-01-31。", f"{option}: {text!r} is no day; write 2022-01-31."
        ) from None
    in_years(found.year, text, option)
    return found


def end_of(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is the midnight that ends it."""
    if not fullmatch(r"\d{4}-\d\d-\d\d", text):
        return moment(text, zone, option)
    after = day(text, option) + timedelta(days=1)
    return moment(f"{after.isoformat()}T00:00", zone, option)


def through(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is its last moment, before what falls due with it."""
    return end_of(text, zone, option) - (TICK if len(text) == len("2022-03-31") else timedelta())
