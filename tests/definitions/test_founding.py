"""The two founding definitions: their scenarios show every part of them, and a lag is one thing wherever it is asked.

A part that no scenario shows is a part that nobody has seen work.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.edition import Edition
from engine.loading import load
from workflows.authoring.scenarios import Script, parse, run
from workflows.coverage import Happened, Part, PartSort, declared, missing
from workflows.sources import calendar_named

ROOT = Path(__file__).parents[2] / "definitions"
FOUNDING = ["dalian-livelihood", "shanwei-key-tasks"]

TOLERANT = Path(__file__).parent / "tolerant_scenarios.yaml"


def edition_of(text: str) -> Edition:
    loaded = load(text, "process.yaml")
    assert loaded.edition is not None, loaded.problems
    return loaded.edition


def written(process: str) -> str:
    return (ROOT / process / "process.yaml").read_text(encoding="utf-8")


def never(process: str, without: str = "") -> list[Part]:
    """What of a founding definition its scenarios do not show, one of them left out."""
    edition, happened = edition_of(written(process)), Happened()
    script = parse((ROOT / process / "scenarios.yaml").read_text(encoding="utf-8"), "scenarios.yaml")
    kept = Script([each for each in script.scenarios if each.scenario != without], script.document, script.problems)
    assert len(kept.scenarios) == len(script.scenarios) - bool(without)
    run(edition, calendar_named(edition.process.calendar), kept, happened)
    return list(missing(edition, happened))


@pytest.mark.parametrize("process", FOUNDING)
def test_the_scenarios_show_every_state_act_branch_deadline_notice_child_and_document(process: str) -> None:
    assert {part.sort for part in declared(edition_of(written(process)))} == set(PartSort)
    assert never(process) == []


@pytest.mark.parametrize(
    ("process", "scenario", "part"),
    [
        ("dalian-livelihood", "the-year-is-concluded", Part("programme", PartSort.TRANSITION, "conclude")),
        ("dalian-livelihood", "resumed-where-it-was", Part("", PartSort.BRANCH, "restore", 0)),
        ("shanwei-key-tasks", "a-difficulty-is-dropped", Part("coordination", PartSort.STATE, "dropped")),
        ("shanwei-key-tasks", "proposed-by-mistake", Part("interview", PartSort.STATE, "withdrawn")),
    ],
)
def test_what_a_scenario_alone_shows_is_missed_without_it(process: str, scenario: str, part: Part) -> None:
    assert part in never(process, without=scenario)


def test_a_tolerated_lag_is_tolerated_by_every_act() -> None:
    """With five points of tolerance a report, an acceptance, an adjusted node and a finding draw one line."""
    text = written("dalian-livelihood")
    planted = "type: percent, value: 0, rule: [D-18, D-22]"
    assert text.count(planted) == 1
    edition = edition_of(text.replace(planted, planted.replace("value: 0", "value: 5")))
    failures = run(edition, calendar_named("cn"), parse(TOLERANT.read_text(encoding="utf-8"), TOLERANT.name))
    assert [each.text("en") for each in failures] == []
