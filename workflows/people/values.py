"""Units, users and what they hold: plain values. Instants are aware and UTC; `valid_to` is exclusive, None is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they act now: the holdings of this moment, and for each unit of theirs those whose work it took
    over (itself among them).
    """

    user: User
    holdings: Sequence[Holding] = ()
    heirs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    """What a token may be used for; None in a session, which may do all that its person may."""

    @property
    def id(self) -> str:
        """The user's name."""
        return self.user.id

    def units(self, holdings: Iterable[Holding] | None = None) -> frozenset[str]:
        """The units of these holdings (of all, by default), with those whose work they took over."""
        held = self.holdings if holdings is None else holdings
        return frozenset(each for one in held if one.unit for each in self.heirs.get(one.unit, {one.unit}))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which tasks somebody may see: everything (`all`), or those of whose process they hold a role that no edition
    binds to a unit (`processes`), or which pin an edition that does not (`editions`), or those of a process that name
    a unit for which a role of it is held (`units`: process and unit), with all below them.
    """

    all: bool = False
    processes: frozenset[str] = frozenset()
    editions: frozenset[str] = frozenset()
    units: frozenset[tuple[str, str]] = frozenset()

    def allows(self, edition: str, parties: Iterable[str]) -> bool:
        """Whether a task that pins an edition (`process@edition`) is seen, which (itself or a task above it) names
        these units.
        """
        process = edition.partition("@")[0]
        if self.all or process in self.processes or edition in self.editions:
            return True
        return any((process, unit) in self.units for unit in parties)

    @property
    def by_units(self) -> Mapping[frozenset[str], Sequence[str]]:
        """The processes in which the same units count, by these units."""
        units: dict[str, set[str]] = {}
        for process, unit in self.units:
            units.setdefault(process, set()).add(unit)
        shared: dict[frozenset[str], list[str]] = {}
        for process, named in sorted(units.items()):
            shared.setdefault(frozenset(named), []).append(process)
        return shared


NOBODY = Scope()
"""Sees no task at all: the public, who have pages of their own."""
EVERYTHING = Scope(all=True)
