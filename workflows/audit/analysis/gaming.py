"""What makes figures look better than they are: facts that were edited late, and deadlines that were put off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from engine.events import Event, EventType, Json, instant
from engine.problems import Text
from engine.task import Task, evolve
from workflows.audit.analysis.lives import Life
from workflows.audit.analysis.report import Asked, Line, Period, Ref
from workflows.audit.marks import entered_late

ENTERED, PLAN, RECORD = (
    Text("补录", "late entry"),
    Text("节点过后改计划", "plan edited after its node"),
    Text("逾期期间改内容", "record edited while overdue"),
)

EDITS = Asked(
    "late-edits",
    Text("事后改动", "Facts edited late"),
    Text(
        "期间内录入的下列操作，按责任单位、种类和操作计数：补录（实际发生早于录入）；"
        "节点（月份）过后又改动其已有的计划或数值；"
        "有逾期未了的时限时，改动内容中已有的值（完成该时限的操作除外）。",
        "Acts entered in the period, counted by unit, kind and act: late entries, which happened before "
        "they were entered; a "
        "value of a node that stood in the plan and is changed after the node's month; a value of the "
        "record that is changed "
        "while a deadline is missed and still owed, by an act that does not meet a deadline.",
    ),
    (Text("单位", "Unit"), Text("种类", "Kind"), Text("操作", "Act"), Text("次数", "Times"), Text("事项", "Tasks")),
    Text("次数", "Times"),
)

EXTENDED, MOVED, RESTARTED, PAUSED, DROPPED = (
    Text("延期", "extended"),
    Text("改期", "moved"),
    Text("重新起算", "started anew"),
    Text("中止", "paused"),
    Text("取消", "cancelled"),
)

RESETS = Asked(
    "resets",
    Text("时限被推后", "Deadlines put off"),
    Text(
        "期间内使未了时限改变的事件，"
        "按责任单位、时限和种类计数：延期、改期（工作日历变动引起的除外）、重新起算、中止、取消；"
        "推后天数为新旧截止时间之差（日历日，含小数），取平均；“截止前三日内”为距原截止不到 72 "
        "小时或已过的次数。事项办结时一并取消的不计。",
        "Events of the period that changed a deadline which was still owed, counted by unit, deadline and "
        "kind: extended, moved "
        "(but not by a change of the working calendar), started anew, paused, cancelled. Days are those "
        "between the old end "
        "and the new one (calendar days), in the mean; “in the last three days” counts what came within 72 "
        "hours of the "
        "old end, or after it. What the end of its task cancels does not count.",
    ),
    (
        Text("单位", "Unit"),
        Text("时限", "Deadline"),
        Text("种类", "Kind"),
        Text("次数", "Times"),
        Text("平均推后天数", "Mean days"),
        Text("截止前三日内", "In the last three days"),
    ),
    Text("次数", "Times"),
)


# -- facts edited late


def late_edits(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each unit, kind and act, the most frequent first."""
    found: dict[tuple[str, str, str], list[Ref]] = defaultdict(list)
    for life in lives:
        for kind, event, at in _edits(life):
            if period.has(at):
                act = life.titles.trigger(str(event.payload["trigger"]))
                found[life.unit_at(event.occurred_at), kind.in_(life.lang), act].append(life.ref(event))
    lines = [Line((*key, len(refs), len({ref.task for ref in refs})), len(refs), refs) for key, refs in found.items()]
    return sorted(lines, key=lambda line: (-line.weight, line.cells[:3]))


def _edits(life: Life) -> Iterator[tuple[Text, Event, datetime]]:
    """Each kind of late edit that an act is, with when it was entered."""
    task: Task | None = None
    for recorded in life.recorded:
        event, at = recorded.event, recorded.recorded_at
        if task is not None and event.type is EventType.TRIGGER_FIRED and event.payload.get("command"):
            if entered_late(event):
                yield ENTERED, event, at
            if _plan_edited(life, task, event, at):
                yield PLAN, event, at
            if _record_edited(life, task, event):
                yield RECORD, event, at
        task = evolve(task, event)


