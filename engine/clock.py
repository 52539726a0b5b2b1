"""One deadline of one task in a turn: its occurrences, and how a date is worked out.

Every change is an event that carries the whole occurrence as it is afterwards, so that replay needs no rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from engine import dues, kept
from engine.dues import Due
from engine.events import Event, EventType, Json, iso
from engine.facts import Situation
from engine.model import Deadline
from engine.moves import bound_units
from engine.plans import Unset, due_of, foreseen, granted, lengthened, reminders, why_json
from engine.recurrence import Period, period_begun
from engine.task import Occurrence, Task
from engine.turn import Turn

REGISTERED = "registered"
"""The trigger of an act that is a registration."""


class Act(Struct, frozen=True):
    """What just happened to a task: the trigger (`registered` for its registration), its form, and the states around
    it.
    """

    task: str
    trigger: str
    event: Event
    came_from: str | None
    form: Mapping[str, Json] = {}
    fixed: Mapping[str, str] = {}
    """Due days that an opening entry states for deadlines, by name."""


class Clock(Struct):
    """One deadline of one task in a turn."""

    turn: Turn
    id: str
    name: str
    rule: Deadline

    @property
    def task(self) -> Task:
        """The task as it is now."""
        return self.turn.family[self.id]

    def found(self) -> Sequence[Occurrence]:
        """All occurrences, in the order in which they started."""
        return self.turn.ledgers.of(self.turn.family[self.id]).of(self.name)

    def open(self) -> Sequence[Occurrence]:
        """Those that are running or paused."""
        return self.turn.ledgers.of(self.turn.family[self.id]).open_of(self.name)

    def at(self, occurrence: Mapping[str, Json], form: Mapping[str, Json] | None = None) -> Situation:
        """The facts for this occurrence; its form is the one that started it, unless another is given."""
        return Situation(self.turn, self.task, form if form is not None else occurrence.get("start", {}), occurrence)

    def record(self, kind: EventType, occurrence: Mapping[str, Any], cause: Event | None, **more: Json) -> Event:
        """Emit what the occurrence is now."""
        return self.turn.emit(kind, self.id, {"occurrence": dict(occurrence), **more}, cause)

    def cancel(self, cause: Event) -> None:
        """Cancel what is open."""
        for found in self.open():
            self.record(EventType.DEADLINE_CANCELLED, {**found, "status": "cancelled", "remind": []}, cause)

    def plan(
        self, kind: EventType, occurrence: dict[str, Any], cause: Event, *, only_if_changed: bool = False, **more: Json
    ) -> None:
        """Record an occurrence with its date worked out anew; with `only_if_changed` where that is another date."""
        due = self._due_or_none(occurrence)
        same = only_if_changed and _is_due(occurrence, due)
        if same and foreseen(self.at(occurrence), self.rule):
            return
        planned = {**occurrence, **self.dated(occurrence, due)}
        if not same:
            self.record(kind, planned, cause, **more)

    def planned(self, occurrence: Mapping[str, Any]) -> dict[str, Any]:
        """The occurrence with its date worked out anew."""
        return {**occurrence, **self.dated(occurrence, self._due_or_none(occurrence))}

    def _due_or_none(self, occurrence: Mapping[str, Any]) -> Due:
        try:
            return self.due(occurrence)
        except Unset:
            return Due(None, None, provisional=False, why=())

    def dated(self, occurrence: Mapping[str, Json], due: Due) -> dict[str, Json]:
        """The date, its why, and the reminders that are still to come."""
        sent = occurrence.get("reminded", [])
        now = self.turn.now_text
        rungs = [moment for moment in reminders(self.at(occurrence), self.rule, due) if moment > now]
        return {
            "due_at": iso(due.due_at) if due.due_at else None,
            "last_day": due.last_day.isoformat() if due.last_day else None,
            "provisional": due.provisional,
            "why": why_json(due),
            "remind": rungs[max(0, len(rungs) + len(sent) - len(self.rule.remind)) :] if sent else rungs,
        }

    def due(self, occurrence: Mapping[str, Any]) -> Due:
        """The date of an occurrence, its pauses and extensions included. Raises `Unset`."""
        if occurrence.get("kept"):
            return kept.due_of(self.at(occurrence), occurrence["kept"])
        if self.rule.due is not None:
            return due_of(self.at(occurrence), self.rule.due)
        assert self.rule.every is not None, "a deadline has `due` or `every`"
        period = period_begun(self.rule.every.recurrence, self.turn.calendar, str(occurrence["key"]))
        day, terms = granted(occurrence)
        if day is None and not terms:
            return self.period_due(period)
        return lengthened(self.at(occurrence), day or period.due_on, terms)

    def period_due(self, period: Period) -> Due:
        """The date of a period."""
        day = dues.on_date(self.turn.calendar, self.turn.edition.zone, period.due_on)
        return Due(day.due_at, day.last_day, period.provisional, period.why)

    def units(self) -> list[str] | None:
        """Whose it is now; None where its role is not bound to a unit."""
        return bound_units(self.turn, self.task, self.rule.role)


def _is_due(occurrence: Mapping[str, Json], due: Due) -> bool:
    """Whether a date is the one that an occurrence has."""
    if due.due_at is None or due.last_day is None:
        return occurrence.get("due_at") is None and occurrence.get("last_day") is None
    same_day = occurrence.get("last_day") == due.last_day.isoformat()
    return same_day and occurrence.get("due_at") == iso(due.due_at)
