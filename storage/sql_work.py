"""One transaction over locked families, in SQL.

Statements of one transition: BEGIN, (PostgreSQL: the lock,) one read of clock and families, then events, tasks,
deadlines and spans at one each, and COMMIT; a deadline that is over, a notice and an idempotency key add one each.
Nothing else is read, for the task's row knows where its stream and its board end; a late entry reads the spans that
it cuts. A server's answer that nobody reads is not waited for: PostgreSQL is waited for four times, at BEGIN, for the
families, when all is written, and at COMMIT.

Locks are taken in one order, so that no two transactions wait for each other in a circle: the roots in the order of
their ids, then number counters. A key takes no lock of its own: `remember` inserts it under UNIQUE (actor, key), the
loser of a race is told `StoreBusy`, and its second try finds the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Self, TypeAlias

from engine.chain import canonical, parsed
from engine.events import Json
from engine.reasons import reason_of
from engine.task import BrokenStream, Family, Task
from storage.instants import FOREVER, micros, moment_of
from storage.projection import Projection, project
from storage.rows import Head, Row, event_rows, follow, span_row, task_row, waiting
from storage.spans import Face, Span
from storage.sql import Dialect
from workflows.ports import Change, KeyReused, Parcel

Clock: TypeAlias = Callable[[], datetime]


@dataclass(slots=True)
class _Batch:
    """The rows of one save, by statement, in the order in which they are written."""

    events: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    deadlines_over: list[Row] = field(default_factory=list)
    deadlines: list[Row] = field(default_factory=list)
    spans_dropped: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    joined: list[Row] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)
    facets: list[Row] = field(default_factory=list)
    facets_over: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)


class _Families(Mapping[str, Family]):
    """The families that are locked, by root. One is read when it is asked for, each time, so that a damaged one is in
    nobody's way, who asks for that is told `BrokenStream`, and many need not be held at once.
    """

    def __init__(self, roots: Sequence[str]) -> None:
        self._rows: dict[str, list[Row]] = {root: [] for root in roots}

    def add(self, root: str, row: Row) -> None:
        """`row` is a task's id, snapshot and version."""
        self._rows.setdefault(root, []).append(row)

    def __getitem__(self, root: str) -> Family:
        return {row[0]: _task(*row) for row in self._rows[root]}

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class SqlWork:
    """See `workflows.ports.Work`. `cursor` is the driver's, inside a transaction that has begun to write; one of the
    locks has to be taken before anything else.
    """

    def __init__(self, cursor: Any, sql: Dialect) -> None:
        self._cursor, self._sql = cursor, sql
        self._rows: dict[str, Row] = {}
        self._heads: dict[str, Head] = {}
        self._families = _Families(())
        self._now = 0
        self._moment = moment_of(0)
        self._calendars: str | None = None

    def lock(self, roots: Sequence[str], clock: Clock | None) -> Self:
        """Lock these families. Without a `clock` it is the database's own, as for `lock_of`."""
        self._families = _Families(roots)
        return self._locked(self._sql.lock if roots else None, self._sql.families, self._sql.among(roots), clock)

    def lock_of(self, task: str, clock: Clock | None) -> Self:
        """Lock the family of a task."""
        return self._locked(self._sql.lock_of, self._sql.family_of, task, clock)

    @property
    def cursor(self) -> Any:
        """The driver's cursor, for what is kept beside the tasks in the same transaction."""
        return self._cursor

    @property
    def now(self) -> datetime:
        return self._moment

    @property
    def calendars(self) -> str | None:
        return self._calendars

    @property
    def families(self) -> Mapping[str, Family]:
        """As they were when the transaction began."""
        return self._families

    def _locked(self, lock: str | None, families: str, which: Any, clock: Clock | None) -> Self:
        with self._sql.batch(self._cursor):
            if lock:  # by a cursor of its own: nobody reads its answer, which may come before the next question is out
                self._cursor.connection.cursor().execute(lock, (which,))
            rows = self._cursor.execute(families, (which,)).fetchall()
        for row in rows:
            if row[1] is not None:
                self._rows[row[1]] = row[4:-1]
                self._families.add(row[2], (row[1], row[3], row[4]))
        self._calendars = rows[0][-1]
        self._now = micros(clock()) if clock else max(row[0] for row in rows)
        self._moment = moment_of(self._now)
        return self

    def answer(self, actor: str, key: str, request: str) -> Json | None:
        row = self._cursor.execute(self._sql.answer, (actor, key)).fetchone()
        if row is None:
            return None
        if row[0] != request:
            raise KeyReused(key)
        return parsed(row[1])

    def remember(self, actor: str, key: str, request: str, answer: Json) -> None:
        self._cursor.execute(self._sql.remember, (actor, key, request, canonical(answer), self._now))

    def number(self, series: str) -> int:
        number: int = self._cursor.execute(self._sql.number, (series,)).fetchone()[0]
        return number

    def save(self, changes: Sequence[Change], parcels: Sequence[Parcel] = ()) -> None:
        batch = _Batch()
        for change in changes:
            self._gather(change, batch)
        batch.outbox = [(each.task, each.seq, each.kind, each.name, canonical(each.body)) for each in parcels]
        self._write(batch)

    def _gather(self, change: Change, batch: _Batch) -> None:
        task, head = change.after, self._head(change)
        follow(head, change)
        recorded_at = max(self._now, head.recorded_at)
        projection = project(change, head, recorded_at, partial(self._believed, task.id))
        batch.events += event_rows(change.events, head, recorded_at)
        head.span = projection.span
        if change.events:  # else time alone was looked at, and the task is what it was
            batch.tasks.append(task_row(task, change.heading, head, projection.span))
        self._gather_projection(task, projection, batch)
        _gather_marks(change, batch)

    @staticmethod
    def _gather_projection(task: Task, projection: Projection, batch: _Batch) -> None:
        batch.deadlines_over += [(task.id, *key) for key in projection.duties_over]
        batch.deadlines += [(task.id, *key, task.root, *duty) for key, duty in projection.duties]
        batch.spans_dropped += [(task.id, *key) for key in projection.spans_dropped]
        batch.spans += [span_row(task.id, span) for span in projection.spans]

    def _write(self, batch: _Batch) -> None:
        sql = self._sql
        with sql.batch(self._cursor):
            self._many(sql.events, batch.events)
            self._many(sql.unsealed, waiting(batch.events))
            self._many(sql.tasks, batch.tasks)
            self._many(sql.deadlines_over, batch.deadlines_over)
            self._many(sql.deadlines, batch.deadlines)
            self._many(sql.spans_dropped, batch.spans_dropped)
            self._many(sql.spans, batch.spans)
            self._many(sql.joined, batch.joined)
            self._many(sql.left, batch.left)
            self._many(sql.facets, batch.facets)
            self._many(sql.facets_over, batch.facets_over)
            self._many(sql.outbox, batch.outbox)

    def _many(self, statement: str, rows: Sequence[Row]) -> None:
        if len(rows) == 1:
            self._cursor.execute(statement, rows[0])
        elif rows:
            self._cursor.executemany(statement, rows)

    def _head(self, change: Change) -> Head:
        """Where the task's stream ends; a descendant that had ended is not among the families and is read here."""
        task, before = change.after.id, change.before
        if task not in self._heads:
            row = self._rows.get(task)
            if row is None and before is not None:
                row = self._cursor.execute(self._sql.head, (task,)).fetchone()
            self._heads[task] = Head() if row is None else _head(before, row)
        return self._heads[task]

    def _believed(self, task: str, after: int) -> list[Span]:
        rows = self._cursor.execute(self._sql.believed, (task, FOREVER, after)).fetchall()
        return [_span(row) for row in rows]


