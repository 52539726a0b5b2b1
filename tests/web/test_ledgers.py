"""Registers and scores: what a definition declares, in the scope of its reader, with nothing personal in it."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from cli import cli
from engine.commands import Actor
from tests.web.stage import CITY, DALIAN, HOUSING, OFFICE, PROCESS, Stage, underway

OPINION, SECRET, CONTACT = "路灯不亮", "李四", "13900000000"


def _sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def _opinion(stage: Stage) -> None:
    gas = underway(stage, "gas")
    stage.act(gas, "receive_opinion", OFFICE, text=OPINION, citizen=SECRET, contact=CONTACT)


def test_every_kind_of_child_has_a_register_with_the_titles_of_its_definition(stage: Stage) -> None:
    """In both languages; none of them is named anywhere but in the definition."""
    for lang, titles in (("zh", ("约谈", "协调解决台账事项", "市民意见")), ("en", ("Interview", "Coordination item"))):
        text = stage.client("li", lang).get("/ledgers").text
        assert all(f">{title}</a>" in text for title in titles)
    for name in ("nothing", f"{PROCESS}:", f"{PROCESS}:programme", "x:opinion", "%00"):
        assert stage.client("li").get(f"/ledgers/{name}").status_code == 404


def test_a_register_shows_its_items_to_those_in_whose_scope_they_are(stage: Stage) -> None:
    """The unit that leads what they are about, and not another; personal fields to nobody, on the page or in a file."""
    _opinion(stage)
    path = f"/ledgers/{PROCESS}:opinion"
    for user, seen in (("li", True), ("qian", True), ("wu", True), ("wang", False), ("nobody", False)):
        page = stage.client(user).get(path).text
        rows = _sheet(stage.client(user).get(f"{path}/export").content)
        assert (OPINION in page) is seen
        assert (len(rows) == 2) is seen
        for secret in (SECRET, CONTACT):
            assert secret not in page
            assert all(secret not in str(cell) for row in rows for cell in row)
    li = stage.client("li")
    assert OPINION in li.get(f"{path}?show=open&unit={CITY}").text
    assert OPINION not in li.get(f"{path}?show=ended").text
    assert OPINION not in li.get(f"{path}?unit={HOUSING}").text
    assert OPINION not in li.get(f"{path}?show=overdue").text
    assert OPINION not in li.get(f"{path}?q=%25").text
    assert '"num" data-label="未办结"><a' in li.get("/ledgers").text


def test_a_score_has_a_cause_for_each_point(stage: Stage) -> None:
    """The act, its rule, the line of the definition that says so, and the points; other units see none of it."""
    homes = underway(stage, "homes")
    stage.act(
        homes,
        "record_concealment",
        OFFICE,
        month="2022-01",
        concealment="omission",
        actual=0,
        percent=0,
        basis="实地核查",
    )
    page = stage.client("li").get("/scores").text
    assert "认定瞒报、漏报" in page
    assert "D-23" in page
    line = next(
        number
        for number, text in enumerate(DALIAN.read_text(encoding="utf-8").splitlines(), 1)
        if "deductions: task.deductions +" in text
    )
    assert f"第 {line} 行" in page
    assert ">95 " in page
    assert "认定瞒报" not in stage.client("qian").get("/scores").text
    told = _sheet(stage.client("li").get("/scores/export").content)
    assert min((str(row[1]), row[3], row[4]) for row in told[1:]) == ("实施10万户老旧小区改造", 95, -5)
    assert {row[3] for row in told[1:]} == {95, 100}
    causes = _sheet(stage.client("wang").get("/scores/export?what=causes").content)
    assert [row[-1] for row in causes[1:]] == [-5]
    assert len(_sheet(stage.client("qian").get("/scores/export?what=causes").content)) == 1
    assert stage.client("li").get("/scores?score=nothing").status_code == 404


def test_the_command_says_what_the_page_says(stage: Stage, tmp_path: Path) -> None:
    """The query that the page prints, run: every score, every change with its cause and line; on the screen, for
    programs and as files. Beside it the chart and the table of units, in both languages.
    """
    stage.act(
        underway(stage, "homes"), "record_concealment", OFFICE, month="2022-01", concealment="omission", actual=0,
        percent=0, basis="实地核查",
    )  # fmt: skip
    for lang, words in (("zh", ("认定瞒报、漏报", "各单位扣分")), ("en", ("Record a concealment", "Points by unit"))):
        page = stage.client("wu", lang).get("/scores").text
        told = re.search(r"<code>duban (report scores [^<]*)</code>", page)
        assert told is not None
        assert all(each in page for each in words)
        assert "param.full_score - task.deductions" in page
        assert page.count("part-red") == 1
        shown = _run(tmp_path, lang, *told[1].split())
        assert words[0] in shown
        assert re.search(rf"D-23 {PROCESS}@\S+:\d+", shown)
        assert "param.full_score - task.deductions" in shown
        (why,) = re.findall(r'href="(/tasks/[^"]+/why/\d+)"', page)
        assert words[0] in stage.client("wu", lang).get(why).text
    said = json.loads(_run(tmp_path, "en", "--json", "report", "scores"))
    assert {(each["unit"], each["score"], each["full"]) for each in said["scores"]} == {
        (HOUSING, 95, 100), (HOUSING, 100, 100), (CITY, 100, 100),
    }  # fmt: skip
    assert [(each["Unit"], each["Points"]) for each in said["causes"]] == [(HOUSING, -5)]
    for name in ("causes.xlsx", "causes.csv"):
        assert _run(tmp_path, "en", "--json", "report", "scores", PROCESS, "--out", str(tmp_path / name))
    (_, row) = _sheet((tmp_path / "causes.xlsx").read_bytes())
    assert (row[1], row[3], row[5]) == (HOUSING, "Record a concealment", -5)
    assert (tmp_path / "causes.csv").read_text(encoding="utf-8-sig").splitlines()[1].endswith(f"-5,{row[6]}")
    assert "no process" in _run(tmp_path, "en", "report", "scores", "nothing", code=1)


def _run(folder: Path, lang: str, *words: str, code: int = 0) -> str:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(
        cli, ["--db", f"sqlite:///{folder / 'duban.db'}", "--as", "auditor", "--lang", lang, *words]
    )
    assert done.exit_code == code, done.output
    return done.output


def test_what_was_taken_back_counts_no_more(stage: Stage) -> None:
    """A correction gives the points back."""
    homes = underway(stage, "homes")
    stage.act(
        homes, "record_concealment", OFFICE, month="2022-01", concealment="omission", actual=0, percent=0, basis="核查"
    )
    stage.act(homes, "correct", Actor("zhao", ("office",)), reason="误记")
    assert {row[3] for row in _sheet(stage.client("li").get("/scores/export").content)[1:]} == {100}
