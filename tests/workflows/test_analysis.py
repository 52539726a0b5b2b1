"""Figures over histories find exactly what was planted in them: each case beside one that is nearly it and is not."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from shlex import split
from typing import Any

import pytest
from click.testing import CliRunner

from cli import cli
from tests.web.stage import CITY, HOUSING, LEADS, OFFICE, Stage, at, raise_stage, underway
from web.pages.analysis import printed
from workflows.audit.analysis.catalogue import REPORTS, report
from workflows.audit.analysis.report import Line, Period
from workflows.office.firing import Act, Outcome, fire
from workflows.office.sweeping import sweep

CONSENT = {"reason": "规划调整", "consent": "市政函〔2022〕1号", "evidence": [{"name": "consent.pdf"}]}
WHOLE = Period(at("2022-01-01 00:00"), at("2023-01-01 00:00"))


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Stage]:
    """Housing reports at the last moment and then in time, and is suspended by a late entry; city management reports
    once and never again.
    """
    stage = raise_stage(tmp_path)
    homes, gas = underway(stage, "homes"), underway(stage, "gas")
    _until(stage, "2022-02-10 09:00")
    stage.act(gas, "report", LEADS[CITY], month="2022-02", percent="5")
    _until(stage, "2022-02-28 20:00")
    stage.act(homes, "report", LEADS[HOUSING], month="2022-02", percent="5")
    _until(stage, "2022-03-10 09:00")
    stage.act(homes, "report", LEADS[HOUSING], month="2022-03", percent="20")
    _until(stage, "2022-03-20 09:00")
    late = Act(homes, "suspend", CONSENT, OFFICE, occurred_at=at("2022-03-12 09:00"), reason="来函迟到")
    assert isinstance(fire(stage.desk, late), Outcome)
    _until(stage, "2022-06-15 09:00")
    yield stage
    stage.close()


def _until(stage: Stage, text: str) -> None:
    sweep(stage.desk, at(text))
    stage.clock.move(at(text))


def _lines(stage: Stage, name: str, period: Period = WHOLE) -> list[Line]:
    return list(report(stage.desk, name, sorted(stage.tasks.values()), period, "en").lines)


def _behind(stage: Stage, line: Line) -> list[Any]:
    """The events behind a line."""
    return [stage.desk.store.events(ref.task)[ref.seq - 1].event for ref in line.behind]


def test_a_report_at_the_last_moment_is_a_near_miss_and_one_before_is_none(planted: Stage) -> None:
    (line,) = [line for line in _lines(planted, "near-misses") if "Monthly report" in line.cells]
    assert line.cells == (HOUSING, "Monthly report", 2, 1, 50.0, pytest.approx(((4 + 21 * 24 + 15) / 2), abs=12.1))
    (event,) = _behind(planted, line)
    assert (event.type, event.payload["occurrence"]["key"]) == ("DeadlineMet", "2022-02")


def test_two_reports_missed_running_are_a_streak_and_one_is_none(planted: Stage) -> None:
    """March, April and May of city management; nothing before the third month has gone by is three."""
    gas = planted.tasks["gas"]
    (line,) = _lines(planted, "streaks")
    assert line.cells == (CITY, gas, "Monthly report", 3, "2022-03", "2022-05")
    assert [event.payload["occurrence"]["key"] for event in _behind(planted, line)] == ["2022-03", "2022-04", "2022-05"]
    assert _lines(planted, "streaks", Period(at("2022-01-01 00:00"), at("2022-03-01 00:00"))) == []


def test_a_late_entry_is_a_late_edit_and_a_plain_act_is_none(planted: Stage) -> None:
    (line,) = _lines(planted, "late-edits")
    assert line.cells[:2] == (HOUSING, "late entry")
    assert line.cells[3:] == (1, 1)
    (event,) = _behind(planted, line)
    assert event.payload["command"]["reason"] == "来函迟到"
    assert _lines(planted, "late-edits", Period(at("2022-01-01 00:00"), at("2022-03-15 00:00"))) == [], "by its entry"


def test_deviations_are_the_misses_of_the_unit_that_missed(planted: Stage) -> None:
    lines = [line for line in _lines(planted, "deviations") if line.cells[1:3] == ("missed", "Monthly report")]
    assert [(line.cells[0], line.cells[3]) for line in lines] == [(CITY, 3)]
    assert {event.type for event in _behind(planted, lines[0])} == {"DeadlineMissed"}


def test_time_in_a_state_begins_when_it_happened_and_ends_with_the_period(planted: Stage) -> None:
    """The late entry counts from 12 March on; a part of a stay counts in part."""
    day = timedelta(days=1)
    lines = {
        line.cells[:2]: line for line in _lines(planted, "bottlenecks", Period(WHOLE.since, at("2022-06-15 09:00")))
    }
    suspended = lines[HOUSING, "Suspended"]
    assert suspended.weight == pytest.approx((at("2022-06-15 09:00") - at("2022-03-12 09:00")) / day)
    (event,) = _behind(planted, suspended)
    assert event.payload["trigger"] == "suspend"
    half = Period(at("2022-03-14 09:00"), at("2022-03-16 09:00"))
    found = {line.cells[:2]: line.weight for line in _lines(planted, "bottlenecks", half)}
    assert found[HOUSING, "Suspended"] == pytest.approx(2)
    assert (HOUSING, "In progress") not in found


def test_what_a_suspension_does_to_a_deadline_puts_it_off_and_the_end_of_a_task_does_not(planted: Stage) -> None:
    lines = _lines(planted, "resets")
    assert lines, "the suspension paused or cancelled what ran"
    assert {line.cells[0] for line in lines} == {HOUSING}
    for event in [event for line in lines for event in _behind(planted, line)]:
        assert event.occurred_at == at("2022-03-12 09:00"), event


def test_every_report_says_how_it_is_worked_out_in_both_languages(planted: Stage) -> None:
    for name, (asked, _) in REPORTS.items():
        found = report(planted.desk, name, sorted(planted.tasks.values()), WHOLE, "zh")
        assert found.tasks == 3
        assert found.events == sum(len(planted.desk.store.events(task)) for task in planted.tasks.values())
        assert len(asked.said.zh) > 30
        assert len(asked.said.en) > 60
        for line in found.lines:
            assert len(line.cells) == len(asked.columns)
            assert line.behind, name


def test_the_page_shows_figures_of_the_visitors_tasks_alone_with_the_events_behind_them(planted: Stage) -> None:
    gas = planted.tasks["gas"]
    for name in REPORTS:
        text = planted.client("li", "en").get(f"/analysis/{name}").text
        assert "How these figures are worked out" in text
        other = planted.client("wang", "en").get(f"/analysis/{name}").text
        assert CITY not in other.split("<main")[1].replace(f"<option>{CITY}", "")
        assert gas not in other
    text = planted.client("li", "en").get("/analysis/streaks").text
    line = _lines(planted, "streaks")[0]
    assert all(f'href="/tasks/{ref.task}/why/{ref.seq}"' in text for ref in line.behind)
    assert planted.client("li").get("/analysis/none").status_code == 404
    told = planted.client("li", "en").get("/analysis/streaks/export?format=csv").content.decode("utf-8-sig")
    assert f"{CITY},{gas},Monthly report,3,2022-03,2022-05,{' '.join(map(str, line.behind))}" in told
    assert planted.client("wang", "en").get("/analysis/streaks/export?format=csv").text.count("\n") == 1
    assert planted.client("li").get("/analysis/streaks/export").content[:2] == b"PK"
    for query in ("from=x&to=9999-99-99", "unit=%27&process=none", "from=2030-01-01&to=2020-01-01"):
        assert planted.client("li").get(f"/analysis/bottlenecks?{query}").status_code == 200


def test_each_page_has_its_query_which_gives_its_table(planted: Stage, tmp_path: Path) -> None:
    """The command that the page prints, run as it stands, has the rows of the file beside it; columns of numbers have
    their titles above the numbers.
    """
    for name in REPORTS:
        page = planted.client("wu", "en").get(f"/analysis/{name}?unit={CITY}").text
        told = re.search(r"<code>duban ([^<]*)</code>", page)
        assert told is not None, name
        words = ["--db", f"sqlite:///{tmp_path / 'duban.db'}", "--as", "auditor", "--lang", "en", "--json"]
        done = CliRunner().invoke(cli, [*words, *split(unescape(told[1]))])
        assert done.exit_code == 0, done.output
        rows = json.loads(done.stdout)["rows"]
        filed = planted.client("wu", "en").get(f"/analysis/{name}/export?unit={CITY}&format=csv").content
        table = list(csv.reader(filed.decode("utf-8-sig").splitlines()))
        assert len(rows) == len(table) - 1, name
        for row, line in zip(rows, table[1:], strict=True):
            assert line[-1].split() == row.pop("events"), name
            assert list(map(_cell, line[:-1])) == list(map(_cell, row.values())), name
        if rows:
            assert page.count('<th scope="col" class="num">') >= 1, name


@pytest.mark.parametrize(
    ("cell", "text"), [(1295.0, "1295.0"), (1297.14, "1297.1"), (1_234_567.8, "1234567.8"), (12, "12"), ("", "")]
)
def test_a_figure_is_printed_whole(cell: float | str, text: str) -> None:
    """With one decimal where its column has such, and never with an exponent."""
    assert printed(cell) == text


def _cell(value: Any) -> Any:
    """A number, however it is written; else the text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value or ""
