"""Texts of a command that no store keeps: checked before anything is decided, wherever a command has words of people.

Values of fields are checked where they are read (`engine.values`), with the others that do not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.commands import Actor, Fire, Migrate, Opening, Origin, Refused, Register, Reproject, Revert
from engine.events import Json
from engine.values import keepable

Said: TypeAlias = Register | Fire | Reproject | Migrate | Revert


def check(command: Said) -> None:
    """Raises `Refused` where a text has null characters, halves of characters or hidden ones that turn the order of
    reading; says where, not what it is.
    """
    for place, words in _words(command):
        if not keepable(words):
            raise Refused("unkept_text", place=place)


def _words(command: Said) -> Iterator[tuple[str, Json]]:
    """Every text that people give beside the values of fields, under the name of its place."""
    yield "task", command.task
    yield from _of_actor(command.actor)
    yield from _of_origin(command.origin)
    if isinstance(command, Fire):
        yield from (("trigger", command.trigger), ("reason", command.reason), ("form", list(command.form)))
        return
    if isinstance(command, Reproject | Migrate | Revert):
        yield "reason", command.reason
        return
    yield from (("kind", command.kind), ("part_of", command.part_of), ("fields", list(command.fields)))
    yield "milestones", [*command.milestones, *(name for row in command.milestones.values() for name in row)]
    if command.opening is not None:
        yield from _of_opening(command.opening)


def _of_actor(actor: Actor) -> Iterator[tuple[str, Json]]:
    yield "actor", [actor.id, *actor.roles, *actor.units]


def _of_origin(origin: Origin) -> Iterator[tuple[str, Json]]:
    yield from (("channel", origin.channel), ("key", origin.key), ("login", origin.login))


def _of_opening(opening: Opening) -> Iterator[tuple[str, Json]]:
    yield from (("state", opening.state), ("due", dict(opening.due)), ("source", opening.source))
