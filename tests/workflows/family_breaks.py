"""Whether the events of a walk break a claim on any member of a family: told from the record alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine import dues
from engine.events import Event, EventType
from engine.proofs.claims import Claim
from engine.terms import Term
from tests.engine.walks import ZONE, Walk

PASSED = (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED)


def broken(walk: Walk, claim: Claim) -> bool:
    """Whether the events break a claim that is about what happens."""
    tasks = {event.task for event in walk.events if _kind(event) == claim.kind}
    match claim.shape:
        case "within":
            return any(_late(walk, claim, task) for task in tasks)
        case "final":
            return any(_left(event, claim) for event in walk.events if event.task in tasks)
        case "fires":
            return any(_ignored(walk, claim, task) for task in tasks)
        case "total":
            return any(
                event.type is EventType.TRIGGER_IGNORED and event.payload["code"] == "guard_error"
                for event in walk.events
                if event.task in tasks
            )
    return False


def _kind(event: Event) -> str | None:
    return str(event.payload["kind"]) if event.type is EventType.TASK_REGISTERED else None


def _left(event: Event, claim: Claim) -> bool:
    moved = event.type is EventType.TRIGGER_FIRED and event.due_at is not None
    return moved and event.payload["from"] in claim.states and event.payload["to"] not in claim.states


def _ignored(walk: Walk, claim: Claim, task: str) -> bool:
    passed = {
        event.ref
        for event in walk.events
        if event.type in PASSED and event.task == task and event.payload["occurrence"]["name"] == claim.about
    }
    return any(event.type is EventType.TRIGGER_IGNORED and event.cause in passed for event in walk.events)


def _late(walk: Walk, claim: Claim, task: str) -> bool:
    waiting: datetime | None = None
    for moment, state in (*_decisions(walk, task), (walk.now, "")):
        if waiting is not None:
            due = dues.plan(walk.cn, ZONE, waiting, [Term.parse(str(claim.term))]).due_at
            if due is not None and moment > due:
                return True
        if state in claim.goals:
            waiting = None
        elif waiting is None and state in claim.states:
            waiting = moment.astimezone(ZONE)
    return False


def _decisions(walk: Walk, task: str) -> Iterator[tuple[datetime, str]]:
    """The state of a member after each instant at which something happened to it."""
    found: list[tuple[datetime, str]] = []
    for event in walk.events:
        if event.task == task and event.type is EventType.TASK_REGISTERED:
            found.append((event.occurred_at, str(event.payload["state"])))
        elif event.task == task and event.type in (EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED):
            found.append((event.occurred_at, str(event.payload["to"])))
    for number, (moment, state) in enumerate(found):
        if number + 1 == len(found) or found[number + 1][0] > moment:
            yield moment, state
