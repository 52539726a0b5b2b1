"""Whether a claim is broken where a walk has come: asked of the engine's own facts, never of the model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine import dues
from engine.events import EventType, instant
from engine.facts import Situation
from engine.proofs.claims import Claim
from engine.task import Task
from engine.terms import Term
from workflows.authoring.refuting.walk import MINUTE, Walk

STARVED = 4
"""How often a deadline is set back, without passing once, before it counts as starved."""

GUARD_ERROR = "guard_error"
"""The code with which an act is refused by a guard that has no answer."""

_YEARS = timedelta(days=3660)
"""What counts as for ever."""


def broken(claim: Claim, walk: Walk) -> bool:
    """Whether the walk, as it stands, breaks the claim."""
    task = walk.member(claim.kind)
    if task is None:
        return False
    match claim.shape:
        case "never":
            return task.state in claim.states and holds(claim, walk, task)
        case "within":
            began = waiting_since(claim, walk, task)
            return began is not None and walk.now >= over(claim, walk, began)
        case "reach":
            return task.state in claim.states  # from where the model, which can do all that is possible, has no way
        case "final":
            return any(_left(walk, task, set(claim.states)))
        case "fires":
            return any(_ignored(claim, walk, task))
        case "total":
            return any(_unanswered(claim, walk, task))
        case "starved":
            return any(_set_back(walk, task, name) >= STARVED for name in walk.edition.sheets[task.kind].body.deadlines)
    return False


def holds(claim: Claim, walk: Walk, task: Task) -> bool:
    """Whether the conditions of a claim are as they are where it is broken; an error is neither true nor false."""
    at = walk.family.situation(task, walk.now)
    truths = [at.evaluate(text) for text in claim.holds]
    falses = [at.evaluate(text) for text in claim.fails]
    return all(each.holds for each in truths) and all(each.error is None and not each.holds for each in falses)


def waiting_since(claim: Claim, walk: Walk, task: Task) -> datetime | None:
    """Since when the claim waits to be answered, local; None where it does not."""
    began: datetime | None = None
    for moment, state in states(walk, task):
        if state in claim.goals:
            began = None
        elif began is None and state in claim.states:
            began = moment
    return began if began is None or not claim.holds or holds(claim, walk, task) else None


def over(claim: Claim, walk: Walk, began: datetime) -> datetime:
    """The first minute at which the claim's term is over; without a term, what counts as for ever."""
    if claim.term is None:
        return began + _YEARS
    text = claim.term
    term = walk.edition.sheets[claim.kind].terms.get(text) or Term.parse(
        str(walk.edition.parameters[text.removeprefix("param.")])
    )
    due = dues.plan(walk.calendar, walk.edition.zone, began, [term])
    assert due.due_at is not None, "nothing pauses a claim"
    return due.due_at.astimezone(walk.edition.zone) + MINUTE


def states(walk: Walk, task: Task) -> Iterator[tuple[datetime, str]]:
    """The states of a member after each decision, with the local instant."""
    zone = walk.edition.zone
    found: list[tuple[datetime, str]] = []
    for event in walk.events():
        if event.task != task.id:
            continue
        if event.type is EventType.TASK_REGISTERED:
            found.append((event.occurred_at.astimezone(zone), event.payload["state"]))
        elif event.type in (EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED):
            found.append((event.occurred_at.astimezone(zone), event.payload["to"]))
    for number, (moment, state) in enumerate(found):
        last = number + 1 == len(found) or found[number + 1][0] > moment
        if last:  # what is passed through within one decision is no state in which anybody ever found it
            yield moment, state


def _left(walk: Walk, task: Task, finals: set[str]) -> Iterator[bool]:
    for event in walk.events():
        if event.task == task.id and event.type is EventType.TRIGGER_FIRED and event.actor == "system":
            yield event.payload["from"] in finals and event.payload["to"] not in finals and event.due_at is not None


def _ignored(claim: Claim, walk: Walk, task: Task) -> Iterator[bool]:
    """Whether what the deadline fired was not possible when it passed."""
    passed = {
        event.ref
        for event in walk.events()
        if event.type in (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED)
        and event.task == task.id
        and event.payload["occurrence"]["name"] == claim.about
    }
    for event in walk.events():
        yield event.type is EventType.TRIGGER_IGNORED and event.cause in passed


def _unanswered(claim: Claim, walk: Walk, task: Task) -> Iterator[bool]:
    """Whether a guard had no answer just now: an act is refused by it, or comes to nothing."""
    last = walk.done[-1]
    mine = last.on == (None if task.id == walk.root.id else task.id)
    if last.refused is not None and mine and last.refused.code == GUARD_ERROR:
        yield holds(claim, walk, task)
    for event in last.events:
        ignored = event.type is EventType.TRIGGER_IGNORED and event.task == task.id
        yield ignored and event.payload["code"] == GUARD_ERROR and holds(claim, walk, task)


def _set_back(walk: Walk, task: Task, name: str) -> int:
    """How often a deadline began anew while it ran, since it last passed or was met, through time alone."""
    count = 0
    acts = {done.at for done in walk.done if done.do}
    for event in walk.events():
        occurrence = event.payload.get("occurrence", {})
        if event.task != task.id or occurrence.get("name") != name:
            continue
        again = event.type is EventType.DEADLINE_SUPERSEDED or event.payload.get("reason") == "restarted"
        by_people = event.occurred_at.astimezone(walk.edition.zone) in acts
        if event.type in (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED, EventType.DEADLINE_MET) or by_people:
            count = 0
        elif again or event.type is EventType.DEADLINE_CANCELLED:
            count += 1
    return count


__all__ = ["Situation", "broken", "holds", "instant", "over", "states", "waiting_since"]
