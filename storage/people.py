"""People and their rights in SQLite or PostgreSQL, over one engine with the store.

A change that comes with a note appends it to the stream `organisation` in the same transaction. Secrets arrive here as
digests and hashes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.chain import canonical, parsed
from storage import streams
from storage.instants import micros, micros_or_none, moment_of, moment_or_none
from storage.office_tables import failures, holders, sessions, tokens, units, users
from storage.sql import POSTGRES, SQLITE
from storage.streams import ORGANISATION
from storage.transactions import Transactions
from workflows.people.ports import Note, SessionRow, TokenRow
from workflows.people.values import Entry, Holding, Unit, User

FORGOTTEN = timedelta(days=7)
"""How long after it is open again a subject's failures are kept."""


class SqlPeople(Transactions):
    """See `workflows.people.ports.People`. Without a `clock` the database's own is used; with one, time is virtual."""

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] | None = None, within: Connection | None = None
    ) -> None:
        super().__init__(engine)
        self._clock = clock
        self._within = within

    # -- transactions

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        if self._within is not None:
            yield self._within
            return
        with super()._read() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """One writer at a time, on PostgreSQL as on SQLite: what was read in a transaction cannot have changed."""
        if self._within is not None:
            yield self._within
            return
        with super()._write() as connection:
            streams.lock(connection, ORGANISATION)
            yield connection

    @contextmanager
    def together(self) -> Iterator[SqlPeople]:
        with self._write() as connection:
            yield SqlPeople(self.engine, self._clock, connection)

    @contextmanager
    def spare(self) -> Iterator[SqlPeople | None]:
        with self._spare() as connection:
            free = connection is not None and streams.locked(connection, ORGANISATION)
            yield SqlPeople(self.engine, self._clock, connection) if free else None

    def now(self) -> datetime:
        if self._clock is not None:
            return self._clock()
        sql = SQLITE if self.engine.dialect.name == "sqlite" else POSTGRES
        with self._read() as connection:
            return moment_of(connection.exec_driver_sql(sql.now).scalar_one())

    def history(self, after: int = 0) -> Sequence[Entry]:
        with self._read() as connection:
            return streams.read(connection, ORGANISATION, after)

    def _note(self, connection: Connection, note: Note | None) -> None:
        if note is not None:
            now = SqlPeople(self.engine, self._clock, connection).now()
            streams.append(connection, ORGANISATION, note.type, note.actor, note.told, now)

    # -- units

    def units(self) -> Sequence[Unit]:
        with self._read() as connection:
            return [_unit(row) for row in connection.execute(select(units).order_by(units.c.id))]

    def put_unit(self, unit: Unit, note: Note) -> None:
        values = {
            "title": unit.title,
            "title_en": unit.title_en,
            "level": unit.level,
            "over": unit.over,
            "valid_from": micros(unit.valid_from),
            "valid_to": micros_or_none(unit.valid_to),
            "successor": unit.successor,
        }
        with self._write() as connection:
            _put(connection, units, {"id": unit.id}, values)
            self._note(connection, note)

    # -- users

    def users(self) -> Sequence[User]:
        with self._read() as connection:
            return [_user(row) for row in connection.execute(select(users).order_by(users.c.id))]

    def user(self, name: str) -> User | None:
        return self._user_by(users.c.id, name)

    def user_of(self, subject: str) -> User | None:
        return self._user_by(users.c.subject, subject)

    def _user_by(self, column: Any, value: str) -> User | None:
        with self._read() as connection:
            row = connection.execute(select(users).where(column == value)).first()
        return None if row is None else _user(row)

    def put_user(self, user: User, note: Note | None) -> None:
        values = {
            "name": user.name,
            "language": user.language,
            "mail": user.mail,
            "channels": canonical(list(user.channels)),
            "password": user.password,
            "subject": user.subject,
            "active": user.active,
            "created_at": micros(user.created_at),
        }
        with self._write() as connection:
            _put(connection, users, {"id": user.id}, values)
            self._note(connection, note)

    # -- who holds which role

    def holdings(self, *, user: str | None = None, role: str | None = None) -> Sequence[Holding]:
        query = select(holders).order_by(holders.c.id)
        if user is not None:
            query = query.where(holders.c.user == user)
        if role is not None:
            query = query.where(holders.c.role == role)
        with self._read() as connection:
            return [_holding(row) for row in connection.execute(query)]

    def put_holding(self, holding: Holding, note: Note) -> None:
        values = {
            "user": holding.user,
            "role": holding.role,
            "process": holding.process,
            "unit": holding.unit,
            "valid_from": micros(holding.valid_from),
            "valid_to": micros_or_none(holding.valid_to),
            "deputy_for": holding.deputy_for,
        }
        with self._write() as connection:
            _keep(connection, holders, holding.id, values)
            self._note(connection, note)

    # -- who is signed in

    def session(self, digest: str) -> SessionRow | None:
        with self._read() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
        return None if row is None else _session(row)

    def sessions(self, user: str) -> Sequence[SessionRow]:
        query = select(sessions).where(sessions.c.user == user).order_by(sessions.c.began_at, sessions.c.digest)
        with self._read() as connection:
            return [_session(row) for row in connection.execute(query)]

    def put_session(self, session: SessionRow) -> None:
        values = {
            "user": session.user,
            "began_at": micros(session.began_at),
            "seen_at": micros(session.seen_at),
            "ends_at": micros(session.ends_at),
            "agent": session.agent,
        }
        with self._write() as connection:
            _put(connection, sessions, {"digest": session.digest}, values)

    def end_sessions(self, *, digest: str | None = None, user: str | None = None) -> None:
        if (digest is None) == (user is None):
            raise ValueError("whose sessions end: those of one digest, or of one user")
        which = sessions.c.digest == digest if user is None else sessions.c.user == user
        with self._write() as connection:
            connection.execute(delete(sessions).where(which))

    # -- who calls by program

    def token(self, digest: str) -> TokenRow | None:
        with self._read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.digest == digest)).first()
        return None if row is None else _token(row)

    def tokens(self, user: str) -> Sequence[TokenRow]:
        query = select(tokens).where(tokens.c.user == user).order_by(tokens.c.id)
        with self._read() as connection:
            return [_token(row) for row in connection.execute(query)]

    def put_token(self, token: TokenRow, note: Note | None) -> None:
        values = {
            "digest": token.digest,
            "user": token.user,
            "name": token.name,
            "scopes": canonical(list(token.scopes)),
            "created_at": micros(token.created_at),
            "ends_at": micros(token.ends_at),
            "used_at": micros_or_none(token.used_at),
            "revoked_at": micros_or_none(token.revoked_at),
        }
        with self._write() as connection:
            _keep(connection, tokens, token.id or None, values)
            self._note(connection, note)

    # -- who failed to sign in

    def failures(self, subject: str) -> tuple[int, datetime] | None:
        query = select(failures.c.count, failures.c.until).where(failures.c.subject == subject)
        with self._read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row[0], moment_of(row[1]))

    def put_failures(self, subject: str, count: int, until: datetime) -> None:
        now = self.now()
        values = {"count": count, "last_at": micros(now), "until": micros(until)}
        with self._write() as connection:
            connection.execute(delete(failures).where(failures.c.until < micros(now - FORGOTTEN)))
            _put(connection, failures, {"subject": subject}, values)

    def forget_failures(self, subject: str) -> None:
        with self._write() as connection:
            connection.execute(delete(failures).where(failures.c.subject == subject))


