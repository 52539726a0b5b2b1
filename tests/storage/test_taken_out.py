"""A table or column that was taken out is damage; one that never was is a fault of the statement, which no person can
cure: the database's schema says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from sqlalchemy.exc import DBAPIError

from storage import open_store
from storage.errors import StoreDamaged
from storage.evidence import SqlEvidence, open_evidence
from storage.sql_store import SqlStore
from tests.storage.stories import START, registered
from workflows.audit.verifying.ports import Unreadable

WRONG = ("SELECT valued FROM notes", "SELECT value FROM noted", "SELECT n.value FROM notes")


@pytest.fixture
def store(database: str) -> Iterator[SqlStore]:
    """A store of each kind of database, with a task in it."""
    with closing(open_store(database, create=True, unsafe=True)) as opened:
        assert isinstance(opened, SqlStore)
        registered(opened, "t1")
        yield opened


def _do(store: SqlStore, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


ASKED: list[tuple[str, Callable[[SqlStore], object], str]] = [
    ("ALTER TABLE notes RENAME COLUMN value TO valued", lambda store: store.note("x"), "notes.value"),
    ("ALTER TABLE files RENAME TO filed", lambda store: store.keep_file("x", b"x"), "files"),
    ("ALTER TABLE spans RENAME COLUMN title TO titled", lambda store: store.board(START), "spans.title"),
]


@pytest.mark.parametrize(("taken", "asked", "gone"), ASKED, ids=[gone for _, _, gone in ASKED])
def test_what_was_taken_out_is_damage(
    store: SqlStore, taken: str, asked: Callable[[SqlStore], object], gone: str
) -> None:
    asked(store)
    _do(store, taken)
    with pytest.raises(StoreDamaged, match=rf"not there: {gone}\b"):
        asked(store)


def test_what_is_written_to_is_damage_too(store: SqlStore) -> None:
    _do(store, "ALTER TABLE events RENAME COLUMN salts TO salted")
    with pytest.raises(StoreDamaged, match=r"events\.salts"):
        registered(store, "t2")


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_statement_is_a_fault_of_the_program(store: SqlStore, wrong: str) -> None:
    with pytest.raises(DBAPIError), store._read() as connection:
        connection.exec_driver_sql(wrong)


SENSELESS = (*WRONG, "SELECT FROM notes WHERE", "SELECT no_function(1)")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("wrong", SENSELESS)
def test_a_wrong_statement_is_no_finding_of_a_verification(database: str, wrong: str) -> None:
    said = r"(?i)no such|exist|syntax|missing"
    with open_evidence(database) as evidence, pytest.raises(Exception, match=said) as told:
        list(evidence._ask(wrong))
    assert not isinstance(told.value, Unreadable)


def test_what_was_taken_out_is_a_finding_of_a_verification(store: SqlStore, database: str) -> None:
    _do(store, "ALTER TABLE notes RENAME COLUMN value TO valued")
    with open_evidence(database) as evidence, pytest.raises(Unreadable):
        list(evidence._ask("SELECT value FROM notes"))


@pytest.mark.usefixtures("store")
def test_a_database_that_cannot_tell_its_schema_is_damaged(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise DBAPIError("", (), Exception("malformed"))

    monkeypatch.setattr("storage.schema.lacking", fails)
    with open_evidence(database) as evidence:
        assert isinstance(evidence, SqlEvidence)
        with pytest.raises(Unreadable):
            list(evidence._ask("SELECT value FROM noted"))
