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
    case,
    delete,
    false,
    func,
    insert,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.chain import parsed
from engine.task import OPEN, Task
from storage import agenda
from storage.instants import micros, moment_of
from storage.office_tables import facets, parties, views
from storage.tables import deadlines, tasks
from storage.transactions import Transactions
from workflows.lists.ports import Count, DueDay, DueRow, IssuedRow, Marks, NextOwed, Order, TaskRow, View, Wanted
from workflows.people.values import Scope

MANY = 500
"""How many ids one statement names."""

MISSED = "missed"


class SqlBoards(Transactions):
    """The lists, on the engine of a store."""

    # -- what there is

    def counts(self, wanted: Wanted, heading: str | None = None) -> Sequence[Count]:
        shown = (tasks.c.process, tasks.c.state, tasks.c.signal, tasks.c.unit, _heading(heading))
        query = _joined(select(*shown, func.count()), heading).where(*_of(wanted)).group_by(*shown)
        with self._read() as connection:
            return [Count(*row) for row in connection.execute(query)]

    def overdue(self, wanted: Wanted) -> int:
        query = select(func.count()).select_from(tasks).where(*_of(wanted), tasks.c.id.in_(_late()))
        with self._read() as connection:
            return connection.scalar(query) or 0

    def ids(self, wanted: Wanted) -> frozenset[str]:
        with self._read() as connection:
            return frozenset(connection.scalars(select(tasks.c.id).where(*_of(wanted))))

    def units_of(self, wanted: Wanted) -> Sequence[str]:
        query = select(tasks.c.unit).where(*_of(wanted), tasks.c.unit.is_not(None)).distinct().order_by(tasks.c.unit)
        with self._read() as connection:
            return [unit for unit in connection.scalars(query) if unit]

    def seen(self, scope: Scope, ids: Collection[str]) -> frozenset[str]:
        found, wanted = set[str](), sorted(set(ids))
        with self._read() as connection:
            for start in range(0, len(wanted), MANY):
                query = select(tasks.c.id).where(tasks.c.id.in_(wanted[start : start + MANY]), _seen(scope))
                found.update(connection.scalars(query))
        return frozenset(found)

    # -- rows

    def rows(
        self, wanted: Wanted, order: Order, *, heading: str | None = None, offset: int = 0, limit: int | None = None
    ) -> Sequence[TaskRow]:
        """The page is found by ids alone; whole rows are read for what it shows."""
        due = _due() if order.by == "due" else None
        page = select(tasks.c.id).where(*_of(wanted)).order_by(*_order(order, due, heading)).offset(offset)
        if due is not None:
            page = page.outerjoin(due, due.c.task == tasks.c.id)
        with self._read() as connection:
            ids = connection.scalars(page if limit is None else page.limit(limit)).all()
            return _shown(connection, ids, heading)

    def columns(self, wanted: Wanted, *, heading: str | None = None, each: int) -> Sequence[TaskRow]:
        due = _due()
        place = func.row_number().over(partition_by=tasks.c.state, order_by=_by_due(due))
        ranked = (
            select(tasks.c.id, place.label("place"))
            .outerjoin(due, due.c.task == tasks.c.id)
            .where(*_of(wanted))
            .subquery("ranked")
        )
        query = select(ranked.c.id).where(ranked.c.place <= each).order_by(ranked.c.place, ranked.c.id)
        with self._read() as connection:
            return _shown(connection, connection.scalars(query).all(), heading)

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
                    told: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for a row as a mapping
                    due = None if row.due_at is None else moment_of(row.due_at)
                    changed = {"due_at": due, "provisional": bool(row.provisional)}
                    found.setdefault(row.task, NextOwed(**{**told, **changed}))
        return found

    # -- by day

    def due_days(self, scope: Scope, first: date, last: date) -> Sequence[DueDay]:
        with self._read() as connection:
            return agenda.due_days(connection, _seen(scope), first, last)

    def due_rows(
        self, scope: Scope, first: date, last: date, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[DueRow]:
        with self._read() as connection:
            return agenda.due_rows(connection, _seen(scope), first, last, offset, limit)

    def issued(self, scope: Scope, since: datetime, until: datetime) -> Sequence[IssuedRow]:
        with self._read() as connection:
            return agenda.issued(connection, _seen(scope), since, until)

    # -- what lists know

    def mark(self, marks: Callable[[Task], Marks], *, after: str = "", limit: int = MANY) -> str | None:
        """The rows are locked meanwhile, so that nothing newer is written over."""
        query = select(tasks.c.snapshot).where(tasks.c.id > after).order_by(tasks.c.id).limit(limit).with_for_update()
        with self._write() as connection:
            found = [Task.from_json(parsed(text)) for text in connection.scalars(query)]
            told = [(task.id, *marks(task)) for task in found]
            for table in (parties, facets):
                connection.execute(delete(table).where(table.c.task.in_([task.id for task in found])))
            named = [{"task": task, "unit": unit} for task, units, _ in told for unit in sorted(units)]
            under = [{"task": t, "name": name, "value": value} for t, _, held in told for name, value in held.items()]
            for table, rows in ((parties, named), (facets, under)):
                if rows:
                    connection.execute(insert(table), rows)
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
    which: list[ColumnElement[bool]] = [t.kind == wanted.kind]
    plain = {
        t.process: wanted.process,
        t.part_of: wanted.programme,
        t.state: wanted.state,
        t.signal: wanted.signal,
        t.unit: wanted.unit,
    }
    which += [column == value for column, value in plain.items() if value is not None]
    if wanted.ended is not None:
        which.append(t.ended if wanted.ended else ~t.ended)
    which += [t.id.in_(_with_facet(name, value)) for name, value in wanted.facets.items()]
    if wanted.text:
        said = wanted.text
        which.append(or_(t.title.icontains(said, autoescape=True), t.id.icontains(said, autoescape=True)))
    if wanted.overdue:
        which.append(t.id.in_(_late()))
    return [*which, _seen(wanted.scope)]


def _seen(scope: Scope) -> ColumnElement[bool]:
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


def _late() -> Select[tuple[str]]:
    return select(deadlines.c.task).where(deadlines.c.status == MISSED)


# -- in which order


def _due() -> Any:
    """When each task owes something next."""
    d = deadlines.c
    return select(d.task, func.min(d.due_at).label("at")).where(d.status.is_not(None)).group_by(d.task).subquery("due")


def _by_due(due: Any, *, descending: bool = False) -> list[ColumnElement[Any]]:
    """What has no date is last, whichever way round."""
    return [due.c.at.is_(None), due.c.at.desc() if descending else due.c.at, tasks.c.id]


def _order(order: Order, due: Any, heading: str | None) -> list[ColumnElement[Any]]:
    group = _sorted(order.group, order, heading, descending=False) if order.group else []
    if due is not None:
        return [*group, *_by_due(due, descending=order.descending)]
    return [*group, *_sorted(order.by, order, heading, descending=order.descending), tasks.c.id]


def _sorted(name: str, order: Order, heading: str | None, *, descending: bool) -> list[ColumnElement[Any]]:
    """A column as rows are ordered by it: by the ranks of its values where it has any; nothing comes last."""
    t, ranks = tasks.c, {value: place for place, value in enumerate(order.ranks.get(name, ()))}
    value = select(facets.c.value).where(facets.c.task == t.id, facets.c.name == heading).scalar_subquery()
    columns: Mapping[str, ColumnElement[Any]] = {
        "title": t.title,
        "unit": t.unit,
        "state": t.state,
        "signal": t.signal,
        "touched": t.last_recorded_at,
        "heading": value,
    }
    column = columns.get(name, t.id)
    key = case(ranks, value=column, else_=len(ranks)) if ranks else column
    return [column.is_(None), key.desc() if descending else key]


# -- what is shown


def _heading(name: str | None) -> ColumnElement[Any]:
    return null().label("heading") if name is None else facets.c.value.label("heading")


def _joined(query: Select[Any], heading: str | None) -> Select[Any]:
    if heading is None:
        return query.select_from(tasks)
    return query.select_from(tasks).outerjoin(facets, and_(facets.c.task == tasks.c.id, facets.c.name == heading))


def _shown(connection: Connection, ids: Sequence[str], heading: str | None) -> list[TaskRow]:
    """These tasks, in this order."""
    t, found = tasks.c, dict[str, TaskRow]()
    shown = (t.id, t.process, t.edition, t.kind, t.parent, t.part_of, t.state, t.signal, t.ended, t.title, t.unit)
    for start in range(0, len(ids), MANY):
        query = _joined(select(*shown, _heading(heading), t.last_recorded_at), heading)
        for row in connection.execute(query.where(t.id.in_(ids[start : start + MANY]))):
            told: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for a row as a mapping
            touched_at = moment_of(told.pop("last_recorded_at"))
            found[row.id] = TaskRow(task=told.pop("id"), touched_at=touched_at, **told)
    return [found[name] for name in ids]