def _plan_edited(life: Life, task: Task, event: Event, at: datetime) -> bool:
    month = f"{at.astimezone(life.edition.zone):%Y-%m}"
    return any(
        key[:7] < month and _overwrites(task.milestones.get(key, {}), row)
        for key, row in event.payload["milestones"].items()
    )


def _record_edited(life: Life, task: Task, event: Event) -> bool:
    owed = any(one["status"] == "missed" and one["duty"] for one in task.deadlines.values())
    return owed and event.payload["trigger"] not in _meeting(life) and _overwrites(task.fields, event.payload["set"])


def _overwrites(before: Mapping[str, Json], changes: Mapping[str, Json]) -> bool:
    """Whether something that was there becomes something else."""
    return any(before.get(name) not in (None, "", []) and before[name] != value for name, value in changes.items())


def _meeting(life: Life) -> set[str]:
    """The triggers that meet a deadline."""
    rules = life.edition.sheets[life.kind].body.deadlines.values()
    return {each.trigger for rule in rules for each in rule.met_by}


# -- deadlines put off

_KINDS = {
    EventType.DEADLINE_EXTENDED: EXTENDED,
    EventType.DEADLINE_MOVED: MOVED,
    EventType.DEADLINE_SUPERSEDED: RESTARTED,
    EventType.DEADLINE_PAUSED: PAUSED,
    EventType.DEADLINE_CANCELLED: DROPPED,
}
NEAR = 3.0
"""Days before the old end."""


def resets(lives: Iterable[Life], period: Period) -> list[Line]:
    """A line for each unit, deadline and kind, the most frequent first."""
    found: dict[tuple[str, str, str], list[tuple[float | None, bool, Ref]]] = defaultdict(list)
    for life in lives:
        for event, kind, days, near in _resets(life):
            if period.has(event.occurred_at):
                key = (life.unit_at(event.occurred_at), life.deadline(event.payload["occurrence"]), kind.in_(life.lang))
                found[key].append((days, near, life.ref(event)))
    return sorted((_line(key, rows) for key, rows in found.items()), key=lambda line: (-line.weight, line.cells[:3]))


def _resets(life: Life) -> Iterator[tuple[Event, Text, float | None, bool]]:
    due: dict[str, str | None] = {}
    by_seq = {event.seq: event for event in life.events}
    for event in life.events:
        found = event.payload.get("occurrence")
        if not found:
            continue
        key, kind = f"{found['name']}/{found['key']}/{found['n']}", _KINDS.get(event.type)
        old, due[key] = due.get(key), found.get("due_at")
        if kind is not None and found["duty"] and not _of_house(life, event, by_seq):
            yield event, kind, _days(old, found.get("due_at")), _near(old, event)


def _of_house(life: Life, event: Event, by_seq: Mapping[int, Event]) -> bool:
    """Whether a change follows from a changed calendar, a migration, or the end of the task."""
    first = event
    while not first.payload.get("command"):
        stream, _, seq = first.cause.rpartition("#")
        if stream != life.id or int(seq) not in by_seq:
            break
        first = by_seq[int(seq)]
        if event.type is EventType.DEADLINE_CANCELLED and first.payload.get("ended"):
            return True
    return (first.payload.get("command") or {}).get("do") in ("reproject", "migrate", "revert")


def _days(old: str | None, new: str | None) -> float | None:
    return (instant(new) - instant(old)).total_seconds() / 86_400 if old and new and old != new else None


def _near(old: str | None, event: Event) -> bool:
    return old is not None and (instant(old) - event.occurred_at).total_seconds() / 86_400 <= NEAR


def _line(key: tuple[str, str, str], rows: list[tuple[float | None, bool, Ref]]) -> Line:
    days = [each for each, _, _ in rows if each is not None]
    mean = round(sum(days) / len(days), 1) if days else ""
    return Line((*key, len(rows), mean, sum(near for _, near, _ in rows)), len(rows), [ref for *_, ref in rows])
