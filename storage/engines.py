"""Connections that keep their word: what each database must be and must be told before anything is acknowledged.

SQLite: the write-ahead log with `synchronous=FULL` (with NORMAL a power loss may take back acknowledged work),
through the library that `pysqlite3` brings along. Versions 3.7.0 to 3.51.2, but for 3.44.6 and 3.50.7 and their
successors, may damage a file when a log is reset under two connections (https://www.sqlite.org/wal.html#walresetbug)
and are refused. PostgreSQL: a server with fsync, full_page_writes or synchronous_commit off is refused.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy import Engine as Engine  # noqa: PLC0414  # who runs the jobs hands one on: re-exported on purpose

from storage.errors import StoreAddress, StoreMissing, StoreUnsafe
from storage.line import Line

PATIENCE = 10_000
"""How long a writer waits for another, in milliseconds."""

POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": -1, "pool_use_lifo": True}
"""Connections that are kept open; there are more where more threads ask at once. A pool with a bound would be a lock:
who writes asks what else is known, by another connection, while others have the last one and wait for what is locked.
The last one that came back is given out first: what it has read is still there, and SQLite keeps pages by connection.
"""

PRAGMAS = (
    f"busy_timeout = {PATIENCE}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
)

Version = tuple[int, ...]


def resets_safely(version: Version) -> bool:
    """Whether this SQLite is free of the WAL-reset defect."""
    if version[:2] in {(3, 44), (3, 50)}:
        return version >= ((3, 44, 6) if version[1] == 44 else (3, 50, 7))
    return version < (3, 7, 0) or version >= (3, 51, 3)


def sqlite_engine(url: URL, *, create: bool, version: Version = dbapi2.sqlite_version_info) -> Engine:
    """An engine for a file. Raises StoreUnsafe, StoreAddress, StoreMissing."""
    if not resets_safely(version):
        raise StoreUnsafe(f"SQLite {'.'.join(map(str, version))}: 3.51.3 / pysqlite3 0.6.1")
    if not url.database or url.database == ":memory:":
        raise StoreAddress(str(url))
    if not create and not Path(url.database).is_file():
        raise StoreMissing(url.database)
    options = {LINE: Line(PATIENCE / 1000)}
    engine = create_engine(
        url, module=dbapi2, connect_args={"check_same_thread": False}, execution_options=options, **POOL
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


LINE = "line"
"""The option of an engine that keeps its line of writers, for all rooms that stand on it."""


def turn(engine: Engine, patience: float | None = None) -> AbstractContextManager[None]:
    """Be the one of this process who writes, where only one can: on SQLite. Raises `StoreBusy`; see `Line.turn`."""
    line = engine.get_execution_options().get(LINE)
    return nullcontext() if line is None else line.turn(patience)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    match connection.get_execution_options().get("writes"):
        case None:
            driver.execute("BEGIN")
        case "now":  # or not at all: nobody in another process is waited for either
            driver.execute("PRAGMA busy_timeout = 0")
            try:
                driver.execute("BEGIN IMMEDIATE")
            finally:
                driver.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        case _:
            driver.execute("BEGIN IMMEDIATE")


def runner_engine(main: Engine) -> Engine | None:
    """An engine for what runs the jobs, beside a SQLite database: `duban.db` has `duban-jobs.db`. None for a server,
    which has room for both.

    A file of its own, because whatever looks for work there each second takes the lock of a writer, which the office
    would wait for; because its library begins transactions in its own way; and because nothing is lost with it: the
    rows in the main database are the truth. The same SQLite library writes both.
    """
    if main.dialect.name != "sqlite":
        return None
    path = Path(str(main.url.database))
    url = main.url.set(database=str(path.with_name(f"{path.stem}-jobs{path.suffix}")))
    engine = create_engine(url, module=dbapi2, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_runner)
    return engine


def _prepare_runner(connection: Any, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def postgres_engine(url: URL, *, unsafe: bool) -> Engine:
    """An engine for a server. Raises StoreUnsafe unless its settings are safe or `unsafe` is meant."""
    settings = f"-c lock_timeout={PATIENCE}"
    engine = create_engine(url, connect_args={"options": settings}, isolation_level="READ COMMITTED", **POOL)
    if not unsafe:
        _check_durable(engine)
    return engine


def _check_durable(engine: Engine) -> None:
    with engine.connect() as connection:
        names = ("fsync", "full_page_writes", "synchronous_commit")
        off = [name for name in names if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"]
    if off:
        engine.dispose()
        raise StoreUnsafe("PostgreSQL: " + ", ".join(f"{name} = on" for name in off))
