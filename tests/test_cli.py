"""The command line over a real SQLite file: exits, sentences in two languages, one JSON document, no trace of a no."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import cli
from commands.speech import half
from storage import open_store

PROMISES = Path(__file__).parent / "workflows" / "promises.yaml"
ADMIN = "zhao:admin"
LEAD = "wang:lead@水务局"
LIST = "项目,牵头单位,2022-02 计划进度\n水库,水务局,10\n道路,交通局,20\n"

Duban = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'duban.db'}"


@pytest.fixture
def duban(url: str) -> Duban:
    """Calls the program on this database, as the office and in English unless told otherwise."""

    def call(*words: str, who: str = "li:office", lang: str = "en", js: bool = False) -> Result:
        options = ["--db", url, "--lang", lang, "--as", who, *(["--json"] if js else [])]
        return CliRunner().invoke(cli.cli, [*options, *map(str, words)], catch_exceptions=False)

    return call


@pytest.fixture
def office(duban: Duban, tmp_path: Path) -> Duban:
    """A rehearsal with the process published and two tasks."""
    assert duban("init", "--rehearsal", "2022-01-20T09:00+08:00").exit_code == 0
    assert duban("publish", str(PROMISES), who=ADMIN).exit_code == 0
    registered = duban("register", "promises", str(listed(tmp_path, LIST)), js=True)
    assert json.loads(registered.stdout) == {"registered": ["promises-01", "promises-02"]}
    return duban


def listed(folder: Path, text: str) -> Path:
    path = folder / "tasks.csv"
    path.write_text(text, encoding="utf-8")
    return path


def events(url: str) -> int:
    store = open_store(url)
    try:
        return sum(len(store.events(stream)) for stream in store.streams())
    finally:
        store.close()


def told(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)


REPORT = ("fire", "promises-01", "report", "-f", "month=2022-02", "-f", "percent=20")


@pytest.mark.parametrize(
    ("words", "who", "code", "said"),
    [
        (REPORT, "li:office", "wrong_role", "Lead unit"),
        (REPORT, "zhao:lead@交通局", "wrong_unit", "水务局"),
        (("fire", "promises-01", "order", "-f", "deadline=2022-03-01"), "li:office", "wrong_state", "Lagging"),
        (("fire", "promises-01", "close"), "li:office", "guard", "task.percent = 0"),
        ((*REPORT, "--version", "1"), LEAD, "stale", "look at it again"),
        ((*REPORT[:5],), LEAD, "form", "Progress"),
        ((*REPORT[:5], "-f", "percent=many"), LEAD, "form", "Progress"),
        ((*REPORT, "-f", "percnt=1"), LEAD, "form", "percent"),
        (("fire", "promises-99", "report"), LEAD, "unknown_task", "promises-99"),
        (("fire", "promises-01", "reprot"), LEAD, "unknown_trigger", "Report progress"),
        ((*REPORT, "--at", "2022-01-19T10:00", "--reason", "r"), LEAD, "no_backdate", "Office"),
        (("show", "promises-99"), LEAD, "unknown_task", "promises-99"),
        (("history", "promises-99"), LEAD, "unknown_task", "promises-99"),
        (("issue", "nothing", "--task", "promises-01"), "li:office", "unknown_publication", "flash"),
        (("register", "nothing", str(PROMISES)), LEAD, "unknown_process", "promises"),
    ],
)
def test_a_no_says_why_and_what_helps(
    office: Duban, url: str, words: tuple[str, ...], who: str, code: str, said: str
) -> None:
    """Exit 1, the sentence on stderr and nothing on stdout; as JSON the code too; Chinese on demand; no trace."""
    before = events(url)
    people = office(*words, who=who)
    assert (people.exit_code, people.stdout) == (1, "")
    assert said in people.stderr
    program = office(*words, who=who, js=True)
    assert program.exit_code == 1
    assert told(program)["refused"]["code"] == code
    assert office(*words, who=who, lang="zh").stderr.rstrip().endswith("。")
    assert events(url) == before


def test_an_act_says_what_followed(office: Duban) -> None:
    """Events as sentences, in either language; with --json one document."""
    lagging = ("fire", "promises-01", "report", "-f", "month=2022-02", "-f", "percent=2")
    people = office(*lagging, who=LEAD, lang="zh")
    assert people.exit_code == 0
    assert "“推进中”→“滞后”" in people.stdout
    program = told(office("fire", "promises-01", "order", "-f", "deadline=2022-03-01", js=True))
    assert (program["state"], [one["number"] for one in program["issued"]]) == ("rectifying", [1])


def test_a_key_repeats_the_answer(office: Duban, url: str) -> None:
    """The second call says the same, and nothing is written."""
    first = told(office(*REPORT, "--key", "k1", who=LEAD, js=True))
    count = events(url)
    second = told(office(*REPORT, "--key", "k1", who=LEAD, js=True))
    assert second == {**first, "repeated": True}
    assert office(*REPORT, "-f", "phone=1", "--key", "k1", who=LEAD).exit_code == 1
    assert events(url) == count


def test_evidence_is_kept_by_its_digest(office: Duban, url: str, tmp_path: Path) -> None:
    """Two files under one field."""
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(name.encode())
    files = [word for name in ("a.pdf", "b.pdf") for word in ("-f", f"evidence=@{tmp_path / name}")]
    assert office(*REPORT, *files, who=LEAD).exit_code == 0
    form = next(
        one["payload"]["form"] for one in told(office("history", "promises-01", js=True)) if "form" in one["payload"]
    )
    assert [file["name"] for file in form["evidence"]] == ["a.pdf", "b.pdf"]
    store = open_store(url)
    assert [store.file(file["digest"]) for file in form["evidence"]] == [b"a.pdf", b"b.pdf"]
    store.close()


@pytest.mark.parametrize("given", ["evidence=a.pdf", 'evidence:={"name": "a.pdf"}', 'evidence:=[{"digest": "00"}]'])
def test_a_name_is_no_evidence(office: Duban, url: str, given: str) -> None:
    """A file field takes files: what only names one is a wrong call, and says how to give it."""
    before = events(url)
    for lang, cure in (("zh", "请写成 evidence=@文件路径"), ("en", "write evidence=@PATH")):
        shown = office(*REPORT, "-f", given, who=LEAD, lang=lang)
        assert (shown.exit_code, cure in shown.stderr) == (2, True)
    assert events(url) == before


def test_a_suggestion_is_what_can_be_typed(office: Duban) -> None:
    """The name, with its title in brackets: near misses, what is possible now, what there is."""
    assert "did you mean report (Report progress)" in office("fire", "promises-01", "reprot", who=LEAD).stderr
    order = ("fire", "promises-01", "order", "-f", "deadline=2022-03-01")
    assert "现在可以：report（填报进展）" in office(*order, lang="zh").stderr
    assert "pass (Rectified), report (Report progress)." in office("fire", "promises-01", "zzz").stderr
    assert "you act in no role" in office(*REPORT, who="li").stderr


def test_a_list_with_faults_is_not_registered(office: Duban, url: str, tmp_path: Path) -> None:
    """Each fault by row and column: cells that do not fit, and a task that is there already."""
    before = events(url)
    cells = office(
        "register", "promises", str(listed(tmp_path, "项目,牵头单位,累计进度\n桥梁,,5\n隧道,甲,many\n")), js=True
    )
    assert cells.exit_code == 1
    assert [(one["row"], one["columns"]) for one in told(cells)["refused"]["faults"]] == [
        (2, ["牵头单位"]),
        (3, ["累计进度"]),
    ]
    twin = office("register", "promises", str(listed(tmp_path, "项目,牵头单位\n桥梁,甲\n水库,乙\n")))
    assert twin.exit_code == 1
    assert "row 3 [Project]" in twin.stderr
    assert "promises-01" in twin.stderr
    assert events(url) == before


def test_tasks_under_way_enter_with_opening(office: Duban, tmp_path: Path) -> None:
    """State by its title, the due day of a deadline, the source."""
    text = "项目,牵头单位,状态,due:rectification,依据\n桥梁,水务局,限期整改,2022-02-10,通知单\n"
    assert office("register", "promises", str(listed(tmp_path, text)), "--opening").exit_code == 0
    page = told(office("show", "promises-03", js=True))
    assert page["state"] == "rectifying"
    assert ("rectification", "2022-02-10") in [(one["name"], one["last_day"]) for one in page["deadlines"]]


def test_a_year_moves_by_sweeps(office: Duban, tmp_path: Path) -> None:
    """A programme with members: swept to a month's end, its bulletin is out, the board and the worklist show it."""
    plan = listed(tmp_path, "计划\n2022 年\n")
    assert told(office("register", "promises", str(plan), "--programmes", js=True)) == {
        "registered": ["promises-programme-01"]
    }
    members = listed(tmp_path, "项目,牵头单位\n桥梁,水务局\n")
    assert office("register", "promises", str(members), "--programme", "promises-programme-01").exit_code == 0
    swept = told(office("sweep", "--at", "2022-02-28", js=True))
    assert (swept["missed"], [one["key"] for one in swept["issued"]]) == (3, ["2022-02"])
    assert {one["signal"] for one in told(office("board", js=True))} == {"yellow", None}
    assert {one["signal"] for one in told(office("board", "--at", "2022-02-27", js=True))} == {"green", None}
    assert "overdue" in office("worklist", "--unit", "水务局").stdout
    assert office("sweep", "--at", "2022-02-01").exit_code == 1
    again = office("issue", "bulletin", "--programme", "promises-programme-01", "--period", "2022-02")
    assert (again.exit_code, "no. 1" in again.stderr) == (1, True)


