"""Near-misses: deadlines that were met at the last moment. A unit all of whose reports are bunched there reports to the
deadline, and not what it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from engine.events import instant
from engine.problems import Text
from workflows.audit.analysis.lives import Life
from workflows.audit.analysis.report import Asked, Line, Period, Ref

LAST = timedelta(hours=24)
"""Before a deadline ends: its last day, where it ends at midnight."""

HOUR = timedelta(hours=1)

ASKED = Asked(
    "near-misses",
    Text("临界完成：集中在截止前的填报", "Near-misses: reports bunched at deadlines"),
    Text(
        "期间内按期完成的时限中，完成时距截止不超过 24 小时的次数及其占比，按责任单位和时限合计；"
        "余量为从完成到截止的小时数，取中位数。"
        "占比高而余量小，说明集中在最后一刻填报。",
        "Of the deadlines that were met in time in the period, how many were met within 24 hours of their "
        "end, and their "
        "share, by unit and deadline; the margin is the hours from meeting it to its end, in the median. A "
        "great share "
        "with a small margin means that reports are bunched at the last moment.",
    ),
    (
        Text("单位", "Unit"),
        Text("时限", "Deadline"),
        Text("按期完成", "Met in time"),
        Text("最后24小时", "Last 24 hours"),
        Text("占比（%）", "Share (%)"),
        Text("余量中位数（小时）", "Median margin (hours)"),
    ),
    Text("最后24小时完成的次数", "Met in the last 24 hours"),
)


def near_misses(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each unit and deadline that was met in its last day, the most often first."""
    found: dict[tuple[str, str], list[tuple[timedelta, Ref]]] = defaultdict(list)
    for life in lives:
        for occurrence, event in life.outcomes:
            if occurrence["status"] == "met" and occurrence["due_at"] and period.has(event.occurred_at):
                margin = instant(occurrence["due_at"]) - instant(occurrence["met_at"])
                for unit in life.units_of(event):
                    found[unit, life.deadline(occurrence)].append((margin, life.ref(event)))
    lines = (_line(*key, rows) for key, rows in found.items())
    return sorted((line for line in lines if line.weight), key=lambda line: (-line.weight, line.cells[:2]))


def _line(unit: str, deadline: str, rows: list[tuple[timedelta, Ref]]) -> Line:
    rows = sorted(rows)
    near = [ref for margin, ref in rows if margin <= LAST]
    middle = (rows[(len(rows) - 1) // 2][0] + rows[len(rows) // 2][0]) / 2
    share = round(100 * len(near) / len(rows), 1)
    return Line((unit, deadline, len(rows), len(near), share, round(middle / HOUR, 1)), len(near), near)
