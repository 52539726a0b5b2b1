"""Instants as people write them: local to the processes of the database, to the minute or a whole day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from re import fullmatch
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from workflows.office.desk import Desk

TICK = timedelta(microseconds=1)


def zone_of(desk: Desk) -> ZoneInfo | None:
    """The time zone of the published processes, where they have one in common."""
    processes = {record.process for record in desk.store.editions()}
    zones = {found[0].zone for name in processes if isinstance(found := desk.latest(name), tuple)}
    return zones.pop() if len(zones) == 1 else None


def moment(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is its start. Raises a usage error."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r}: 2022-03-31 / 2022-03-31T18:00 / 2022-03-31T18:00+08:00", param_hint=option
        ) from None
    if at.tzinfo is None and zone is None:
        raise click.BadParameter(f"{text!r}: +08:00 ?  请写明时差 / say the offset", param_hint=option)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def end_of(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is the midnight that ends it."""
    if not fullmatch(r"\d{4}-\d\d-\d\d", text):
        return moment(text, zone, option)
    try:
        after = date.fromisoformat(text) + timedelta(days=1)
    except ValueError:
        return moment(text, zone, option)
    return moment(f"{after.isoformat()}T00:00", zone, option)


def through(text: str, zone: ZoneInfo | None, option: str = "--at") -> datetime:
    """An instant in UTC; a day alone is its last moment, before what falls due with it."""
    return end_of(text, zone, option) - (TICK if len(text) == len("2022-03-31") else timedelta())
