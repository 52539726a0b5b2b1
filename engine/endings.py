"""The end of a task: what runs is cancelled, children are closed or kept, and the parent hears of it; and its being
opened again.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine import deadlines
from engine.commands import Refused
from engine.events import SYSTEM, Event, EventType
from engine.facts import child_kind
from engine.model import Body, Child
from engine.task import Task
from engine.turn import Turn

PARENT_ENDED = "parent_ended"
"""The name under which the end of a parent ends a child."""


def check_blocking_children(task: Task, body: Body) -> None:
    """Raises `Refused` where children are open that hold their parent's end up."""
    blocking = [name for name, child in body.children.items() if child.on_parent_end == "block"]
    kinds = {child_kind(task.kind, name) for name in blocking}
    waiting = [name for name, child in task.children.items() if child["kind"] in kinds and not child["ended"]]
    if waiting:
        raise Refused("children_open", children=waiting)


def end(turn: Turn, task_id: str, cause: Event, *, quietly: bool = False) -> None:
    """A final state: what runs is cancelled, children are closed or kept, and the parent hears of it.

    `quietly` where its parent closes it or takes it back: then its end fires nothing on the parent.
    """
    deadlines.cancel_all(turn, task_id, cause)
    body = turn.sheet(turn.family[task_id]).body
    ending = {
        child_kind(turn.family[task_id].kind, name)
        for name, child in body.children.items()
        if child.on_parent_end == "cancel"
    }
    mine = [child for child in turn.by_id() if child.parent == task_id and child.kind in ending]
    cancel_children(turn, mine, cause)
    task = turn.family[task_id]
    if task.parent is not None and task.parent in turn.family:
        _tell_parent(turn, task, cause, quietly=quietly)


def reopen(turn: Turn, task_id: str, cause: Event) -> None:
    """A final state that is left again: the parent has the child among its open ones, and waits for its round anew."""
    task = turn.family[task_id]
    parent = turn.family.get(task.parent or "")
    if parent is None:
        return
    number = parent.children[task.id]["round"]
    payload = {"child": task.id, "kind": task.kind, "state": task.state, "round": number, "again": True}
    event = turn.emit(EventType.CHILD_OPENED, parent.id, payload, cause)
    deadlines.replan(turn, parent.id, event)


def cancel_children(turn: Turn, children: Iterable[Task], cause: Event) -> None:
    """Close those that are open. It is the parent that closes them, so that it is told nothing."""
    for child in [child for child in children if not child.ended]:
        body = turn.sheet(child).body
        assert isinstance(body, Child), "only children have parents"
        target = body.cancelled or next(name for name, state in body.states.items() if state.final)
        payload = {
            "trigger": PARENT_ENDED,
            "form": {},
            "from": child.state,
            "to": target,
            "branch": 0,
            "ended": True,
            "set": {},
            "milestones": {},
            "guards": [],
            "undo": "none",
        }
        event = turn.emit(EventType.TRIGGER_FIRED, child.id, payload, cause, SYSTEM)
        end(turn, child.id, event, quietly=True)


def _tell_parent(turn: Turn, child: Task, cause: Event, *, quietly: bool) -> None:
    """Record the end of a child with its parent, and fire what its end fires there, once for each round."""
    number = turn.family[str(child.parent)].children[child.id]["round"]
    payload = {"child": child.id, "kind": child.kind, "state": child.state, "round": number}
    event = turn.emit(EventType.CHILD_ENDED, str(child.parent), payload, cause)
    deadlines.replan(turn, str(child.parent), event)
    parent, body = turn.family[str(child.parent)], turn.sheet(child).body
    assert isinstance(body, Child), "only children have parents"
    if parent.ended or quietly:
        return
    for rule in body.on_end:
        if not rule.in_ or child.state in rule.in_:
            kin = [other for other in parent.children.values() if other["kind"] == child.kind]
            siblings = [other for other in kin if other["round"] == number]
            ended = [other for other in siblings if other["ended"] and (not rule.in_ or other["state"] in rule.in_)]
            if _enough(rule.wait_for, len(ended), sum(not other["ended"] for other in siblings)):
                turn.fire_later(parent.id, rule.fire, event)


def _enough(wait_for: str | int, ended: int, still_open: int) -> bool:
    """Whether the parent's wait is over now: exactly with this child's end, so that it is told once."""
    if wait_for == "any":
        return ended == 1
    return still_open == 0 if wait_for == "all" else ended == wait_for
