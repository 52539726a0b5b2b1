"""What is owed and what was issued by day, in SQL. See `workflows.lists.ports.Boards`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, case, func, select

from storage.instants import FOREVER, micros, moment_of, moment_or_none
from storage.office_tables import documents
from storage.tables import deadlines, spans, tasks
from workflows.lists.ports import DueDay, DueRow, IssuedRow, Turns

_D, _T = deadlines.c, tasks.c


def due_days(connection: Connection, seen: ColumnElement[bool], first: date, last: date) -> Sequence[DueDay]:
    """Counted by day and deadline."""
    by = (_D.last_day, _T.edition, _T.kind, _D.name)
    missed = func.sum(case((_D.status == "missed", 1), else_=0))
    provisional = func.max(case((_D.provisional, 1), else_=0))
    one = (func.min(_T.id), func.min(_T.title))
    query = select(*by, func.count(), missed, provisional, *one).join(tasks, _T.id == _D.task)
    query = query.where(*_between(first, last), seen).group_by(*by).order_by(_D.last_day, _D.name)
    return [
        DueDay(day, edition, kind, name, tasks_due, int(late), bool(doubtful), task, title)
        for day, edition, kind, name, tasks_due, late, doubtful, task, title in connection.execute(query)
    ]


def due_rows(
    connection: Connection, seen: ColumnElement[bool], first: date, last: date, offset: int, limit: int | None
) -> Sequence[DueRow]:
    """One by one."""
    shown = (_D.last_day, _D.task, _T.edition, _T.kind, _T.title, _T.unit, _D.name, _D.key, _D.who, _D.status)
    query = select(*shown, _D.provisional, _T.last_recorded_at).join(tasks, _T.id == _D.task)
    query = query.where(*_between(first, last), seen).order_by(_D.last_day, _D.name, _D.task, _D.key).offset(offset)
    rows = connection.execute(query if limit is None else query.limit(limit))
    return [DueRow(*row[:10], bool(row[10]), moment_of(row[11])) for row in rows]


def _between(first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return _D.status.is_not(None), _D.last_day >= first.isoformat(), _D.last_day <= last.isoformat()


def issued(connection: Connection, seen: ColumnElement[bool], since: datetime, until: datetime) -> Sequence[IssuedRow]:
    """What was issued about tasks, but for what was declared void.

    Asked for as documents whose task is seen, and not as tasks with their documents: of these SQLite would begin with
    every task of a process.
    """
    d = documents.c
    its = select(_T.id).where(_T.id == d.stream, seen).correlate(documents).exists()
    query = (
        select(d.stream, d.number, d.title, d.publication, d.id, d.issued_at)
        .where(d.issued_at >= micros(since), d.issued_at < micros(until), d.voided_at.is_(None), its)
        .order_by(d.issued_at, d.id)
    )
    return [IssuedRow(*row[:5], moment_of(row[5])) for row in connection.execute(query)]


def turns(connection: Connection, which: Sequence[ColumnElement[bool]], since: int, until: int) -> Turns:
    """Of what is believed now; one pass over the spans."""
    at = spans.c.valid_from
    before, after = case((at < since, at)), case((at >= until, at))
    query = select(func.min(at), func.max(before), func.min(after)).join(tasks, _T.id == spans.c.task)
    row = connection.execute(query.where(spans.c.known_to == FOREVER, *which)).one()
    return Turns(*(moment_or_none(each) for each in row))
