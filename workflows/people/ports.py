"""What a store of people can do. Writes that change rights append to the chained stream `organisation` with who did
it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.events import Json
from workflows.people.values import Entry, Holding, Unit, User

SEAL = "seal"
"""The note of the store with the secret that signs what pages carry for a moment; no backup takes it along."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Somebody signed in; the token itself is not kept, only its digest."""

    digest: str
    user: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A program's key; only its digest is kept."""

    id: int
    digest: str
    user: str
    name: str
    scopes: Sequence[str]
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What is recorded in the organisation's stream about a change: its type, who made it, and what it says."""

    type: str
    actor: str
    told: Mapping[str, Json]


class People(Protocol):
    """Units, users, holdings, sessions, tokens and failures. Raises nothing for what is not there: it answers None."""

    def now(self) -> datetime: ...

    def together(self) -> AbstractContextManager[People]:
        """One transaction, and one at a time: what is read in it stays true until it is left, and all that is written
        through what it yields is kept, or none of it where an exception leaves it.
        """
        ...

    def spare(self) -> AbstractContextManager[People | None]:
        """The same where nobody else writes at this moment, else None: for what may as well be noted the next time."""
        ...

    def history(self, after: int = 0) -> Sequence[Entry]:
        """Every change of people and rights, in order, from the one that follows `after`."""
        ...

    def units(self) -> Sequence[Unit]: ...

    def put_unit(self, unit: Unit, note: Note) -> None:
        """Add or change a unit."""
        ...

    def users(self) -> Sequence[User]: ...

    def user(self, name: str) -> User | None: ...

    def user_of(self, subject: str) -> User | None: ...

    def put_user(self, user: User, note: Note | None) -> None:
        """Add or change a user; no note for what is no change of rights, such as a better hash of a password."""
        ...

    def holdings(self, *, user: str | None = None, role: str | None = None) -> Sequence[Holding]: ...

    def put_holding(self, holding: Holding, note: Note) -> None:
        """Add a holding, or change the one with its `id`."""
        ...

    def session(self, digest: str) -> SessionRow | None: ...

    def sessions(self, user: str) -> Sequence[SessionRow]: ...

    def put_session(self, session: SessionRow) -> None: ...

    def end_sessions(self, *, digest: str | None = None, user: str | None = None) -> None: ...

    def token(self, digest: str) -> TokenRow | None: ...

    def tokens(self, user: str) -> Sequence[TokenRow]: ...

    def put_token(self, token: TokenRow, note: Note | None) -> None:
        """Add a token (id 0) or change the one with its id."""
        ...

    def failures(self, subject: str) -> tuple[int, datetime] | None:
        """How often signing in failed for a subject in a row, and until when it is shut."""
        ...

    def put_failures(self, subject: str, count: int, until: datetime) -> None: ...

    def forget_failures(self, subject: str) -> None: ...
