"""The record as steps: each task with its events, and the move in its state machine that each event tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.events import Event, EventType, leads_to
from workflows.desk import Desk
from workflows.exporting.edges import Edge, label
from workflows.exporting.values import Step, Trace
from workflows.facets import named_units
from workflows.ports import Recorded

MOVES = (EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED)
ENTRIES = {
    EventType.TASK_REGISTERED: "registered",
    EventType.TASK_MIGRATED: "migrated",
    EventType.TASK_RESTORED: "restored",
}
"""Events with which a task begins under an edition, and the name of the move."""


def traces(desk: Desk, process: str | None = None) -> Iterator[Trace]:
    """The tasks of a process, or all, children and programmes included, with their steps."""
    for task in desk.store.tasks(process=process):
        edition, _ = desk.book(task.edition)
        fields = edition.sheets[task.kind].body.fields
        titled = "title" in fields and not fields["title"].personal
        title = str(task.fields.get("title") or "") if titled else ""
        units = sorted(named_units(edition, task))
        yield Trace(task, title, units, _steps(desk.store.events(task.id)))


def _steps(events: Sequence[Recorded]) -> list[Step]:
    found, state = list[Step](), ""
    for recorded in events:
        event = recorded.event
        after = leads_to(event)
        activity = event.payload["trigger"] if event.type in MOVES else event.type.value
        found.append(Step(recorded, activity, after and label(_edge(event, after)), state, after or state))
        state = after or state
    return found


def _edge(event: Event, after: str) -> Edge:
    """The move that an event tells; what comes under an edition has no state before."""
    told = event.payload
    if event.type in MOVES:
        return str(told["from"]), str(told["trigger"]), after
    return "", "opening" if told.get("opening") else ENTRIES[event.type], after
