"""When a notice may be sent: on working days and in hours that its definition names, in the edition's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.calendars import Calendar
from engine.model.process import Notice

WHOLE_DAY = (time.min, None)


def opening(notice: Notice | None, calendar: Calendar, zone: ZoneInfo, at: datetime) -> datetime | None:
    """The opening for which a notice raised at `at` waits, or None where it may be sent at once. In UTC."""
    if notice is None or not _waits(notice, calendar, zone, at):
        return None
    day = at.astimezone(zone).date()
    while (found := _opens(notice, calendar, zone, day)) is None or found <= at:
        day += timedelta(days=1)
    return found


def _waits(notice: Notice, calendar: Calendar, zone: ZoneInfo, at: datetime) -> bool:
    if notice.urgent:
        return False
    return notice.digest == "daily" or not _open(notice, calendar, zone, at)


def _open(notice: Notice, calendar: Calendar, zone: ZoneInfo, at: datetime) -> bool:
    local = at.astimezone(zone)
    first, last = notice.open_hours or WHOLE_DAY
    return _works(notice, calendar, local.date()) and first <= local.time() and (last is None or local.time() < last)


def _works(notice: Notice, calendar: Calendar, day: date) -> bool:
    return notice.on_days == "all" or calendar.is_working(day)


def _opens(notice: Notice, calendar: Calendar, zone: ZoneInfo, day: date) -> datetime | None:
    """When a day opens; an hour that the clocks skip is the one after it."""
    if not _works(notice, calendar, day):
        return None
    return datetime.combine(day, (notice.open_hours or WHOLE_DAY)[0], zone).astimezone(UTC)
