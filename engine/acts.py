"""What an act does once it is allowed: it changes the record, deadlines answer, effects follow, and the family hears
of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from re import fullmatch
from typing import Any

from engine import deadlines, lights, moves
from engine.asking import asked
from engine.commands import TIME, Opening, Refused
from engine.deadlines import REGISTERED, Act, Clock
from engine.events import SYSTEM, Event, EventType, Json, instant, iso
from engine.facts import Situation, child_kind
from engine.model import Body, Branch, Child, Effect, Field, Registration
from engine.model.transitions import PREVIOUS, STAY
from engine.moves import Move
from engine.plans import compute
from engine.recurrence import begins_on
from engine.task import Occurrence, Task
from engine.turn import Mark, Pending, Turn
from engine.values import ValueProblem, parse_value

PARENT_ENDED = "parent_ended"
"""The name under which the end of a parent ends a child."""

CASCADE = 100
"""How many triggers one act may set off in its family before it is refused: a definition that fires in circles never
ends."""


# -- entering


@dataclass(frozen=True)
class Entry:
    """A task about to be: everything checked."""

    task: str
    kind: str
    fields: Mapping[str, Json]
    milestones: Mapping[str, Mapping[str, Json]]
    part_of: str | None = None
    opening: Opening | None = None
    parent: Task | None = None


def check_registrar(turn: Turn, registration: Registration) -> None:
    """Raises `Refused` where the actor may not register a task."""
    roles = [by.role for by in registration.by]
    if roles and "anyone" not in roles and not set(roles) & set(turn.actor.roles):
        raise Refused("wrong_role", role=roles[0], roles=list(turn.actor.roles))


def read_milestones(turn: Turn, body: Body, given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Json]]:
    """The rows of a plan as events keep them. Raises `Refused`."""
    if given and body.milestones is None:
        raise Refused("no_milestones")
    if body.milestones is None:
        return {}
    key = Field(type=body.milestones.key, zh=body.milestones.zh, en=body.milestones.en)
    rows = {}
    for name, row in given.items():
        try:
            rows[str(parse_value(key, name))] = moves.read_form(turn, body.milestones.fields, row, "milestones")
        except ValueProblem as problem:
            raise Refused(
                "milestones", problems=[{"field": name, "zh": problem.text.zh, "en": problem.text.en, "near": None}]
            ) from None
    return rows


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


# -- a transition


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
        _check_blocking_children(task, body)
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
    if ended and not task.ended:
        end(turn, task.id, event)


def _changes(move: Move, wanted: Mapping[str, str]) -> dict[str, Json]:
    fields = move.turn.sheet(move.task).body.fields
    return {name: _computed(move.at, fields[name], text) for name, text in wanted.items()}


def _computed(at: Situation, field: Field, text: str) -> Json:
    """A new value for a field: a plain copy keeps every digit, anything else is computed."""
    copied = fullmatch(r"(form|task|parent)\.([a-z][a-z0-9_]*)", text)
    if copied is not None:
        parent = at.turn.parent(at.task)
        holders: Mapping[str, Mapping[str, Json]] = {
            "form": at.form,
            "task": at.task.fields,
            "parent": parent.fields if parent else {},
        }
        return holders[copied[1]].get(copied[2])
    value = moves.plain(compute(at, text))
    try:
        return parse_value(field, value, at.turn.edition.zone)
    except ValueProblem as problem:
        raise Refused("computed", zh=problem.text.zh, en=problem.text.en, guard=text) from None


def _milestone(move: Move) -> dict[str, Json]:
    change, milestones = move.transition.milestone, move.turn.sheet(move.task).body.milestones
    if change is None or milestones is None:
        return {}
    key = str(compute(move.at, change.key))
    row = {name: _computed(move.at, milestones.fields[name], text) for name, text in change.set.items()}
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
    _cancel_children(turn, [turn.family[child] for child in opened], event, quietly=True)


def _without_past(turn: Turn, occurrence: Mapping[str, Json]) -> Json:
    """An occurrence as it was, less the reminders that went out since."""
    return {**occurrence, "remind": [at for at in occurrence.get("remind", []) if at > turn.now_text]}


# -- what follows


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


def remind(clock: Clock, event: Event, occurrence: Occurrence) -> None:
    """Send the notice that goes with a reminder."""
    at = clock.at(occurrence)
    about = {"deadline": clock.name, "key": occurrence["key"], "last_day": occurrence["last_day"]}
    raise_notice(at, clock.rule.notice or "reminder", [clock.rule.role], event, **about)


def _open_children(at: Situation, effect: Effect, cause: Event) -> None:
    body = at.sheet.body.children[str(effect.open)]
    given = {name: _computed(at, body.fields[name], text) for name, text in effect.with_.items()}
    if effect.for_each is None:
        _open(at, body, effect, given, cause)
        return
    rows = _list_of(at, effect.for_each)
    for row in rows:
        each = row if isinstance(row, Mapping) else {str(effect.as_): row}
        _open(Situation(at.turn, at.turn.family[at.task.id], at.form), body, effect, {**given, **each}, cause)


def _list_of(at: Situation, text: str) -> list[Json]:
    copied = fullmatch(r"(form|task)\.([a-z][a-z0-9_]*)", text)
    if copied is None:
        return list(compute(at, text))
    return list((at.form if copied[1] == "form" else at.task.fields).get(copied[2]) or [])


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
    return last if any(not child["ended"] for child in siblings) else last + 1


def _fire_elsewhere(at: Situation, effect: Effect, cause: Event) -> None:
    turn, task = at.turn, at.task
    form = {name: _raw(at, text) for name, text in effect.with_.items()}
    if effect.on in ("task", "parent"):
        target = task.id if effect.on == "task" else task.parent
        if target is not None:
            turn.fire_later(target, str(effect.fire), cause, form)
        return
    kind = child_kind(task.kind, str(effect.on))
    for other in _by_id(turn):
        if other.parent == task.id and other.kind == kind and not other.ended:
            turn.fire_later(other.id, str(effect.fire), cause, form)


def _raw(at: Situation, text: str) -> Json:
    copied = fullmatch(r"(form|task)\.([a-z][a-z0-9_]*)", text)
    if copied is None:
        return moves.plain(compute(at, text))
    return (at.form if copied[1] == "form" else at.task.fields).get(copied[2])


# -- the end of a task


def _by_id(turn: Turn) -> list[Task]:
    """The family in an order that does not hang on how it was loaded."""
    return [turn.family[task] for task in sorted(turn.family)]


def _check_blocking_children(task: Task, body: Body) -> None:
    blocking = [name for name, child in body.children.items() if child.on_parent_end == "block"]
    kinds = {child_kind(task.kind, name) for name in blocking}
    waiting = [name for name, child in task.children.items() if child["kind"] in kinds and not child["ended"]]
    if waiting:
        raise Refused("children_open", children=waiting)


def end(turn: Turn, task_id: str, cause: Event, *, quietly: bool = False) -> None:
    """A final state: what runs is cancelled, children are closed or kept, and the parent hears of it.

    `quietly` where the task is taken back: then its end fires nothing on the parent.
    """
    deadlines.cancel_all(turn, task_id, cause)
    body = turn.sheet(turn.family[task_id]).body
    ending = {
        child_kind(turn.family[task_id].kind, name)
        for name, child in body.children.items()
        if child.on_parent_end == "cancel"
    }
    mine = [child for child in _by_id(turn) if child.parent == task_id and child.kind in ending]
    _cancel_children(turn, mine, cause)
    task = turn.family[task_id]
    if task.parent is not None and task.parent in turn.family:
        _tell_parent(turn, task, cause, quietly=quietly)


def _cancel_children(turn: Turn, children: Iterable[Task], cause: Event, *, quietly: bool = False) -> None:
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
        end(turn, child.id, event, quietly=quietly)


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


# -- settling


def settle(turn: Turn) -> None:
    """Fire what is pending until nothing is, then decide the lights of every task that was touched."""
    mark, fired = turn.mark(), 0
    while turn.pending:
        fired += 1
        if fired > CASCADE:
            _stop_circle(turn, mark)
            break
        _fire_pending(turn, turn.pending.pop(0))
    touched = list(dict.fromkeys(event.task for event in turn.events))
    for task in touched[1:] if turn.by_time else ():
        ask(turn, task)  # it may have been woken to be asked at this very instant
    for task in touched:
        lights.decide(turn, task)


def _stop_circle(turn: Turn, mark: Mark) -> None:
    """A person's act that never ends is refused; what time sets off is taken back, and the history says so."""
    endless = Refused("cascade", triggers=sorted({waiting.trigger for waiting in turn.pending}))
    if not turn.by_time:
        raise endless
    turn.back(mark)
    started, turn.pending = turn.pending, []
    for waiting in started:
        if waiting.task in turn.family:
            ignore(turn, waiting, endless)


