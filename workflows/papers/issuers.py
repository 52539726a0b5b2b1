"""Who may issue what an office publishes, and take it back: those who may register in its process."""

from __future__ import annotations

from engine.commands import TIME, Actor, Refusal
from engine.task import Task
from workflows.desk import Desk
from workflows.ports import PROGRAMME


def not_theirs(desk: Desk, task: Task, actor: Actor) -> Refusal | None:
    """Why this actor may not issue here: those may who may register in the process."""
    if actor == TIME:
        return None
    edition, _ = desk.book(task.edition)
    bodies = [sheet.body for kind, sheet in edition.sheets.items() if kind in (task.kind, "", PROGRAMME)]
    named = [by.role for body in bodies for by in body.registration.by if by.role != "anyone"]
    unbound = [name for name, role in edition.process.roles.items() if role.unit is None]
    may = list(dict.fromkeys(named or unbound or edition.process.roles))
    if set(may) & set(actor.roles):
        return None
    return Refusal("wrong_role", {"role": may[0] if may else "", "roles": list(actor.roles)})
