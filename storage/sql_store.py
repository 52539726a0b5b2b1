"""The store in SQLite or PostgreSQL: transactions, and every driver's error as a problem with a cure.

On SQLite a writer begins with BEGIN IMMEDIATE, which is its lock; a reader begins plainly and is never upgraded. On
PostgreSQL the isolation is READ COMMITTED and the roots' rows are locked in a statement of their own, before
anything is read.

`work` and `work_on`, which everything rests on, take a connection from SQLAlchemy's pool and speak to the driver
themselves; all the rest goes through SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, select

from engine.chain import parsed
from engine.events import Json
from engine.task import Task
from storage import reading, streams
from storage.engines import turn
from storage.errors import StoreGone, translated
from storage.instants import FOREVER, micros, moment_of
from storage.office_tables import facets, parties
from storage.sql_work import SqlWork
from storage.transactions import Transactions, told_plainly
from workflows.people.values import Entry
from workflows.ports import BoardRow, Chained, EditionRecord, OpenDeadline, Parcel, Recorded, Work, in_force


class SqlChained:
    """See `workflows.ports.Chained`."""

    def __init__(self, connection: Connection, stream: str, now: datetime) -> None:
        self._connection, self._stream, self.now = connection, stream, now

    @property
    def connection(self) -> Connection:
        """What is kept in the same transaction goes by it."""
        return self._connection

    @property
    def cursor(self) -> Any:
        """A cursor of the driver's, for what is kept beside the stream in the same transaction."""
        return self._connection.connection.cursor()

    def entries(self) -> Sequence[Entry]:
        return streams.read(self._connection, self._stream)

    def append(self, kind: str, actor: str, told: Mapping[str, Json]) -> str:
        return streams.append(self._connection, self._stream, kind, actor, told, self.now)

    def publish(self, edition: EditionRecord) -> None:
        reading.publish(self._connection, edition)

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        return reading.swap_note(self._connection, name, before, after)


