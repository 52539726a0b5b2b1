"""What somebody meets who calls the program for the first time: every slip is answered by a sentence that helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli

PROMISES = Path(__file__).parent / "promises.yaml"
LIST = "项目,牵头单位,2022-02 计划进度\n水库,水务局,10\n道路,交通局,20\n"
REPORT = ("fire", "promises-01", "report", "-f", "month=2022-02", "-f", "percent=2", "-f", "phone=13900000000")

Duban = Callable[..., Result]


@pytest.fixture
def duban(tmp_path: Path) -> Duban:
    """Calls the program on an empty folder's database, as an administrator of the office, in English."""

    def call(*words: str, who: str = "li:office,admin", lang: str = "en", js: bool = False) -> Result:
        options = ["--db", f"sqlite:///{tmp_path / 'duban.db'}", "--lang", lang, "--as", who, *(["--json"] * js)]
        return CliRunner().invoke(cli.cli, [*options, *map(str, words)], catch_exceptions=False)

    return call


@pytest.fixture
def office(duban: Duban, tmp_path: Path) -> Duban:
    """A rehearsal with the process published and two tasks."""
    assert duban("init", "--rehearsal", "2022-01-20T09:00+08:00").exit_code == 0
    assert duban("publish", str(PROMISES)).exit_code == 0
    assert duban("register", "promises", listed(tmp_path, LIST)).exit_code == 0
    return duban


def listed(folder: Path, text: str) -> str:
    path = folder / "tasks.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("board", "--at", "9999-12-31"),
        ("board", "--known-at", "0001-01-01"),
        ("sweep", "--at", "9999-12-31"),
        ("issue", "flash", "--task", "promises-01", "--at", "9999-12-31"),
        ("init", "--rehearsal", "9999-12-31T23:00-08:00"),
        ("init", "--rehearsal", "0001-01-01T00:00+08:00"),
        ("rehearse", str(PROMISES), "--tasks", str(PROMISES), "--from", "2022-01-01", "--until", "9999-12-31"),
    ],
)
def test_a_year_that_nobody_reckons_with_is_a_matter_of_usage(office: Duban, words: tuple[str, ...]) -> None:
    """Exit 2 and the years that are possible, in either language."""
    for lang, years in (("zh", "1900 年至 9000 年"), ("en", "years 1900 to 9000")):
        answer = office(*words, lang=lang)
        assert (answer.exit_code, years in answer.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fire",), "TASK"),
        (("sweep", "--at", "soon"), "write 2022-03-31"),
        (("rehearse", str(PROMISES), "--tasks", "LIST"), "--until 2022-12-31"),
        (("fire", "promises-01", "report", "-f", "month"), "NAME=VALUE"),
    ],
)
def test_a_wrong_call_is_told_to_programs_too(
    office: Duban, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """One JSON document on stdout, the sentence on stderr, exit 2."""
    words = tuple(listed(tmp_path, LIST) if word == "LIST" else word for word in words)
    answer = office(*words, js=True)
    assert answer.exit_code == 2
    assert said in told(answer)["error"]
    assert said in answer.stderr


def test_who_acts_is_asked_in_the_language_of_the_call(duban: Duban) -> None:
    """A whole sentence with an example, before any command has begun."""
    assert "写成" in duban("board", who=":office", lang="zh").stderr
    assert "write USER" in duban("board", who=":office").stderr
