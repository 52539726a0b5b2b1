"""An upgrade of a live database: one transaction, one at a time, and seen by whoever works on it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from storage import machine, schema
from storage.errors import StoreMissing, StoreNewer, StoreOlder, StoreProblem
from storage.opening import opened_engine, upgrade_store
from tests.limits import at_once

pytestmark = pytest.mark.usefixtures("by_migrations")


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

    at_once(upgrade, upgrade)
    assert (failed, done) == ([], ["done", "done"])
    with opened_engine(database) as engine:
        assert _revision(engine) == schema.HEAD


def test_what_lists_order_by_is_filled_from_what_was_kept(database: str) -> None:
    """Of a database of the third revision: its heading, what it owes next, and that it is late."""
    with opened_engine(database, create=True) as engine:
        schema.upgrade(engine, "0003")
        with engine.execution_options(writes=True).begin() as connection:
            for name in ("a", "b"):
                connection.execute(text(OLD_TASK), {"id": name})
            connection.execute(text("INSERT INTO facets VALUES ('a', 'topic', 'x'), ('a', 'category', 'y')"))
            owed = "INSERT INTO deadlines VALUES ('a', :name, '1', 'a', NULL, :who, :status, :due_at, NULL, :sure)"
            for values in (("n", "lead", "missed", 9), ("m", "lead", "running", 7), ("o", None, None, None)):
                told = dict(zip(("name", "who", "status", "due_at"), values, strict=True))
                connection.execute(text(owed), {**told, "sure": False})
    upgrade_store(database)
    with opened_engine(database) as engine, engine.connect() as connection:
        found = connection.execute(text("SELECT id, heading, due_at, late FROM tasks ORDER BY id")).all()
    assert [(*row[:3], bool(row[3])) for row in found] == [("a", "y", 7, True), ("b", None, None, False)]


OLD_TASK = """
INSERT INTO tasks (id, root, process, edition, kind, state, ended, version, snapshot, last_hash, last_recorded_at,
                   span_from, span_known, span_seq)
VALUES (:id, :id, 'p', 'p@1', '', 's', FALSE, 1, '{}', '', 0, 0, 0, 1)
"""


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
