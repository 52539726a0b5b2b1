"""A family followed through its record as long as a draft leaves it as it is: what the draft cannot touch is taken as
it was recorded, and only what it may touch is decided again.

It spares a backtest most of its work and changes nothing of what it says: the place to which a family is followed is
one at which the draft has it exactly as it was recorded, and from there on everything is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.commands import Decision, Fire
from engine.edition import ENGINE, Edition
from engine.events import Event, Json
from engine.recall import command_of
from workflows.authoring.backtest import OFFICE
from workflows.authoring.reach import Reach, Traced
from workflows.authoring.virtual import VirtualFamily

Reaches: TypeAlias = Callable[[str], Reach | None]
"""How far the draft reaches into what was decided by an edition, by the digest of its text."""

Decisions: TypeAlias = Sequence[Sequence[Event]]
"""The events of each decision of one family, its first one first, in the order in which they were decided."""

_PLAINLY = frozenset({"register", "fire", "time", "light"})
"""What can be followed: nobody worked dates out anew or moved the family to another edition."""


def follow(family: VirtualFamily, decisions: Decisions, reaches: Reaches) -> int:
    """Follow a family from where it stands; it stands afterwards where the draft may leave the record. So many of the
    decisions were followed. The working calendar of the family has to be the one of all of them.
    """
    reach = _reach(family, decisions, reaches)
    if reach is None:
        return 0
    traced = Traced(reach)
    traced.begin(family.tasks)
    followed = 0
    for decision in decisions:
        if traced.touches(decision) or not _as_ever(family, decision[0]):
            again = _again(family, decision)
            if again is None:
                break
            family.keep(again.family)
        else:
            family.obey(decision)
        followed += 1
    return followed


def _reach(family: VirtualFamily, decisions: Decisions, reaches: Reaches) -> Reach | None:
    """The reach into these decisions, where they were all made in one way that is known."""
    commands = [first.payload["command"] for first, *_ in decisions if first.type not in OFFICE]
    if not all(each["do"] in _PLAINLY for each in commands) or _reads_organisation(family.edition):
        return None
    made = {(each["edition"], each["calendar"], each["engine"]) for each in commands}
    if len(made) != 1:
        return None
    ((edition, calendar, engine),) = made
    return reaches(edition) if calendar == family.calendar.digest and engine == ENGINE else None


def _reads_organisation(edition: Edition) -> bool:
    """Whether who may act hangs on where units stand now, which was otherwise then."""
    return any(role.unit is not None and role.unit.startswith("above(") for role in edition.process.roles.values())


def _as_ever(family: VirtualFamily, first: Event) -> bool:
    """Whether the family of a decision was what a backtest has: nothing was caught up with late, and no child that had
    ended was asked for by name.
    """
    command: Mapping[str, Json] = first.payload["command"]
    return "now" not in command and (command["do"] != "fire" or first.task in family.open)


def _again(family: VirtualFamily, recorded: Sequence[Event]) -> Decision | None:
    """A decision made once more; None where something else comes of it than is recorded."""
    first = recorded[0]
    if first.type in OFFICE or not _as_ever(family, first):
        return None
    command = command_of(first)
    outcome = family.decide(replace(command, version=None) if isinstance(command, Fire) else command)
    if not isinstance(outcome, Decision) or len(outcome.events) != len(recorded):
        return None
    made = {event.ref: event for event in outcome.events}
    return outcome if all(_same(made.get(event.ref), event) for event in recorded) else None


def _same(made: Event | None, told: Event) -> bool:
    """Whether two events do the same to a task. By which edition, and what its guards saw on the way, does not."""
    if made is None:
        return False
    head = (made.type, made.occurred_at, made.due_at, made.actor)
    return head == (told.type, told.occurred_at, told.due_at, told.actor) and list(_said(made)) == list(_said(told))


def _said(event: Event) -> Iterator[tuple[str, Json]]:
    return ((name, event.payload[name]) for name in sorted(event.payload) if name not in ("command", "guards"))
