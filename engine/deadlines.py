"""What deadlines answer to an act: met, cancelled, extended, restarted, started, stopped, in this order."""

from __future__ import annotations

from engine.clock import REGISTERED, Act, Clock
from engine.edition import Heed
from engine.events import Event
from engine.extending import extend, restart
from engine.meeting import meet
from engine.pausing import move, pause_or_resume
from engine.starting import left, start, starts
from engine.turn import Turn


def react(turn: Turn, act: Act) -> None:
    """Let every deadline of the task answer to an act, in the order of the definition."""
    task = turn.family[act.task]
    sheet, moved = turn.sheet(task), act.came_from != task.state
    for name, rule in sheet.body.deadlines.items():
        heed = sheet.heeds[name]
        if act.trigger in heed.triggers or (moved and heed.states) or _minds(turn, act, name, heed):
            _react(Clock(turn, act.task, name, rule), act)


def _react(clock: Clock, act: Act) -> None:
    """Met, cancelled, extended, restarted, started, stopped, moved: in this order."""
    for way in clock.rule.met_by:
        if way.trigger == act.trigger:
            meet(clock, way, act)
    if act.trigger in clock.rule.cancelled_by or (left(clock, act) and not clock.task.ended):
        clock.cancel(act.event)
    if clock.rule.extend is not None and act.trigger in clock.rule.extend.by:
        extend(clock, act)
    if act.trigger in clock.rule.restart_by:
        restart(clock, act)
    if starts(clock, act):
        start(clock, act)
    if clock.rule.pause:
        pause_or_resume(clock, act.event, act.trigger)
    move(clock, act.event)


def _minds(turn: Turn, act: Act, name: str, heed: Heed) -> bool:
    """Whether an act that does not name a deadline may matter to it all the same."""
    if act.trigger == REGISTERED or name in act.fixed:
        return True
    if not (heed.running or heed.asked):
        return False
    ledger = turn.ledgers.of(turn.family[act.task])
    if ledger.open_of(name):
        return heed.running or heed.each
    return heed.asked and not (heed.once and ledger.of(name))


def replan(turn: Turn, task: str, cause: Event) -> None:
    """Stop or go on where children opened or ended, and move what hangs on something that changed."""
    for name, rule in turn.sheet(turn.family[task]).body.deadlines.items():
        clock = Clock(turn, task, name, rule)
        pause_or_resume(clock, cause)
        move(clock, cause)


def cancel_all(turn: Turn, task: str, cause: Event) -> None:
    """Cancel what runs when a task ends, but for deadlines that say they run in this final state."""
    state = turn.family[task].state
    for name, rule in turn.sheet(turn.family[task]).body.deadlines.items():
        if state not in rule.while_:
            Clock(turn, task, name, rule).cancel(cause)
