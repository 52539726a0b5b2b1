"""What a change of the working calendar means to dates that are worked out already: they are worked out anew.

Whatever stays the same says nothing. A day that is over is no new date: who could not know of it keeps the one they
had. Doing it again finds nothing to do.
"""

from __future__ import annotations

from typing import Any

from engine.clock import Clock
from engine.commands import Refused
from engine.events import Event, EventType
from engine.task import Occurrence
from engine.turn import Turn

REASON = "calendar changed"
"""Why a date moved, as its event says it; the words of whoever changed the calendar stand beside it."""

_SEEN = ("due_at", "last_day", "provisional", "remind")
"""What people see of a date."""


def reproject(turn: Turn, root: str, because: str) -> None:
    """Work out anew what runs or stands still in a family, by the calendar of this decision. Raises `Refused`."""
    if root not in turn.family:
        raise Refused("unknown_task", task=root)
    first: Event | None = None
    for task in turn.by_id():
        for name, rule in turn.sheet(task).body.deadlines.items():
            clock = Clock(turn, task.id, name, rule)
            for found in clock.open():
                planned = _anew(clock, found)
                if planned is not None:
                    moved = clock.record(EventType.DEADLINE_MOVED, planned, first, reason=REASON, because=because)
                    first = first or moved


def _anew(clock: Clock, occurrence: Occurrence) -> dict[str, Any] | None:
    """The occurrence with its date by this calendar; None where it is the same, or would be over before it is told."""
    planned = clock.planned(occurrence)
    if all(planned[name] == occurrence.get(name) for name in _SEEN):
        return None
    due_at = planned["due_at"]
    return None if due_at is not None and due_at <= clock.turn.now_text else planned