def ignore(turn: Turn, waiting: Pending, refused: Refused) -> None:
    """Say in the history that a trigger was not possible, and why."""
    payload = {"trigger": waiting.trigger, "code": refused.refusal.code, "facts": _told(refused.refusal.facts)}
    turn.emit(EventType.TRIGGER_IGNORED, waiting.task, payload, waiting.cause)


def _fire_pending(turn: Turn, waiting: Pending) -> None:
    """Fire one trigger as the system; where it is not possible, the history says so and why.

    What time sets off is taken back whole where a consequence of it fails: time is never refused.
    """
    task = turn.family.get(waiting.task)
    if task is None:
        return
    transition = moves.find(turn, task, waiting.trigger)
    actor, turn.actor = turn.actor, TIME
    try:
        moves.check_state(turn, task, transition)
        form = moves.read_form(turn, transition.form, waiting.form)
        move = Move(turn, task, transition, form)
        branch = move.branch()
    except Refused as refused:
        ignore(turn, waiting, refused)
        return
    finally:
        turn.actor = actor
    mark = turn.mark()
    try:
        commit(move, branch, waiting.cause)
    except Refused as refused:
        if not turn.by_time:
            raise
        turn.back(mark)
        ignore(turn, waiting, refused)


def _told(facts: Mapping[str, Any]) -> Json:
    return {name: moves.plain(value) for name, value in facts.items()}