def test_the_page_and_the_history_speak_both_languages(office: Duban) -> None:
    """Why a date is what it is; what happened and why."""
    for lang, why, what in (("zh", "周期 2022-02", "登记"), ("en", "period 2022-02", "Registered")):
        assert why in office("show", "promises-01", lang=lang).stdout
        assert what in office("history", "promises-01", "--family", lang=lang).stdout


def test_a_rehearsal_never_becomes_live(office: Duban) -> None:
    """A database keeps its purpose."""
    assert office("init").exit_code == 1
    assert office("init", "--rehearsal", "2022-01-20T09:00+08:00").exit_code == 0


def test_a_live_database_does_not_run_ahead(duban: Duban) -> None:
    """The future is not swept there; now is."""
    assert duban("init").exit_code == 0
    assert told(duban("sweep", "--at", "2099-01-01T00:00+08:00", js=True))["refused"]["code"] == "sweep_ahead"
    assert told(duban("sweep", js=True))["families"] == 0


def test_a_missing_database_is_a_no_with_a_cure(duban: Duban) -> None:
    """It says how to make one."""
    result = duban("worklist")
    assert (result.exit_code, "duban init" in result.stderr) == (1, True)


@pytest.mark.parametrize("words", [("fire",), ("nothing",), ("sweep", "--at", "soon"), ("--lang", "fr", "board")])
def test_a_wrong_call_is_a_matter_of_usage(duban: Duban, words: tuple[str, ...]) -> None:
    """Exit 2."""
    assert duban("init").exit_code == 0
    assert duban(*words).exit_code == 2


