"""Two courses of the same tasks beside each other: what comes earlier, later, anew or not at all.

A what-if is laid beside its story, and a backtest beside the recorded history. Compared is what people would notice:
states entered, lights, deadlines passed, notices, children, documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.edition import Edition
from engine.events import Event, EventType
from engine.problems import Language
from engine.titles import Titles
from workflows.worded import Worded


class OccasionSort(Worded):
    """What people would notice."""

    STATE = "state", "进入状态", "state"
    LIGHT = "light", "亮灯", "light"
    PASSED = "passed", "逾期或届满", "deadline passed"
    NOTICE = "notice", "通知", "notice"
    CHILD = "child", "子事项", "child opened"
    DOCUMENT = "document", "公文", "document"


class Shift(Worded):
    """What has become of it in the other course."""

    EARLIER = "earlier", "提前", "earlier"
    LATER = "later", "推后", "later"
    ANEW = "anew", "新增", "anew"
    GONE = "gone", "不再发生", "not at all"


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """Something people would notice: of which task, and which of its kind. `key` is the period of a deadline, what
    a reminder is about, else the number of the occasion from 1.
    """

    task: str
    body: str
    sort: OccasionSort
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """An occasion that differs, with its instants in the first course and in the other."""

    occasion: Occasion
    fate: Shift
    before: datetime | None
    after: datetime | None

    @property
    def first(self) -> datetime:
        """The earlier of its instants: where the two courses differ."""
        return min(at for at in (self.before, self.after) if at is not None)


@dataclass
class Course:
    """The occasions of a history, each with its instant."""

    at: dict[Occasion, datetime] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    _met: Counter[tuple[str, OccasionSort, str, str]] = field(default_factory=Counter)

    def note(self, event: Event) -> None:
        """Take one event into account; those of a task in their order."""
        if event.type is EventType.TASK_REGISTERED:
            self.kinds[event.task] = str(event.payload["kind"])
        found = _noticed(event)
        if found is None:
            return
        sort, name, about = found
        met = event.task, sort, name, about
        number = self._met[met] = self._met[met] + 1
        key = f"{about}/{number}" if about and number > 1 else about or str(number)
        occasion = Occasion(event.task, self.kinds.get(event.task, ""), sort, name, key)
        self.at.setdefault(occasion, event.due_at or event.occurred_at)


def course(events: Iterable[Event]) -> Course:
    """The occasions of these events."""
    found = Course()
    for event in events:
        found.note(event)
    return found


def _noticed(event: Event) -> tuple[OccasionSort, str, str] | None:
    """What people would notice, and what it is about: the period of a deadline, the deadline of a reminder."""
    notices = _NOTICED.get(event.type)
    return notices(event.payload) if notices else None


def _entered(told: Mapping[str, Any]) -> tuple[OccasionSort, str, str] | None:
    return (OccasionSort.STATE, told["to"], "") if told["to"] != told["from"] else None


def _lit(told: Mapping[str, Any]) -> tuple[OccasionSort, str, str] | None:
    return (OccasionSort.LIGHT, told["to"], "") if told["to"] is not None else None


def _passed(told: Mapping[str, Any]) -> tuple[OccasionSort, str, str]:
    return OccasionSort.PASSED, told["occurrence"]["name"], told["occurrence"]["key"]


def _notified(told: Mapping[str, Any]) -> tuple[OccasionSort, str, str]:
    about = told["about"]
    return (
        OccasionSort.NOTICE,
        told["notice"],
        f"{about['deadline']}/{about.get('key', '')}" if "deadline" in about else "",
    )


_NOTICED: Mapping[EventType, Callable[[Mapping[str, Any]], tuple[OccasionSort, str, str] | None]] = {
    EventType.TRIGGER_FIRED: _entered,
    EventType.SIGNAL_CHANGED: _lit,
    EventType.DEADLINE_MISSED: _passed,
    EventType.DEADLINE_LAPSED: _passed,
    EventType.NOTICE_RAISED: _notified,
    EventType.CHILD_OPENED: lambda told: (OccasionSort.CHILD, told["kind"].rpartition("/")[2], ""),
    EventType.PUBLICATION_ORDERED: lambda told: (OccasionSort.DOCUMENT, told["publication"], ""),
}
"""What people would notice of an event; of the others nothing."""


SAME = timedelta(seconds=1)
"""Decisions of one family stand a tick apart: what differs by less is the same moment."""


def changes(before: Course, after: Course) -> list[Change]:
    """Everything in which the other course differs, by task and time."""
    found = [*_moved(before, after), *_appeared(before, after)]
    return sorted(found, key=lambda each: (each.occasion.task, each.after or each.before, each.occasion))


def _moved(before: Course, after: Course) -> Iterator[Change]:
    for occasion, at in before.at.items():
        then = after.at.get(occasion)
        if then is None:
            yield Change(occasion, Shift.GONE, at, None)
        elif abs(then - at) >= SAME:
            yield Change(occasion, Shift.EARLIER if then < at else Shift.LATER, at, then)


def _appeared(before: Course, after: Course) -> Iterator[Change]:
    yield from (Change(each, Shift.ANEW, None, at) for each, at in after.at.items() if each not in before.at)


Sum = Mapping[tuple[str, OccasionSort, str], Counter[Shift]]
"""By body, sort and name: how many came earlier, later, anew or not at all."""


def summed(found: Iterable[Change]) -> Sum:
    """The changes of all tasks in sum."""
    total: dict[tuple[str, OccasionSort, str], Counter[Shift]] = {}
    for each in found:
        key = (each.occasion.body, each.occasion.sort, each.occasion.name)
        total.setdefault(key, Counter())[each.fate] += 1
    return total


def told(edition: Edition, total: Sum, lang: Language) -> list[str]:
    """The sum in lines, the gravest sorts as the definition orders them."""
    order = list(OccasionSort)
    lines = []
    for body, sort, name in sorted(total, key=lambda key: (key[0], order.index(key[1]), key[2])):
        fates = [f"{fate.in_(lang)} {count}" for fate in Shift if (count := total[body, sort, name][fate])]
        lines.append(f"{sort.in_(lang)} {title(edition, body, sort, name, lang)}: {', '.join(fates)}")
    return lines


_NAMED: Mapping[OccasionSort, Callable[[Titles, str], str]] = {
    OccasionSort.STATE: Titles.state,
    OccasionSort.LIGHT: Titles.colour,
    OccasionSort.PASSED: Titles.deadline,
    OccasionSort.NOTICE: Titles.notice,
    OccasionSort.CHILD: Titles.child,
    OccasionSort.DOCUMENT: Titles.publication,
}


def title(edition: Edition, body: str, sort: OccasionSort, name: str, lang: Language) -> str:
    """What is noticed, as people know it."""
    found = _NAMED[sort](Titles(edition, lang, body), name)
    return f"{found} ({body})" if body and sort is not OccasionSort.CHILD else found


def line(edition: Edition, change: Change, lang: Language) -> str:
    """One change in one line: `task  deadline passed Monthly report 2022-03: 2022-04-01 → 2022-03-18, earlier`."""
    one = change.occasion
    before, after = (_day(edition, at) for at in (change.before, change.after))
    key = f" {one.key}" if one.sort is OccasionSort.PASSED and one.key != "1" else ""
    what = f"{one.sort.in_(lang)} {title(edition, one.body, one.sort, one.name, lang)}{key}"
    when = " → ".join(each for each in (before, after) if each)
    return f"{one.task}  {what}: {when}, {change.fate.in_(lang)}"


def _day(edition: Edition, at: datetime | None) -> str | None:
    return f"{at.astimezone(edition.zone):%Y-%m-%d %H:%M}" if at else None