def ask(turn: Turn, task_id: str) -> None:
    """Open the periods that begin today, of deadlines whose `when` did not hold before and holds now."""
    task = turn.family[task_id]
    sheet = turn.sheet(task)
    if not sheet.conditional:
        return
    for name, rule in list(asked(sheet, task, turn.ledger(task))):
        if rule.every and begins_on(rule.every.recurrence, turn.calendar, turn.today):
            _open_period(Clock(turn, task_id, name, rule), turn.today, None)


def next_after(clock: Clock, occurrence: Occurrence, cause: Event) -> None:
    """Open the period that follows one that passed."""
    _open_period(clock, date.fromisoformat(str(occurrence["last_day"])) + timedelta(days=1), cause)


def _open_period(clock: Clock, after: date, cause: Event | None) -> None:
    """Open a period as time goes by; where its `when` cannot be decided, the history says so."""
    mark = clock.turn.mark()
    try:
        clock.open_period(after, cause)
    except Refused as refused:
        clock.turn.back(mark)
        facts = _told(refused.refusal.facts)
        payload = {"trigger": "", "deadline": clock.name, "code": refused.refusal.code, "facts": facts}
        clock.turn.emit(EventType.TRIGGER_IGNORED, clock.id, payload, cause)


def circles(turn: Turn, occurrence: Occurrence) -> bool:
    """Whether a deadline that was over when it began passes again and again without any time going by.

    Its miss starts it anew, on its own, through another one or through a child. No trigger of the family is fired so
    often within a second otherwise.
    """
    lasts = instant(str(occurrence["due_at"])) - instant(occurrence["started_at"])
    over = lasts < timedelta(milliseconds=1)
    since = iso(turn.now - timedelta(seconds=1))
    return over and any(
        sum(moment >= since and actor == SYSTEM for moment, actor in firings[-CASCADE:]) >= CASCADE
        for task in turn.family.values()
        for firings in task.fired.values()
    )
