"""An explanation that has a hole says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.events import Event, EventType, Json
from workflows.audit.explaining.chain import known
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, From, entered

LINE = Line("leak@1", 3, "lag_threshold: 5", "parameters.lag_threshold")


@pytest.mark.parametrize(
    ("fact", "whole"),
    [
        (Fact("task.percent", "12.5", From.NOTHING), False),
        (Fact("missed('report')", "0", From.NOTHING), True),
        (Fact("task.percent", "12.5", From.EVENTS), False),
        (Fact("task.percent", "12.5", From.EVENTS, ["leak-01#2"]), True),
        (Fact("param.lag_threshold", "5", From.DEFINITION), False),
        (Fact("param.lag_threshold", "5", From.DEFINITION, line=LINE), True),
        (Fact("measure.behind", "7", From.COMPUTED, line=LINE, parts=[Fact("x", "7", From.NOTHING)]), False),
    ],
)
def test_a_fact_that_comes_from_nowhere_is_a_hole(fact: Fact, whole: Json) -> None:
    assert known(fact) is whole


@pytest.mark.parametrize(
    ("kind", "told", "led"),
    [
        (EventType.TASK_REGISTERED, {"state": "planned"}, True),
        (EventType.TRIGGER_FIRED, {"from": "planned", "to": "in_progress"}, True),
        (EventType.TRIGGER_FIRED, {"from": "planned", "to": "planned"}, False),
        (EventType.SIGNAL_CHANGED, {"from": "green", "to": "red"}, False),
        (EventType.NOTICE_RAISED, {"notice": "warning", "to": [{"role": "lead"}]}, False),
    ],
)
def test_a_state_is_entered_by_what_leads_to_it(kind: EventType, told: dict[str, Json], led: bool) -> None:
    """A light and a notice have a `to` of their own; neither is why a task is in its state."""
    moment = datetime(2024, 1, 8, tzinfo=UTC)
    assert entered(Event(kind, "leak-01", 1, moment, None, "zhang", "", "leak@1", told)) is led
