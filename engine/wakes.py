"""When time itself has something to say to a task: a reminder, a due date, a light that may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine import dues
from engine.edition import Edition
from engine.events import instant
from engine.task import OPEN, OWED, Family, Occurrence, Task

SIGNAL = "@signal"
"""The name under which a task wakes for its light; it sorts before every deadline's."""


_PAST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wake:
    """An instant (aware, UTC) at which a task wakes, and the occurrence for which it does."""

    at: datetime
    task: str
    name: str
    key: str


def wakes(edition: Edition, task: Task, after: datetime) -> list[Wake]:
    """All the instants for which a task has to be woken; for its light the first one after `after`."""
    found = [
        Wake(at, task.id, one["name"], one["key"]) for one in task.deadlines.values() if (at := _next(one)) is not None
    ]
    light = _light(edition, task, after)
    if light is not None:
        found.append(Wake(light, task.id, SIGNAL, ""))
    return found


def earliest(edition: Edition, family: Family, until: datetime, quiet: Mapping[str, datetime]) -> Wake | None:
    """The next wake of a family that has come by `until`, ordered by instant, task and name.

    `quiet` says for tasks until when their light has been looked at without a change.
    """
    due = [
        wake
        for task in family.values()
        for wake in wakes(edition, task, max(instant(task.touched_at), quiet.get(task.id, _PAST)))
        if wake.at <= until
    ]
    return min(due, key=lambda wake: (wake.at, wake.task, wake.name, wake.key), default=None)


def _next(occurrence: Occurrence) -> datetime | None:
    """The next instant of an occurrence: a reminder while it is owed, the due date while it is open.

    A pause that comes too late to move the date leaves one, and so it passes; one that stops the count leaves none.
    """
    status = occurrence["status"]
    if status not in OWED:
        return None
    instants = occurrence.get("remind", [])[:1]
    due_at = occurrence.get("due_at")
    if status in OPEN and due_at:
        instants = [*instants, due_at]
    return instant(min(instants)) if instants else None  # as text they sort as time does


def _light(edition: Edition, task: Task, after: datetime) -> datetime | None:
    """The next midnight (or first of a month) at which the light may change by time alone."""
    clock = edition.sheets[task.kind].clock
    if task.ended or clock == "none":
        return None
    day = after.astimezone(edition.zone).date() + timedelta(days=1)
    if clock == "month" and day.day != 1:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return dues.start_of(day, edition.zone)
