"""Time, asked what is missing: a decision is recorded when it was made and whole, and before each one whatever was due
had been decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.calendars import Calendar
from engine.commands import Command, TimePassed
from engine.decide import TICK, present, stirs
from engine.edition import Edition
from engine.events import Event, instant, iso
from engine.task import Task
from engine.wakes import SIGNAL, Wake, earliest
from workflows.audit.verifying.family import OFFICE, TIME, Family, Told

NEAR = timedelta(seconds=2)
"""So far the present of a person's decision may lie from the instant at which it was recorded."""


def recorded(family: Family, first: Event, told: Sequence[Told]) -> None:
    """A decision is recorded at once and whole; a person's when it is made, time's never before it is due."""
    at, mine = instant(first.payload["command"]["at"]), told[0].recorded_at
    by_time = first.payload["command"]["do"] in TIME
    if at > mine + NEAR or (at < mine - NEAR and not by_time):
        family.find("backdated", first, at=iso(at), recorded_at=iso(mine))
    for each in told:
        if each.recorded_at != mine and abs(each.recorded_at - mine) > NEAR:
            family.find("recorded_apart", each.event, first=first.ref)
    if first.type not in OFFICE:
        if family.recorded_at is not None and mine < family.recorded_at - NEAR:
            family.find("time_runs_back", first, recorded_at=iso(mine), before=iso(family.recorded_at))
        family.recorded_at = mine


def ran_before(
    family: Family, tasks: Mapping[str, Task], first: Event, command: Command, edition: Edition, calendar: Calendar
) -> None:
    """Time runs before people: whatever was due before this decision has been decided, and this one, if it is time's
    own, was the next to come. `tasks` are those that are open.
    """
    until = command.at if isinstance(command, TimePassed) else _before(command.at, tasks)
    while (wake := earliest(edition, tasks, until, family.quiet, family.ledgers)) is not None:
        if isinstance(command, TimePassed) and wake[1:] == (command.task, command.name, command.key):
            at = present(tasks, wake.at)
            if (command.at, command.occurred_at) != (at, max(wake.at, at - TICK)):
                facts = {"edition": edition.name, "what": "command.at", "recorded": iso(command.at), "decided": iso(at)}
                family.find("decided_otherwise", first, **facts)
            return
        if not _silent(family, tasks, wake, edition, calendar):
            family.find("time_skipped", first, name=_named(wake), at=iso(wake.at))
            return


def _before(at: datetime, tasks: Mapping[str, Task]) -> datetime:
    """Until when time had run when a person decided: a tick less where the present was only moved past the last
    decision.
    """
    last = instant(max(task.touched_at for task in tasks.values()))
    return at - TICK if at == last + TICK else at


def _silent(family: Family, tasks: Mapping[str, Task], wake: Wake, edition: Edition, calendar: Calendar) -> bool:
    """Whether an instant that was looked at and left no event had nothing to say, as most midnights have: a light that
    changed neither by the calendar of the decision at hand nor by that of the day.
    """
    if wake.name != SIGNAL:
        return False
    if stirs(edition, calendar, tasks, wake, family.ledgers):
        days = [family.books.calendar(each) for each in family.books.in_force(edition.name, wake.at)]
        if all(stirs(edition, each, tasks, wake, family.ledgers) for each in days if each is not None):
            return False
    family.quiet[wake.task] = wake.at
    return True


def _named(wake: Wake) -> str:
    return f"{wake.task} {wake.name}" + (f"/{wake.key}" if wake.key else "")


def ran_until(family: Family, until: datetime) -> None:
    """Time is said to have run until then for every task: nothing may be due by then and undecided. What the last
    decision began may have been due when it began, and waits for the next look.
    """
    last = next((step for step in reversed(family.steps) if step.edition is not None), None)
    if last is None or last.edition is None or not family.open:
        return
    if max(instant(task.touched_at) for task in family.open.values()) >= until:
        return
    first = last.events[0].event
    calendar = family.books.calendar(first.payload["command"]["calendar"])
    root = next(task for task in family.open.values() if task.parent is None)
    edition = family.books.edition(root.edition)
    while calendar is not None and edition is not None:
        wake = earliest(edition, family.open, until, family.quiet, family.ledgers)
        if wake is None:
            return
        if not _silent(family, family.open, wake, edition, calendar):
            family.find("time_skipped", first, name=_named(wake), at=iso(wake.at))
            return
