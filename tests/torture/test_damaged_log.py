"""Any cell of the log is damaged at random: `duban seal check` and `duban verify` tell it and never fall over it.

Each column of the tables on which the evidence rests, by values of its own kind and of others, of other rows, out of
range, and by bytes that are no text; on SQLite and on PostgreSQL. What is not told stands in `SILENT`, with why.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from pysqlite3 import dbapi2
from sqlalchemy import BigInteger, Integer

from cli import cli
from storage import open_store
from storage.log import SqlLog
from storage.sql_store import SqlStore
from storage.tables import metadata
from tests.torture.stage import size, url_of
from tests.workflows.attackers import OWNER, _Forgetful
from tests.workflows.verified import lived
from workflows.audit.sealing import growing
from workflows.audit.sealing.signing import Pen

TABLES = ("events", "leaves", "trees", "tiles", "checkpoints", "unsealed", "notes")
ALTERATIONS = size(1, 40)
"""Of each column."""

SILENT = {
    "trees.grown_at": "when the tree grew last is told to people, and is no evidence",
    "checkpoints.signed_at": "a head proves an order and no time: its own time beside it is believed by nobody",
}
"""Columns whose damage need not be told, and why."""

TEXTS = ("", "x", "0", "-1", "é", "{", "[1]", "null", "\ud7ff", "9" * 40, "a" * 70, " ")
NUMBERS = (-1, 0, 1, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63))
FOREIGN = (b"\x00\xff", 3.5, 1e300, b"", None)
"""What only SQLite takes in any column."""


def sealed(url: str) -> None:
    """An office that has lived, with two full tiles, heads, and an event that waits."""
    lived(url)
    store = open_store(url, unsafe=True)
    assert isinstance(store, SqlStore)
    log = SqlLog(store.engine)
    log.begin("sm3")
    for count in (1, 300, 300):
        with store.chained("exports") as stream:
            for _ in range(count):
                stream.append("RecordExported", "li", {"format": "xes"})
        growing.seal(store, log, Pen(OWNER, _Forgetful()))
    with store.chained("exports") as stream:
        stream.append("RecordExported", "li", {"format": "csv"})
    store.close()


class Cells:
    """The cells of a database under somebody's hands. `asked` reads, `done` writes; `mark` stands for a value."""

    def __init__(self, url: str, asked: Callable[..., Any], mark: str, *, loose: bool) -> None:
        self.url, self.asked, self.mark, self.loose = url, asked, mark, loose
        self.rows = {table: asked(f"SELECT * FROM {table}") for table in TABLES}  # noqa: S608 - ours

    def damage(self, chance: Random, table: str, column: str) -> str | None:
        """One cell otherwise: what was done, or None where the database would not have it."""
        names = [each.name for each in metadata.tables[table].columns]
        keys = [each.name for each in metadata.tables[table].primary_key]
        row = chance.choice(self.rows[table])
        old = row[names.index(column)]
        new = self._other(chance, table, column, old)
        where = " AND ".join(f"{name} = {self.mark}" for name in keys)
        values = (new, *(row[names.index(name)] for name in keys))
        done = new != old and self.asked(f"UPDATE {table} SET {column} = {self.mark} WHERE {where}", *values)  # noqa: S608 - ours
        if self.asked(f"SELECT * FROM {table}") == self.rows[table]:  # noqa: S608 - a number as text is a number
            return None
        return f"{table}.{column}: {old!r:.60} -> {new!r:.60}" if done else None

    def _other(self, chance: Random, table: str, column: str, old: Any) -> Any:
        names = [each.name for each in metadata.tables[table].columns]
        number = isinstance(metadata.tables[table].columns[column].type, Integer | BigInteger)
        near = [old + 1, old - 1, old * 1000] if isinstance(old, int) else _near(chance, old)
        other = chance.choice(self.rows[table])[names.index(column)]
        pools: list[Sequence[Any]] = [near, [other], NUMBERS if number else TEXTS]
        if self.loose:
            pools += [FOREIGN, TEXTS, NUMBERS]
        return chance.choice(list(chance.choice(pools)))


