"""One moment of everything that is recorded, for the audit package: rows as they stand, none of them interpreted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, Select, func, select
from sqlalchemy import Row as Row_

from engine.chain import parsed
from storage import reading
from storage.instants import micros, moment_of
from storage.office_tables import templates
from storage.sql import POSTGRES, SQLITE
from storage.tables import calendars, checkpoints, events, leaves, tasks
from storage.transactions import of_one_moment, told_plainly
from workflows.audit.sealing.values import SEAL_KEYS, Row
from workflows.packaging.values import Note, Sealed
from workflows.papers.values import Template
from workflows.ports import BoardRow

PAGE = 2_000
AMONG = 500
"""Names in one question."""


@contextmanager
def moment(engine: Engine) -> Iterator[SqlMoment]:
    """A transaction that reads, and sees one moment."""
    with told_plainly(engine), of_one_moment(engine).begin() as connection:
        yield SqlMoment(connection)


class SqlMoment:
    """See `workflows.packaging.ports.Moment`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sql = SQLITE if connection.dialect.name == "sqlite" else POSTGRES

    def counts(self) -> Mapping[str, int]:
        query = select(events.c.stream, func.count().label("events")).group_by(events.c.stream)
        return {row.stream: row.events for row in self._connection.execute(query)}

    def rows(self) -> Iterator[Row]:
        columns = [events.c[name] for name in Row._fields]
        paged = {"stream_results": True, "yield_per": PAGE}
        query = select(*columns).order_by(events.c.stream, events.c.seq)
        for row in self._connection.execute(query, execution_options=paged):
            yield Row(*row)

    def roots(self, tasks_: Sequence[str]) -> Mapping[str, str]:
        query = select(tasks.c.id, tasks.c.root)
        return {row.id: row.root for row in self._among(query, tasks.c.id, tasks_)}

    def families(self, roots: Sequence[str]) -> Sequence[str]:
        return [task for (task,) in self._among(select(tasks.c.id), tasks.c.root, roots)]

    def _among(self, query: Select[Any], column: Column[str], names: Sequence[str]) -> Iterator[Row_[Any]]:
        for start in range(0, len(names), AMONG):
            yield from self._connection.execute(query.where(column.in_(names[start : start + AMONG])))

    def board(self, at: datetime, known_at: datetime) -> Sequence[BoardRow]:
        then, known = micros(at), micros(known_at)
        return reading.board(self._connection, self._sql.as_of, (min(then, known), then, known, known, then, known))

    def calendars(self) -> Mapping[str, str]:
        query = select(calendars.c.digest, calendars.c.text)
        return {row.digest: row.text for row in self._connection.execute(query)}

    def templates(self) -> Sequence[Template]:
        names = ("process", "name", "digest", "kept_by", "kept_at")
        query = select(*(templates.c[name] for name in names)).order_by(templates.c.id)
        return [Template(p, n, d, by, moment_of(at)) for p, n, d, by, at in self._connection.execute(query)]

    def file(self, digest: str) -> bytes | None:
        return reading.file(self._connection, digest)

    def sealed(self) -> Sealed:
        c = checkpoints.c
        heads = self._connection.execute(select(c.tree, c.size, c.note).order_by(c.tree, c.size))
        told = reading.note(self._connection, SEAL_KEYS)
        return Sealed(self._leaves(), [Note(*row) for row in heads], parsed(told) if told else {})

    def _leaves(self) -> Iterator[tuple[str, int, str]]:
        query = select(leaves.c.stream, leaves.c.seq, leaves.c.hash).order_by(leaves.c.position)
        paged = {"stream_results": True, "yield_per": PAGE}
        for row in self._connection.execute(query, execution_options=paged):
            yield tuple(row)
