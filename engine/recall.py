"""Commands as events carry them: what the first event of each decision tells, and from it back to the command, which a
backtest puts to a draft and a proof to its own edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from engine.calendars import Calendar
from engine.commands import Actor, Command, Fire, Migrate, Opening, Origin, Register, Reproject, Revert, TimePassed
from engine.edition import ENGINE, Edition
from engine.events import Event, Json, instant
from engine.wakes import SIGNAL


def told(edition: Edition, calendar: Calendar, actor: Actor, origin: Origin, at: str, **what: Json) -> Json:
    """The command as the first event of its decision carries it; `at` is its present. The form stands beside it."""
    return {
        "at": at,
        "actor": {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)},
        "channel": origin.channel,
        "key": origin.key,
        "login": origin.login,
        "edition": edition.digest,
        "calendar": calendar.digest,
        "engine": ENGINE,
        **what,
    }


def decided(events: Iterable[Event]) -> list[Event]:
    """The first event of each decision of one family, in the order in which they were decided.

    No two decisions of a family have the same present (`engine.decide.present`), so that their order is recorded.
    """
    first = [event for event in events if event.payload.get("command")]
    return sorted(first, key=lambda event: (event.payload["command"]["at"], event.task, event.seq))


Editions: TypeAlias = Callable[[str], Edition | None]
"""Finds an edition by its digest."""


def command_of(event: Event, editions: Editions | None = None) -> Command:
    """The command that the first event of a decision carries. A migration names the edition that the family left, which
    `editions` finds. Raises `LookupError` where it does not.
    """
    told = event.payload["command"]
    at = instant(told["at"])
    match told["do"]:
        case "register":
            return _register(event)
        case "fire":
            return _fire(event)
        case "reproject":
            return Reproject(event.task, told["reason"], _actor(event), at, _origin(event))
        case "migrate":
            return _migrate(event, editions)
        case "revert":
            return Revert(event.task, told["migration"], told["reason"], _actor(event), at, _origin(event))
        case "light":
            return TimePassed(event.task, SIGNAL, "", at, event.occurred_at, at)
        case _:
            now = instant(told.get("now", told["at"]))
            return TimePassed(event.task, told["deadline"], told["key"], at, event.occurred_at, now)


def _actor(event: Event) -> Actor:
    told = event.payload["command"]["actor"]
    return Actor(told["id"], tuple(told["roles"]), tuple(told["units"]))


def _origin(event: Event) -> Origin:
    told = event.payload["command"]
    return Origin(told["channel"], told["key"], told["login"])


def _migrate(event: Event, editions: Editions | None) -> Migrate:
    told = event.payload["command"]
    old = editions(told["was"]) if editions else None
    if old is None:
        raise LookupError(f"{event.ref} leaves the edition {told['was']}, which is not at hand")
    return Migrate(
        task=event.task,
        migration=told["migration"],
        old=old,
        rules=told["rules"],
        reason=told["reason"],
        actor=_actor(event),
        at=instant(told["at"]),
        origin=_origin(event),
    )


def _register(event: Event) -> Register:
    told, opening = event.payload, event.payload["opening"]
    return Register(
        task=event.task,
        kind=told["kind"],
        fields=told["fields"],
        milestones=told["milestones"],
        actor=_actor(event),
        at=instant(told["command"]["at"]),
        part_of=told["part_of"],
        opening=Opening(told["state"], opening["due"], opening["source"]) if opening else None,
        origin=_origin(event),
    )


def _fire(event: Event) -> Fire:
    told = event.payload["command"]
    at = instant(told["at"])
    return Fire(
        task=event.task,
        trigger=told["trigger"],
        form=event.payload["form"],
        actor=_actor(event),
        at=at,
        occurred_at=event.occurred_at if event.occurred_at != at else None,
        reason=told["reason"],
        version=told["version"],
        origin=_origin(event),
    )
