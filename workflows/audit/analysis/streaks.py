"""Streaks: the same recurring deadline missed several times running on one task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from engine.problems import Text
from workflows.audit.analysis.lives import Life, Outcome
from workflows.audit.analysis.report import Asked, Line, Period

LEAST = 2
"""How many running make a streak."""

ASKED = Asked(
    "streaks",
    Text("连续逾期", "Streaks: missed several times running"),
    Text(
        "同一事项同一时限依次到期的各次中，连续两次以上没有按期完成（含逾期后才完成；获免的不算逾期，"
        "被取消、取代的不计）；"
        "至少一次在期间内到期。",
        "Of one deadline of one task, in the order in which its occurrences began: two or more running "
        "that were not met by "
        "their day (met late included; an excused one counts as met; cancelled and superseded ones are "
        "passed over), at "
        "least one of them in the period.",
    ),
    (
        Text("单位", "Unit"),
        Text("事项", "Task"),
        Text("时限", "Deadline"),
        Text("连续次数", "Running"),
        Text("自", "From"),
        Text("至", "To"),
    ),
    Text("连续次数", "Times running"),
)


def streaks(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each streak, the longest first."""
    lines = [
        _line(life, run)
        for life in lives
        for run in _runs(life)
        if any(period.has(each.event.occurred_at) for each in run)
    ]
    return sorted(lines, key=lambda line: (-line.weight, line.cells[:3]))


def _runs(life: Life) -> Iterator[Sequence[Outcome]]:
    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for each in life.outcomes:
        by_name[each.occurrence["name"]].append(each)
    for outcomes in by_name.values():
        run: list[Outcome] = []
        for each in outcomes:
            if each.occurrence["status"] in ("cancelled", "superseded"):
                continue
            if each.occurrence.get("passed"):
                run.append(each)
                continue
            yield from [run] if len(run) >= LEAST else []
            run = []
        yield from [run] if len(run) >= LEAST else []


def _line(life: Life, run: Sequence[Outcome]) -> Line:
    first, last = run[0].occurrence, run[-1].occurrence
    cells = (
        life.titles.listed(life.units_of(run[-1].event)),
        life.id,
        life.deadline(first),
        len(run),
        first["key"],
        last["key"],
    )
    return Line(cells, len(run), [life.ref(each.event) for each in run])
