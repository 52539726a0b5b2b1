"""Separation of duties: whoever hands something in does not accept it.

A state is one of checking where somebody may end the task, or meet what another owes, and may also send it back to
where it came from. If one role may both lead there and accept there, a second person is asked for: by `not`; or none
is, for a stated reason (`same_person`).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.roles import ANYONE, SYSTEM
from engine.checks.ways import Ground, Ways
from engine.model.transitions import By, Transition
from engine.problems import Problem, Text


def of_duties(ground: Ground, ways: Ways) -> Iterator[Problem]:
    """The acts of one body that accept what the same role handed in."""
    for index, transition in enumerate(ways.site.body.transitions):
        handed = {name: trigger for trigger in _handed(ways, transition) for name in _roles(ways, trigger)}
        for place, by in enumerate(transition.by):
            other = (
                handed.get(by.role) or handed.get(ANYONE) or (by.role == ANYONE and next(iter(handed.values()), None))
            )
            if not other or by.role == SYSTEM or _is_separate(by):
                continue
            message = Text(
                f"`{by.role}` 既可 `{other}`，又可 `{transition.trigger}`：同一人可以自报自批",
                f"`{by.role}` may both `{other}` and `{transition.trigger}`: one person may accept their own work",
            )
            cure = Text(
                f"加上 not: actor_of('{other}')，或用 same_person 写明理由",
                f"add `not: actor_of('{other}')`, or say why with `same_person`",
            )
            path = (*ways.site.path, "transitions", index, "by", place, "role")
            yield ground.problem("same-person", path, message, cure, said=by.role)


def _is_separate(by: By) -> bool:
    return by.not_ is not None or by.same_person is not None


def _handed(ways: Ways, accepting: Transition) -> Iterator[str]:
    """The acts that led to where an accepting act begins, if there somebody may also say no."""
    roles, name = {by.role for by in accepting.by}, accepting.trigger
    owed = [rule.owed_by for rule in ways.site.body.deadlines.values() if name in {way.trigger for way in rule.met_by}]
    answers_another = bool(roles) and ANYONE not in roles and any(role not in roles for role in owed if role)
    accepted = {
        move.source
        for move in ways.moves
        if move.trigger == name and (answers_another or move.target in ways.finals) and move.source not in ways.finals
    }
    if not accepted:
        return
    own = {each.trigger for each in ways.site.body.transitions if roles & set(_roles(ways, each.trigger))}
    back = {(move.source, move.target) for move in ways.moves if move.trigger in own}
    for move in ways.moves:
        returned = move.source != move.target and (move.target, move.source) in back
        if move.target in accepted and returned and move.trigger != name:
            yield move.trigger


def _roles(ways: Ways, trigger: str) -> list[str]:
    by = ways.sheet.transitions[trigger].by
    return [each.role for each in by if each.role != SYSTEM] if by else [ANYONE]
