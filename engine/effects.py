"""What follows from a registration or an act, as written: notices, children, triggers elsewhere, publications.

A child enters as a root does, so that entering stands here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine import deadlines, moves
from engine.clock import REGISTERED, Act
from engine.copies import list_of, value_for, value_of
from engine.entering import Entry
from engine.events import Event, EventType, Json
from engine.facts import Situation, child_kind
from engine.model import Child, Effect
from engine.plans import compute
from engine.task import Task
from engine.turn import Turn


def enter(turn: Turn, entry: Entry, cause: Event | None = None) -> None:
    """Register a task (or open a child), start its deadlines, and let its registration's effects follow."""
    body, opening = turn.edition.sheets[entry.kind].body, entry.opening
    payload = {
        "kind": entry.kind,
        "root": entry.parent.root if entry.parent else entry.task,
        "parent": entry.parent.id if entry.parent else None,
        "part_of": entry.part_of,
        "state": opening.state if opening else body.initial,
        "fields": dict(entry.fields),
        "milestones": dict(entry.milestones),
        "opening": {"due": dict(opening.due), "source": opening.source} if opening else None,
    }
    event = turn.emit(EventType.TASK_REGISTERED, entry.task, payload, cause)
    act = Act(entry.task, REGISTERED, event, None, entry.fields, opening.due if opening else {})
    deadlines.react(turn, act)
    follow(turn, entry.task, body.registration.then, {}, event)


def follow(turn: Turn, task: str, effects: Iterable[Effect], form: Mapping[str, Json], cause: Event) -> None:
    """Raise notices, open children, fire elsewhere, order publications, in the order written."""
    for effect in effects:
        at = Situation(turn, turn.family[task], form)
        if effect.when is None or compute(at, effect.when):
            _follow_one(at, effect, cause)


def _follow_one(at: Situation, effect: Effect, cause: Event) -> None:
    if effect.notice is not None:
        raise_notice(at, effect.notice, effect.to, cause)
    elif effect.open is not None:
        _open_children(at, effect, cause)
    elif effect.fire is not None:
        _fire_elsewhere(at, effect, cause)
    else:
        payload = {"publication": effect.publish, "key": _about(at, effect), "form": dict(at.form)}
        at.turn.emit(EventType.PUBLICATION_ORDERED, at.task.id, payload, cause)


def _about(at: Situation, effect: Effect) -> str:
    """The key of a publication that an act orders: the period that it names, else the day."""
    return str(compute(at, effect.for_)) if effect.for_ else at.turn.today.isoformat()


def raise_notice(at: Situation, notice: str, roles: Iterable[str], cause: Event, **about: Json) -> None:
    """Put a notice on its way: to whom by role and unit, and about what. Its words are made when it is sent."""
    to = [{"role": role, "units": moves.bound_units(at.turn, at.task, role)} for role in roles]
    at.turn.emit(EventType.NOTICE_RAISED, at.task.id, {"notice": notice, "to": to, "about": about}, cause)


def _open_children(at: Situation, effect: Effect, cause: Event) -> None:
    body = at.sheet.body.children[str(effect.open)]
    given = {name: value_for(at, body.fields[name], text) for name, text in effect.with_.items()}
    if effect.for_each is None:
        _open(at, body, effect, given, cause)
        return
    rows = list_of(at, effect.for_each)
    for row in rows:
        each = row if isinstance(row, Mapping) else {str(effect.as_): row}
        _open(Situation(at.turn, at.turn.family[at.task.id], at.form), body, effect, {**given, **each}, cause)


def _open(at: Situation, body: Child, effect: Effect, given: Mapping[str, Json], cause: Event) -> None:
    turn, parent, kind = at.turn, at.task, child_kind(at.task.kind, str(effect.open))
    number = 1 + sum(child["kind"] == kind for child in parent.children.values())
    child = f"{parent.id}.{effect.open}.{number}"
    fields = moves.read_form(
        turn, body.fields, {name: value for name, value in given.items() if value is not None}, "fields"
    )
    payload = {"child": child, "kind": kind, "state": body.initial, "round": _round(parent, kind)}
    event = turn.emit(EventType.CHILD_OPENED, parent.id, payload, cause)
    enter(turn, Entry(child, kind, fields, {}, parent.part_of, parent=turn.family[parent.id]), event)
    deadlines.replan(turn, parent.id, event)


def _round(parent: Task, kind: str) -> int:
    """Children of a kind that are open together make one round; a parent waits anew in each."""
    siblings = [child for child in parent.children.values() if child["kind"] == kind]
    last = max((child["round"] for child in siblings), default=0)
    return max((child["round"] for child in siblings if not child["ended"]), default=last + 1)


def _fire_elsewhere(at: Situation, effect: Effect, cause: Event) -> None:
    turn, task = at.turn, at.task
    form = {name: value_of(at, text) for name, text in effect.with_.items()}
    if effect.on in ("task", "parent"):
        target = task.id if effect.on == "task" else task.parent
        if target is not None:
            turn.fire_later(target, str(effect.fire), cause, form)
        return
    kind = child_kind(task.kind, str(effect.on))
    for other in turn.by_id():
        if other.parent == task.id and other.kind == kind and not other.ended:
            turn.fire_later(other.id, str(effect.fire), cause, form)
