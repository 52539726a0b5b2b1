"""Scenarios beside a draft: each is told by itself, and what a rehearsal came to is a scenario that holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.edition import Edition
from engine.loading import load
from workflows.authoring.rehearse import rehearse
from workflows.authoring.scenarios import parse, run
from workflows.authoring.trying import MOST, TURNS, as_scenarios, file_of, first_scenario, try_text, with_draft
from workflows.authoring.virtual import Turns
from workflows.coverage import Happened, missing
from workflows.listing import ListRow, read_list
from workflows.sources import calendar_named, load_process, nothing

DEFINITIONS = Path(__file__).parents[2] / "definitions"
CN = calendar_named("cn")
LEAK = """
process: leak
edition: "1"
title: {zh: 问题整改督办, en: Problems to be put right}
timezone: Asia/Shanghai
calendar: cn
roles:
  office: {zh: 督查室, en: Office}
  lead: {zh: 牵头单位, en: Lead unit, unit: task.lead_unit}
fields:
  title: {zh: 问题, en: Problem, type: text, required: true}
  lead_unit: {zh: 牵头单位, en: Lead unit, type: unit, required: true}
states: {open: {zh: 整改中, en: Open, initial: true}, closed: {zh: 已销号, en: Closed, final: true}}
transitions: [{trigger: close, zh: 销号, en: Close, from: open, by: office, to: closed}]
deadlines:
  rectify: {zh: 整改, en: Rectify, owed_by: lead, starts: registered, due: 30 working days after start, met_by: close}
scenarios: [leak-scenarios.yaml]
"""
GOOD = """
- scenario: in-time
  zh: 按期
  en: In time
  given:
    at: 2024-01-08 09:00
    fields: {title: 路灯, lead_unit: 城管局}
    expect: {deadlines: {rectify: {due: 2024-02-22}}}
  steps: [{at: 2024-02-20 09:00, do: close, as: office, expect: {state: closed}}]
"""
BAD = """
- scenario: late
  zh: 逾期
  en: Late
  given: {at: 2024-01-08 09:00, fields: {title: 井盖, lead_unit: 城管局}}
  steps:
    - {at: 2024-02-23 09:00, expect: {state: closed, deadlines: {rectify: {status: missed}}}}
