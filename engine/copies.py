"""Values that a transition hands on: into the record, to a child, with a trigger.

A plain copy (`form.percent`) keeps every digit; anything else is computed.
"""

from __future__ import annotations

from engine import moves
from engine.commands import Refused
from engine.events import Json
from engine.facts import Situation
from engine.model import Field
from engine.plans import compute
from engine.problems import ValueProblem
from engine.values import parse_value


def copied(at: Situation, text: str) -> tuple[bool, Json]:
    """Whether a text names a field of the form, the task or its parent and nothing more, and what stands there."""
    record, _, name = text.partition(".")
    if record == "form" and name in at.sheet.forms:
        return True, at.form.get(name)
    holder = at.task if record == "task" else at.turn.parent(at.task) if record == "parent" else None
    if holder is not None and name in at.turn.sheet(holder).body.fields:
        return True, holder.fields.get(name)
    return False, None


def value_of(at: Situation, text: str) -> Json:
    """The value of an expression, as events keep it."""
    plainly, value = copied(at, text)
    return value if plainly else moves.plain(compute(at, text))


def value_for(at: Situation, field: Field, text: str) -> Json:
    """A new value for a field. Raises `Refused` where it does not fit."""
    plainly, value = copied(at, text)
    if plainly:
        return value
    try:
        return parse_value(field, moves.plain(compute(at, text)), at.turn.edition.zone)
    except ValueProblem as problem:
        raise Refused("computed", zh=problem.text.zh, en=problem.text.en, guard=text) from None


def list_of(at: Situation, text: str) -> list[Json]:
    """The members of a list."""
    plainly, value = copied(at, text)
    return list(value if plainly else compute(at, text))
