"""What goes on by itself once a command is decided: pending triggers, periods that begin, and the lights."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from engine import lights, moves
from engine.acts import commit
from engine.asking import asked
from engine.clock import Clock
from engine.commands import TIME, Refused
from engine.events import Event, EventType, Json
from engine.moves import Move
from engine.recurrence import begins_on
from engine.starting import open_period
from engine.task import Occurrence, cause_of
from engine.turn import Mark, Pending, Turn

CASCADE = 100
"""How many triggers one act may set off in its family before it is refused: a definition that fires in circles never
ends."""


def settle(turn: Turn) -> None:
    """Fire what is pending until nothing is, then decide the lights of every task that was touched, and of those of
    its family that look at it.
    """
    if turn.pending:
        _cascade(turn)
    touched = list(dict.fromkeys(event.task for event in turn.events))
    for task in touched[1:] if turn.by_time else ():
        ask(turn, task)  # it may have been woken to be asked at this very instant
    for task in (*touched, *_onlookers(turn, touched)):
        lights.decide(turn, task)


def _cascade(turn: Turn) -> None:
    """Fire what is pending until nothing is."""
    mark, fired = turn.mark(), 0
    while turn.pending and fired < CASCADE:
        fired += 1
        _fire_pending(turn, turn.pending.pop(0))
    if turn.pending:
        _stop_circle(turn, mark)


def _onlookers(turn: Turn, touched: Collection[str]) -> list[str]:
    """Parents and children of what was touched whose lights hang on their kin."""
    if len(turn.family) == len(touched) or not turn.edition.lit_by_kin:
        return []
    kin = {turn.family[task].parent for task in touched}
    return [
        other.id
        for other in turn.by_id()
        if other.id not in touched and (other.id in kin or other.parent in touched) and turn.sheet(other).lit_by_kin
    ]


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


def ignore(turn: Turn, waiting: Pending, refused: Refused) -> None:
    """Say in the history that a trigger was not possible, and why."""
    turn.emit(EventType.TRIGGER_IGNORED, waiting.task, {"trigger": waiting.trigger, **_why(refused)}, waiting.cause)


def _why(refused: Refused) -> dict[str, Json]:
    facts = {name: moves.plain(value) for name, value in refused.refusal.facts.items()}
    return {"code": refused.refusal.code, "facts": facts}


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
    """Open a period as time goes by; where its `when` cannot be decided, the history says so, once for each cause."""
    try:
        open_period(clock, after, cause)
    except Refused as refused:  # nothing was emitted: it is wanted and dated before it starts
        why = _why(refused)
        if clock.task.undecided.get(clock.name) != cause_of(why):
            payload = {"trigger": "", "deadline": clock.name, **why}
            clock.turn.emit(EventType.TRIGGER_IGNORED, clock.id, payload, cause)