def _gather_marks(change: Change, batch: _Batch) -> None:
    """By what lists know the task, where it differs."""
    task = change.after.id
    batch.joined += [(task, unit) for unit in sorted(change.joined)]
    batch.left += [(task, unit) for unit in sorted(change.left)]
    for name, value in change.facets.items():
        if value is None:
            batch.facets_over.append((task, name))
        else:
            batch.facets.append((task, name, value))


def _task(name: str, snapshot: Any, version: int) -> Task:
    try:
        task = Task.from_json(parsed(snapshot))
    except (TypeError, ValueError) as error:
        why = reason_of(error)
        raise BrokenStream(f"{name} 的快照读不了：{why.zh}", f"the snapshot of {name}: {why.en}") from error
    if (task.id, task.seq) != (name, version):
        raise BrokenStream(
            f"{name} 第 {version} 条的快照，其实是 {task.id} 第 {task.seq} 条的",
            f"the snapshot of {name} at {version} is that of {task.id} at {task.seq}",
        )
    return task


def _head(before: Task | None, row: Row) -> Head:
    version, link, recorded_at, title, unit, span_from, span_known, span_seq = row
    if before is None:  # who means to append to it does not know that it exists, and will be refused
        return Head(version, link, recorded_at)
    face = Face(before.state, before.signal, title, unit, before.ended)
    return Head(version, link, recorded_at, Span(span_from, span_known, face, span_seq))


def _span(row: Sequence[Any]) -> Span:
    valid_from, known_from, valid_to, closed_at, state, signal, title, unit, ended, seq = row
    return Span(
        valid_from, known_from, Face(state, signal, title, unit, bool(ended)), seq, valid_to, FOREVER, closed_at
    )
