"""One question to the past has one answer: `board`, `show` and `history` at the same two times agree."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import cli
from tests.workflows.verified import lived

TIMES = [
    (),
    ("--at", "2022-01-25"),
    ("--at", "2022-02-05"),
    ("--at", "2022-02-05", "--known-at", "2022-02-05"),
    ("--at", "2022-03-01", "--known-at", "2022-02-09"),
    ("--known-at", "2022-01-25"),
]
LATE = "promises-02"
"""On 10 February somebody entered what had been amended on the second."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('past') / 'duban.db'}"
    lived(made)
    return made


def run(url: str, *words: str) -> Any:
    done = CliRunner().invoke(cli, ["--db", url, "--lang", "en", "--json", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("times", TIMES, ids=" ".join)
def test_the_three_commands_agree(url: str, times: tuple[str, ...]) -> None:
    rows = {row["task"]: row for row in run(url, "board", *times)}
    assert rows
    for task, row in rows.items():
        shown = run(url, "show", task, *times)
        assert (shown["state"], shown["signal"], shown["ended"]) == (row["state"], row["signal"], row["ended"]), task
        assert shown["fields"]["title"] == row["title"], task
        told = [each for each in run(url, "history", task, *times) if each["ref"].startswith(f"{task}#")]
        assert len(told) == shown["version"], task


def test_a_late_entry_was_true_then_and_not_known(url: str) -> None:
    then, known = ("--at", "2022-02-05"), ("--known-at", "2022-02-05")
    assert run(url, "show", LATE, *then)["fields"]["title"] == "大水库"
    assert run(url, "show", LATE, *then, *known)["fields"]["title"] == "水库2"
    amended = [run(url, "history", LATE, *then, *words) for words in ((), known)]
    assert [
        sum("amend" in json.dumps(each["payload"]) for each in told if "#" in each["ref"]) > 0 for told in amended
    ] == [True, False]


def test_what_was_not_there_is_said(url: str) -> None:
    assert run(url, "show", LATE, "--at", "2021-01-01")["state"] is None
    assert run(url, "history", LATE, "--at", "2021-01-01") == []
    said = CliRunner().invoke(cli, ["--db", url, "--lang", "zh", "show", LATE, "--at", "2022-02-05"]).stdout
    assert "大水库" in said
    assert re.search("当时版次 promises@1 [0-9a-f]{12}，工作日历 cn [0-9a-f]{12}，模板 order.docx [0-9a-f]{12}", said)
    assert "138" not in said, "nothing personal"
    for words in (("show", LATE), ("history", LATE)):
        said = CliRunner().invoke(cli, ["--db", url, "--lang", "en", *words, "--at", "2022-02-05"]).stdout
        assert "Then in force: edition promises@1 " in said, words
        assert "calendar cn " in said, words
        assert "templates order.docx " in said, words
        assert "in force" not in CliRunner().invoke(cli, ["--db", url, "--lang", "en", *words]).stdout, words
    assert CliRunner().invoke(cli, ["--db", url, "show", LATE, "--at", "soon"]).exit_code == 2


@pytest.mark.parametrize("option", ["--at", "--known-at"])
@pytest.mark.parametrize("words", [("board",), ("show", LATE), ("history", LATE)], ids=" ".join)
def test_an_empty_time_is_not_now(url: str, words: tuple[str, ...], option: str) -> None:
    """As a script says it whose variable is not set."""
    done = CliRunner().invoke(cli, ["--db", url, "--lang", "en", *words, option, ""])
    assert (done.exit_code, "'' is no time" in done.output) == (2, True), done.output


TEXT, LIST = "definitions/examples/hotline/process.yaml", "tests/workflows/data/promises/tasks.csv"
EMPTY: Sequence[tuple[str, ...]] = (
    ("board", "--since", ""),
    ("board", "--known-since", ""),
    ("fire", LATE, "report", "--at", ""),
    ("sweep", "--at", ""),
    ("report", "bottlenecks", "--from", ""),
    ("report", "streaks", "--to", ""),
    ("package", "OUT", "--until", ""),
    ("publish", TEXT, "--from", ""),
    ("backtest", TEXT, "--from", ""),
    ("backtest", TEXT, "--until", ""),
    ("rehearse", TEXT, "--tasks", LIST, "--from", "", "--until", "2022-12-31"),
    ("rehearse", TEXT, "--tasks", LIST, "--from", "2022-01-01", "--until", ""),
    ("demo", "--into", "OUT", "--until", ""),
    ("demo", "--into", "OUT", "--serve", "--until", ""),
)


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_an_empty_time_is_refused_wherever_a_time_may_be_given(
    url: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    """It is not as if nothing had been said: a package would hold everything, an edition be in force at once."""
    called = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    done = CliRunner().invoke(cli, ["--db", url, "--as", "admin", "--lang", "en", *called])
    assert (done.exit_code, "'' is no" in done.output) == (2, True), done.output
    assert list(tmp_path.iterdir()) == []


def test_an_empty_beginning_makes_no_database_of_real_work(tmp_path: Path) -> None:
    made = f"sqlite:///{tmp_path / 'duban.db'}"
    assert CliRunner().invoke(cli, ["--db", made, "init", "--rehearsal", ""]).exit_code == 2
    assert list(tmp_path.iterdir()) == []
