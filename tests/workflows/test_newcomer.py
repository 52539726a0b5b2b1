"""What somebody meets who calls the program for the first time: every slip is answered by a sentence that helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
from storage import open_store

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
def test_a_wrong_call_is_told_to_programs_too(office: Duban, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
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


def test_personal_values_leave_no_trace_in_answers(office: Duban) -> None:
    """Neither the history nor the page nor the act itself shows the telephone; that there is one is said."""
    answers = [office(*REPORT, who="wang:lead@水务局", js=js) for js in (True, False)]
    answers += [office(word, "promises-01", js=js) for word in ("history", "show") for js in (True, False)]
    assert [answer.exit_code for answer in answers] == [0] * len(answers)
    assert [answer.stdout for answer in answers if "13900000000" in answer.output] == []
    fired = next(one["payload"] for one in told(office("history", "promises-01", js=True)) if "form" in one["payload"])
    assert (fired["form"]["phone"], fired["set"]["phone"], fired["form"]["percent"]) == (
        "<personal>",
        "<personal>",
        "2",
    )


def test_only_an_administrator_publishes(duban: Duban, tmp_path: Path) -> None:
    """Nobody in particular is told how to say that they are one; who published is kept."""
    duban("init", "--rehearsal", "2022-01-20T09:00+08:00")
    for who in ("li", "li:office"):
        refused = duban("publish", str(PROMISES), who=who, js=True)
        assert (refused.exit_code, told(refused)["refused"]["code"]) == (1, "not_admin")
        assert "--as li:admin" in refused.stderr
    assert duban("publish", str(PROMISES), who="zhao:admin").exit_code == 0
    store = open_store(f"sqlite:///{tmp_path / 'duban.db'}")
    assert [(each.type, each.actor) for each in store.chain("editions")] == [("EditionPublished", "zhao")]
    store.close()


def test_only_who_may_register_issues(office: Duban) -> None:
    """A lead unit, or nobody in particular, does not; the office does, and once about one day unless it says so."""
    issue = ("issue", "flash", "--task", "promises-01")
    for who in ("li", "wang:lead@水务局"):
        refused = office(*issue, who=who, js=True)
        assert (refused.exit_code, told(refused)["refused"]["code"]) == (1, "wrong_role")
        assert "ask Office" in refused.stderr
    assert told(office(*issue, js=True))["number"] == 1
    assert told(office(*issue, js=True))["refused"]["code"] == "already_issued"
    assert told(office(*issue, "--again", js=True))["number"] == 2


def test_a_task_is_no_programme(office: Duban, tmp_path: Path) -> None:
    """Neither for an issue nor for a list."""
    more = listed(tmp_path, "项目,牵头单位\n桥梁,水务局\n")
    for words in (("issue", "flash"), ("register", "promises", more)):
        refused = office(*words, "--programme", "promises-01", js=True)
        assert (refused.exit_code, told(refused)["refused"]["code"]) == (1, "unknown_programme")
    assert office("issue", "flash").exit_code == 2


def test_a_clock_that_stays_is_said(office: Duban) -> None:
    """`init` again does not set it back, and a sweep into the past does nothing: both say so."""
    again = office("init", "--rehearsal", "2021-01-01T09:00+08:00")
    assert (again.exit_code, "stays at 2022-01-20" in again.stdout) == (0, True)
    refused = office("sweep", "--at", "2022-01-01", js=True)
    assert (refused.exit_code, told(refused)["refused"]["code"]) == (1, "sweep_past")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("项目,牵头单位,项目\n桥梁,水务局,隧道\n", "row 1, 项目: the same column"),
        ("项目,Project,牵头单位\n桥梁,隧道,水务局\n", "row 1, Project: the same column as '项目'"),
        ("项目,牵头单位\n", "no rows"),
        ("", "no rows"),
    ],
)
def test_a_list_that_would_lose_something_is_not_registered(
    office: Duban, tmp_path: Path, text: str, said: str
) -> None:
    """Two columns for one field, or no task at all."""
    refused = office("register", "promises", listed(tmp_path, text))
    assert (refused.exit_code, said in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("calendar: cn", "calendar: mars", "unknown-calendar"),
        ("{{ title }} lags", "{{ titel }} lags", "template-name"),
        ("{{ title }} lags", "{{ title lags", "template"),
        ("{{ title }} lags", "{{ phone }} lags", "template-name"),
        ("{{ tasks[0].title }} in", "{{ taks[0].title }} in", "template-name"),
    ],
)
def test_what_would_fail_later_is_told_by_check(duban: Duban, tmp_path: Path, old: str, new: str, code: str) -> None:
    """A calendar that is not there and texts that cannot be filled in: at their lines, and not published."""
    bad = tmp_path / "bad.yaml"
    text = PROMISES.read_text(encoding="utf-8").replace(old, new)
    bad.write_text(text, encoding="utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if new in each)
    for words in (("check",), ("check", "--scenarios")):
        answer = duban(*words, str(bad), js=True)
        problems = told(answer)[0]["problems"]
        assert (answer.exit_code, [(one["code"], one["line"]) for one in problems]) == (1, [(code, line)])
    duban("init")
    assert duban("publish", str(bad)).exit_code == 1


def test_lights_reminders_and_the_system_are_said_in_words(office: Duban) -> None:
    """In Chinese no English word of the program is left in board, page and history."""
    assert office("sweep", "--at", "2022-03-01").exit_code == 0
    for words in (("board",), ("show", "promises-01")):
        assert ("黄" in (said := office(*words, lang="zh").stdout), "yellow" in said) == (True, False)
    history = office("history", "promises-01", lang="zh").stdout
    assert "  系统  " in history
    assert ("提醒通知" in history, "reminder" in history, "system" in history) == (True, False, False)
    assert "yellow" in office("board").stdout


def test_totals_of_a_rehearsal_are_words(office: Duban, tmp_path: Path) -> None:
    """No name of an event stands in the report."""
    list_, days = listed(tmp_path, LIST), ("--from", "2022-01-20", "--until", "2022-04-30")
    for lang, words in (("zh", "时限逾期"), ("en", "deadlines missed")):
        report = office("rehearse", str(PROMISES), "--tasks", list_, *days, lang=lang).stdout
        assert (words in report, "DeadlineMissed" in report) == (True, False)
