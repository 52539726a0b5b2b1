"""The rarer questions, in SQLAlchemy Core: whole streams, lists, the worklist, and what is kept beside the tasks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.chain import parsed, recorded_event
from engine.task import Task
from storage.instants import micros, micros_or_none, moment_of, moment_or_none
from storage.tables import calendars, deadlines, editions, events, files, notes, numbers, outbox, tasks
from workflows.ports import BoardRow, EditionExists, EditionRecord, OpenDeadline, Parcel, Recorded

UNNAMED = "unnamed:"
"""Begins the name of a note about a file that nothing names, followed by its digest."""


def task_of(connection: Connection, task: str) -> Task | None:
    text = connection.scalar(select(tasks.c.snapshot).where(tasks.c.id == task))
    return None if text is None else Task.from_json(parsed(text))


def snapshots(connection: Connection, process: str | None, part_of: str | None) -> Sequence[str]:
    query = select(tasks.c.snapshot).order_by(tasks.c.id)
    if process is not None:
        query = query.where(tasks.c.process == process)
    if part_of is not None:
        query = query.where(tasks.c.part_of == part_of)
    return connection.scalars(query).all()


def recorded(connection: Connection, statement: str, stream: str) -> list[Recorded]:
    """The stream's events, read from their headers: what is read is what the chain proves."""
    return [_recorded(*row) for row in driver_rows(connection, statement, (stream,))]


def driver_rows(connection: Connection, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them: SQLAlchemy's would take as long again."""
    cursor = connection.connection.cursor()
    cursor.execute(statement, values)
    rows = list(cursor.fetchall())
    cursor.close()
    return rows


def _recorded(header: str, payload: str, salts: str, prev: str, link: str) -> Recorded:
    event, recorded_at = recorded_event(header, payload, salts)
    return Recorded(event, recorded_at, header, payload, salts, prev, link)


def streams(connection: Connection) -> Sequence[str]:
    """The tasks' streams: only their events name an edition."""
    query = select(events.c.stream).distinct().where(events.c.edition != "").order_by(events.c.stream)
    return connection.scalars(query).all()


def board(connection: Connection, statement: str, values: Sequence[int]) -> list[BoardRow]:
    """The rows of the board by task."""
    rows = sorted(driver_rows(connection, statement, values), key=itemgetter(0))
    return [
        BoardRow(task, process, kind, state, signal, title, unit, part_of, bool(ended))
        for task, process, kind, state, signal, title, unit, part_of, ended in rows
    ]


def worklist(connection: Connection, unit: str | None, who: str | None) -> list[OpenDeadline]:
    """What is owed, the earliest first; what has no date comes last."""
    d = deadlines.c
    query = (
        select(d.task, tasks.c.title, tasks.c.unit, d.name, d.key, d.who, d.status, d.due_at, d.last_day, d.provisional)
        .join(tasks, tasks.c.id == d.task)
        .where(d.status.is_not(None))
        .order_by(d.due_at.is_(None), d.due_at, d.task, d.name, d.key)
    )
    if unit is not None:
        query = query.where(tasks.c.unit == unit)
    if who is not None:
        query = query.where(d.who == who)
    return [_open_deadline(row) for row in connection.execute(query)]


def _open_deadline(row: Sequence[Any]) -> OpenDeadline:
    task, title, unit, name, key, who, status, due_at, last_day, provisional = row
    due = moment_or_none(due_at)
    return OpenDeadline(task, title, unit, name, key, who, status, due, last_day, provisional)


def parcels(connection: Connection, *, waiting: bool) -> list[Parcel]:
    query = select(outbox.c.task, outbox.c.seq, outbox.c.kind, outbox.c.name, outbox.c.body).order_by(outbox.c.id)
    if waiting:
        query = query.where(outbox.c.done_at.is_(None))
    return [Parcel(task, seq, kind, name, parsed(body)) for task, seq, kind, name, body in connection.execute(query)]


_EDITION = (
    editions.c.process,
    editions.c.edition,
    editions.c.digest,
    editions.c.text,
    editions.c.compiled,
    editions.c.calendar,
    editions.c.published_at,
    editions.c.in_force_at,
)


def editions_of(connection: Connection, process: str | None = None, edition: str | None = None) -> list[EditionRecord]:
    """Editions in the order of their publication."""
    query = select(*_EDITION).order_by(editions.c.published_at, editions.c.id)
    if process is not None:
        query = query.where(editions.c.process == process)
    if edition is not None:
        query = query.where(editions.c.edition == edition)
    return [_edition(row) for row in connection.execute(query)]


def _edition(row: Sequence[Any]) -> EditionRecord:
    process, edition, digest, text, compiled, calendar, published_at, in_force_at = row
    since = moment_or_none(in_force_at)
    return EditionRecord(process, edition, digest, text, compiled, calendar, moment_of(published_at), since)


def editions_mark(connection: Connection) -> tuple[int, int]:
    """How many editions there are, and the number of the last: another one where one was published since."""
    count, last = connection.exec_driver_sql("SELECT count(*), coalesce(max(id), 0) FROM editions").one()
    return count, last


def publish(connection: Connection, record: EditionRecord) -> None:
    for kept in editions_of(connection, record.process, record.edition):
        if (kept.digest, kept.text) != (record.digest, record.text):
            raise EditionExists(f"{record.process}@{record.edition}")
        return
    values = {column.name: getattr(record, column.name) for column in _EDITION[:-2]}
    since = micros_or_none(record.in_force_at)
    when = {"published_at": micros(record.published_at), "in_force_at": since}
    connection.execute(editions.insert().values(**values, **when))


def _once(connection: Connection, table: Table, **values: object) -> Insert:
    """An insert that leaves what is there already."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table).values(**values).on_conflict_do_nothing()


def keep_calendar(connection: Connection, name: str, digest: str, text: str) -> None:
    connection.execute(_once(connection, calendars, digest=digest, name=name, text=text))


def calendar(connection: Connection, digest: str) -> str | None:
    return connection.scalar(select(calendars.c.text).where(calendars.c.digest == digest))


def keep_file(connection: Connection, name: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    connection.execute(notes.delete().where(notes.c.name == UNNAMED + digest))  # it is not forgotten: see tidying.py
    connection.execute(_once(connection, files, digest=digest, name=name, content=content))
    return digest


def file(connection: Connection, digest: str) -> bytes | None:
    return connection.scalar(select(files.c.content).where(files.c.digest == digest))


def last_number(connection: Connection, series: str) -> int:
    return connection.scalar(select(numbers.c.last).where(numbers.c.series == series)) or 0


def note(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(notes.c.value).where(notes.c.name == name))


def set_note(connection: Connection, name: str, value: str) -> None:
    connection.execute(_once(connection, notes, name=name, value=value))
    connection.execute(notes.update().where(notes.c.name == name).values(value=value))


def swap_note(connection: Connection, name: str, before: str | None, after: str) -> bool:
    """Asked for what was written, for a driver may not say how many rows an insertion that met a conflict made."""
    if before is None:
        entered = _once(connection, notes, name=name, value=after)
        return connection.execute(entered.returning(notes.c.name)).first() is not None
    changed = notes.update().where(notes.c.name == name, notes.c.value == before).values(value=after)
    return connection.execute(changed.returning(notes.c.name)).first() is not None
