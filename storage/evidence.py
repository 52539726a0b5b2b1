"""One moment of a database, for those who verify it: rows as they stand, over a connection that cannot write.

SQLite is opened read-only (`mode=ro`), so that not even a checkpoint of its log changes a byte; a server is asked for a
transaction that is read-only and sees one moment. The readings here are their own and go past the store: what the
store would refuse to read has to be seen.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from engine.once import once
from engine.problems import Text
from engine.reasons import quoted
from storage import schema
from storage.engines import PATIENCE
from storage.errors import StoreMissing, of_a_driver, wrong_statement
from storage.instants import moment_of
from storage.log import SqlLog
from storage.rebuilding import SHAPES, rebuilt
from storage.sql import POSTGRES, SQLITE
from storage.sql_store import SqlStore
from storage.tables import metadata
from storage.transactions import of_one_moment, told_plainly
from workflows.audit.verifying.ports import Unreadable
from workflows.audit.verifying.values import FileFound, Life, Raw, Row, Shape

_EVENTS = Raw._fields
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}
_PAGE = 2000
_TEXTS = ("header", "payload", "salts")
_UTF8 = {
    "sqlite": "CASE typeof({0}) WHEN 'text' THEN CAST({0} AS BLOB) END",
    "postgresql": "convert_to({0}, 'UTF8')",
}
"""A text as bytes, which is what is hashed: a driver takes longer to make characters of it than to read it."""


@contextmanager
def open_evidence(url: str) -> Iterator[SqlEvidence]:
    """One moment of the database at an address. Raises a `StoreProblem` where there is none of this program's."""
    with told_plainly():
        engine = _reading(url)
        try:
            schema.require_current(engine)
            with _moment(engine) as connection:
                yield SqlEvidence(connection)
        finally:
            engine.dispose()


@contextmanager
def open_to_read(url: str) -> Iterator[tuple[SqlStore, SqlLog]]:
    """A store and its tree that cannot write a byte, for those who ask more than rows. Raises a `StoreProblem`."""
    with told_plainly():
        engine = _reading(url, _read_anything)
        try:
            schema.require_current(engine)
            yield SqlStore(engine), SqlLog(engine)
        finally:
            engine.dispose()


def named(url: str) -> str:
    """The address without a password: by which results that are kept know their database."""
    return str(make_url(url).set(password=None))


