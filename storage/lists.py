"""Questions about many tasks, answered by the tables in one statement each. See `workflows.lists.ports.Lists`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from engine.chain import parsed
from engine.task import Task
from storage.boards import MANY, SqlBoards, seen_in
from storage.instants import moment_of
from storage.tables import deadlines, tasks
from workflows.lists.ports import OwedKey, OwedRow, Owing, Running, Slot

_D, _T = deadlines.c, tasks.c
_SHOWN = (_T.edition, _T.kind, _T.state, _T.signal, _T.title, _T.unit)
_OWED = (_D.task, *_SHOWN, _D.name, _D.key, _D.who, _D.status, _D.due_at, _D.last_day, _D.provisional)


class SqlLists(SqlBoards):
    """The questions, on the engine of a store."""

    def tasks_of(self, ids: Collection[str]) -> Mapping[str, Task]:
        wanted, found = sorted(set(ids)), {}
        with self._read() as connection:
            for start in range(0, len(wanted), MANY):
                query = select(tasks.c.snapshot).where(tasks.c.id.in_(wanted[start : start + MANY]))
                for text in connection.scalars(query).all():
                    task = Task.from_json(parsed(text))
                    found[task.id] = task
        return found

    def owing(self, owing: Collection[Owing]) -> Sequence[OwedKey]:
        d, t = deadlines.c, tasks.c
        mine = [and_(d.who == each.role, _in(each.slots)) for each in owing]
        query = (
            select(d.task, d.name, d.key, t.edition, t.kind, d.who, t.unit, d.status)
            .join(tasks, t.id == d.task)
            .where(d.status.is_not(None), or_(false(), *mine))
            .order_by(d.due_at.is_(None), d.due_at, d.task, d.name, d.key)
        )
        with self._read() as connection:
            return [OwedKey._make(row) for row in connection.execute(query).all()]

    def owed(self, keys: Sequence[OwedKey]) -> Sequence[OwedRow]:
        d, t = deadlines.c, tasks.c
        query = select(*_OWED).join(tasks, t.id == d.task).where(d.status.is_not(None))
        wanted, found = sorted({each.task for each in keys}), {}
        with self._read() as connection:
            for start in range(0, len(wanted), MANY):
                for row in connection.execute(query.where(d.task.in_(wanted[start : start + MANY]))):
                    found[row.task, row.name, row.key] = _owed(row)
        return [found[each[:3]] for each in keys if each[:3] in found]

    def running(self, wanted: Running, *, offset: int = 0, limit: int) -> Sequence[OwedRow]:
        d, t = deadlines.c, tasks.c
        plain = {t.unit: wanted.unit, d.who: wanted.who, d.status: wanted.status}
        which = [column == value for column, value in plain.items() if value is not None]
        which += [] if wanted.first is None else [d.last_day >= wanted.first.isoformat()]
        which += [] if wanted.last is None else [d.last_day <= wanted.last.isoformat()]
        query = (
            select(*_OWED)
            .join(tasks, t.id == d.task)
            .where(d.status.is_not(None), seen_in(wanted.scope), *which)
            .order_by(d.due_at.is_(None), d.due_at, d.task, d.name, d.key)
        )
        with self._read() as connection:
            return [_owed(row) for row in connection.execute(query.offset(offset).limit(limit))]

    def open_in(self, slots: Collection[Slot], *, after: str = "", limit: int) -> Sequence[Task]:
        """Found by ids alone, as an index has them; tasks are read for those."""
        query = select(tasks.c.id).where(~tasks.c.ended, _in(slots), tasks.c.id > after)
        with self._read() as connection:
            ids = connection.scalars(query.order_by(tasks.c.id).limit(limit)).all()
        found = self.tasks_of(ids)
        return [found[name] for name in ids if name in found]


def _in(slots: Collection[Slot]) -> ColumnElement[bool]:
    """Whether a task is in one of these slots; slots of one unit and state share a condition."""
    kinds: dict[tuple[frozenset[str] | None, frozenset[str] | None], list[Slot]] = {}
    for slot in slots:
        kinds.setdefault((slot.units, slot.states), []).append(slot)
    t = tasks.c
    conditions = []
    for (units, states), shared in kinds.items():
        which: list[ColumnElement[bool]] = [
            or_(false(), *(and_(t.edition == slot.edition, t.kind == slot.kind) for slot in shared))
        ]
        if units is not None:
            which.append(t.unit.in_(sorted(units)))
        if states is not None:
            which.append(t.state.in_(sorted(states)))
        conditions.append(and_(*which))
    return or_(false(), *conditions)


def _owed(row: Any) -> OwedRow:
    told: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
    due = told["due_at"]
    return OwedRow(**{**told, "due_at": due and moment_of(due), "provisional": bool(told["provisional"])})
