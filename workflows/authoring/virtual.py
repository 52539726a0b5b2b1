"""One family in memory, on a clock that only moves when it is told to: the stage of scenarios and rehearsals.

No rule lives here. Time runs and acts happen through the engine, as they do in the office; a command brings time up to
its own present first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.calendars import Calendar
from engine.commands import TIME, Actor, Command, Decision, Fire, Refusal, Register, Reproject
from engine.decide import Units, advance, decide, present
from engine.edition import Edition
from engine.events import Event
from engine.facts import Situation
from engine.ledger import Ledgers
from engine.moves import bound_units
from engine.task import Family, Task, evolve
from engine.turn import Turn
from engine.wakes import SIGNAL, wakes
from workflows.authoring.grammar import Doer

STRETCH = timedelta(days=5)
"""Where turns are counted, time runs so far at once."""


class OutOfTurns(Exception):
    """So many turns were allowed, and more would be needed."""


@dataclass
class Turns:
    """How much may still happen: each event is a turn, and so is each stretch of time. The same on any machine."""

    left: int

    def take(self, turns: int) -> None:
        """Raises `OutOfTurns`."""
        self.left -= turns
        if self.left < 0:
            raise OutOfTurns


@dataclass
class VirtualFamily:
    """A root task and its descendants. `tasks` holds them all, ended ones too; the engine sees the open ones, as in a
    store. With `turns` it lives no longer than they last.
    """

    edition: Edition
    calendar: Calendar
    units: Units = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    open: dict[str, Task] = field(default_factory=dict)
    turns: Turns | None = None
    _lived: datetime | None = field(default=None, init=False)
    _advisory: bool = field(init=False)
    _quiet: dict[str, datetime] = field(default_factory=dict, init=False)
    _ledgers: Ledgers = field(default_factory=Ledgers, init=False)

    def __post_init__(self) -> None:
        """See whether some deadline would be passed over in catching up; here nothing is ever caught up with."""
        bodies = (sheet.body for sheet in self.edition.sheets.values())
        self._advisory = any(rule.catch_up != "each" for body in bodies for rule in body.deadlines.values())

    def copy(self) -> VirtualFamily:
        """A family that goes on by itself from here; tasks never change, so that they are shared."""
        other = VirtualFamily(self.edition, self.calendar, self.units, dict(self.tasks), dict(self.open))
        other._quiet = dict(self._quiet)
        return other

    def pass_time(self, until: datetime) -> Sequence[Event]:
        """Let time run up to an instant, as if somebody looked at every wake; returns what it brought."""
        events: list[Event] = []
        while self._advisory and (wake := self._next_deadline(until)) is not None:
            events += self._advance(wake)
        return [*events, *self._advance(until)]

    def _advance(self, until: datetime) -> Sequence[Event]:
        events: list[Event] = []
        if self.turns is not None:
            while self._lived is not None and self._lived + STRETCH < until:
                events += self._stretch(self._lived + STRETCH)
        return [*events, *self._stretch(until)]

    def _stretch(self, until: datetime) -> Sequence[Event]:
        decision = advance(self.edition, self.calendar, self.open, until, self.units, self._quiet, self._ledgers)
        self.keep(decision.family)
        self._lived = until
        if self.turns is not None:
            self.turns.take(1 + len(decision.events))
        return decision.events

    def _next_deadline(self, until: datetime) -> datetime | None:
        found = (wake for task in self.open.values() for wake in wakes(self.edition, task, until))
        return min((wake.at for wake in found if wake.name != SIGNAL and wake.at < until), default=None)

    def do(self, command: Register | Fire | Reproject) -> tuple[Sequence[Event], Refusal | None]:
        """Let time run up to a command and decide it; returns what time and the command brought, and its refusal."""
        passed = self.pass_time(command.at)
        now = replace(command, at=present(self.open, command.at))
        decision = self.decide(now)
        if isinstance(decision, Refusal):
            return passed, decision
        self.keep(decision.family)
        return [*passed, *decision.events], None

    def decide(self, command: Command) -> Decision | Refusal:
        """What a command comes to at its own present, before which time has run; nothing happens by it yet."""
        return decide(self.edition, self.calendar, self.open, command, self.units, self._ledgers)

    def obey(self, events: Sequence[Event]) -> None:
        """Take the events of a recorded decision as they are."""
        for event in events:
            known = self.tasks.get(event.task)
            task = evolve(known, event if known else event.under(self.edition.name))
            self.tasks[task.id] = task
            if task.ended and task.parent is not None:
                self.open.pop(task.id, None)
            else:
                self.open[task.id] = task

    def latest(self, name: str) -> Task | None:
        """The member with that id, or the child of that kind that was opened last."""
        if name in self.tasks:
            return self.tasks[name]
        kin = [task for task in self.tasks.values() if name in (task.kind, task.kind.rpartition("/")[2])]
        return kin[-1] if kin else None

    def situation(self, task: Task, at: datetime) -> Situation:
        """What guards see of a member at an instant."""
        turn = Turn(self.edition, self.calendar, TIME, at, at, units=self.units, family=dict(self.tasks))
        return Situation(turn, task)

    def actor(self, doer: Doer, task: Task | None, at: datetime) -> Actor:
        """Somebody who holds a role: for the units to which the task binds it, unless others are named."""
        units = doer.units
        if units is None:
            units = tuple(bound_units(self.situation(task, at).turn, task, doer.role) or ()) if task else ()
        return Actor(doer.person or doer.role, (doer.role, *doer.roles), units)

    def keep(self, family: Family) -> None:
        """Go on from the family that a decision left."""
        self.tasks.update(family)
        self.open = {task.id: task for task in family.values() if not task.ended or task.parent is None}
