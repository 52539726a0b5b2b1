"""In which guises a job acts: those in which it was asked for, less what whoever asked does not hold any more.

Between asking and doing lie a queue, a crash, a night: a role may have ended since, or an account have been closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.commands import Actor
from workflows.people.ports import People
from workflows.people.rights import actors, person_of


def still(people: People, asked: Sequence[Mapping[str, Any]], process: str) -> list[Actor]:
    """The guises of a job's body as of now, each in its place: one that has ended is somebody without roles or units.
    Whoever is not among the people holds nothing.
    """
    then = [Actor(one["id"], tuple(one["roles"]), tuple(one["units"])) for one in asked]
    user = people.user(then[0].id)
    now = actors(person_of(people, user), process) if user is not None else []
    return [_left(one, now) for one in then]


def _left(then: Actor, now: Sequence[Actor]) -> Actor:
    """What is left of a guise: roles held for no unit, or for the same one."""
    held = next((one for one in now if one.units[:1] == then.units[:1]), Actor(then.id))
    roles = tuple(each for each in then.roles if each in held.roles)
    return Actor(then.id, roles, tuple(each for each in then.units if each in held.units) if roles else ())
