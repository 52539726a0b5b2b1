"""Whatever somebody took out of a database, every command says in a sentence what is wrong and what would help."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from cli import cli

LOOKS = (("worklist",), ("history", "dalian-livelihood-01"), ("show", "dalian-livelihood-01"), ("board",))


def _run(url: str, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", "--db", url, *words])


def _plain(done: Result) -> str:
    """One sentence, and no trace of ours."""
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.output.count("\n") <= 2, done.output
    return done.output


@pytest.fixture
def damaged(demonstration: Path, tmp_path: Path) -> Callable[[str], str]:
    """The address of a copy of a demonstration in which something was done."""

    def did(statement: str) -> str:
        shutil.copyfile(demonstration / "duban.db", tmp_path / "duban.db")
        url = f"sqlite:///{tmp_path / 'duban.db'}"
        with closing(create_engine(url, poolclass=NullPool).raw_connection()) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(statement)
            connection.commit()
        return url

    return did


@pytest.mark.parametrize("words", LOOKS[:3], ids=[each[0] for each in LOOKS[:3]])
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM editions", "livelihood@2022.1 is pinned by a task and is not in this database"),
        ("DELETE FROM calendars", "of dalian-livelihood@2022.1 is not in this database"),
        ("UPDATE calendars SET text = '7'", "The calendar of dalian-livelihood@2022.1 is damaged"),
        (
            "UPDATE editions SET text = 'x: ['",
            "@2022.1 was published and is not a definition for this version",
        ),
    ],
    ids=["editions", "calendars", "another calendar", "texts"],
)
def test_what_decisions_rest_on_is_gone(
    damaged: Callable[[str], str], words: tuple[str, ...], statement: str, told: str
) -> None:
    url = damaged(statement)
    said = _plain(_run(url, *words))
    assert told in said
    assert "stop using it and restore a backup; duban verify tells what is gone" in said


def test_a_backup_of_what_no_table_may_hold_is_refused(damaged: Callable[[str], str], tmp_path: Path) -> None:
    url = damaged("UPDATE tasks SET signal = x'fffe00'")
    said = _plain(_run(url, "backup", "--to", str(tmp_path / "kept.zip")))
    assert "The database file is damaged (tasks: " in said
    assert not (tmp_path / "kept.zip").exists()


@pytest.mark.parametrize("words", [("verify",), *LOOKS], ids=["verify", *(each[0] for each in LOOKS)])
def test_a_database_that_does_not_know_its_revision(damaged: Callable[[str], str], words: tuple[str, ...]) -> None:
    url = damaged("ALTER TABLE duban_version RENAME COLUMN version_num TO other")
    assert "damaged (not there: duban_version.version_num)" in _plain(_run(url, *words))
