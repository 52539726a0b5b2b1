"""Rehearsal: a definition over a real calendar and a real task list, between two dates, on a virtual clock.

The tasks of a list are families that know nothing of one another, so each is lived through alone and the results are
merged by time: memory holds one family and what is kept of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from engine.calendars import Calendar
from engine.commands import Actor, Fire, Opening, Origin, Refusal, Register
from engine.decide import Units
from engine.dues import start_of
from engine.edition import Edition
from engine.events import Event, EventType, Json
from engine.problems import Spoken
from engine.terms import month_end
from engine.turn import Over
from workflows.authoring.grammar import Doer
from workflows.authoring.story import (
    Act,
    ProgrammeEntry,
    Registration,
    Story,
    acts_of,
    acts_of_programme,
    local,
    part_of,
    task_id,
)
from workflows.authoring.supposing import Supposed
from workflows.authoring.virtual import VirtualFamily
from workflows.listing import ListRow
from workflows.ports import PROGRAMME

ORIGIN = Origin("rehearsal")

LONGEST = timedelta(days=30 * 366)
"""How long a rehearsal may last: beyond it time would go on for hours, and no calendar is known for so long."""


class TooLong(Spoken, ValueError):
    """A rehearsal is to last longer than `LONGEST`."""


Light: TypeAlias = tuple[str, str]
"""`state` or `signal`, and its name."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step that the engine refused: its family went no further."""

    at: datetime
    task: str
    trigger: str
    refusal: Refusal


@dataclass
class Rehearsal:
    """What came of it. `board` counts root tasks by state and signal at the end of each month (and of the rehearsal);
    `totals` counts events by type, and `notices` those raised by name. `events` is empty where they were not kept.
    `stops` are steps at which a family went no further, `lost` those that were passed over because something else was
    supposed.
    """

    edition: Edition
    calendar: Calendar
    since: date
    until: date
    tasks: int = 0
    events: list[Event] = field(default_factory=list)
    board: dict[date, Counter[Light]] = field(default_factory=dict)
    totals: Counter[EventType] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)
    stops: list[Stop] = field(default_factory=list)
    lost: list[Stop] = field(default_factory=list)


def rehearse(
    edition: Edition,
    calendar: Calendar,
    rows: Sequence[ListRow],
    story: Story | Supposed | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    units: Units | None = None,
    keep_events: bool = True,
) -> Rehearsal:
    """Live through a story (or only time) from the start of `since` to the end of `until`, by default the story's own
    dates. Raises `ValueError` where neither says them, and `TooLong`.

    Without a registration in the story the tasks are registered at nine o'clock of the first day by whoever may. Where
    something is supposed of the story, an act that is refused then is passed over and told among `lost`.
    """
    supposed, story = (story, story.story) if isinstance(story, Supposed) else (None, story)
    first, last = _span(story, since, until)
    places = {name: Over(one.level, one.over) for name, one in story.units.items()} if story else {}
    stage = _Stage(Rehearsal(edition, calendar, first, last, len(rows)), units or places, keep_events)
    for entry in story.programmes if story else ():
        stage.live(_programme(stage, entry), list(acts_of_programme(story, entry.id)) if story else [])
    plan = (story.register_ if story else None) or _plain_registration(edition, first)
    seen: dict[str, str] = {}
    stage.supposed = supposed
    for number, row in enumerate(rows, 1):
        acts = list(acts_of(story, number)) if story else []
        if supposed is not None:
            acts = supposed.acts(number, row.fields, acts)
        stage.live(_entry(stage, plan, row, number, seen), acts)
    return stage.ended()


def _span(story: Story | None, since: date | None, until: date | None) -> tuple[date, date]:
    told = (story.from_, story.until) if story else (None, None)
    first, last = since or _day(told[0]), until or _day(told[1])
    if first is None or last is None or first > last:
        raise ValueError(f"a rehearsal runs from a day until a later one, not from {first} until {last}")
    if last - first > LONGEST:
        raise TooLong(f"{first} 至 {last}", f"{first} to {last}")
    return first, last


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain_registration(edition: Edition, first: date) -> Registration:
    by = edition.process.registration.by
    return Registration(at=f"{first} 09:00", as_=Doer(role=by[0].role if by else "office"))


def _programme(stage: _Stage, entry: ProgrammeEntry) -> Register:
    return Register(
        task=entry.id,
        kind=PROGRAMME,
        fields=entry.fields,
        milestones=entry.milestones,
        actor=_registrar(entry.as_),
        at=local(entry.at, stage.edition.zone),
        origin=ORIGIN,
    )


