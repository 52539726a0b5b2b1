"""Units, users and what they hold: plain values. Instants are aware and UTC; `valid_to` is exclusive, None is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from engine.events import Json
from engine.problems import Language

ADMIN = "admin"
"""The system right to author, publish, and keep people, units and the machine."""

AUDITOR = "auditor"
"""The system right to read everything and change nothing."""

SYSTEM_ROLES = frozenset({ADMIN, AUDITOR})
"""Held like other roles, with no process; every other role is a definition's."""

ANY = ""
"""A holding with this process holds for every process that has the role."""


class Changed(StrEnum):
    """What is recorded in the stream `organisation`: past tense, one for each thing that can happen to it."""

    UNIT_FOUNDED = "UnitFounded"
    UNIT_RENAMED = "UnitRenamed"
    UNIT_MOVED = "UnitMoved"
    UNIT_MERGED = "UnitMerged"
    UNIT_CLOSED = "UnitClosed"
    USER_ADDED = "UserAdded"
    USER_CHANGED = "UserChanged"
    USER_CLOSED = "UserClosed"
    PASSWORD_SET = "PasswordSet"  # noqa: S105 - a name
    ROLE_GRANTED = "RoleGranted"
    ROLE_ENDED = "RoleEnded"
    DEPUTY_NAMED = "DeputyNamed"
    TOKEN_ISSUED = "TokenIssued"  # noqa: S105 - a name
    TOKEN_REVOKED = "TokenRevoked"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class By:
    """Who changes people and rights, through which channel, and under which login of the system."""

    id: str
    channel: str = "cli"
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of people or rights, as the stream `organisation` has it."""

    seq: int
    type: str
    actor: str
    recorded_at: datetime
    told: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the organisation. `id` is the name that tasks carry. `successor` took its open work over."""

    id: str
    title: str
    level: str
    over: str | None
    valid_from: datetime
    valid_to: datetime | None = None
    title_en: str | None = None
    successor: str | None = None

    def open(self, at: datetime) -> bool:
        """Whether it has not been closed or merged by an instant."""
        return self.valid_to is None or at < self.valid_to


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account. `channels` are other addresses than mail; `subject` is who they are to a provider of
    OpenID Connect.
    """

    id: str
    name: str
    language: Language
    created_at: datetime
    mail: str | None = None
    channels: Sequence[str] = ()
    active: bool = True
    password: str | None = field(default=None, repr=False)
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody holds a role from–to: of one process or of any (`ANY`), for one unit or for none. A deputy holds it for
    somebody else.
    """

    user: str
    role: str
    process: str
    unit: str | None
    valid_from: datetime
    valid_to: datetime | None = None
    deputy_for: str | None = None
    id: int | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


Heirs: TypeAlias = Mapping[str, datetime | None]
"""The units for which somebody of one unit acts: itself (None), and those whose open work it took over, with when."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they act now: the holdings of this moment, and for each unit of theirs those whose work it took
    over (itself among them).
    """

    user: User
    holdings: Sequence[Holding] = ()
    heirs: Mapping[str, Heirs] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    """What a token may be used for; None in a session, which may do all that its person may."""

    @property
    def id(self) -> str:
        """The user's name."""
        return self.user.id

    def taken_over(self, holding: Holding) -> Heirs:
        """The unit of a holding, if it is for one, with those whose open work it took over."""
        return self.heirs.get(holding.unit, {holding.unit: None}) if holding.unit else {}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which tasks somebody may see: everything (`all`), or those of whose process they hold a role that no edition
    binds to a unit (`processes`), or which pin an edition that does not (`editions`), or those of a process that name
    a unit for which a role of it is held (`units`: process and unit), with all below them.

    Of a unit whose work was taken over (`came`: process, unit and since when) those with all below them in which
    something was still to be done then: what had ended stays with who held it. A store decides (`Boards.seen`), for
    lists, pages, files and documents alike.
    """

    all: bool = False
    processes: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    units: frozenset[tuple[str, str]] = frozenset()
    came: frozenset[tuple[str, str, datetime]] = frozenset()

    def whole(self, edition: str) -> bool:
        """Whether every task that pins an edition (`process@edition`) is seen, whatever it names."""
        return self.all or edition.partition("@")[0] in self.processes or edition in self.editions

    @property
    def by_units(self) -> Mapping[tuple[frozenset[str], datetime | None], Sequence[str]]:
        """The processes in which the same units count, by these units and since when."""
        units: dict[tuple[str, datetime | None], set[str]] = {}
        for process, unit, since in [*((*each, None) for each in self.units), *self.came]:
            units.setdefault((process, since), set()).add(unit)
        shared: dict[tuple[frozenset[str], datetime | None], list[str]] = {}
        for (process, since), named in sorted(units.items(), key=lambda each: each[0][0]):
            shared.setdefault((frozenset(named), since), []).append(process)
        return shared


NOBODY = Scope()
"""Sees no task at all: the public, who have pages of their own."""
EVERYTHING = Scope(all=True)
