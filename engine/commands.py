"""What people and time ask of the engine, and its two answers: a decision, or a refusal with a reason and a cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from engine.edition import Edition
from engine.events import SYSTEM, Event, Json
from engine.task import Family


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the roles and units held at that moment."""

    id: str
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


TIME = Actor(SYSTEM, (SYSTEM,))
"""The actor of what time, a child or a parent causes."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a command came from: the channel (cli, web, api, sweep, rehearsal), its idempotency key, the system's
    user.
    """

    channel: str = "cli"
    key: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Facts of a task that is already under way when it is registered: its state, and the days on which deadlines
    fall due.
    """

    state: str
    due: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Enter a task. `fields` and `milestones` are as given by people; `at` is the present, aware.

    `twin` names another task with the same unique fields, found by whoever can look.
    """

    task: str
    kind: str
    fields: Mapping[str, Json]
    milestones: Mapping[str, Mapping[str, Json]]
    actor: Actor
    at: datetime
    part_of: str | None = None
    opening: Opening | None = None
    twin: str | None = None
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Fire:
    """Fire a trigger. `at` is the present; `occurred_at` is given where the act happened earlier, with a `reason`.

    `version` is the task's version that the actor saw; another one refuses as stale.
    """

    task: str
    trigger: str
    form: Mapping[str, Json]
    actor: Actor
    at: datetime
    occurred_at: datetime | None = None
    reason: str | None = None
    version: int | None = None
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Reproject:
    """The working calendar has changed: work out anew the dates of a family, whose root is `task`, by the one that is
    decided with. `reason` are the words of whoever changed it, who is the `actor`.
    """

    task: str
    reason: str
    actor: Actor
    at: datetime
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Migrate:
    """Bring a family, whose root is `task`, under the edition that decides; it stands under `old`. `rules` say, by the
    kind of each body, what becomes of states, fields and deadlines (`engine.migrating`); `migration` names the plan
    that two people answer for.
    """

    task: str
    migration: str
    old: Edition
    rules: Mapping[str, Json]
    reason: str
    actor: Actor
    at: datetime
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Revert:
    """Take a migration of a family back: it comes under the edition that decides, under which it stood before."""

    task: str
    migration: str
    reason: str
    actor: Actor
    at: datetime
    origin: Origin = Origin()


class TimePassed(Struct, frozen=True):
    """An instant has come at which a task wakes: `name` and `key` say for which occurrence.

    `occurred_at` is that instant, `at` the present of the decision (a tick later where others of the family share the
    instant), `now` the real present, which is later when the system was down.
    """

    task: str
    name: str
    key: str
    at: datetime
    occurred_at: datetime
    now: datetime


Command: TypeAlias = Register | Fire | Reproject | Migrate | Revert | TimePassed


class Decision(Struct, frozen=True):
    """What follows from a command: the events in order, across the family, and the family after them. No events: no
    change.
    """

    events: Sequence[Event]
    family: Family


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `code` is stable; `facts` fill its sentences, which `engine.refusals` says in both languages."""

    code: str
    facts: Mapping[str, Json] = field(default_factory=dict)


class Refused(Exception):
    """Carries a refusal out of the depth of a decision; `decide` returns it."""

    def __init__(self, code: str, **facts: Json) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, facts)
