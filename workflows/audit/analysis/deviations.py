"""Deviations: what did not go as the definition has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product

from engine.events import Event, EventType
from engine.problems import Text
from workflows.audit.analysis.lives import Life
from workflows.audit.analysis.report import Asked, Line, Period, Ref

MISSED, LATE, EXCUSED = Text("逾期", "missed"), Text("逾期完成", "met late"), Text("逾期获免", "miss excused")
CORRECTED, IGNORED = Text("更正撤回", "taken back"), Text("应有而未执行", "did not apply")

ASKED = Asked(
    "deviations",
    Text("偏差：没有按规定发生的", "Deviations: what did not go as it should"),
    Text(
        "期间内的下列事件，按责任单位、种类和名称计数：时限逾期，逾期后才完成（平均逾期天数），"
        "逾期因补录而获免，办理后被更正撤回，"
        "时限或子事项应引起而未能执行的操作。一次逾期后又完成的，两项各计一次。",
        "Events of the period, counted by unit, kind and name: a deadline missed; met after its day (with "
        "the mean of days "
        "late); a miss excused by a late entry; an act taken back; a move that a deadline or a child "
        "should have caused "
        "and that did not apply. A deadline that was missed and then met late counts once in each.",
    ),
    (
        Text("单位", "Unit"),
        Text("种类", "Kind"),
        Text("名称", "What"),
        Text("次数", "Times"),
        Text("事项", "Tasks"),
        Text("平均逾期天数", "Mean days late"),
    ),
    Text("次数", "Times"),
)

Found = tuple[Text, str, float]
"""Of an event: its kind, what it is about, and how many days late it is."""


def deviations(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each unit, kind and name, the most frequent first."""
    found: dict[tuple[str, str, str], list[tuple[float, Ref]]] = defaultdict(list)
    for life in lives:
        for event in life.events:
            if period.has(event.occurred_at):
                for (kind, name, days), unit in product(_of(life, event), life.units_of(event)):
                    found[unit, kind.in_(life.lang), name].append((days, life.ref(event)))
    return sorted((_line(key, rows) for key, rows in found.items()), key=lambda line: (-line.weight, line.cells[:3]))


def _of(life: Life, event: Event) -> Iterator[Found]:
    told = event.payload
    match event.type:
        case EventType.DEADLINE_MISSED if told["occurrence"]["duty"]:
            yield MISSED, life.deadline(told["occurrence"]), 0
        case EventType.DEADLINE_MET if told["occurrence"]["status"] == "met_late":
            yield LATE, life.deadline(told["occurrence"]), told["occurrence"]["days_late"]
        case EventType.MISS_EXCUSED:
            yield EXCUSED, life.deadline(told["occurrence"]), 0
        case EventType.ACT_CORRECTED:
            yield CORRECTED, life.titles.trigger(told["taken_back"]), 0
        case EventType.TRIGGER_IGNORED:
            deadline = told.get("deadline")  # whose next period could not be decided
            yield IGNORED, life.titles.deadline(deadline) if deadline else life.titles.trigger(told["trigger"]), 0


def _line(key: tuple[str, str, str], rows: list[tuple[float, Ref]]) -> Line:
    late = [days for days, _ in rows if days]
    refs = [ref for _, ref in rows]
    mean = round(sum(late) / len(late), 1) if late else ""
    return Line((*key, len(rows), len({ref.task for ref in refs}), mean), len(rows), refs)
