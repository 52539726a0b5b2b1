"""When time itself has something to say to a task: a reminder, a due date, a light that may change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine import dues
from engine.asking import next_asked
from engine.edition import Edition
from engine.events import instant, iso
from engine.ledger import Ledger, Ledgers
from engine.task import Family, Occurrence, Task

SIGNAL = "@signal"
"""The name under which a task wakes for what time alone changes, its light above all; it sorts before every
deadline's."""


_PAST = datetime.min.replace(tzinfo=UTC)


class Wake(NamedTuple):
    """An instant (aware, UTC) at which a task wakes, and the occurrence for which it does."""

    at: datetime
    task: str
    name: str
    key: str


def wakes(
    edition: Edition,
    task: Task,
    after: datetime,
    among: Mapping[str, Occurrence] | None = None,
    ledger: Ledger | None = None,
) -> list[Wake]:
    """All the instants for which a task has to be woken; for what time alone changes the first one after `after`.

    `among` names those of its occurrences that are asked about, if not all; `ledger` holds them where it is at hand.
    """
    ledger = ledger or Ledger(task.deadlines if among is None else among)
    found = [Wake(instant(at), task.id, name, key) for at, name, key in ledger.waking.values()]
    look = _look(edition, task, after, ledger)
    if look is not None:
        found.append(Wake(look, task.id, SIGNAL, ""))
    return found


def earliest(
    edition: Edition, family: Family, until: datetime, quiet: Mapping[str, datetime], ledgers: Ledgers
) -> Wake | None:
    """The next wake of a family that has come by `until`, ordered by instant, task and name.

    `quiet` says for tasks until when they have been looked at without a change.
    """
    best: Wake | None = None
    last = iso(until)
    for task in family.values():
        ledger = ledgers.of(task)
        if ledger.first is not None and ledger.first[0] <= last:
            at, name, key = ledger.first
            wake = Wake(instant(at), task.id, name, key)
            best = wake if best is None or wake < best else best
        if not task.ended:
            look = _look(edition, task, max(instant(task.touched_at), quiet.get(task.id, _PAST)), ledger)
            if look is not None and look <= until:
                wake = Wake(look, task.id, SIGNAL, "")
                best = wake if best is None or wake < best else best
    return best


def _look(edition: Edition, task: Task, after: datetime, ledger: Ledger) -> datetime | None:
    """The next midnight after `after` at which time alone may change something: the light, or what is asked for."""
    if task.ended:
        return None
    sheet = edition.sheets[task.kind]
    light = _next_light(sheet.clock, edition.zone, after if after.tzinfo is UTC else after.astimezone(UTC))
    if not sheet.conditional:
        return light
    day = next_asked(sheet, task, ledger, after.astimezone(edition.zone).date())
    asked = None if day is None else _midnight(day, edition.zone)
    return min((each for each in (light, asked) if each is not None), default=None)


@lru_cache(maxsize=4096)
def _next_light(clock: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The next midnight at which the light may change by time alone. Many families are looked at as of one instant."""
    day = _light(clock, after.astimezone(zone).date())
    return None if day is None else _midnight(day, zone)


def _light(clock: str, today: date) -> date | None:
    """The next day (or first of a month) on which the light may change by time alone."""
    if clock == "none":
        return None
    day = today + timedelta(days=1)
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) if clock == "month" and day.day != 1 else day


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return dues.start_of(day, zone)
