"""What is declared and has not happened in months: transitions, branches, deadlines and notices nobody has needed, or
nobody has dared to use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.commands import Refusal
from engine.edition import Edition
from engine.terms import add_months
from workflows.coverage import Happened, Part, declared
from workflows.desk import Desk


@dataclass(frozen=True)
class Unused:
    """One part of a definition that has not happened since a day, and when it last did before, if ever."""

    part: Part
    last: datetime | None


@dataclass(frozen=True)
class Report:
    """Of one process: the edition looked at, since when, how many tasks have lived under any edition of it."""

    edition: Edition
    since: datetime
    tasks: int
    unused: list[Unused]


def never_fired(
    desk: Desk, process: str, months: int, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> Report | Refusal:
    """What the latest edition declares and no task of the process has done in `months` months until `now`, whatever
    edition it was under: parts are known by their names.
    """
    found = desk.latest(process)
    if isinstance(found, Refusal):
        return found
    edition, since = found[0], _before(now, months, found[0])
    happened, tasks = Happened(), 0
    for task in desk.store.tasks(process=process):
        tasks += 1
        happened.note_all(recorded.event for recorded in desk.store.events(task.id))
        progress(tasks)
    gone = [part for part in declared(edition) if part not in happened.last or happened.last[part] < since]
    return Report(edition, since, tasks, [Unused(part, happened.last.get(part)) for part in gone])


def _before(now: datetime, months: int, edition: Edition) -> datetime:
    local = now.astimezone(edition.zone)
    day = add_months(local.date(), -months)
    return local.replace(year=day.year, month=day.month, day=day.day)
