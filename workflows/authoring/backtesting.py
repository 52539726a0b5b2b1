"""A draft over recorded history: what people did is put to it again, and what would have come otherwise is told.

Time is the draft's own: its deadlines pass when the draft says so. People's commands are those of the record, at their
recorded times. The first difference that people would have noticed is where a task's story *diverges*: from there on
nobody knows what they would have done, and what is found after it is only as sure as that they would have done the
same. One family is looked at by itself (`through`); `workflows.authoring.trials` looks at many, on all cores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from engine.calendars import Calendar
from engine.commands import Fire, Register, Reproject
from engine.decide import TICK, Units
from engine.edition import Edition
from engine.events import Event, EventType, Json, instant
from engine.recall import command_of, decided
from engine.task import Task, evolve
from workflows.authoring.backtest import OFFICE, Calendars, by_decision
from workflows.authoring.contrast import Change, changes, course
from workflows.authoring.following import Decisions, Reaches, follow
from workflows.authoring.virtual import VirtualFamily

_PEOPLE = frozenset({"register", "fire", "reproject"})
"""What people ask of a draft. The rest is time's; and under which edition a task stood then is no matter here."""


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant on, until another: commands within it are put to the draft, and time runs to its end."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """A recorded act that the draft refuses."""

    at: datetime
    task: str
    trigger: str
    code: str
    facts: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one family. `diverges_at` is the instant of the first difference, None where there is none.
    `foreign` names a state that the draft does not have, in which the family stood when the period began: it was left
    out.
    """

    root: str
    events: int
    changes: Sequence[Change] = ()
    lost: Sequence[Lost] = ()
    diverges_at: datetime | None = None
    foreign: str | None = None
    erased: int = 0
    """Events of which something was erased since: they were tried with a fitting value in its place."""


def through(
    draft: Edition,
    calendar: Calendar,
    history: Sequence[Event],
    period: Period,
    units: Units | None = None,
    versions: Calendars | None = None,
    reaches: Reaches | None = None,
) -> Told:
    """Put the recorded commands of one family (all its streams) to a draft.

    Each is decided by the version of the draft's working calendar that was in force then, which `versions` finds;
    `calendar` is the one where none is known. A family that began before the period is taken over as it was recorded.
    `reaches` spares deciding what the draft cannot touch; without it everything is decided, and the same is told.
    """
    root = next(str(event.payload["root"]) for event in history if event.type is EventType.TASK_REGISTERED)
    before, during = _split(history, period)
    family = _taken_over(draft, calendar, before, units or {})
    foreign = next((task for task in family.open.values() if not _known(draft, task)), None)
    if foreign is not None:
        return Told(root, len(history), foreign=f"{foreign.kind}/{foreign.state}".lstrip("/"))
    asked = [first for first, *_ in during if _by_people(first)]
    family.calendar = _then(asked[0], calendar, versions) if asked else calendar
    followed = follow(family, during, reaches) if reaches else 0
    same, rest = [*before, *chain.from_iterable(during[:followed])], during[followed:]
    events, lost = list[Event](), list[Lost]()
    for first, *_ in rest:
        if _by_people(first):
            family.calendar = _then(first, calendar, versions)
            _put(family, first, events, lost)
            if first.task == root and not family.tasks:
                return Told(root, len(history), (), lost, lost[0].at)
    events += family.pass_time(period.until - TICK)
    if not rest and not events:
        return Told(root, len(history), [], lost)
    found = changes(course([*same, *chain.from_iterable(rest)]), course([*same, *events]))
    return Told(root, len(history), found, lost, _diverges(found, lost))


def _by_people(first: Event) -> bool:
    return first.type not in OFFICE and first.payload["command"]["do"] in _PEOPLE


def _split(history: Sequence[Event], period: Period) -> tuple[list[Event], Decisions]:
    """What was decided before the period, and the decisions within it: one by people at its present, one by time at
    the instant at which it was due.
    """
    before, during = list[Event](), list[Sequence[Event]]()
    decisions = by_decision(history)
    for first in decided(history):
        command = first.payload["command"]
        at = instant(command["at"]) if command["do"] in _PEOPLE else first.occurred_at
        if at < period.since:
            before.extend(decisions[first.ref])
        elif at < period.until:
            during.append(decisions[first.ref])
    return before, during


def _taken_over(draft: Edition, calendar: Calendar, before: Sequence[Event], units: Units) -> VirtualFamily:
    """The family as it was recorded when the period began, under the draft; deadlines that it does not have are left
    behind.
    """
    tasks: dict[str, Task] = {}
    for event in sorted(before, key=lambda event: (event.task, event.seq)):
        tasks[event.task] = evolve(tasks.get(event.task), event)
    family = VirtualFamily(draft, calendar, units)
    family.tasks.update({name: _under(draft, task) for name, task in tasks.items()})
    family.open = {name: task for name, task in family.tasks.items() if not task.ended or task.parent is None}
    return family


def _under(draft: Edition, task: Task) -> Task:
    sheet = draft.sheets.get(task.kind)
    known = sheet.body.deadlines if sheet else {}
    kept = {key: each for key, each in task.deadlines.items() if each["name"] in known}
    return Task.from_json({**task.to_json(), "edition": draft.name, "deadlines": kept})


def _known(draft: Edition, task: Task) -> bool:
    return task.kind in draft.sheets and task.state in draft.sheets[task.kind].body.states


def _then(first: Event, calendar: Calendar, versions: Calendars | None) -> Calendar:
    found = versions(first.payload["command"]["calendar"]) if versions else None
    return found if found is not None and found.name == calendar.name else calendar


def _put(family: VirtualFamily, first: Event, events: list[Event], lost: list[Lost]) -> None:
    """Put one command to the draft. Which version of the task its author had seen says nothing here."""
    command = command_of(first)
    assert isinstance(command, Register | Fire | Reproject), "time and editions are the draft's own"
    if isinstance(command, Fire):
        command = replace(command, version=None)
    came, refusal = family.do(command)
    events += came
    if refusal is not None:
        trigger = command.trigger if isinstance(command, Fire) else str(first.payload["command"]["do"])
        lost.append(Lost(command.at, first.task, trigger, refusal.code, refusal.facts))


def _diverges(found: Sequence[Change], lost: Sequence[Lost]) -> datetime | None:
    return min((*(each.first for each in found), *(each.at for each in lost)), default=None)