def _entry(stage: _Stage, plan: Registration, row: ListRow, number: int, seen: dict[str, str]) -> Register:
    task = task_id(stage.edition.process.process, number, stage.result.tasks)
    opening = plan.opening
    return Register(
        task=task,
        kind="",
        fields=row.fields,
        milestones=row.milestones,
        actor=_registrar(plan.as_),
        at=local(plan.at, stage.edition.zone),
        part_of=part_of(plan, row.fields),
        opening=Opening(opening.state, opening.due, opening.source) if opening else None,
        twin=_twin(stage.edition, row.fields, task, seen),
        origin=ORIGIN,
    )


def _twin(edition: Edition, fields: Mapping[str, Json], task: str, seen: dict[str, str]) -> str | None:
    """An earlier task of the list with the same unique fields."""
    unique = edition.process.registration.unique
    if not unique:
        return None
    other = seen.setdefault(repr([fields.get(name) for name in unique]), task)
    return other if other != task else None


def _registrar(doer: Doer) -> Actor:
    return Actor(doer.person or doer.role, (doer.role, *doer.roles), doer.units or ())


@dataclass
class _Stage:
    """Where one family after another lives through its time."""

    result: Rehearsal
    units: Units
    keep: bool
    supposed: Supposed | None = None
    log: list[tuple[str, str, int, Event]] = field(default_factory=list)

    @property
    def edition(self) -> Edition:
        """The definition that is rehearsed."""
        return self.result.edition

    def live(self, command: Register, acts: Sequence[Act]) -> None:
        """One family from its registration to the end, or to the first step that is refused."""
        family = VirtualFamily(self.edition, self.result.calendar, self.units)
        events, refusal = family.do(command)
        self._keep(command.task, events)
        if refusal is not None:
            self.result.stops.append(Stop(command.at, command.task, "register", refusal))
            return
        for day, act in self._timeline(command.at, acts):
            if act is None:
                self._end_day(family, command, day)
            elif not self._act(family, command.task, act):
                return

    def _timeline(self, since: datetime, acts: Sequence[Act]) -> Iterator[tuple[date, Act | None]]:
        """The acts, and the ends of months and of the rehearsal, in time order."""
        zone = self.edition.zone
        entered = since.astimezone(zone).date()
        days = [day for day in _ends(self.result.since, self.result.until) if day >= entered]
        for act in acts:
            on = local(act.at, zone).date()
            while days and days[0] < on:
                yield days.pop(0), None
            if on <= self.result.until:
                yield on, act
        yield from ((day, None) for day in days)

    def _act(self, family: VirtualFamily, root: str, act: Act) -> bool:
        """Take a step; whether the family goes on."""
        at = local(act.at, self.edition.zone)
        self._keep(root, family.pass_time(at))
        task = family.latest(act.on or root)
        if task is None:
            refusal: Refusal | None = Refusal("unknown_task", {"task": act.on})
        else:
            earlier = local(act.occurred_at, self.edition.zone) if act.occurred_at else None
            actor = family.actor(act.as_, task, at)
            fire = Fire(task.id, act.do, act.with_, actor, at, earlier, act.reason, origin=ORIGIN)
            events, refusal = family.do(fire)
            self._keep(root, events)
        if refusal is not None:
            told = self.result.stops if self.supposed is None else self.result.lost
            told.append(Stop(at, root, act.do, refusal))
        return refusal is None or self.supposed is not None

    def _end_day(self, family: VirtualFamily, command: Register, day: date) -> None:
        """Let time run to the end of a day, and put the task on its board."""
        midnight = start_of(day + timedelta(days=1), self.edition.zone)
        self._keep(command.task, family.pass_time(midnight - timedelta(microseconds=1)))
        if command.kind != PROGRAMME:
            task = family.tasks[command.task]
            board = self.result.board.setdefault(day, Counter())
            board[("state", task.state)] += 1
            if task.signal is not None:
                board[("signal", task.signal)] += 1

    def _keep(self, root: str, events: Sequence[Event]) -> None:
        """Count events, and keep them where they are wanted, under the present of their decision."""
        result, at = self.result, ""
        for event in events:
            result.totals[event.type] += 1
            if event.type is EventType.NOTICE_RAISED:
                result.notices[str(event.payload["notice"])] += 1
            elif event.type is EventType.DEADLINE_MISSED:
                result.misses[str(event.payload["occurrence"]["name"])] += 1
            if self.keep:
                command = event.payload.get("command")
                at = str(command["at"]) if command else at
                self.log.append((at, root, len(self.log), event))

    def ended(self) -> Rehearsal:
        """The result, its families merged by time."""
        self.log.sort(key=lambda line: line[:3])
        self.result.events = [event for *_, event in self.log]
        for told in (self.result.stops, self.result.lost):
            told.sort(key=lambda stop: (stop.at, stop.task))
        return self.result


def _ends(since: date, until: date) -> Iterator[date]:
    """The last days of the months between two days, and the last day of all."""
    day = month_end(since)
    while day < until:
        yield day
        day = month_end(day + timedelta(days=1))
    yield until
