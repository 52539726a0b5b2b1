"""Jobs in SQL: the rows are the truth of what was asked, how far it is, and who runs it.

Whoever runs a job is named in its row, and writes to it only while it is: one that slept and was taken over finds out
with its next word. All instants are the database's own, which every worker shares.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Update, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.chain import canonical, parsed
from engine.events import Json
from storage.instants import micros, moment_of, moment_or_none
from storage.office_tables import fates, jobs, workers
from storage.streams import lock
from storage.tables import deadlines
from storage.tidying import tidy
from storage.transactions import Transactions
from workflows.labour.ports import Lost
from workflows.labour.values import MOST_CRASHES, Fate, Job, Standing, State, Worker

MICROS = timedelta(microseconds=1)


class SqlLabour(Transactions):
    """See `workflows.labour.ports.Labour`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def _write_now(self) -> Iterator[tuple[Connection, int]]:
        with self._write() as connection:
            yield connection, self._micros(connection)

    def _insert(self, table: Any) -> Any:
        return (sqlite if self._sqlite else postgresql).insert(table)

    def now(self) -> datetime:
        with self._read() as connection:
            return moment_of(self._micros(connection))

    # -- asking

    def ask(self, kind: str, body: Mapping[str, Json], asked_by: str | None, *, name: str | None = None) -> Job:
        name = name or uuid.uuid4().hex
        with self._write_now() as (connection, now):
            row = _new(name, kind, canonical(body), asked_by, now)
            connection.execute(self._insert(jobs).values(row).on_conflict_do_nothing())
            return _job(connection.execute(select(jobs).where(jobs.c.id == name)).one())

    def ask_one(
        self, kind: str, body: Mapping[str, Json], asked_by: str | None, *, alike: Sequence[str] = ()
    ) -> tuple[Job, bool]:
        mine = [body[name] for name in alike]
        with self._write_now() as (connection, now):
            lock(connection, f"jobs:{kind}")
            waiting = select(jobs).where(jobs.c.kind == kind, jobs.c.state.in_(("waiting", "running")))
            for job in map(_job, connection.execute(waiting.order_by(jobs.c.asked_at, jobs.c.id))):
                if [job.body.get(name) for name in alike] == mine:
                    return job, False
            row = _new(uuid.uuid4().hex, kind, canonical(body), asked_by, now)
            connection.execute(jobs.insert().values(row))
            return _job(connection.execute(select(jobs).where(jobs.c.id == row["id"])).one()), True

    def job(self, name: str) -> Job | None:
        with self._read() as connection:
            found = connection.execute(select(jobs).where(jobs.c.id == name)).first()
        return None if found is None else _job(found)

    def jobs(self, *, states: Sequence[State] = (), limit: int = 100, by: str | None = None) -> Sequence[Job]:
        query = select(jobs).order_by(jobs.c.asked_at.desc(), jobs.c.id).limit(limit)
        if by is not None:
            query = query.where(jobs.c.asked_by == by)
        if states:
            query = query.where(jobs.c.state.in_(states))
        with self._read() as connection:
            return [_job(row) for row in connection.execute(query)]

    def fates(self, name: str, *, after: int = 0, limit: int = 1000) -> Sequence[Fate]:
        columns = (fates.c.n, fates.c.subject, fates.c.fate, fates.c.detail)
        query = select(*columns).where(fates.c.job == name, fates.c.n > after).order_by(fates.c.n).limit(limit)
        with self._read() as connection:
            return [Fate(*row) for row in connection.execute(query)]

    def cancel(self, name: str) -> Job | None:
        mine = update(jobs).where(jobs.c.id == name, jobs.c.id != jobs.c.kind)
        with self._write_now() as (connection, now):
            connection.execute(mine.where(jobs.c.state == "waiting").values(state="cancelled", ended_at=now))
            connection.execute(mine.where(jobs.c.state.in_(("running", "cancelled"))).values(cancel=True))
        return self.job(name)

    def tidy(self, at: datetime, older: timedelta) -> Mapping[str, int]:
        return tidy(self.engine, self.now(), at, older)

    # -- running

    def stand(self, standing: Standing) -> bool:
        with self._read() as connection:  # a look first: most of the time it is too early
            row = connection.execute(select(jobs).where(jobs.c.id == standing.kind)).first()
            since = self._micros(connection) - int(standing.every * 1_000_000)
        if row is None:
            self.ask(standing.kind, {}, None, name=standing.kind)
            return True
        if row.ended_at is None or row.ended_at > since:
            return False
        over = update(jobs).where(jobs.c.id == standing.kind, jobs.c.ended_at == row.ended_at)
        with self._write_now() as (connection, now):
            anew = _new(standing.kind, standing.kind, "{}", None, now)
            return connection.execute(over.values({**anew, "result": row.result})).rowcount == 1

    def begin(self, name: str, worker: str) -> Job | None:
        mine = update(jobs).where(jobs.c.id == name, jobs.c.state == "waiting")
        with self._write_now() as (connection, now):
            worn = {
                "state": "failed",
                "ended_at": now,
                "result": canonical({"error": "given up", "crashes": MOST_CRASHES}),
            }
            connection.execute(mine.where(jobs.c.crashes >= MOST_CRASHES).values(worn))
            began = func.coalesce(jobs.c.began_at, now)
            taken = mine.values(state="running", worker=worker, tries=jobs.c.tries + 1, began_at=began)
            if connection.execute(taken).rowcount == 0:
                return None
            return _job(connection.execute(select(jobs).where(jobs.c.id == name)).one())

    def progress(self, name: str, worker: str, *, total: int | None = None, met: Sequence[Fate] = ()) -> bool:
        failed = sum(each.fate != "done" for each in met)
        values: dict[str, Any] = {"done": jobs.c.done + len(met) - failed, "failed": jobs.c.failed + failed}
        if total is not None:
            values["total"] = total
        if met:
            values["crashes"] = 0
        with self._write() as connection:
            self._mine(connection, name, worker, values)
            if met:
                connection.execute(fates.insert(), [_fate(name, each) for each in met])
            return not connection.scalar(select(jobs.c.cancel).where(jobs.c.id == name))

    def end(self, name: str, worker: str, state: State, result: Mapping[str, Json]) -> None:
        with self._write_now() as (connection, now):
            over = {"state": state, "ended_at": now, "result": canonical(result), "worker": None}
            self._mine(connection, name, worker, over)

    def give_back(self, name: str, worker: str) -> None:
        with self._write() as connection:
            connection.execute(_running(worker).where(jobs.c.id == name).values(state="waiting", worker=None))

    @staticmethod
    def _mine(connection: Connection, name: str, worker: str, values: Mapping[str, Any]) -> None:
        if connection.execute(_running(worker).where(jobs.c.id == name).values(values)).rowcount == 0:
            raise Lost(name)

    # -- workers

    def seen(self, worker: str, host: str) -> None:
        with self._write_now() as (connection, now):
            new = self._insert(workers).values(id=worker, host=host, began_at=now, seen_at=now)
            connection.execute(new.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))

    def leave(self, worker: str) -> None:
        with self._write() as connection:
            connection.execute(_running(worker).values(state="waiting", worker=None))
            connection.execute(workers.delete().where(workers.c.id == worker))

    def workers(self) -> Sequence[Worker]:
        query = select(workers).order_by(workers.c.began_at, workers.c.id)
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [Worker(row.id, row.host, moment_of(row.began_at), moment_of(row.seen_at)) for row in rows]

    def inherit(self, patience: timedelta, lease: timedelta) -> Sequence[Worker]:
        if not self._dead(patience):
            return []
        with self._write_now() as (connection, now):
            silent = workers.c.seen_at < now - patience // MICROS
            free = or_(workers.c.heir_until.is_(None), workers.c.heir_until <= now)
            taken = update(workers).where(silent, free).values(heir_until=now + lease // MICROS).returning(workers)
            rows = connection.execute(taken).all()
            for row in rows:
                left = {"state": "waiting", "worker": None, "crashes": jobs.c.crashes + 1}
                connection.execute(_running(row.id).values(left))
        return [Worker(row.id, row.host, moment_of(row.began_at), moment_of(row.seen_at)) for row in rows]

    def _dead(self, patience: timedelta) -> bool:
        """A look without a lock: mostly all are alive."""
        with self._read() as connection:
            before = self._micros(connection) - patience // MICROS
            return connection.scalar(select(func.count()).where(workers.c.seen_at < before)) != 0

    # -- health

    def counts(self) -> Mapping[State, int]:
        resting = (jobs.c.id == jobs.c.kind) & jobs.c.state.in_(("waiting", "done"))
        query = select(jobs.c.state, func.count()).where(~resting).group_by(jobs.c.state)
        with self._read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def behind(self, at: datetime) -> float:
        with self._read() as connection:
            first = connection.scalar(select(func.min(deadlines.c.wake_at)))
        return 0.0 if first is None else max(0.0, (micros(at) - first) / 1_000_000)


def _running(worker: str) -> Update:
    return update(jobs).where(jobs.c.worker == worker, jobs.c.state == "running")


def _new(name: str, kind: str, body: str, asked_by: str | None, now: int) -> dict[str, Any]:
    """A job that waits and of which nothing is done."""
    nothing: dict[str, Any] = dict.fromkeys(("began_at", "ended_at", "result", "worker"))
    none = {"total": 0, "done": 0, "failed": 0, "tries": 0, "crashes": 0, "cancel": False, "state": "waiting"}
    return {"id": name, "kind": kind, "asked_by": asked_by, "asked_at": now, "body": body, **nothing, **none}


def _fate(job: str, each: Fate) -> dict[str, Any]:
    return {"job": job, "n": each.n, "subject": each.subject, "fate": each.fate, "detail": each.detail}


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        asked_by=row.asked_by,
        asked_at=moment_of(row.asked_at),
        body=parsed(row.body),
        state=row.state,
        total=row.total,
        done=row.done,
        failed=row.failed,
        cancel=row.cancel,
        began_at=moment_or_none(row.began_at),
        ended_at=moment_or_none(row.ended_at),
        result=None if row.result is None else parsed(row.result),
        worker=row.worker,
        tries=row.tries,
        crashes=row.crashes,
    )
