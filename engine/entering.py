"""A task about to be: whether it may be, and its plan as events keep it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine import moves
from engine.commands import Opening, Refused
from engine.events import Json
from engine.model import Body, Field, Registration
from engine.model.fields import FieldType
from engine.task import Task
from engine.turn import Turn
from engine.values import not_by_hand

_DAY = Field(type=FieldType.DATE, required=True, zh="期限", en="Due")


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


def read_opening(turn: Turn, body: Body, opening: Opening) -> Opening:
    """An opening entry with its days as events keep them. Raises `Refused` where it names a state, a deadline or a
    day that is none.
    """
    if opening.state not in body.states:
        raise Refused("unknown_state", state=opening.state, known=list(body.states))
    unknown = next((name for name in opening.due if name not in body.deadlines), None)
    if unknown is not None:
        raise Refused("unknown_deadline", deadline=unknown, known=list(body.deadlines))
    days = moves.read_form(turn, dict.fromkeys(opening.due, _DAY), opening.due, "fields")
    return replace(opening, due=days)


def read_record(turn: Turn, body: Body, given: Mapping[str, Any], opening: Opening | None) -> dict[str, Json]:
    """The record of a new task as events keep it. Raises `Refused`, also where it gives what transitions alone write;
    an opening entry states this too, as it states the state.
    """
    fields = moves.read_form(turn, body.fields, given, "fields")
    filled = [name for name, value in fields.items() if not_by_hand(body.fields[name], value)]
    if filled and opening is None:
        raise Refused("not_by_hand", fields=filled, triggers=writers(body, filled))
    return fields


def writers(body: Body, fields: Collection[str]) -> list[str]:
    """The triggers that write some of these fields."""
    changed = {each.trigger: {*each.set, *(name for one in each.to for name in one.set)} for each in body.transitions}
    return [trigger for trigger, names in changed.items() if not names.isdisjoint(fields)]


def read_milestones(turn: Turn, body: Body, given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Json]]:
    """The rows of a plan as events keep them. Raises `Refused`."""
    if given and body.milestones is None:
        raise Refused("no_milestones")
    if body.milestones is None:
        return {}
    key = Field(type=body.milestones.key, required=True, zh=body.milestones.zh, en=body.milestones.en)
    rows = {}
    for name, row in given.items():
        named = moves.read_form(turn, {name: key}, {name: name}, "milestones")
        rows[str(named[name])] = moves.read_form(turn, body.milestones.fields, row, "milestones")
    return rows