# -- rows


def _put(connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Insert, or change what is there under that key."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made = insert(table).values(**key, **values)
    connection.execute(made.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def _keep(connection: Connection, table: Table, number: int | None, values: Mapping[str, object]) -> None:
    """Add a row under the next number, or change the one that has it."""
    if number is None:
        connection.execute(table.insert().values(**values))
    else:
        connection.execute(update(table).where(table.c.id == number).values(**values))


def _unit(row: Row[Any]) -> Unit:
    return Unit(**{**row._asdict(), "valid_from": moment_of(row.valid_from), "valid_to": moment_or_none(row.valid_to)})


def _user(row: Row[Any]) -> User:
    channels, active = tuple(parsed(row.channels)), bool(row.active)
    return User(**{**row._asdict(), "channels": channels, "active": active, "created_at": moment_of(row.created_at)})


def _holding(row: Row[Any]) -> Holding:
    return Holding(
        **{**row._asdict(), "valid_from": moment_of(row.valid_from), "valid_to": moment_or_none(row.valid_to)}
    )


def _session(row: Row[Any]) -> SessionRow:
    told = row._asdict()
    return SessionRow(**{**told, **{name: moment_of(told[name]) for name in ("began_at", "seen_at", "ends_at")}})


def _token(row: Row[Any]) -> TokenRow:
    told = row._asdict()
    times = {name: moment_or_none(told[name]) for name in ("created_at", "ends_at", "used_at", "revoked_at")}
    return TokenRow(**{**told, **times, "scopes": tuple(parsed(row.scopes))})
