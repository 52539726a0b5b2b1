"""Bottlenecks: how long tasks stay in each state, by unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from engine.problems import Text
from workflows.audit.analysis.lives import Life, Stay
from workflows.audit.analysis.report import Asked, Line, Period, Ref

DAY = timedelta(days=1)

ASKED = Asked(
    "bottlenecks",
    Text("瓶颈：各单位在各状态停留的时间", "Bottlenecks: time in state by unit"),
    Text(
        "对每一事项，从进入某状态的事件到离开它的事件之间的日历日（含小数），只计所选期间以内的部分，"
        "尚未离开的计到期间终了；"
        "补录按实际发生时间计；办结状态不计。按当时的责任单位与状态合计；“最长”为单次停留。",
        "Of each task, the calendar days (with fractions) from the event that brought it into a state to "
        "the one that took "
        "it out, as far as they lie in the period; where it is there still, to the end of the period. Late "
        "entries count "
        "from when they happened; final states do not count. Added up by the unit it belonged to then, and "
        "by state; "
        "“longest” is one stay.",
    ),
    (
        Text("单位", "Unit"),
        Text("状态", "State"),
        Text("事项", "Tasks"),
        Text("次数", "Stays"),
        Text("合计天数", "Days"),
        Text("平均天数", "Mean days"),
        Text("最长天数", "Longest"),
    ),
    Text("合计天数", "Days"),
)


def bottlenecks(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each unit and state, the longest in sum first; the longest stays are behind it."""
    found: dict[tuple[str, str], list[tuple[float, Ref]]] = defaultdict(list)
    for life in lives:
        for stay in life.stays:
            days = 0.0 if stay.ended else _days(stay, period)
            if days > 0:
                found[stay.unit, life.titles.state(stay.state)].append((days, Ref(life.id, stay.seq)))
    return sorted((_line(*key, stays) for key, stays in found.items()), key=lambda line: -line.weight)


def _days(stay: Stay, period: Period) -> float:
    """How much of a stay lies in the period."""
    return (min(stay.until or period.until, period.until) - max(stay.since, period.since)) / DAY


def _line(unit: str, state: str, stays: list[tuple[float, Ref]]) -> Line:
    stays = sorted(stays, key=lambda each: -each[0])
    total, tasks = sum(days for days, _ in stays), {ref.task for _, ref in stays}
    figures = (round(total, 1), round(total / len(stays), 1), round(stays[0][0], 1))
    return Line((unit, state, len(tasks), len(stays), *figures), total, [ref for _, ref in stays])
