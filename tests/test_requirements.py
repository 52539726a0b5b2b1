"""Every rule of the founding documents is a line that a scenario needs, or has its reason; and the page that says so
is fresh.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.loading import load
from tools.requirements import FOUNDING, PAGE, Trace, page, trace
from tools.tracing import Line, without
from workflows.authoring.scenarios import run
from workflows.sources import calendar_named

TRACES = {process: trace(process) for process in FOUNDING}


def _cited() -> Iterator[tuple[str, Line]]:
    for process, found in TRACES.items():
        for line in found.cited:
            if not line.claim and line.place:
                yield process, line


@pytest.mark.parametrize("process", FOUNDING)
def test_every_rule_is_a_line_with_a_scenario_or_has_a_reason(process: str) -> None:
    assert list(TRACES[process].gaps()) == []


def test_all_51_rules_are_there_and_at_most_ten_bind_nobody() -> None:
    rules = [rule for found in TRACES.values() for rule in found.rules]
    assert sorted(rules) == [f"D-{n:02}" for n in range(1, 25)] + [f"S-{n:02}" for n in range(1, 28)]
    assert sum(len(found.exhortations) for found in TRACES.values()) <= 10


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_a_rule_that_nothing_serves_is_a_gap() -> None:
    found = TRACES["dalian-livelihood"]
    planted = replace(found, rules={**found.rules, "D-99": {"who": "", "when": "", "what": ""}})
    assert len(list(planted.gaps())) == 2


def _fails_without(found: Trace, line: Line) -> bool:
    """Whether a scenario of the line's rules fails once the line is taken away; what no longer loads cannot pass."""
    text = json.dumps(without(found.document.data, line.place), ensure_ascii=False, default=str)
    edition = load(text, "process.yaml").edition
    if edition is None:
        return True
    shown = (scenario for scenario in found.script.scenarios if set(scenario.rules) & set(line.rules))
    calendar = calendar_named(edition.process.calendar)
    return any(run(edition, calendar, replace(found.script, scenarios=[each])) for each in shown)


@pytest.mark.parametrize(
    ("process", "line"), [pytest.param(*case, id=f"{case[0]}:{case[1].path}") for case in _cited()]
)
def test_a_scenario_fails_when_a_cited_line_is_taken_away(process: str, line: Line) -> None:
    assert _fails_without(TRACES[process], line)
