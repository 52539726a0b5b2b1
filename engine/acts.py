"""What an act does once it is allowed: it changes the record, deadlines answer, effects follow, and the family hears
of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine import deadlines
from engine.clock import Act
from engine.commands import Refused
from engine.copies import value_for
from engine.effects import follow
from engine.endings import cancel_children, check_blocking_children, end, reopen
from engine.events import SYSTEM, Event, EventType, Json
from engine.model import Branch
from engine.model.transitions import PREVIOUS, STAY
from engine.moves import Move
from engine.plans import compute
from engine.task import Task
from engine.turn import Turn


def commit(move: Move, branch: Branch, cause: Event | None) -> None:
    """Make a move: the event, and all that follows from it."""
    turn, task, transition = move.turn, move.task, move.transition
    body = turn.sheet(task).body
    if branch.state == PREVIOUS:
        _correct(move, cause)
        return
    target = task.state if branch.state == STAY else branch.state
    ended = body.states[target].final
    if ended and not task.ended:
        check_blocking_children(task, body)
    payload = {
        "trigger": transition.trigger,
        "form": dict(move.form),
        "from": task.state,
        "to": target,
        "branch": move.number(branch),
        "ended": ended,
        "set": _changes(move, {**transition.set, **branch.set}),
        "milestones": _milestone(move),
        "guards": move.tried,
        "undo": _undo(turn, task, cause),
    }
    event = turn.emit(EventType.TRIGGER_FIRED, task.id, payload, cause, SYSTEM if cause else None)
    deadlines.react(turn, Act(task.id, transition.trigger, event, task.state, move.form))
    follow(turn, task.id, (*transition.then, *branch.then), move.form, event)
    if ended != task.ended:
        (end if ended else reopen)(turn, task.id, event)


def _changes(move: Move, wanted: Mapping[str, str]) -> dict[str, Json]:
    fields = move.turn.sheet(move.task).body.fields
    return {name: value_for(move.at, fields[name], text) for name, text in wanted.items()}


def _milestone(move: Move) -> dict[str, Json]:
    change, milestones = move.transition.milestone, move.turn.sheet(move.task).body.milestones
    if change is None or milestones is None:
        return {}
    key = str(compute(move.at, change.key))
    row = {name: value_for(move.at, milestones.fields[name], text) for name, text in change.set.items()}
    return {
        key: {**move.task.milestones.get(key, {}), **{name: value for name, value in row.items() if value is not None}}
    }


def _undo(turn: Turn, task: Task, cause: Event | None) -> str:
    """Whether this act can be taken back (`new`), belongs to one that can (`keep`), or closes the way back (`none`)."""
    if cause is None:
        return "new" if turn.sheet(task).correctable else "none"
    mine = any(event.task == task.id and event.payload.get("undo") in ("new", "keep") for event in turn.events)
    return "keep" if mine else "none"


def _correct(move: Move, cause: Event | None) -> None:
    """Take the last act back: the record as it was before, as a new event; what it opened is closed.

    Possible while nothing else has happened to the task since but reminders: state never rewinds over a passed
    deadline.
    """
    turn, task = move.turn, move.task
    if task.before is None:
        raise Refused("nothing_to_correct", task=task.id)
    before, trigger = task.before, move.transition.trigger
    opened = [child for child in task.children if child not in before["children"]]
    if any(task.children[child]["ended"] for child in opened):
        raise Refused("nothing_to_correct", task=task.id)
    firing = [turn.occurred_text, turn.actor.id]
    payload = {
        "trigger": trigger,
        "form": dict(move.form),
        "taken_back": before["trigger"],
        "from": task.state,
        "to": before["state"],
        "entered_at": before["entered_at"],
        "fields": before["fields"],
        "milestones": before["milestones"],
        "deadlines": {name: _without_past(turn, occurrence) for name, occurrence in before["deadlines"].items()},
        "fired": {**before["fired"], trigger: [*before["fired"].get(trigger, []), firing]},
        "guards": move.tried,
    }
    event = turn.emit(EventType.ACT_CORRECTED, task.id, payload, cause)
    cancel_children(turn, [turn.family[child] for child in opened], event)
    if task.ended:
        reopen(turn, task.id, event)


def _without_past(turn: Turn, occurrence: Mapping[str, Json]) -> Json:
    """An occurrence as it was, less the reminders that went out since."""
    return {**occurrence, "remind": [at for at in occurrence.get("remind", []) if at > turn.now_text]}