class SqlStore(Transactions):
    """See `workflows.ports.Store`. Without a `clock` the database's own is used; with one, time is virtual."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(engine)
        self._clock = clock
        self._published: tuple[tuple[int, int], Sequence[EditionRecord]] = ((0, 0), [])

    def work(self, roots: Sequence[str]) -> AbstractContextManager[Work]:
        return self._work(lambda work: work.lock(roots, self._clock))

    def work_on(self, task: str) -> AbstractContextManager[Work]:
        return self._work(lambda work: work.lock_of(task, self._clock))

    @contextmanager
    def _work(self, lock: Callable[[SqlWork], Work]) -> Iterator[Work]:
        """A transaction that has begun to write, on the driver's cursor; leaving it commits, an exception undoes."""
        with told_plainly(self.engine), turn(self.engine):
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                if self._sql.begin:
                    cursor.execute(self._sql.begin)
                yield lock(SqlWork(cursor, self._sql))
                connection.commit()
            except BaseException as error:
                self._undo(connection, error)
                raise
            finally:
                connection.close()

    def _undo(self, connection: PoolProxiedConnection, error: BaseException) -> None:
        """Roll back. Where that is impossible the connection is lost, and those in the pool were lost with it."""
        try:
            connection.rollback()
        except Exception:  # noqa: BLE001 - what went wrong first is raised by the caller
            connection.invalidate(error)
        if isinstance(error, Exception) and isinstance(translated(error), StoreGone):
            self.engine.dispose()

    def due(self, until: datetime, limit: int) -> Sequence[str]:
        """Read in the order of the index, so that the cost follows `limit` and not all that is due; a root may have
        several rows.
        """
        rows = limit
        with self._read() as connection:
            while True:
                rows *= 2
                found = connection.exec_driver_sql(self._sql.due, (micros(until), rows)).scalars().all()
                roots = list(dict.fromkeys(found))
                if len(roots) >= limit or len(found) < rows:
                    return roots[:limit]

    def task(self, task: str) -> Task | None:
        with self._read() as connection:
            return reading.task_of(connection, task)

    def tasks(self, *, process: str | None = None, part_of: str | None = None) -> Iterator[Task]:
        with self._read() as connection:
            found = reading.snapshots(connection, process, part_of)
        return (Task.from_json(parsed(text)) for text in found)

    def events(self, stream: str) -> Sequence[Recorded]:
        with self._read() as connection:
            return reading.recorded(connection, self._sql.stream, stream)

    def streams(self) -> Iterator[str]:
        with self._read() as connection:
            return iter(reading.streams(connection))

    def board(self, at: datetime, known_at: datetime | None = None) -> Sequence[BoardRow]:
        then = micros(at)
        known = FOREVER - 1 if known_at is None else micros(known_at)
        with self._read() as connection:
            return reading.board(connection, self._sql.as_of, (min(then, known), then, known, known, then, known))

    def parties(self, task: str) -> frozenset[str]:
        with self._read() as connection:
            return frozenset(connection.scalars(select(parties.c.unit).where(parties.c.task == task)))

    def facets(self, task: str) -> Mapping[str, str]:
        query = select(facets.c.name, facets.c.value).where(facets.c.task == task)
        with self._read() as connection:
            return {row.name: row.value for row in connection.execute(query)}

    def worklist(self, *, unit: str | None = None, who: str | None = None) -> Sequence[OpenDeadline]:
        with self._read() as connection:
            return reading.worklist(connection, unit, who)

    def publish(self, edition: EditionRecord) -> None:
        with self._write() as connection:
            reading.publish(connection, edition)

    def edition(self, process: str, edition: str | None = None, *, at: datetime | None = None) -> EditionRecord | None:
        named = [each for each in self.editions() if each.process == process]
        found = [each for each in named if edition in (None, each.edition)]
        if edition is None and at is not None:
            return in_force(found, at)
        return found[-1] if found else None

    def editions(self) -> Sequence[EditionRecord]:
        """Long texts, asked for with every page: read again where there is one more. None is changed or taken back."""
        with self._read() as connection:
            mark = reading.editions_mark(connection)
            if mark != self._published[0]:
                self._published = mark, reading.editions_of(connection)
        return self._published[1]

    def keep_calendar(self, name: str, digest: str, text: str) -> None:
        with self._write() as connection:
            reading.keep_calendar(connection, name, digest, text)

    def calendar(self, digest: str) -> str | None:
        with self._read() as connection:
            return reading.calendar(connection, digest)

    def keep_file(self, name: str, content: bytes) -> str:
        with self._write() as connection:
            return reading.keep_file(connection, name, content)

    def file(self, digest: str) -> bytes | None:
        with self._read() as connection:
            return reading.file(connection, digest)

    def parcels(self, *, waiting: bool = False) -> Sequence[Parcel]:
        with self._read() as connection:
            return reading.parcels(connection, waiting=waiting)

    def last_number(self, series: str) -> int:
        with self._read() as connection:
            return reading.last_number(connection, series)

    def note(self, name: str) -> str | None:
        with self._read() as connection:
            return reading.note(connection, name)

    def set_note(self, name: str, value: str) -> None:
        with self._write() as connection:
            reading.set_note(connection, name, value)

    def swap_note(self, name: str, before: str | None, after: str) -> bool:
        with self._write() as connection:
            return reading.swap_note(connection, name, before, after)

    @contextmanager
    def chained(self, stream: str) -> Iterator[Chained]:
        with self._write() as connection:
            streams.lock(connection, stream)
            now = self._clock() if self._clock else moment_of(self._micros(connection))
            yield SqlChained(connection, stream, now)

    def chain(self, stream: str) -> Sequence[Entry]:
        with self._read() as connection:
            return streams.read(connection, stream)

    def chain_back(
        self, stream: str, most: int, *, before: int | None = None, actor: str = "", naming: str = ""
    ) -> Sequence[Entry]:
        with self._read() as connection:
            return streams.read_back(connection, stream, most, before=before, actor=actor, naming=naming)

    def close(self) -> None:
        self.engine.dispose()
