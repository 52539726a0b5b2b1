"""The light: decided after each event and whenever time may change it, and recorded when it changes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cel.compiled import Undecided
from engine.events import EventType
from engine.facts import Situation
from engine.model import Signal
from engine.moves import witness
from engine.task import Task
from engine.turn import Turn

UNKNOWN = "unknown"
"""Shown where a rule of the light cannot be decided: an error is never false, and never another colour."""


def decide(turn: Turn, task_id: str) -> None:
    """Record the colour of a task where it is another than before, with what its rules saw. Its cause is what happened
    to the task last, or else to its kin.
    """
    task = turn.family[task_id]
    rules = turn.sheet(task).body.signals
    if not rules:
        return
    at = Situation(turn, task)
    colour, tried = _colour(at, rules)
    if colour != task.signal:
        guards = [witness(rule.when, f"signals[{number}]", at.evaluate(rule.when)) for number, rule in enumerate(tried)]
        own = (event for event in reversed(turn.events) if event.task == task_id)
        cause = next(own, turn.events[-1] if turn.events else None)
        turn.emit(EventType.SIGNAL_CHANGED, task_id, {"from": task.signal, "to": colour, "guards": guards}, cause)


def differs(turn: Turn, task: Task) -> bool:
    """Whether the colour of a task is another than the one recorded."""
    rules = turn.sheet(task).body.signals
    return bool(rules) and _colour(Situation(turn, task), rules)[0] != task.signal


def _colour(at: Situation, rules: Sequence[Signal]) -> tuple[str, Sequence[Signal]]:
    """The colour of the first rule that holds, and the rules that were tried."""
    for number, rule in enumerate(rules, 1):
        try:
            if at.outcome(rule.when) is True:
                return rule.colour, rules[:number]
        except Undecided:
            return UNKNOWN, rules[:number]
    return UNKNOWN, rules
