"""What was erased of a task, for whoever reads its history: at each event what it lost, when, by which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.events import EventType, iso
from engine.titles import Titles
from workflows.ports import Recorded
from workflows.redaction.values import PLAN, REASON, Line, redaction


@dataclass(frozen=True, slots=True)
class Gone:
    """One line that is gone: by which order, on record as which event, since when."""

    line: Line
    order: str
    ref: str
    at: datetime

    def name(self, titles: Titles) -> str:
        """What it was, in words."""
        match self.line.part:
            case "reason":
                return "理由" if titles.lang == "zh" else "the reason"
            case "opening":
                return "依据" if titles.lang == "zh" else "the source"
            case "milestones":
                return f"节点 {self.line.name}" if titles.lang == "zh" else f"the milestone {self.line.name}"
            case _:
                return titles.field(self.line.name or "")


def gone_from(recorded: Iterable[Recorded]) -> list[Gone]:
    """Everything that was erased from a task, in the order in which it was."""
    events = [each.event for each in recorded if each.event.type is EventType.VALUES_REDACTED]
    told = [(event, redaction(event.ref, event.seq, event.payload)) for event in events]
    return [Gone(line, each.order, each.ref, event.occurred_at) for event, each in told for line in each.lines]


def by_event(found: Iterable[Gone]) -> Mapping[int, list[Gone]]:
    """The same by the event that lost it."""
    events: dict[int, list[Gone]] = {}
    for each in found:
        events.setdefault(each.line.seq, []).append(each)
    return events


def said(found: Iterable[Gone], titles: Titles) -> str:
    """That these are gone, as a remark: `（“联系人”已于 2022-05-01 按 R-1 号令删除）`; nothing where none is."""
    by: dict[tuple[str, str], list[str]] = {}
    for each in found:
        name = each.name(titles)
        by.setdefault((titles.moment(iso(each.at))[:10], each.order), []).append(name)
    return "".join(_said(day, order, list(dict.fromkeys(names)), titles) for (day, order), names in by.items())


def _said(day: str, order: str, names: list[str], titles: Titles) -> str:
    if titles.lang == "zh":
        return f"（{'、'.join(f'“{name}”' for name in names)}已于 {day} 按 {order} 号令删除）"
    return f" ({', '.join(names)}: erased on {day} by order {order})"


def fields_of(found: Iterable[Gone]) -> Mapping[str, Gone]:
    """By the names of fields the last time that a value of theirs was erased."""
    parts = (PLAN, REASON, "opening")
    return {each.line.name: each for each in found if each.line.name and each.line.part not in parts}
