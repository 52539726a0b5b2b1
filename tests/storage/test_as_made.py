"""Whoever changes what a name leads to, or what is shown of a table, has touched no row: verifying tells it still."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from engine.problems import Text
from storage import open_store
from storage.evidence import open_evidence
from storage.sql_store import SqlStore
from tests.test_reasons import english

PATH = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = {}', current_database()); END $$"
HIDDEN = ("CREATE POLICY p ON tasks USING (current_setting('transaction_read_only') = 'on')",)
SHADOWED = (
    "CREATE SCHEMA before",
    "CREATE TABLE before.duban_version AS TABLE duban_version",
    "CREATE SCHEMA lies",
    "CREATE VIEW lies.tasks AS SELECT * FROM tasks",
    PATH.format("before, lies, public"),
)
OPERATORS = (PATH.format("public, pg_catalog"),)
PLANTED: Sequence[tuple[str, Sequence[str], str]] = [
    ("policy", HIDDEN, "table tasks hides rows by a policy"),
    ("security", ("ALTER TABLE notes ENABLE ROW LEVEL SECURITY",), "table notes hides rows by a policy"),
    ("path", SHADOWED, "these are not the tables of the schema before: events, "),
    ("operators", OPERATORS, "search_path looks into public before pg_catalog"),
    ("child", ("CREATE TABLE more () INHERITS (notes)",), "table notes has the rows of others in it"),
    ("table", ("DROP TABLE fates",), "these tables are not there: fates"),
    ("key", ("ALTER TABLE events DROP CONSTRAINT events_pkey",), "primary key of events is not as it was made"),
    ("check", ("ALTER TABLE spans DROP CONSTRAINT spans_known_check",), "checks of spans are not as they were made"),
    ("index", ("DROP INDEX spans_as_of",), "index spans_as_of is not there"),
    ("other index", ("CREATE INDEX planted ON events (hash)",), "index planted is not ours"),
    ("unused", ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'spans_as_of'::regclass",), "spans_as_of"),
    ("type", ("ALTER TABLE notes ALTER value TYPE varchar(9)",), "column notes.value is not as it was made"),
    ("column", ("ALTER TABLE notes ADD planted text",), "column notes.planted is not ours"),
    ("null", ("ALTER TABLE events ALTER hash DROP NOT NULL",), "column events.hash is not as it was made"),
]


@pytest.mark.parametrize(("planted", "told"), [each[1:] for each in PLANTED], ids=[each[0] for each in PLANTED])
def test_a_server_shows_nobody_something_else(founded_postgres: str, planted: Sequence[str], told: str) -> None:
    """Rows are hidden from those who may write, names lead elsewhere, a lock is taken away."""
    assert _faults(founded_postgres) == []
    engine = create_engine(founded_postgres, poolclass=NullPool)
    with engine.begin() as connection:
        for each in planted:
            connection.exec_driver_sql(each.replace("%", "%%"))
    found = _faults(founded_postgres)
    assert told in found[0].en, found
    assert len(found) == 1


def test_what_others_keep_beside_is_their_business(founded_postgres: str) -> None:
    """Their tables and indexes, in the same schema or in another."""
    with create_engine(founded_postgres, poolclass=NullPool).begin() as connection:
        for each in ("CREATE TABLE theirs (n integer PRIMARY KEY)", "CREATE INDEX theirs_n ON theirs (n)"):
            connection.exec_driver_sql(each)
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("CREATE TABLE other.tasks (n integer)")
    assert _faults(founded_postgres) == []


def test_an_index_on_our_tables_that_is_not_ours_is_told_of_a_file(tmp_path: Path) -> None:
    """A unique one refuses what the program would write; one on a table of others is their business."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    with closing(open_store(url, create=True)) as store:
        assert isinstance(store, SqlStore)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE theirs (n integer)")
            connection.exec_driver_sql("CREATE INDEX theirs_n ON theirs (n)")
        assert _faults(url) == []
        with store.engine.begin() as connection:
            connection.exec_driver_sql("CREATE UNIQUE INDEX planted ON events (actor)")
    assert _faults(url) == [Text("索引 `planted` 不是本系统建立的", "index planted is not ours")]


def test_what_a_file_says_of_itself_is_quoted_and_the_rest_is_in_both_languages(tmp_path: Path) -> None:
    """An index is gone, a row is nobody's, and a page holds what its table forbids."""
    path = tmp_path / "duban.db"
    open_store(f"sqlite:///{path}", create=True).close()
    with closing(dbapi2.connect(str(path))) as connection:
        connection.executescript("""
            CREATE TABLE theirs (n integer);
            INSERT INTO theirs VALUES (NULL);
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = 'CREATE TABLE theirs (n integer NOT NULL)' WHERE name = 'theirs';
            PRAGMA writable_schema = RESET;
            INSERT INTO sessions VALUES ('x', 'nobody', 1, 1, 1, '');
            DROP INDEX tasks_lists;
        """)
    assert _faults(f"sqlite:///{path}") == [
        Text("索引 `tasks_lists` 与建库时不同", "index tasks_lists is not as it was made"),
        Text("原文“NULL value in theirs.n”", "NULL value in theirs.n"),
        Text("表 `sessions` 第 1 行在 `users` 中没有对应的行", "sessions row 1: no users"),
    ]


def _faults(url: str) -> Sequence[Text]:
    with open_evidence(url) as evidence:
        found = list(evidence.faults())
    for each in found:
        assert re.search(r"[\u4e00-\u9fff]", each.zh), each
        assert not english(each.zh), each
        assert not re.search(r"[\u4e00-\u9fff]", each.en), each
    return found
