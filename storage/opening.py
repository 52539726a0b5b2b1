"""From an address to a store: the one door. SQLAlchemy is imported behind it, and only where a database is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from storage.errors import StoreAddress
from storage.memory import MemoryStore
from workflows.ports import Store

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

Clock = Callable[[], datetime]


def open_store(url: str, *, create: bool = False, clock: Clock | None = None, unsafe: bool = False) -> Store:
    """The store at `sqlite:///PATH`, `postgresql+psycopg://…` or `memory://`.

    `create` makes the schema where there is none. A `clock` makes time virtual; a memory store has no other. `unsafe`
    accepts a PostgreSQL server that may lose acknowledged work, for tests. Raises a `StoreProblem` with its cure.
    """
    if url == "memory://":
        if clock is None:
            raise ValueError("a memory store has no clock of its own")
        return MemoryStore(clock)
    from storage import schema
    from storage.sql_store import SqlStore
    from storage.transactions import told_plainly

    with told_plainly():
        engine = _engine(_parsed(url), create=create, unsafe=unsafe)
        try:
            if create:
                schema.create(engine)
            schema.require_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return SqlStore(engine, clock)


@contextmanager
def opened_engine(url: str, *, create: bool = False) -> Iterator[Engine]:
    """The database itself, for what is done to the whole of it: one that has this program's schema, or with `create`
    whatever is there, if only an empty place. Raises a `StoreProblem`.
    """
    from storage import schema
    from storage.transactions import told_plainly

    if url == "memory://":
        raise StoreAddress(url)
    with told_plainly():
        engine = _engine(_parsed(url), create=create, unsafe=not create)
        try:
            if not create:
                schema.require_current(engine)
            yield engine
        finally:
            engine.dispose()


def upgrade_store(url: str) -> None:
    """Bring an older database to this program's schema. Raises a `StoreProblem`."""
    from storage import schema
    from storage.transactions import told_plainly

    with told_plainly():
        engine = _engine(_parsed(url), create=False, unsafe=True)
        try:
            schema.require_known(engine)
            schema.upgrade(engine)
        finally:
            engine.dispose()


def _parsed(url: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreAddress(url) from error


def _engine(url: URL, *, create: bool, unsafe: bool) -> Engine:
    from storage.engines import postgres_engine, sqlite_engine

    match url.drivername:
        case "sqlite":
            return sqlite_engine(url, create=create)
        case "postgresql+psycopg":
            return postgres_engine(url, unsafe=unsafe)
        case _:
            raise StoreAddress(url.render_as_string())