def test_check_reports_all_problems_with_positions(duban: Duban, tmp_path: Path) -> None:
    """Exit 1 with problems, 0 without; as JSON on demand."""
    bad = tmp_path / "bad.yaml"
    bad.write_text(PROMISES.read_text(encoding="utf-8").replace("to: done", "to: nowhere"), encoding="utf-8")
    assert duban("check", str(PROMISES)).exit_code == 0
    people = duban("check", str(PROMISES), str(bad), lang="zh")
    assert people.exit_code == 1
    assert f"{bad}:" in people.stderr
    program = told(duban("check", str(bad), js=True))
    assert [one["line"] > 1 for one in program[0]["problems"]] == [True]
    assert duban("publish", str(bad), who=ADMIN).exit_code == 1


def test_schema_is_a_json_schema(duban: Duban) -> None:
    """One document that editors read."""
    assert "properties" in told(duban("schema"))


def test_a_rehearsal_is_kept_as_a_golden_file(duban: Duban, tmp_path: Path) -> None:
    """Written the first time, compared afterwards."""
    tasks, golden = listed(tmp_path, LIST), tmp_path / "golden.txt"
    words = ("rehearse", str(PROMISES), "--tasks", str(tasks), "--from", "2022-01-20", "--until", "2022-04-30")
    assert duban(*words, "--golden", str(golden)).exit_code == 0
    assert duban(*words, "--golden", str(golden)).exit_code == 0
    golden.write_text("another\n", encoding="utf-8")
    assert duban(*words, "--golden", str(golden)).exit_code == 1


def test_editions_are_listed(office: Duban) -> None:
    """By process and edition."""
    assert [(one["process"], one["edition"]) for one in told(office("editions", js=True))] == [("promises", "1")]


