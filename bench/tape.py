"""The floor: every statement of our own run, with its parameters and commits, replayed by the bare driver.

The floor reads and writes what we do and decides nothing. What it leaves out is all of ours: reading snapshots, guards,
events, digests, projections, and the way through SQLAlchemy. It prepares and fetches as a careful program would.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
from pysqlite3 import dbapi2
from sqlalchemy import Engine, event

from storage.engines import PRAGMAS

Step: TypeAlias = tuple[str, str, Any]
"""`execute`, `executemany` or `commit`; the statement; its parameters."""


@dataclass
class Tape:
    """What was said to a database while the tape ran."""

    steps: list[Step] = field(default_factory=list)
    running: bool = False

    def keep(self, kind: str, statement: str = "", parameters: Any = ()) -> None:
        if self.running:
            self.steps.append((kind, statement, parameters))

    @contextmanager
    def rolling(self) -> Iterator[None]:
        """Record what happens inside, after what is on the tape."""
        self.running = True
        try:
            yield
        finally:
            self.running = False

    def taken(self) -> list[Step]:
        """What was recorded; the tape is empty afterwards."""
        steps, self.steps = self.steps, []
        return steps

    @property
    def statements(self) -> int:
        """How many statements; one for many rows counts once."""
        return len(self.steps)


def attach(engine: Engine, tape: Tape) -> None:
    """From now on the engine's connection writes to the tape while that runs; it is opened here, before."""
    engine.dispose()

    def connect(_dialect: Any, _record: Any, arguments: Any, options: dict[str, Any]) -> Any:
        if engine.dialect.name == "sqlite":
            return dbapi2.connect(*arguments, **options, factory=_sqlite_connection(tape))
        return _postgres_connection(tape).connect(*arguments, **options)

    event.listen(engine, "do_connect", connect)
    engine.connect().close()


def _sqlite_connection(tape: Tape) -> type[Any]:
    base: Any = dbapi2.Connection
    base_cursor: Any = dbapi2.Cursor

    class Cursor(base_cursor):  # type: ignore[misc]  # the driver ships no types
        def execute(self, statement: str, parameters: Any = ()) -> Any:
            tape.keep("execute", statement, parameters)
            return super().execute(statement, parameters)

        def executemany(self, statement: str, rows: Any) -> Any:
            tape.keep("executemany", statement, rows)
            return super().executemany(statement, rows)

    class Connection(base):  # type: ignore[misc]  # the driver ships no types
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            tape.keep("commit")
            super().commit()

    return Connection


def _postgres_connection(tape: Tape) -> Any:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            tape.keep("execute", query, params)
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            tape.keep("executemany", query, params_seq)
            super().executemany(query, params_seq, **options)

    class Connection(psycopg.Connection[Any]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.cursor_factory = Cursor

        def commit(self) -> None:
            tape.keep("commit")
            super().commit()

    return Connection


def sqlite_floor(path: Path) -> Any:
    """A bare connection that keeps the same word to the disk as ours."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def play(connection: Any, steps: Sequence[Step]) -> float:
    """Seconds that the bare driver takes for the same."""
    cursor = connection.cursor()
    start = time.perf_counter()
    for kind, statement, parameters in steps:
        if kind == "commit":
            connection.commit()
        elif kind == "executemany":
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement, parameters)
            if cursor.description is not None:
                cursor.fetchall()
    return time.perf_counter() - start