"""


def edition(text: str = LEAK) -> Edition:
    found = load(text, "leak.yaml").edition
    assert found is not None
    return found


def test_each_scenario_is_told_with_what_does_not_hold_in_it() -> None:
    """One that holds is not blamed for one that does not; the line is that of the expectation."""
    trial = try_text(edition(), CN, GOOD + BAD)
    assert [(each.name, len(each.failures)) for each in trial.outcomes] == [("in-time", 0), ("late", 1)]
    assert trial.failed == 1
    (failure,) = trial.outcomes[1].failures
    assert "state: closed" in (GOOD + BAD).splitlines()[failure.where.line - 1]
    assert trial.never == []
    assert not trial.problems


def test_what_no_scenario_shows_is_told() -> None:
    never = {(each.sort.value, each.name) for each in try_text(edition(), CN, BAD).never}
    assert ("transition", "close") in never


def test_nothing_written_shows_nothing() -> None:
    trial = try_text(edition(), CN, " \n")
    assert (list(trial.problems), list(trial.outcomes)) == ([], [])
    assert trial.never


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD.replace("steps:", "stepps:"), "unknown-key"),
        (GOOD + GOOD, "duplicate-scenario"),
        (GOOD.replace("2024-02-20", "2044-02-20"), "scenario-long"),
        ("\n".join(BAD.replace("late", f"late-{n}") for n in range(MOST + 1)), "scenarios-many"),
    ],
)
def test_what_cannot_be_tried_is_said_and_not_run(text: str, code: str) -> None:
    trial = try_text(edition(), CN, text)
    assert code in {each.code for each in trial.problems}
    assert not trial.outcomes


def test_a_definition_that_names_no_file_is_told_so() -> None:
    """They are run all the same; they would only not be published."""
    made = edition(LEAK.replace("scenarios: [leak-scenarios.yaml]", ""))
    trial = try_text(made, CN, GOOD)
    assert [(each.code, each.severity) for each in trial.problems] == [("scenarios-unnamed", "warning")]
    assert len(trial.outcomes) == 1


def test_the_text_is_the_first_file_that_is_named_and_the_others_stay() -> None:
    made = edition(LEAK.replace("[leak-scenarios.yaml]", "[a.yaml, b.yaml]"))
    files = with_draft("mine", made, lambda name: b"old" if name == "b.yaml" else None)
    assert (file_of(made), files("a.yaml"), files("b.yaml")) == ("a.yaml", b"mine", b"old")
    assert with_draft("", made, nothing)("a.yaml") is None


@pytest.mark.parametrize("name", ["dalian-livelihood", "shanwei-key-tasks", "examples/abatement", "examples/hotline"])
def test_there_is_a_scenario_to_begin_with_that_holds(name: str) -> None:
    made = load_process(DEFINITIONS / name / "process.yaml").edition
    assert made is not None
    now = datetime(2023, 3, 1, 1, tzinfo=UTC)
    calendar = calendar_named(made.process.calendar)
    trial = try_text(made, calendar, first_scenario(made, calendar, now))
    assert not [each for each in trial.problems if each.severity == "error"]
    assert [len(each.failures) for each in trial.outcomes] == [0]


def test_a_rehearsal_as_scenarios_holds_and_is_found_out_by_another_definition() -> None:
    """A year of the founding list without an act: what time brought is expected again, and another light is noticed."""
    made = load_process(DEFINITIONS / "dalian-livelihood" / "process.yaml").edition
    assert made is not None
    rows = read_list(DEFINITIONS / "dalian-livelihood" / "tasks.csv", made.process).rows
    lived = rehearse(made, CN, rows, since=date(2022, 1, 20), until=date(2022, 6, 30))
    text = as_scenarios(lived, rows)
    trial = try_text(made, CN, text)
    assert not [each for each in trial.problems if each.severity == "error"]
    assert trial.failed == 0
    assert 1 <= len(trial.outcomes) <= len(rows)
    assert "status: missed" in text
    other = load(made.text.replace("  - yellow: >-", "  - red: >-"), "process.yaml").edition
    assert other is not None
    assert try_text(other, CN, text).failed > 0


def test_those_to_which_the_same_happened_are_told_once() -> None:
    rows = [ListRow(number, {"title": f"路灯{number}", "lead_unit": "城管局"}, {}) for number in range(2, 5)]
    lived = rehearse(edition(), CN, rows, since=date(2024, 1, 8), until=date(2024, 3, 8))
    listed = parse(as_scenarios(lived, rows), "leak-scenarios.yaml")
    assert [each.scenario for each in listed.scenarios] == ["rehearsed-leak-01"]
    assert [each.at for each in listed.scenarios[0].steps] == ["2024-02-23 00:00"]


HOURLY = LEAK.replace(
    "transitions: [", "transitions: [{trigger: tick, zh: 报时, en: Tick, from: open, by: system, to: stay}, "
).replace(
    "deadlines:\n",
    "deadlines:\n  hour: {zh: 每小时, en: Hourly, owed_by: lead, starts: [registered, tick], due: 1 hour after start, "
    "met_by: close, missed: {fire: tick}}\n",
)
STORM = """
- scenario: storm
  zh: 十年
  en: Ten years
  given: {at: 2010-01-08 09:00, fields: {title: 井盖, lead_unit: 城管局}}
  steps: [{at: 2020-01-08 09:00, expect: {state: open}}]
"""


@pytest.mark.timeout(120)
def test_scenarios_in_which_too_much_happens_are_not_followed_to_their_end() -> None:
    """Each is told by itself until one takes the turns that are left: that one is named, where it stands."""
    trial = try_text(edition(HOURLY), CN, GOOD + STORM + BAD)
    assert [each.name for each in trial.outcomes] == ["in-time"]
    assert trial.cut
    (problem,) = trial.problems
    assert problem.code == "scenario-turns"
    assert (GOOD + STORM).splitlines()[problem.where.line - 1] == "- scenario: storm"
    assert "`storm`" in problem.text("zh")
    assert "the 1 after it" in problem.text("en")
    assert not try_text(edition(), CN, GOOD + STORM + BAD).cut, "ten years in which little happens are no storm"


@pytest.mark.timeout(120)
def test_a_scenario_to_begin_with_is_looked_for_within_turns_too() -> None:
    assert "scenario: first" in first_scenario(edition(HOURLY), CN, datetime(2024, 1, 8, 9, tzinfo=UTC))


def test_turns_change_nothing_of_what_happens() -> None:
    """Time that runs in stretches brings what it brings at once."""
    for name in ("dalian-livelihood", "shanwei-key-tasks"):
        loaded = load_process(DEFINITIONS / name / "process.yaml").edition
        assert loaded is not None
        script = parse((DEFINITIONS / name / "scenarios.yaml").read_bytes(), "scenarios.yaml")
        turns, alone, counted = Turns(TURNS), Happened(), Happened()
        assert run(loaded, CN, script, alone) == run(loaded, CN, script, counted, turns=turns) == []
        assert missing(loaded, alone) == missing(loaded, counted)
        assert turns.left > TURNS / 2
