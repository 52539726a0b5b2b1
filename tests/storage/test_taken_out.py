"""A table or column that was taken out is damage; one that never was is a fault of the statement, which no person can
cure: the database's schema says which.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from storage import open_store
from storage.errors import StoreDamaged, StoreForbidden
from storage.evidence import SqlEvidence, open_evidence
from storage.sql_store import SqlStore
from tests.storage.stories import START, registered
from tests.test_reasons import english
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
    with pytest.raises(StoreDamaged, match=rf"not there: {gone}\b") as told:
        asked(store)
    assert f"（缺少 `{gone}`）" in told.value.text.zh


def test_what_is_written_to_is_damage_too(store: SqlStore) -> None:
    _do(store, "ALTER TABLE events RENAME COLUMN salts TO salted")
    with pytest.raises(StoreDamaged, match=r"events\.salts"):
        registered(store, "t2")


ALTERED = [
    ("file", "CREATE TRIGGER no BEFORE INSERT ON files BEGIN SELECT raise(ABORT, 'no'); END", "trigger no is not ours"),
    ("file", "ALTER TABLE files ADD more text DEFAULT 'x' CHECK (more <> 'x')", "table files is not as it was made"),
    ("server", "ALTER TABLE files ADD more text NOT NULL", "column files.more is not ours"),
    ("server", "ALTER TABLE files ALTER content TYPE integer USING 0", "column files.content is not as it was made"),
    ("server", "ALTER TABLE files ADD CHECK (false) NOT VALID", "checks of files are not as they were made"),
    (
        "server",
        "ALTER TABLE files RENAME TO filed; CREATE VIEW files AS SELECT * FROM filed LIMIT 9",
        "not there: files",
    ),
]


@pytest.mark.parametrize(("kind", "statement", "told"), ALTERED)
def test_what_an_altered_schema_cannot_do_is_damage(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, statement: str, told: str
) -> None:
    """A trigger, a column of another type, a view where a table was: by our own schema it would be our fault."""
    url = f"sqlite:///{tmp_path / 'duban.db'}" if kind == "file" else request.getfixturevalue("founded_postgres")
    with closing(open_store(url, create=True, unsafe=True)) as store:
        assert isinstance(store, SqlStore)
        _do(store, statement)
        with pytest.raises(StoreDamaged, match=told) as said:
            store.keep_file("x", b"x")
    assert not english(said.value.text.zh), said.value.text


def test_a_right_that_was_taken_is_told_with_what_gives_it_back(founded_postgres: str) -> None:
    """The server lets the user in, and no table is theirs."""
    with closing(open_store(founded_postgres, unsafe=True)) as store:
        assert isinstance(store, SqlStore)
        role = f"r{uuid.uuid4().hex}"
        _do(store, f"CREATE ROLE {role} LOGIN")
        _do(store, f"GRANT SELECT ON duban_version TO {role}")
    try:
        mine = make_url(founded_postgres).set(username=role).render_as_string()
        with closing(open_store(mine, unsafe=True)) as store, pytest.raises(StoreForbidden) as told:
            store.note("x")
        assert "GRANT" in str(told.value)
    finally:
        with closing(open_store(founded_postgres, unsafe=True)) as store:
            assert isinstance(store, SqlStore)
            _do(store, f"DROP OWNED BY {role}")
            _do(store, f"DROP ROLE {role}")


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
