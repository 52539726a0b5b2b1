"""One family in memory, on a clock that only moves when it is told to: the stage of scenarios and rehearsals.

No rule lives here. Time runs and acts happen through the engine, as they do in the office; a command brings time up to
its own present first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.calendars import Calendar
from engine.commands import TIME, Actor, Fire, Refusal, Register
from engine.decide import Units, advance, decide, present
from engine.edition import Edition
from engine.events import Event
from engine.facts import Situation
from engine.moves import bound_units
from engine.task import Family, Task
from engine.turn import Turn


@dataclass
class VirtualFamily:
    """A root task and its descendants. `tasks` holds them all, ended ones too; the engine sees the open ones, as in a
    store.
    """

    edition: Edition
    calendar: Calendar
    units: Units = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    open: dict[str, Task] = field(default_factory=dict)

    def pass_time(self, until: datetime) -> Sequence[Event]:
        """Let time run up to an instant; returns what it brought."""
        decision = advance(self.edition, self.calendar, self.open, until, self.units)
        self._keep(decision.family)
        return decision.events

    def do(self, command: Register | Fire) -> tuple[Sequence[Event], Refusal | None]:
        """Let time run up to a command and decide it; returns what time and the command brought, and its refusal."""
        passed = self.pass_time(command.at)
        now = replace(command, at=present(self.open, command.at))
        decision = decide(self.edition, self.calendar, self.open, now, self.units)
        if isinstance(decision, Refusal):
            return passed, decision
        self._keep(decision.family)
        return [*passed, *decision.events], None

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

    def actor(self, role: str, task: Task | None, at: datetime) -> Actor:
        """Somebody who holds a role, for the units to which the task binds it."""
        units = bound_units(self.situation(task, at).turn, task, role) if task else None
        return Actor(role, (role,), tuple(units or ()))

    def _keep(self, family: Family) -> None:
        self.tasks.update(family)
        self.open = {task.id: task for task in family.values() if not task.ended or task.parent is None}
