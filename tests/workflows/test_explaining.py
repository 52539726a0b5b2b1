"""An explanation that has a hole says so."""

from __future__ import annotations

import pytest

from engine.events import Json
from workflows.audit.explaining.chain import known
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, From

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
