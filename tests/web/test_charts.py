"""The chart of a task whose plan keeps no actuals: what was achieved is what the record was told, month by month."""

from __future__ import annotations

from pathlib import Path

from engine.edition import Sheet
from tests.engine.walks import edition_of
from web.charts import Told, chart, reported

SHANWEI = Path(__file__).resolve().parents[2] / "definitions" / "shanwei-key-tasks" / "process.yaml"
PLAN = {f"2023-{month:02d}": {"planned": month * 10, "target": ""} for month in range(3, 8)}
TOLD: list[Told] = [
    ("2023-03", {"percent": 0}, {}),
    ("2023-04", {"percent": "25"}, {"month": "2023-03"}),
    ("2023-05", {"note": "x"}, {"reason": "no number"}),
    ("2023-06", {"percent": "40"}, {"month": "2023-05"}),
]


def sheet() -> Sheet:
    """Tasks of Shanwei: their plan has a percentage planned and nothing else."""
    return edition_of(SHANWEI.read_text(encoding="utf-8")).sheets[""]


def test_what_was_reported_counts_for_its_month_and_until_the_next_report() -> None:
    """Nothing is drawn before the first report nor after the last; registering is no report."""
    assert reported(sheet(), PLAN, TOLD) == {"2023-03": 25.0, "2023-04": 25.0, "2023-05": 40.0}


def test_a_plan_without_actuals_is_drawn_with_what_was_reported() -> None:
    """A line for the plan through every node, a bar where something was told, marked where it falls behind."""
    drawn = chart(sheet(), PLAN, TOLD)
    assert drawn is not None
    assert len(drawn.dots) == len(PLAN)
    assert [bar.behind for bar in drawn.bars] == [True, True, True], "25 of 30, 25 of 40, 40 of 50"
    bare = chart(sheet(), PLAN)
    assert bare is not None
    assert list(bare.bars) == []
    assert chart(sheet(), {}) is None