def _reading(url: str, read: Callable[[str], Any] | None = None) -> Engine:
    address = make_url(url)
    if address.drivername != "sqlite":
        return create_engine(address, poolclass=NullPool)
    path = address.database or ""
    if not Path(path).is_file():
        raise StoreMissing(path)
    engine = create_engine("sqlite://", creator=lambda: (read or _read_only)(path), module=dbapi2, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _read_only(path: str) -> Any:
    connection = dbapi2.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None)
    for pragma in (f"busy_timeout = {PATIENCE}", "query_only = ON", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _read_anything(path: str) -> Any:
    """The same, by which bytes that are no text are read as what no text is: one such cell does not hide its table."""
    connection = _read_only(path)
    connection.text_factory = lambda told: told.decode(errors="surrogateescape")
    return connection


def _begin(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")


@contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    with of_one_moment(engine).connect() as connection, connection.begin():
        schema.revision(connection)  # the moment begins with the first reading
        yield connection


class SqlEvidence:
    """See `workflows.audit.verifying.ports.Evidence`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kind = connection.dialect.name
        self._among = (SQLITE if self._kind == "sqlite" else POSTGRES).among
        self.shapes: Mapping[str, Shape] = SHAPES

    @once
    def now(self) -> datetime:
        now = (SQLITE if self._kind == "sqlite" else POSTGRES).now
        return moment_of(next(self._ask(now))[0])

    def openings(self) -> Mapping[str, str | None]:
        found: dict[str, str | None] = {stream: None for (stream,) in self._ask("SELECT DISTINCT stream FROM events")}
        found.update(self._ask("SELECT stream, payload FROM events WHERE seq = 1"))
        return {str(stream): payload for stream, payload in found.items()}

    def heads(self) -> Mapping[str, tuple[int, str]]:
        last = "SELECT stream, max(seq) AS seq FROM events GROUP BY stream"
        said = f"SELECT e.stream, e.seq, e.hash FROM events e JOIN ({last}) l ON l.stream = e.stream AND l.seq = e.seq"  # noqa: S608 - constants
        return {stream: (seq, link) for stream, seq, link in self._ask(said)}

    def digests(self) -> Sequence[str]:
        return [digest for (digest,) in self._ask("SELECT digest FROM files")]

    def streams(self) -> Sequence[str]:
        return sorted(str(stream) for (stream,) in self._ask("SELECT DISTINCT stream FROM events"))

    def rows(self, streams: Sequence[str]) -> Mapping[str, Sequence[Raw]]:
        made: Callable[[Row], Raw] = partial(tuple.__new__, Raw)  # `Raw._make` without its count
        return {stream: list(map(made, rows)) for stream, rows in self._streams(_EVENTS, streams)}

    def links(self, streams: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        utf8 = _UTF8[self._kind]
        columns = [utf8.format(name) if name in _TEXTS else name for name in _EVENTS]
        return {stream: list(rows) for stream, rows in self._streams(columns, streams)}

    def _streams(self, columns: Sequence[str], streams: Sequence[str]) -> Iterator[tuple[str, Iterator[Row]]]:
        among = f"stream {_AMONG[self._kind]} ORDER BY stream, seq"
        found = self._ask(f"SELECT {', '.join(columns)} FROM events WHERE {among}", (self._among(streams),))  # noqa: S608 - constants
        return groupby(found, key=itemgetter(0))

    def kept(self, tasks: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        return {table: list(self._kept(table, shape, tasks)) for table, shape in SHAPES.items()}

    def _kept(self, table: str, shape: Shape, tasks: Sequence[str]) -> Iterator[Row]:
        key: str = shape.columns[0]
        names: Sequence[str] | Sequence[int] = tasks
        if table == "outbox":
            key, names = "id", [number for task in tasks for number in self._sent.get(task, ())]
        among = f"{key} {_AMONG[self._kind]}"
        return self._ask(f"SELECT {', '.join(shape.columns)} FROM {table} WHERE {among}", (self._among(names),))  # noqa: S608 - names of our own

    @once
    def _sent(self) -> Mapping[str, Sequence[int]]:
        """The rows of the outbox by task. No index leads to them: each question would read all that was ever sent."""
        found: dict[str, array[int]] = {}
        for number, task in self._ask("SELECT id, task FROM outbox ORDER BY id"):
            found.setdefault(str(task), array("q")).append(number)
        return found

    def rebuilt(self, life: Life) -> Mapping[str, Sequence[Row]]:
        return rebuilt(life)

    def owners(self) -> Mapping[str, set[str]]:
        return {
            table: {task for (task,) in self._ask(f"SELECT DISTINCT {shape.columns[0]} FROM {table}")}  # noqa: S608 - the same
            for table, shape in SHAPES.items()
        }

    def table(self, name: str) -> Iterator[Mapping[str, Any]]:
        table = metadata.tables[name]
        columns = [column.name for column in table.columns]
        asked = ", ".join(f'"{column}"' for column in columns)
        order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
        for row in self._ask(f"SELECT {asked} FROM {name} ORDER BY {order}"):  # noqa: S608 - the same
            yield dict(zip(columns, row, strict=True))

    def files(self) -> Iterator[FileFound]:
        for digest, name in list(self._ask("SELECT digest, name FROM files ORDER BY digest")):
            mark = "?" if self._kind == "sqlite" else "%s"
            content = next(self._ask(f"SELECT content FROM files WHERE digest = {mark}", (digest,)), (None,))[0]  # noqa: S608 - the same
            actual = sha256(content).hexdigest() if isinstance(content, bytes | memoryview) else ""
            yield FileFound(str(digest), str(name), actual)

    def faults(self) -> Sequence[Text]:
        if self._kind == "postgresql":
            with self._connection.engine.connect() as connection:  # beside the moment, as others ask it
                return schema.otherwise(connection)
        found = schema.strange(dict(self._ask(schema.OBJECTS["sqlite"])), "sqlite")
        found += [quoted(said) for (said,) in self._ask("PRAGMA integrity_check") if said != "ok"]
        rows = self._ask("PRAGMA foreign_key_check")
        return found + [
            Text(f"表 `{table}` 第 {row} 行在 `{parent}` 中没有对应的行", f"{table} row {row}: no {parent}")
            for table, row, parent, _ in rows
        ]

    def _altered(self) -> bool:
        """Whether the schema is another than this program makes: asked beside the moment, which an error may end."""
        try:
            with self._connection.engine.connect() as connection:
                return bool(schema.lacking(connection) or schema.otherwise(connection))
        except SQLAlchemyError:
            return True  # it cannot even tell its schema

    def _ask(self, statement: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows by the bare driver, page by page. Raises `Unreadable` with the database's own words."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement, values)
            while page := cursor.fetchmany(_PAGE):
                yield from page
        except Exception as error:
            if not of_a_driver(error) or (wrong_statement(error) and not self._altered()):
                raise
            raise Unreadable(str(error)) from error
        finally:
            cursor.close()
