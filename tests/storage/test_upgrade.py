"""An upgrade of a live database: one transaction, one at a time, and seen by whoever works on it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, Engine, text

from storage import machine, schema
from storage.errors import StoreMissing, StoreNewer, StoreOlder, StoreProblem
from storage.opening import opened_engine, upgrade_store


def _old(url: str) -> None:
    """A database of the first revision."""
    with opened_engine(url, create=True) as engine:
        schema.upgrade(engine, "0001")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return schema.revision(connection)


def test_two_who_upgrade_at_once_do_it_one_after_the_other(database: str) -> None:
    """Both say that it is done, and it is done once."""
    _old(database)
    done: list[str] = []
    failed: list[StoreProblem] = []

    def upgrade() -> None:
        try:
            upgrade_store(database)
            done.append("done")
        except StoreProblem as error:
            failed.append(error)

    both = [threading.Thread(target=upgrade) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (failed, done) == ([], ["done", "done"])
    with opened_engine(database) as engine:
        assert _revision(engine) == schema.HEAD


def test_an_upgrade_that_fails_leaves_the_old_schema_whole(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tables stand as they stood: nothing of the new ones is left."""
    _old(database)
    known = schema.upgrade_on

    def torn(connection: Connection, to: str) -> None:
        known(connection, to)
        raise ConnectionAbortedError

    monkeypatch.setattr(schema, "upgrade_on", torn)
    with pytest.raises(ConnectionAbortedError):
        upgrade_store(database)
    monkeypatch.undo()
    with pytest.raises(StoreOlder), opened_engine(database):
        pass
    upgrade_store(database)
    with opened_engine(database) as engine:
        assert _revision(engine) == schema.HEAD


def test_whoever_works_on_a_database_sees_that_it_was_upgraded(database: str) -> None:
    """`require` tells an older schema from a newer one and from none, by an engine that was open before."""
    with pytest.raises(StoreMissing), opened_engine(database, create=True) as engine:
        machine.require(engine)
    _old(database)
    upgrade_store(database)
    with opened_engine(database) as engine:
        machine.require(engine)
        assert machine.size(engine) > 0
        assert machine.described(engine).endswith(schema.HEAD)
        for revision, problem in (("0001", StoreOlder), ("0999", StoreNewer)):
            with engine.execution_options(writes=True).begin() as connection:
                connection.execute(text("UPDATE duban_version SET version_num = :to"), {"to": revision})
            with pytest.raises(problem):
                machine.require(engine)