def test_help_answers_at_once() -> None:
    """Neither the engine's compiler nor the database nor the tables' library is imported for it."""
    script = (
        "import sys, cli\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'rich', 'pydantic', 'cel_expr_python', 'jinja2', 'engine', 'storage'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stderr.strip() == "[]"
    assert "worklist" in done.stdout
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert spent < 3, "a generous bound, in seconds of the processor; it takes a tenth of a second"


def commands_of(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its names, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands_of(command, (*path, name))


CHINESE = re.compile("[\u4e00-\u9fff]")
EVERY = [(" ".join(names), command) for names, command in commands_of(cli.cli)]


@pytest.mark.parametrize(("name", "command"), EVERY, ids=[name for name, _ in EVERY])
def test_every_command_explains_itself_in_the_language_of_the_call(
    duban: Duban, name: str, command: click.Command
) -> None:
    """What it does, each argument and each option, in both languages; a screen has one language alone."""
    for param in command.params:
        words = getattr(param, "help", None) or ""
        assert " / " in words, f"{name} {param.name} lacks help in a language"
        assert (bool(CHINESE.search(half(words, "zh"))), bool(CHINESE.search(half(words, "en")))) == (True, False)
    for lang, usage in (("zh", "用法："), ("en", "Usage: ")):
        shown = duban(*name.split(), "--help", lang=lang)
        assert shown.exit_code == 0
        assert shown.stdout.startswith(f"{usage}cli {name}")
        assert " / " not in shown.stdout
        assert ("Options" in shown.stdout, bool(CHINESE.search(shown.stdout))) == (lang == "en", lang == "zh")


def test_the_language_of_a_call_is_asked_for_or_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--lang` wins over DUBAN_LANG, which wins over the locale."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "Usage" in CliRunner().invoke(cli.cli, ["--help"]).stdout
    monkeypatch.setenv("DUBAN_LANG", "zh")
    assert "用法" in CliRunner().invoke(cli.cli, ["--help"]).stdout
    assert "没有命令" in CliRunner().invoke(cli.cli, ["nothing"]).stderr
    assert "Usage" in CliRunner().invoke(cli.cli, ["--lang=en", "--help"]).stdout


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("bord",), "没有命令 bord；是否想用 board？", "There is no command bord; did you mean board?"),
        (("zzz",), "cli --help 列出全部命令。", "There is no command zzz; cli --help lists all commands."),
        ((), "没有写命令", "No command was given"),
        (("board", "--knwn-at", "x"), "没有选项 --knwn-at；是否想用 --known-at？", "did you mean --known-at?"),
        (("board", "--zzz"), "cli board --help 列出全部选项", "cli board --help lists all options"),
        (("board", "--json"), "它要写在命令前面：cli --json … board", "stands before the command: cli --json … board"),
        (("board", "x"), "多了参数 x", "x is one argument too many"),
        (("fire", "t"), "缺少 TRIGGER（操作标识，见 duban show）", "TRIGGER (The trigger, as duban show lists them)"),
        (("rehearse", "."), "缺少 --tasks", "--tasks (The list of tasks, .xlsx or .csv) is missing"),
        (("sweep", "--at"), "--at 后面要写值", "--at needs a value after it"),
        (("sweep", "--accept-gap=1"), "--accept-gap 不带值", "--accept-gap takes no value"),
        (("fire", "a", "b", "--version", "x"), "“x”不是可用的整数；请写一个整数", "'x' does not fit; give a whole"),
        (("check", "none.yaml"), "没有文件 none.yaml；请检查路径", "there is no file none.yaml; check the path"),
        (("register", "p", "."), ". 是文件夹；请写文件的路径", ". is a folder; give the path of a file"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_told_with_a_cure(duban: Duban, words: tuple[str, ...], zh: str, en: str) -> None:
    """Exit 2; the usage, the reason and what helps, in the language of the call and in no other."""
    for lang, said in (("zh", zh), ("en", en)):
        shown = duban(*words, lang=lang)
        assert (shown.exit_code, shown.stdout) == (2, "")
        assert said in shown.stderr
        assert ("用法" in shown.stderr, "Usage" in shown.stderr) == (lang == "zh", lang == "en")


def test_a_language_that_is_not_spoken_is_told(duban: Duban) -> None:
    """Whoever asks for another one learns which there are."""
    assert "zh, en" in duban("--lang", "fr", "board", lang="en").stderr


def test_the_program_says_its_version() -> None:
    """Its name and its version."""
    assert re.fullmatch(r"duban \d+\.\d+\.\d+\S*\n", CliRunner().invoke(cli.cli, ["--version"]).stdout)


# -- making a database


def test_init_makes_the_folder_and_says_what_it_is_for(tmp_path: Path) -> None:
    """In either language; where no folder can be made, it says so and what to do."""
    (tmp_path / "file").write_text("")
    for lang, purpose, cure in (("zh", "推演", "请先建好它"), ("en", "rehearsal", "choose another place with --db")):
        words = ["--lang", lang, "init", "--rehearsal", "2022-01-20T09:00+08:00"]
        made = CliRunner().invoke(cli.cli, ["--db", f"sqlite:///{tmp_path}/{lang}/deep/a.db", *words])
        assert (made.exit_code, purpose in made.stdout) == (0, True)
        barred = CliRunner().invoke(cli.cli, ["--db", f"sqlite:///{tmp_path}/file/a.db", *words])
        assert (barred.exit_code, cure in barred.stderr) == (1, True)


def test_upgrade_touches_neither_a_newer_database_nor_another_programs(tmp_path: Path) -> None:
    """Both are told; the file of the other program stays as it is."""
    import sqlite3

    ours, other = tmp_path / "ours.db", tmp_path / "other.db"
    assert CliRunner().invoke(cli.cli, ["--db", f"sqlite:///{ours}", "init"]).exit_code == 0
    for file, script in ((ours, "UPDATE duban_version SET version_num = '9999'"), (other, "CREATE TABLE t (a)")):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(script)
    newer = CliRunner().invoke(cli.cli, ["--lang", "en", "--db", f"sqlite:///{ours}", "upgrade"])
    assert (newer.exit_code, "upgrade the program first" in newer.stderr) == (1, True)
    foreign = CliRunner().invoke(cli.cli, ["--lang", "en", "--db", f"sqlite:///{other}", "upgrade"])
    assert (foreign.exit_code, "not a Duban database" in foreign.stderr) == (1, True)
    with closing(sqlite3.connect(other)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]


# -- the record in words


def test_the_history_says_when_who_and_under_what(office: Duban) -> None:
    """The edition once, the number of each event, who in which role; a late entry is marked, with when it came."""
    assert office("sweep", "--at", "2022-01-25T12:00").exit_code == 0
    late = ("-f", "title=水库", "--at", "2022-01-24T10:00", "--reason", "came late")
    assert office("amend", "promises-01", *late).exit_code == 0
    page = office("history", "promises-01").stdout
    assert page.startswith("promises-01  edition promises@1\n")
    assert page.count("edition promises@1") == 1
    assert "2022-01-20 09:00  promises-01#1  li (Office)" in page
    (line,) = (line for line in page.splitlines() if "came late" in line)
    assert line.startswith("  2022-01-24 10:00  promises-01#")
    assert "[late entry, recorded 2022-01-25 12:00]  li (Office)" in line
    assert [one["late"] for one in told(office("history", "promises-01", js=True))].count(True) == 1


def test_the_history_shows_the_chain_on_demand(office: Duban) -> None:
    """Each hash is the one before of the next event."""
    shown = [line.split() for line in office("history", "promises-01", "--hashes").stdout.splitlines()]
    prev = [words[1] for words in shown if words[0] == "prev"]
    hashes = [words[1] for words in shown if words[0] == "hash"]
    assert prev[1:] == hashes[:-1]
    assert len(hashes) > 1
    assert "prev" not in office("history", "promises-01").stdout
    program = told(office("history", "promises-01", js=True))
    assert [one["seq"] for one in program] == list(range(1, len(program) + 1))
    assert [one["prev"] for one in program] == prev


# -- common mistakes


def test_what_newcomers_get_wrong_is_told_with_a_way_on(duban: Duban, tmp_path: Path) -> None:
    """Nothing published, another kind of file, nothing there yet; no instant is shown as machines write it."""
    assert duban("init", "--rehearsal", "2022-01-20T09:00+08:00").exit_code == 0
    tasks = str(listed(tmp_path, LIST))
    assert "duban publish" in duban("register", "promises", tasks).stderr
    assert "duban register" in duban("board").stdout
    assert duban("worklist", lang="zh").stdout == "没有待办。\n"
    assert duban("publish", str(PROMISES), who=ADMIN).exit_code == 0
    assert "published here: promises" in duban("register", "promise", tasks).stderr
    other = duban("register", "promises", str(PROMISES), lang="zh")
    assert (other.exit_code, "请另存为其中一种" in other.stderr) == (1, True)
    assert "the board lists all tasks" in duban("show", "promises-1").stderr
    assert "2022-01-20 01:00 UTC" in duban("sweep", "--at", "2021-01-01T00:00+08:00").stderr
    assert "runs from one day" in duban("rehearse", str(PROMISES), "--tasks", tasks, "--until", "2022-01-01").stderr
    far = duban("rehearse", str(PROMISES), "--tasks", tasks, "--from", "2022-01-01", "--until", "8999-01-01")
    assert "30 years at most (2022-01-01 to 8999-01-01); give an earlier --until" in far.stderr


# -- calendars


def override(duban: Duban, day: str, *words: str, who: str = ADMIN, lang: str = "en", js: bool = False) -> Result:
    return duban("calendar", "override", "cn", day, *words, "--reason", "Notice 7", who=who, lang=lang, js=js)


def test_an_administrator_changes_a_day_of_a_calendar(office: Duban) -> None:
    """Who, when and why stay on record; each version has a digest of its own; the year shows what stands."""
    before = told(office("calendar", "show", "cn", js=True))
    assert (before["year"], before["overrides"]) == (2022, [])
    assert "2022-02-01" in before["closed"]
    assert "2022-01-29" in before["working"]
    changed = told(override(office, "2022-02-09", "--off", js=True))
    after = told(office("calendar", "show", "cn", "--year", "2022", js=True))
    assert changed["digest"] == after["digest"] != before["digest"]
    assert set(after["closed"]) - set(before["closed"]) == {"2022-02-09"}
    (kept,) = after["overrides"]
    assert {"actor": "zhao", "reason": "Notice 7", "day": "2022-02-09", "working": False}.items() <= kept.items()
    assert told(override(office, "2022-02-09", "--on", js=True))["digest"] != before["digest"]
    assert "2022-02-09  made a day of rest  zhao  2022-01-20 09:00  Notice 7" in office("calendar", "show", "cn").stdout
    assert "2022-02-09  改为工作日  zhao" in office("calendar", "show", "cn", lang="zh").stdout
    assert told(office("calendar", "show", "cn", "--year", "2023", js=True))["overrides"] == []


def test_what_is_decided_after_an_override_counts_by_it(office: Duban, url: str, tmp_path: Path) -> None:
    """A page counts the days that are left by the calendar as it stands; the events name its digest."""
    left = told(office("show", "promises-01", js=True))["deadlines"][0]["working_days_left"]
    changed = told(override(office, "2022-02-09", "--off", js=True))
    assert told(office("show", "promises-01", js=True))["deadlines"][0]["working_days_left"] == left - 1
    assert changed["moved"] == []
    assert "No open deadline has another date" in override(office, "2022-02-10", "--off").stdout
    assert "日期都不变" in override(office, "2022-02-11", "--off", lang="zh").stdout
    digest = told(office("calendar", "show", "cn", js=True))["digest"]
    assert office("register", "promises", str(listed(tmp_path, "项目,牵头单位\n桥梁,水务局\n"))).exit_code == 0
    first = told(office("history", "promises-03", js=True))[0]
    assert first["payload"]["command"]["calendar"] == digest
    store = open_store(url)
    assert store.calendar(digest) is not None
    store.close()


def test_open_deadlines_follow_a_change_of_the_calendar(office: Duban) -> None:
    """Each that moves is told, before and after, and its history says why in both languages."""
    moved = told(override(office, "2022-02-28", "--off", js=True))["moved"]
    assert [(one["task"], one["before"], one["after"]) for one in moved][:1] == [
        ("promises-01", "2022-02-28", "2022-02-25")
    ]
    assert "2022-02-25 → 2022-02-28" in override(office, "2022-02-28", "--on").stdout
    assert "Notice 7" in office("history", "promises-01").stdout
    assert "日历调整" in office("history", "promises-01", lang="zh").stdout
    assert "日期都不变" in office("calendar", "reproject", "cn", who=ADMIN, lang="zh").stdout
    assert told(office("calendar", "reproject", "cn", who=ADMIN, js=True))["families"] == 2


def test_a_notice_is_entered_from_a_file(office: Duban, tmp_path: Path) -> None:
    """Who, when and why are shown; the horizon moves on."""
    file = tmp_path / "cn-2027.yaml"
    file.write_text(
        "calendar: cn\nedition: '2027'\nweek: [mon, tue, wed, thu, fri]\n"
        "known: {from: 2027-01-01, until: 2027-12-31}\nclosed: [2027-01-01]\nworking: [2027-02-07]\n",
        encoding="utf-8",
    )
    words = ("calendar", "publish", "cn", str(file), "--reason", "国办 9 号")
    assert told(office(*words, who="li:office", js=True))["refused"]["code"] == "calendar_not_admin"
    assert told(office(*words, who=ADMIN, js=True))["notice"]["last"] == "2027-12-31"
    shown = office("calendar", "show", "cn", "--year", "2027").stdout
    assert "—2027-12-31" in shown
    assert "official notice for 2027-01-01—2027-12-31  zhao" in shown
    assert told(office("calendar", "show", "cn", "--year", "2027", js=True))["working"] == ["2027-02-07"]
    assert office(*words, who=ADMIN).exit_code == 1
    file.write_text("calendar: cn\n", encoding="utf-8")
    assert "a calendar lacks edition, week, known" in office(*words, who=ADMIN).stderr
    assert office(*words[:-1], " ", who=ADMIN).exit_code == 2


def test_an_edition_that_is_published_later_knows_the_override(office: Duban, tmp_path: Path) -> None:
    """What an administrator changed holds for every edition with that calendar, and the version is kept."""
    digest = told(override(office, "2022-02-09", "--off", js=True))["digest"]
    second = tmp_path / "second.yaml"
    second.write_text(PROMISES.read_text(encoding="utf-8").replace('edition: "1"', 'edition: "2"'), encoding="utf-8")
    assert office("publish", str(second), who=ADMIN).exit_code == 0
    assert told(office("calendar", "show", "cn", js=True))["digest"] == digest
    assert office("register", "promises", str(listed(tmp_path, "项目,牵头单位\n桥梁,水务局\n"))).exit_code == 0
    (first, *_) = told(office("history", "promises-03", js=True))
    assert (first["edition"], first["payload"]["command"]["calendar"]) == ("promises@2", digest)


@pytest.mark.parametrize(
    ("words", "who", "code"),
    [
        (("calendar", "show", "mars"), ADMIN, "no_calendar"),
        (("calendar", "override", "mars", "2022-02-09", "--off", "--reason", "r"), ADMIN, "no_calendar"),
        (("calendar", "override", "cn", "2022-02-09", "--off", "--reason", "r"), "li:office", "calendar_not_admin"),
        (("calendar", "override", "cn", "2022-02-09", "--on", "--reason", "r"), ADMIN, "calendar_works"),
        (("calendar", "override", "cn", "2022-02-02", "--off", "--reason", "r"), ADMIN, "calendar_closed"),
    ],
)
def test_a_change_of_a_calendar_that_cannot_be_is_a_no(
    office: Duban, words: tuple[str, ...], who: str, code: str
) -> None:
    """It says why and what helps in both languages, and leaves nothing on record."""
    refused = office(*words, who=who, js=True)
    assert (refused.exit_code, told(refused)["refused"]["code"]) == (1, code)
    assert office(*words, who=who, lang="zh").stderr.rstrip().endswith("。")
    assert told(office("calendar", "show", "cn", js=True))["overrides"] == []


@pytest.mark.parametrize(
    "words",
    [("2022-02-09", "--reason", "r"), ("2022-02-09", "--off", "--reason", " "), ("soon", "--off", "--reason", "r")],
)
def test_a_change_of_a_calendar_says_which_day_and_why(office: Duban, words: tuple[str, ...]) -> None:
    """Otherwise it is a wrong call."""
    assert office("calendar", "override", "cn", *words, who=ADMIN).exit_code == 2


def test_a_page_says_how_many_days_are_left_or_late(office: Duban) -> None:
    """In days and working days, before the day, on it and after it."""
    page = told(office("show", "promises-01", js=True))
    report = next(one for one in page["deadlines"] if one["key"] == "2022-02")
    assert (report["last_day"], report["days_left"], report["working_days_left"]) == ("2022-02-28", 39, 24)
    assert "(39 days left, 24 working)" in office("show", "promises-01").stdout
    assert office("sweep", "--at", "2022-02-28T12:00").exit_code == 0
    assert "（今日到期）" in office("show", "promises-01", lang="zh").stdout
    assert office("sweep", "--at", "2022-03-04T12:00").exit_code == 0
    assert "（逾期 4 天，4 个工作日）" in office("show", "promises-01", lang="zh").stdout


def test_what_is_no_definition_or_list_is_told_plainly(duban: Duban, tmp_path: Path) -> None:
    """A folder without a definition, bytes that are no text, a damaged spreadsheet, a store that is not kept."""
    duban("init", "--rehearsal", "2022-01-20T09:00+08:00")
    assert duban("check", str(tmp_path)).exit_code == 2
    noise = tmp_path / "noise.yaml"
    noise.write_bytes(bytes(range(128, 256)))
    assert duban("publish", str(noise), who=ADMIN).exit_code == 1
    assert duban("publish", str(PROMISES), who=ADMIN).exit_code == 0
    damaged = tmp_path / "tasks.xlsx"
    damaged.write_bytes(b"PK no spreadsheet")
    assert duban("register", "promises", str(damaged)).exit_code == 1
    assert duban("rehearse", str(PROMISES), "--tasks", str(damaged)).exit_code == 1
    assert duban("--db", "memory://", "board").exit_code == 2


def test_a_file_that_cannot_be_written_is_told_with_what_would_help(office: Duban, tmp_path: Path) -> None:
    """In one line, and not as a fault of the program."""
    nowhere = tmp_path / "nowhere" / "states.svg"
    said = office("diagram", "promises", "--out", str(nowhere))
    assert said.exit_code == 1
    why = "there is no such file or folder"
    assert f"The file {nowhere} cannot be written ({why}); choose another place." in said.stderr


def test_a_diagram_of_the_database_counts_its_open_tasks(office: Duban, tmp_path: Path) -> None:
    picture = tmp_path / "states.svg"
    told = json.loads(office("diagram", "promises", "--out", str(picture), js=True).stdout)
    assert (told["edition"], sum(told["open"].values())) == ("promises@1", 2)
    assert "2 open" in picture.read_text(encoding="utf-8")


def test_what_cannot_be_drawn_is_said_with_a_cure(office: Duban) -> None:
    assert office("diagram", str(PROMISES)).stdout.startswith("<svg ")
    assert "published are: promises@1" in office("diagram", "promises@7").stderr
    assert "promises" in office("diagram", "nothing").stderr, "what there is instead"
    assert "did you mean `office`?" in office("diagram", "promises", "--role", "ofice").stderr
    assert "has no body `intervew`" in office("diagram", "promises", "--body", "intervew").stderr


def test_what_nobody_has_used_in_months_is_reported(office: Duban) -> None:
    told = json.loads(office("report", "never-fired", "promises", "--months", "1", js=True).stdout)
    unused = {(each["sort"], each["name"]): each["last"] for each in told["unused"]}
    assert told["tasks"] == 2
    assert unused["transition", "report"] is None
    assert ("state", "running") not in unused, "both tasks have just been registered"
    assert office("sweep", "--at", "2022-04-01").exit_code == 0
    later = json.loads(office("report", "never-fired", "promises", "--months", "1", js=True).stdout)
    old = {(each["sort"], each["name"]): each["last"] for each in later["unused"]}
    assert old["state", "running"].startswith("2022-01-20"), "used once, and not for a month"
    assert "never" in office("report", "never-fired", "promises").stdout
    assert office("report", "never-fired", "nothing").exit_code == 1


def test_check_tells_what_no_scenario_shows(duban: Duban) -> None:
    told = duban("check", "--coverage", str(PROMISES)).stdout
    assert "What never happened" in told


def test_a_draft_is_put_to_the_history_of_the_database(office: Duban, tmp_path: Path) -> None:
    assert office("sweep", "--at", "2022-03-10").exit_code == 0
    same = office("backtest", str(PROMISES)).stdout
    assert "2 tasks come out the same" in same
    draft = tmp_path / "draft.yaml"
    text = PROMISES.read_text(encoding="utf-8")
    draft.write_text(text.replace("missed: {fire: miss_report}", ""), encoding="utf-8")
    assert draft.read_text(encoding="utf-8") != text
    told = json.loads(office("backtest", str(draft), js=True).stdout)
    assert {each["task"] for each in told["differing"]} == {"promises-01", "promises-02"}
    assert "what people would have done after it, nobody knows" in office("backtest", str(draft)).stdout


def test_a_sweep_keeps_the_results_of_each_value_and_goes_on_from_them(office: Duban, tmp_path: Path) -> None:
    assert office("sweep", "--at", "2022-03-10").exit_code == 0
    draft, text = tmp_path / "draft.yaml", PROMISES.read_text(encoding="utf-8")
    text = text.replace("roles:", "parameters:\n  spared: {zh: 免, en: Spared, type: integer, value: 1}\nroles:", 1)
    draft.write_text(text.replace("missed('monthly_report') > 1", "missed('monthly_report') > param.spared"), "utf-8")
    sweep = ("backtest", str(draft), "--sweep", "spared=1,0", "--keep", str(tmp_path / "kept.jsonl"))
    first = office(*sweep, js=True)
    assert first.exit_code == 0, first.stderr
    as_ever, red = json.loads(first.stdout)["values"].values()
    assert (as_ever, [each["anew"] for each in red if each["name"] == "red"]) == ([], [2])
    files = [tmp_path / f"kept-{value}.jsonl" for value in (1, 0)]
    assert sorted(tmp_path.glob("kept*")) == sorted(files)
    whole = [file.read_text(encoding="utf-8") for file in files]
    files[1].write_text("".join(whole[1].splitlines(keepends=True)[:2]), encoding="utf-8")  # stopped there
    again = office(*sweep, js=True)
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert files[0].read_text(encoding="utf-8") == whole[0], "what was looked at is not looked at again"
    assert sorted(files[1].read_text(encoding="utf-8").splitlines()) == sorted(whole[1].splitlines())


def test_a_wrong_call_of_a_backtest_is_told(office: Duban, tmp_path: Path) -> None:
    assert "NAME=VALUE" in office("backtest", str(PROMISES), "--set", "term").stderr
    assert "--picture draws the curve" in office("backtest", str(PROMISES), "--picture", "p.svg").stderr
    assert "there is no parameter `nothing`" in office("backtest", str(PROMISES), "--set", "nothing=1").stderr
    assert "lies before" in office("backtest", str(PROMISES), "--from", "2030-01-01").stderr
    kept = tmp_path / "kept.jsonl"
    assert office("sweep", "--at", "2022-03-10").exit_code == 0
    assert office("backtest", str(PROMISES), "--keep", str(kept)).exit_code == 0
    other = office("backtest", str(PROMISES), "--keep", str(kept), "--until", "2022-02-20")
    assert "holds the results of another draft" in other.stderr


def test_what_somebody_wrote_commands_no_terminal_and_looks_like_no_entry(office: Duban, tmp_path: Path) -> None:
    """Marks that turn the order of reading are refused; escape sequences and ends of lines stay in the record and do
    nothing at a terminal.
    """
    hostile = "桥\x1b]52;c;cm0=\x07\n  2099-01-01 00:00  promises-01#99  li  办结\x9b2J钱"
    turned = listed(tmp_path, f'项目,牵头单位,2022-02 计划进度\n"{hostile}\u202e",水务局,10\n')
    assert office("register", "promises", str(turned)).exit_code == 1
    path = listed(tmp_path, f'项目,牵头单位,2022-02 计划进度\n"{hostile}",水务局,10\n')
    assert office("register", "promises", str(path)).exit_code == 0
    for words in (("history", "promises-03"), ("show", "promises-03"), ("board",), ("explain", "promises-03", "1")):
        people = office(*words)
        assert people.exit_code == 0, people.stderr
        assert "桥" in people.stdout
        assert not set(people.stdout) & set("\x1b\x07\x9b"), words
        forged = [line for line in people.stdout.splitlines() if line.startswith("  2099-01-01")]
        assert not forged or words[0] in ("show", "board"), "whose lines are no entries"
    assert told(office("show", "promises-03", js=True))["fields"]["title"] == hostile, "it is as it was written"