def _near(chance: Random, old: str | None) -> list[str]:
    """The same text with a slip in it."""
    if not old:
        return ["x"]
    at = chance.randrange(len(old))
    slip = old[:at] + chance.choice("0aZ= /-\n{") + old[at + 1 :]
    return [old[:at], old[at:], slip, old.upper(), f"{old} "]


@contextmanager
def of_sqlite(original: Path) -> Iterator[Cells]:
    path = original.with_name("damaged.db")
    shutil.copyfile(original, path)
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")

    def asked(statement: str, *values: Any) -> Any:
        try:
            cursor = connection.execute(statement, values)
        except (dbapi2.IntegrityError, OverflowError, UnicodeEncodeError):
            return 0
        return cursor.fetchall() if cursor.description else cursor.rowcount

    try:
        yield Cells(url_of(path), asked, "?", loose=True)
    finally:
        connection.close()


@contextmanager
def of_postgres(url: str) -> Iterator[Cells]:
    """Whatever is damaged stays in one transaction's copy: the tables are put back at the end."""
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:

        def asked(statement: str, *values: Any) -> Any:
            try:
                cursor = connection.execute(statement.encode(), values)
            except (psycopg.IntegrityError, psycopg.DataError, UnicodeEncodeError):
                return 0
            return cursor.fetchall() if cursor.description else cursor.rowcount

        cells = Cells(url, asked, "%s", loose=False)
        try:
            yield cells
        finally:
            for table, rows in cells.rows.items():
                asked(f"DELETE FROM {table}")  # noqa: S608 - ours
                for row in rows:
                    asked(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", *row)  # noqa: S608 - ours


def told(url: str, *words: str) -> list[str]:
    """The codes of what a command finds. It must end as it should: with an answer, and by no exception."""
    done = CliRunner().invoke(cli, ["--db", url, "--lang", "en", "--json", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    answer = json.loads(done.stdout)
    codes = [each["code"] for each in answer["findings"]] if "findings" in answer else [answer["refused"]["code"]]
    assert (done.exit_code == 1) is bool(codes), (done.exit_code, codes)
    return codes


def columns() -> list[str]:
    return [f"{table}.{column.name}" for table in TABLES for column in metadata.tables[table].columns]


def tried(cells: Callable[[], Any], seed: int, rounds: int) -> Counter[str]:
    """Damage every column so often; what was found, by outcome."""
    found = Counter[str]()
    for name in columns():
        table, _, column = name.partition(".")
        for turn in range(rounds):
            with cells() as mine:
                done = mine.damage(Random(f"{seed} {name} {turn}"), table, column)
                if done is None:
                    continue
                codes = [*told(mine.url, "seal", "check"), *told(mine.url, "verify", "--processes", "1")]
            assert codes or name in SILENT or table == "notes", done
            found["told" if codes else "silent"] += 1
    return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "duban.db"
    sealed(url_of(path))
    connection = dbapi2.connect(str(path))
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(size(1, 5)))
def test_whatever_becomes_of_a_cell_of_a_file_is_told(original: Path, seed: int) -> None:
    assert told(url_of(original), "seal", "check") == told(url_of(original), "verify", "--processes", "1") == []
    found = tried(lambda: of_sqlite(original), seed, ALTERATIONS)
    assert found["told"] > 4 * found["silent"]


@pytest.mark.torture
def test_whatever_becomes_of_a_cell_of_a_server_is_told(fresh_postgres: str) -> None:
    sealed(fresh_postgres)
    assert told(fresh_postgres, "seal", "check") == told(fresh_postgres, "verify", "--processes", "1") == []
    found = tried(lambda: of_postgres(fresh_postgres), 0, ALTERATIONS)
    assert found["told"] > 4 * found["silent"]
