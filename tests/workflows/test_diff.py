"""Two editions compared: each kind of change, planted into a founding definition, is told in both languages, alone."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import NamedTuple

import pytest
import yaml
from click.testing import CliRunner
from pydantic import BaseModel

from cli import cli
from engine.edition import Edition
from engine.guards import questions
from engine.loading import load
from engine.model import Process
from storage import open_store
from tests.workflows.conftest import OFFICE, at
from tests.workflows.conftest import TEXT as PROMISES
from workflows.authoring.diff import compare
from workflows.authoring.diff.labels import KEYS
from workflows.authoring.diff.touching import fates, open_tasks, touched
from workflows.authoring.diff.wording import Words
from workflows.authoring.publishing import publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.registering import register
from workflows.rows import Row
from workflows.sources import calendar_named

ROOT = Path(__file__).resolve().parents[2] / "definitions"
TEXT = (ROOT / "dalian-livelihood" / "process.yaml").read_text(encoding="utf-8")
OTHER = (ROOT / "shanwei-key-tasks" / "process.yaml").read_text(encoding="utf-8")


def loaded(text: str) -> Edition:
    found = load(text, "process.yaml")
    assert found.edition is not None, "\n".join(problem.text("en") for problem in found.problems)
    return found.edition


BEFORE, BEFORE_OTHER = loaded(TEXT), loaded(OTHER)


class Planted(NamedTuple):
    """A change of the text, and what is to be said of it."""

    old: str
    new: str
    zh: str
    en: str


CASES = yaml.safe_load((Path(__file__).parent / "data" / "diffs.yaml").read_text(encoding="utf-8"))
PLANTED = [Planted(**case) for case in CASES["planted"]]
SAME = [(case["old"], case["new"]) for case in CASES["same"]]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.en[:40])
def test_a_planted_change_is_told_in_both_languages_and_nothing_else(planted: Planted) -> None:
    assert planted.old in TEXT
    found = compare(BEFORE, loaded(TEXT.replace(planted.old, planted.new, 1))).changes
    assert [each.said.en for each in found if planted.en in each.said.en], [each.said for each in found]
    assert [each.said.zh for each in found if planted.zh in each.said.zh], [each.said for each in found]
    assert len({(each.part, each.name) for each in found}) == 1


def test_a_change_of_grade_terms_is_told_for_each_grade() -> None:
    old, new = (
        "values: {ordinary: 15 working days, serious: 10 working days}",
        "values: {ordinary: 10 working days, serious: 12 working days}",
    )
    (change, other) = compare(BEFORE_OTHER, loaded(OTHER.replace(old, new))).changes
    assert "`ordinary`: value shortened from 15 to 10 working days" in change.said.en
    assert "`serious`：取值由10个工作日延长为12个工作日" in other.said.zh


def test_a_date_that_a_parameter_gives_is_told_with_its_value() -> None:
    rules = {name: rule.due for name, rule in BEFORE.process.deadlines.items() if rule.due is not None}
    words = Words(BEFORE, "")
    promise, report = words.due(rules["promise"]), words.due(rules["special_report"])
    assert promise.zh == "取最晚：2022-12-31（param.promise_day）；“恢复后完成时限”"
    assert promise.en == "latest of 2022-12-31 (param.promise_day); “To be done by after the suspension”"
    assert report.zh.startswith("2022-12-25（param.special_report_before）")


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: pair[0].strip()[:40])
def test_the_same_meaning_in_other_words_is_no_difference(pair: tuple[str, str]) -> None:
    old, new = pair
    assert old in TEXT
    assert [each.said for each in compare(BEFORE, loaded(TEXT.replace(old, new))).changes] == []


RENAMES = [
    ("rectifying", "fixing", "states"),
    ("file_plan", "hand_in_plan", "transitions"),
    ("lag_threshold", "tolerance", "parameters"),
    ("plan-filed", "plan-handed-in", "notices"),
]


@pytest.mark.parametrize("rename", RENAMES, ids=lambda rename: rename[0])
def test_a_rename_is_one_change_and_a_guess(rename: tuple[str, str, str]) -> None:
    old, new, part = rename
    (change,) = compare(BEFORE, loaded(TEXT.replace(old, new))).changes
    assert (change.what, change.part, change.name, change.became) == ("renamed", part, old, new)
    assert "a guess" in change.said.en
    assert "推测" in change.said.zh


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    found, waiting = {model}, [model]
    while waiting:
        for field in waiting.pop().model_fields.values():
            for each in _inside(field.annotation):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
    return found


def _inside(annotation: object) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {each for argument in getattr(annotation, "__args__", ()) for each in _inside(argument)}


def test_every_key_of_the_language_has_words() -> None:
    parts = {"process", "edition", "parameters", "roles", "states", "transitions", "deadlines", "measures", "signals"}
    parts |= {"notices", "publications", "children", "properties", "milestones", "registration", "programme"}
    keys = {key for model in models(Process) for key in model.model_fields}
    assert len(keys) > 100
    assert keys - parts - set(KEYS) == {"exhortations"}


def test_a_diff_of_founding_definitions_takes_a_third_of_a_second() -> None:
    guards = questions(BEFORE, BEFORE.sheets[""])
    guards.possible(["task.percent >= 100"])
    text = TEXT
    for planted in PLANTED[:12]:
        text = text.replace(planted.old, planted.new, 1)
    after = loaded(text)
    began = process_time()
    assert len(compare(BEFORE, after).changes) >= 12
    assert process_time() - began < 0.3


def test_the_tasks_and_deadlines_that_a_change_touches_are_found(desk: Desk) -> None:
    rows = [Row(line, {"title": title, "lead_unit": "水务局"}, {}, None) for line, title in enumerate("甲乙", 2)]
    registered = register(desk, "promises", rows, OFFICE)
    assert isinstance(registered, list)
    first, second = (each.id for each in registered)
    before = desk.book("promises@1")[0]
    text = PROMISES.replace("roll: previous}", "roll: next}", 1).replace(
        "when: task.percent >= 100", "when: task.percent >= 90"
    )
    after = loaded(text)
    found = compare(before, after)
    tasks = open_tasks(desk, before)
    assert {each.name: touched(each, tasks) for each in found.changes} == {
        "monthly_report": [first, second],
        "close": [first, second],
    }
    assert [*fates(desk, found, after, tasks)] == []  # 28 February 2022 is a working day either way
    shorter = loaded(PROMISES.replace("month_end: true, from: 2022-02", "day: 20, from: 2022-02", 1))
    moved = [*fates(desk, compare(before, shorter), shorter, tasks)]
    assert [(each.task, each.before, each.after) for each in moved] == [
        (first, "2022-02-28", "2022-02-18"),
        (second, "2022-02-28", "2022-02-18"),
    ]
    assert "2022-02-20" in moved[0].why.zh


def test_a_deadline_that_is_gone_is_told(desk: Desk) -> None:
    register(desk, "promises", [Row(2, {"title": "甲", "lead_unit": "水务局"}, {}, None)], OFFICE)
    before = desk.book("promises@1")[0]
    start, end = PROMISES.index("  monthly_report:"), PROMISES.index("  rectification:\n    zh: 整改\n    en: Rect")
    text = PROMISES[:start] + PROMISES[end:]
    for word in ("missed('monthly_report') > 1", "missed('monthly_report') > 0"):
        text = text.replace(word, "fired('miss_report') > 1", 1)
    after = loaded(text)
    (fate,) = fates(desk, compare(before, after), after, open_tasks(desk, before))
    assert fate.gone
    assert fate.deadline == "monthly_report"


def test_the_command_tells_people_and_programs(tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(TEXT.replace("value: 20 working days", "value: 15 working days"), encoding="utf-8")
    words = ["diff", str(ROOT / "dalian-livelihood"), str(later)]
    said = CliRunner().invoke(cli, ["--lang=en", *words], catch_exceptions=False)
    assert said.exit_code == 0
    assert "shortened from 20 to 15 working days" in said.stdout
    told = json.loads(CliRunner().invoke(cli, ["--json", *words], catch_exceptions=False).stdout)
    assert [each["part"] for each in told["changes"]] == ["parameters"]
    same = CliRunner().invoke(cli, ["--lang=zh", "diff", words[1], words[1]], catch_exceptions=False)
    assert "含义相同" in same.stdout


def test_the_command_asks_a_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/duban.db"
    store = open_store(url, create=True, clock=VirtualClock(at("2022-01-20 09:00")))
    desk = Desk(store, VirtualClock(at("2022-01-20 09:00")))
    publish(desk, PROMISES, calendar_named)
    register(desk, "promises", [Row(2, {"title": "甲", "lead_unit": "水务局"}, {}, None)], OFFICE)
    store.close()
    later = tmp_path / "later.yaml"
    later.write_text(PROMISES.replace("month_end: true, from: 2022-02", "day: 20, from: 2022-02", 1), encoding="utf-8")
    said = CliRunner().invoke(cli, ["--lang=en", "--db", url, "diff", "promises@1", str(later)], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    assert "open tasks that it touches, 1: " in said.stdout
    assert "2022-02-28 → 2022-02-18" in said.stdout
    none = CliRunner().invoke(cli, ["--lang=en", "--db", url, "diff", "promises@7", str(later)])
    assert none.exit_code == 2
    assert "promises@1" in none.output
