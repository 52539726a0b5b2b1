"""Lists of tasks in SQL: scope, filter, order and page are one statement each. See `workflows.lists.ports.Boards`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.chain import parsed
from engine.task import OPEN, Task
from storage import agenda
from storage.instants import micros, moment_of, moment_or_none
from storage.office_tables import facets, parties, views
from storage.rows import next_due
from storage.tables import deadlines, tasks
from storage.transactions import Transactions
from workflows.lists.ports import Count, DueDay, DueRow, IssuedRow, Marks, NextOwed, Order, TaskRow, Turns, View, Wanted
from workflows.people.values import Scope

MANY = 500
"""How many ids one statement names."""


class SqlBoards(Transactions):
    """The lists, on the engine of a store."""

    # -- what there is

    def counts(self, wanted: Wanted) -> Sequence[Count]:
        """Grouped in the order of the index, so that nothing is sorted."""
        t = tasks.c
        shown = (t.process, t.state, t.signal, t.unit, t.heading)
        late = func.sum(case((t.late, 1), else_=0))
        query = select(*shown, func.count(), late).where(*_of(wanted)).group_by(*shown)
        with self._read() as connection:
            return [Count(*row) for row in connection.execute(query)]

    def ids(self, wanted: Wanted) -> frozenset[str]:
        with self._read() as connection:
            return frozenset(connection.scalars(select(tasks.c.id).where(*_of(wanted))))

    def editions_of(self, wanted: Wanted) -> Mapping[str, int]:
        query = select(tasks.c.edition, func.count()).where(*_of(wanted)).group_by(tasks.c.edition)
        with self._read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def units_of(self, wanted: Wanted) -> Sequence[str]:
        query = select(tasks.c.unit).where(*_of(wanted), tasks.c.unit.is_not(None)).distinct().order_by(tasks.c.unit)
        with self._read() as connection:
            return [unit for unit in connection.scalars(query) if unit]

    def seen(self, scope: Scope, ids: Collection[str]) -> frozenset[str]:
        found, wanted = set[str](), sorted(set(ids))
        with self._read() as connection:
            for start in range(0, len(wanted), MANY):
                query = select(tasks.c.id).where(tasks.c.id.in_(wanted[start : start + MANY]), seen_in(scope))
                found.update(connection.scalars(query))
        return frozenset(found)

    # -- rows

    def rows(self, wanted: Wanted, order: Order, *, offset: int = 0, limit: int | None = None) -> Sequence[TaskRow]:
        """A page is found by ids alone; whole rows are read for what it shows."""
        which, by = _of(wanted), _order(order)
        with self._read() as connection:
            if limit is None:
                rows = connection.execute(select(*_ROW).where(*which).order_by(*by).offset(offset))
                return [_row(row) for row in rows]
            page = select(_T.id).where(*which).order_by(*by).offset(offset).limit(limit).subquery("page")
            shown = select(*_ROW).join(page, page.c.id == _T.id).order_by(*by)
            return [_row(row) for row in connection.execute(shown)]

    def columns(self, wanted: Wanted, *, each: int) -> Sequence[TaskRow]:
        place = func.row_number().over(partition_by=tasks.c.state, order_by=_by_due())
        ranked = select(tasks.c.id, place.label("place")).where(*_of(wanted)).subquery("ranked")
        query = select(ranked.c.id).where(ranked.c.place <= each).order_by(ranked.c.place, ranked.c.id)
        with self._read() as connection:
            return _shown(connection, connection.scalars(query).all())

    def next_owed(self, tasks: Collection[str]) -> Mapping[str, NextOwed]:
        d, found = deadlines.c, dict[str, NextOwed]()
        wanted = sorted(set(tasks))
        with self._read() as connection:
            for start in range(0, len(wanted), MANY):
                query = (
                    select(d.task, d.name, d.key, d.status, d.due_at, d.last_day, d.provisional)
                    .where(d.task.in_(wanted[start : start + MANY]), d.status.is_not(None))
                    .order_by(d.due_at.is_(None), d.due_at, d.name, d.key)
                )
                for row in connection.execute(query):
                    if row[0] not in found:
                        task, name, key, status, due_at, last_day, provisional = row
                        due = moment_or_none(due_at)
                        found[task] = NextOwed(task, name, key, status, due, last_day, bool(provisional))
        return found

    # -- by day

    def due_days(self, scope: Scope, first: date, last: date) -> Sequence[DueDay]:
        with self._read() as connection:
            return agenda.due_days(connection, seen_in(scope), first, last)

    def due_rows(
        self, scope: Scope, first: date, last: date, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[DueRow]:
        with self._read() as connection:
            return agenda.due_rows(connection, seen_in(scope), first, last, offset, limit)

    def issued(self, scope: Scope, since: datetime, until: datetime) -> Sequence[IssuedRow]:
        with self._read() as connection:
            return agenda.issued(connection, seen_in(scope), since, until)

    def turns(self, wanted: Wanted, since: datetime, until: datetime) -> Turns:
        with self._read() as connection:
            return agenda.turns(connection, _of(wanted), micros(since), micros(until))

    # -- what lists know

    def mark(self, marks: Callable[[Task], Marks], *, after: str = "", limit: int = MANY) -> str | None:
        """The rows are locked meanwhile, so that nothing newer is written over."""
        query = select(tasks.c.snapshot).where(tasks.c.id > after).order_by(tasks.c.id).limit(limit).with_for_update()
        with self._write() as connection:
            found = [Task.from_json(parsed(text)) for text in connection.scalars(query)]
            told = [(task.id, *marks(task)) for task in found]
            for table in (parties, facets):
                connection.execute(delete(table).where(table.c.task.in_([task.id for task in found])))
            named = [{"task": task, "unit": unit} for task, units, _, _ in told for unit in sorted(units)]
            under = [{"task": t, "name": name, "value": v} for t, _, held, _ in told for name, v in held.items()]
            for table, rows in ((parties, named), (facets, under)):
                if rows:
                    connection.execute(insert(table), rows)
            if found:
                put = update(tasks).where(tasks.c.id == bindparam("task")).values(_PUT)
                connection.execute(put, [_put(task, heading) for task, (*_, heading) in zip(found, told, strict=True)])
        return found[-1].id if found else None

    # -- views

    def views(self, user: str, page: str) -> Sequence[View]:
        v = views.c
        query = select(v.id, v.name, v.query).where(v.user == user, v.page == page).order_by(v.name)
        with self._read() as connection:
            return [View(*row) for row in connection.execute(query)]

    def keep_view(self, user: str, page: str, name: str, query: str) -> None:
        with self._write() as connection:
            told = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            made = told(views).values(user=user, page=page, name=name, query=query)
            connection.execute(
                made.on_conflict_do_update(index_elements=["user", "page", "name"], set_={"query": query})
            )

    def drop_view(self, user: str, number: int) -> None:
        with self._write() as connection:
            connection.execute(delete(views).where(views.c.user == user, views.c.id == number))


# -- which


def _of(wanted: Wanted) -> list[ColumnElement[bool]]:
    t = tasks.c
    which: list[ColumnElement[bool]] = [] if wanted.every_kind else [t.kind == wanted.kind]
    plain = {
        t.process: wanted.process,
        t.part_of: wanted.programme,
        t.state: wanted.state,
        t.signal: wanted.signal,
        t.unit: wanted.unit,
        t.heading: wanted.heading,
    }
    which += [column == value for column, value in plain.items() if value is not None]
    if wanted.ended is not None:
        which.append(t.ended if wanted.ended else ~t.ended)
    which += [t.id.in_(_with_facet(name, value)) for name, value in wanted.facets.items()]
    if wanted.text:
        said = wanted.text
        which.append(or_(t.title.icontains(said, autoescape=True), t.id.icontains(said, autoescape=True)))
    if wanted.overdue:
        which.append(t.late)
    return [*which, seen_in(wanted.scope)]


def seen_in(scope: Scope) -> ColumnElement[bool]:
    """Whether a task is in a scope: see `workflows.people.values.Scope`."""
    if scope.all:
        return true()
    ways: list[ColumnElement[bool]] = [tasks.c.process.in_(sorted(scope.processes))] if scope.processes else []
    if scope.editions:
        ways.append(tasks.c.edition.in_(sorted(scope.editions)))
    for (units, since), names in scope.by_units.items():
        which = _named(units) if since is None else _unfinished(units, since)
        ways.append(and_(tasks.c.process.in_(names), tasks.c.id.in_(which)))
    return or_(false(), *ways)


def _named(units: Collection[str]) -> Select[tuple[str]]:
    """The tasks that name one of these units, and all that are below them."""
    named = select(parties.c.task.label("id")).where(parties.c.unit.in_(sorted(units)))
    mine = named.cte(recursive=True)
    below = select(tasks.c.id).join(mine, tasks.c.parent == mine.c.id)
    return select(mine.union(below).c.id)


def _unfinished(units: Collection[str], since: datetime) -> Select[tuple[str]]:
    """The same, as far as something was still to be done at an instant: in the task that names the unit, or below it.
    An ended one with which something was done later, or to which something is still to be done, was not finished with.
    """
    t, d = tasks.alias(), deadlines.alias()
    mine = select(parties.c.task.label("top"), parties.c.task.label("id")).where(parties.c.unit.in_(sorted(units)))
    all_of = mine.cte(recursive=True)
    below = select(all_of.c.top, t.c.id).join(all_of, t.c.parent == all_of.c.id)
    family, one = all_of.union(below), tasks.alias()
    runs = select(d.c.task).where(d.c.task == one.c.id, d.c.status.in_(sorted(OPEN))).exists()
    to_do = or_(~one.c.ended, one.c.last_recorded_at >= micros(since), runs)
    tops = select(family.c.top).join(one, one.c.id == family.c.id).where(to_do)
    return select(family.c.id).where(family.c.top.in_(tops))


def _with_facet(name: str, value: str) -> Select[tuple[str]]:
    return select(facets.c.task).where(facets.c.name == name, facets.c.value == value)


# -- in which order


def _by_due(*, descending: bool = False) -> list[ColumnElement[Any]]:
    """What has no date is last, whichever way round; said so that the index `tasks_due` is read in its order."""
    due = tasks.c.due_at
    return [(due.desc() if descending else due.asc()).nulls_last(), tasks.c.id]


def _order(order: Order) -> list[ColumnElement[Any]]:
    group = _sorted(order.group, order, descending=False) if order.group else []
    if order.by == "due":
        return [*group, *_by_due(descending=order.descending)]
    return [*group, *_sorted(order.by, order, descending=order.descending), tasks.c.id]


def _sorted(name: str, order: Order, *, descending: bool) -> list[ColumnElement[Any]]:
    """A column as rows are ordered by it: by the ranks of its values where it has any; nothing comes last."""
    t, ranks = tasks.c, {value: place for place, value in enumerate(order.ranks.get(name, ()))}
    columns: Mapping[str, ColumnElement[Any]] = {
        "title": t.title,
        "unit": t.unit,
        "state": t.state,
        "signal": t.signal,
        "touched": t.last_recorded_at,
        "heading": t.heading,
    }
    column = columns.get(name, t.id)
    key = case(ranks, value=column, else_=len(ranks)) if ranks else column
    return [column.is_(None), key.desc() if descending else key]


# -- what is shown


_T = tasks.c
_ROW = (
    _T.id,
    _T.process,
    _T.edition,
    _T.kind,
    _T.parent,
    _T.part_of,
    _T.state,
    _T.signal,
    _T.ended,
    _T.title,
    _T.unit,
    _T.heading,
    _T.last_recorded_at,
)


def _shown(connection: Connection, ids: Sequence[str]) -> list[TaskRow]:
    """These tasks, in this order."""
    found = dict[str, TaskRow]()
    for start in range(0, len(ids), MANY):
        for row in connection.execute(select(*_ROW).where(_T.id.in_(ids[start : start + MANY]))):
            found[row[0]] = _row(row)
    return [found[name] for name in ids]


def _row(row: Any) -> TaskRow:
    told: list[Any] = [*row[:-1], moment_of(row[-1])]
    return TaskRow(*told)


# -- what is put


_PUT: Mapping[str, Any] = {name: bindparam(f"new_{name}") for name in ("heading", "due_at", "late")}


def _put(task: Task, heading: str | None) -> dict[str, Any]:
    """What the columns of lists say of a task."""
    due_at, late = next_due(task)
    return {"task": task.id, "new_heading": heading, "new_due_at": due_at, "new_late": late}
