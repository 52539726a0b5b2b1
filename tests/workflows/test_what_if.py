"""What if: some acts of a story left out, late or otherwise, and what differs told beside the story."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.edition import Edition
from workflows.authoring.contrast import Change, OccasionSort, Shift, changes, course, summed, told
from workflows.authoring.contrasting import contrasted
from workflows.authoring.rehearse import Rehearsal, rehearse
from workflows.authoring.story import Story, Telling, parse_story
from workflows.authoring.supposing import Supposed, WhatIf, parse_what_if
from workflows.coverage import Happened, Part, PartSort, covered, declared, missing, said
from workflows.listing import ListRow, read_list
from workflows.pictures.timeline import MOST, drawn, lanes
from workflows.sources import calendar_named, load_process

PROMISES = Path(__file__).with_name("data") / "promises"
CN = calendar_named("cn")


@pytest.fixture(scope="module")
def edition() -> Edition:
    found = load_process(PROMISES).edition
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rows(edition: Edition) -> list[ListRow]:
    return list(read_list(PROMISES / "tasks.csv", edition.process).rows)


@pytest.fixture(scope="module")
def story() -> Story:
    telling = parse_story((PROMISES / "story.yaml").read_bytes(), "story.yaml")
    assert isinstance(telling, Telling)
    return telling.story


@pytest.fixture(scope="module")
def lived(edition: Edition, rows: list[ListRow], story: Story) -> Rehearsal:
    return rehearse(edition, CN, rows, story)


def supposing(edition: Edition, story: Story, *rules: str) -> Supposed:
    text = "what_if: w\nzh: 假如\nen: Otherwise\nsuppose:\n" + "".join(f"  - {rule}\n" for rule in rules)
    found = parse_what_if(text, "w.yaml", edition.process)
    assert isinstance(found, WhatIf), found
    return Supposed(found, story, edition, CN)


def differences(edition: Edition, rows: list[ListRow], lived: Rehearsal, supposed: Supposed) -> list[Change]:
    return changes(course(lived.events), course(rehearse(edition, CN, rows, supposed).events))


def test_nothing_supposed_of_it_a_story_differs_in_nothing(
    edition: Edition, rows: list[ListRow], story: Story, lived: Rehearsal
) -> None:
    supposed = supposing(edition, story, "{unit: 没有这个单位, do: report, never: true}")
    assert differences(edition, rows, lived, supposed) == []
    text, _ = contrasted(lived, rehearse(edition, CN, rows, supposed), supposed, "en")
    assert "changed nothing" in text
    assert "no difference" in text


def test_a_unit_that_never_reports_misses_its_reports(
    edition: Edition, rows: list[ListRow], story: Story, lived: Rehearsal
) -> None:
    supposed = supposing(edition, story, "{tasks: [1], do: report, never: true}")
    found = differences(edition, rows, lived, supposed)
    assert supposed.touched[0] > 0
    assert {each.occasion.task for each in found} == {"promises-01"}, "the others live on as before"
    missed = [each for each in found if each.occasion.sort is OccasionSort.PASSED and each.fate is Shift.ANEW]
    assert missed
    assert any("deadline passed" in line for line in told(edition, summed(found), "en"))


def test_every_second_report_late_is_every_second_one(edition: Edition, rows: list[ListRow], story: Story) -> None:
    acts = [act for act in story.steps if act.do == "report" and act.concerns(1)]
    supposed = supposing(edition, story, "{tasks: [1], do: report, late: 3 working days, each: 2}")
    after = supposed.acts(1, rows[0].fields, acts)
    moved = [act for act in acts if act not in after]
    assert moved == sorted(acts, key=lambda act: act.at)[1::2]
    first = date.fromisoformat(moved[0].at[:10])
    (late,) = [act for act in after if act.with_ == moved[0].with_]
    assert sum(CN.is_working(first.fromordinal(n)) for n in range(first.toordinal() + 1, _day(late.at))) == 2


def _day(text: str) -> int:
    return date.fromisoformat(text[:10]).toordinal()


def test_another_form_changes_what_follows(
    edition: Edition, rows: list[ListRow], story: Story, lived: Rehearsal
) -> None:
    supposed = supposing(edition, story, "{tasks: all, do: report, with: {percent: 0}}")
    found = differences(edition, rows, lived, supposed)
    assert any(each.occasion.sort is OccasionSort.STATE for each in found)


def test_acts_that_are_no_longer_possible_are_told_and_passed_over(
    edition: Edition, rows: list[ListRow], story: Story
) -> None:
    supposed = supposing(edition, story, "{tasks: all, do: report, never: true}")
    other = rehearse(edition, CN, rows, supposed)
    assert other.stops == []
    assert other.lost
    text, json = contrasted(other, other, supposed, "zh")
    assert "不再可能的操作" in text
    assert len(json["lost"]) == len(other.lost)


@pytest.mark.parametrize(
    ("rule", "code", "said"),
    [
        ("{do: reprot, never: true}", "unknown-trigger", "did you mean `report`?"),
        ("{do: report}", "wrong-value", "write one of"),
        ("{do: report, never: true, late: 3 days}", "wrong-value", "write one of"),
        ("{do: report, late: 3 hours}", "wrong-value", "5 working days"),
        ("{do: report, late: soon}", "wrong-value", "10 working days"),
        ("{do: report, never: true, unitt: x}", "unknown-key", "unit"),
        ("{do: report, never: true, each: 0}", "wrong-value", "at least 1"),
    ],
)
def test_what_is_no_supposition_is_told_with_its_place(edition: Edition, rule: str, code: str, said: str) -> None:
    text = f"what_if: w\nzh: 假如\nen: Otherwise\nsuppose:\n  - {rule}\n"
    problems = parse_what_if(text, "w.yaml", edition.process)
    assert isinstance(problems, list)
    assert [(problem.where.line, problem.code) for problem in problems] == [(5, code)]
    assert said in str(problems[0])


# -- coverage


def test_what_a_definition_declares_is_all_of_it(edition: Edition) -> None:
    parts = declared(edition)
    body = edition.process
    assert [p.name for p in parts if p.sort is PartSort.STATE and not p.body] == list(body.states)
    assert [p.name for p in parts if p.sort is PartSort.TRANSITION and not p.body] == [
        t.trigger for t in body.transitions
    ]


def test_what_never_happened_is_told_and_what_happened_is_not(edition: Edition, lived: Rehearsal) -> None:
    happened = Happened()
    happened.note_all(lived.events)
    gone = missing(edition, happened)
    assert Part("", PartSort.STATE, edition.process.initial) not in gone
    none = missing(edition, Happened())
    assert none == list(declared(edition)), "without events nothing has happened"
    assert set(gone) < set(none)
    lines = covered(edition, gone, "en")
    assert all(any(said(edition, part, "en") in line for line in lines) for part in gone)


# -- the picture


def test_the_timeline_has_a_lane_for_each_task_and_names_its_states(edition: Edition, lived: Rehearsal) -> None:
    found = lanes(edition, lived.events, "en")
    assert [lane.task for lane in found] == ["promises-01", "promises-02", "promises-03"][: lived.tasks]
    svg = drawn(edition, lived.events, lived.since, lived.until, "zh")
    assert all(lane.task in svg for lane in found)
    assert edition.process.states[found[0].states[0][1]].zh in svg


def test_a_picture_of_many_tasks_says_what_it_leaves_out(edition: Edition, rows: list[ListRow]) -> None:
    numbered = [replace(rows[0], fields={**rows[0].fields, "title": f"路灯 {n}"}) for n in range(MOST + 3)]
    many = rehearse(edition, CN, numbered, since=date(2022, 1, 20), until=date(2022, 2, 28))
    assert many.stops == []
    assert "3 more are not drawn" in drawn(edition, many.events, many.since, many.until, "en")
