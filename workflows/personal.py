"""What the law protects: who may see the value of a `personal` field, and what others are shown instead.

It stands on the page of its task alone, and in the answer about it, for those who work on the task. A list, a file, a
document, a sentence of the history, what is published or logged says `<personal>`, or nothing, to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import moves
from engine.commands import Actor
from engine.edition import Sheet
from engine.events import Json
from engine.lines import PERSONAL as PERSONAL  # noqa: PLC0414 - what others show of it too
from engine.model import Field
from engine.model.fields import lawful
from engine.task import Task
from engine.turn import Turn
from workflows.desk import Desk
from workflows.facets import named_units

RECORDS = frozenset({"form", "set", "fields", "milestones"})
"""Parts of a payload that hold values of fields by their names."""

NOT_A_PERSON = frozenset({"anyone", "system"})
"""Whoever acts as these works on nothing: what everybody may do gives nobody a look."""

Names = Mapping[str, Field]


# -- who may see it


def shown_to(desk: Desk, task: Task, actors: Sequence[Actor], *, audits: bool = False) -> bool:
    """Whether somebody in these guises works on a task, so that its personal values are for them: who has an act on it
    to do in whatever state, by role and by unit; whose unit the task names itself (and not only a task above it); and
    who audits. To be asked only about a task in their scope.
    """
    edition, calendar = desk.book(task.edition)
    acting = {by.role for each in edition.sheets[task.kind].body.transitions for by in each.by} - NOT_A_PERSON
    named, now = named_units(edition, task), desk.clock()
    family = {task.id: task} | {above.id: above for above in _above(desk, task)}

    def works(actor: Actor) -> bool:
        turn = Turn(edition, calendar, actor, now, now, units=desk.units, family=family)
        bound = (moves.bound_units(turn, task, role) for role in acting & set(actor.roles))
        return any(units is None or not set(units).isdisjoint(actor.units) for units in bound)

    return audits or any(works(actor) or not named.isdisjoint(actor.units) for actor in actors)


def _above(desk: Desk, task: Task) -> Iterator[Task]:
    while task.parent is not None and (above := desk.store.task(task.parent)) is not None:
        yield (task := above)


# -- what is protected


def protected(sheet: Sheet) -> frozenset[str]:
    """Names of fields whose lines are withheld: what the law protects, and tables with such a column."""
    body = sheet.body
    forms = [transition.form for transition in body.transitions]
    return frozenset(name for fields in (body.fields, *forms) for name, field in fields.items() if lawful(field))


def personal_plan(sheet: Sheet) -> bool:
    """Whether rows of the plan are withheld."""
    milestones = sheet.body.milestones
    return milestones is not None and any(map(lawful, milestones.fields.values()))


# -- what others are shown


def withheld(payload: Mapping[str, Json], sheet: Sheet) -> dict[str, Json]:
    """The payload of an event with no personal value in it."""
    return {str(name): part for name, part in _part(payload, _named(sheet), within=False).items()}


def record(values: Mapping[str, Json], sheet: Sheet) -> dict[str, Json]:
    """A record, a form or the rows of a plan with no personal value in them."""
    return {str(name): part for name, part in _part(values, _named(sheet), within=True).items()}


def _part(value: Json, names: Names, *, within: bool) -> Any:
    if isinstance(value, Mapping):
        return {name: _value(name, one, names, within=within) for name, one in value.items()}
    if isinstance(value, list):
        return [_part(one, names, within=within) for one in value]
    return value


def _value(name: str, value: Json, names: Names, *, within: bool) -> Any:
    field = names.get(name) if within else None
    if field is not None and field.personal:
        return None if value is None else PERSONAL
    below = (field.columns or names) if field is not None else names
    return _part(value, below, within=within or name in RECORDS)


def _named(sheet: Sheet) -> Names:
    """Every field of a body by its name; where two share one, that which is protected."""
    named: dict[str, Field] = {}
    for name, field in _fields(sheet):
        if name not in named or field.personal:
            named[name] = field
    return named


def _fields(sheet: Sheet) -> Iterator[tuple[str, Field]]:
    body = sheet.body
    yield from body.fields.items()
    for transition in body.transitions:
        yield from transition.form.items()
    if body.milestones is not None:
        yield from body.milestones.fields.items()
