"""The light: decided after each event and whenever time may change it, and recorded when it changes."""

from __future__ import annotations

from engine.events import EventType
from engine.expressions import Evaluation
from engine.facts import Situation
from engine.moves import witness
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
    at, tried, colour = Situation(turn, task), list[Evaluation](), UNKNOWN
    for rule in rules:
        result = at.evaluate(rule.when)
        tried.append(result)
        if result.error is not None:
            break
        if result.holds:
            colour = rule.colour
            break
    if colour != task.signal:
        guards = [witness(rules[number].when, f"signals[{number}]", result) for number, result in enumerate(tried)]
        own = (event for event in reversed(turn.events) if event.task == task_id)
        cause = next(own, turn.events[-1] if turn.events else None)
        turn.emit(EventType.SIGNAL_CHANGED, task_id, {"from": task.signal, "to": colour, "guards": guards}, cause)
