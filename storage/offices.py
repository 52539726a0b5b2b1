"""From an address to an office: everything that is kept, over one engine."""

from __future__ import annotations

from dataclasses import dataclass

from storage.errors import StoreAddress
from storage.labour import SqlLabour
from storage.log import SqlLog
from storage.opening import Clock, open_store
from storage.papers import SqlPapers
from storage.people import SqlPeople
from storage.post import SqlPost
from storage.sql_store import SqlStore


@dataclass(frozen=True)
class Office:
    """What stands in one database: tasks, the people who work on them, documents, messages, jobs, and the tree."""

    store: SqlStore
    people: SqlPeople
    documents: SqlPapers
    post: SqlPost
    jobs: SqlLabour
    log: SqlLog

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()


def open_office(url: str, *, create: bool = False, clock: Clock | None = None, unsafe: bool = False) -> Office:
    """The office at `sqlite:///PATH` or `postgresql+psycopg://…`; see `open_store`. Raises a `StoreProblem`."""
    store = open_store(url, create=create, clock=clock, unsafe=unsafe) if url != "memory://" else None
    if not isinstance(store, SqlStore):
        raise StoreAddress(url)
    engine = store.engine
    rooms = (SqlPapers(engine), SqlPost(engine), SqlLabour(engine), SqlLog(engine))
    return Office(store, SqlPeople(engine, clock), *rooms)
