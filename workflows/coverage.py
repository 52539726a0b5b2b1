"""What a definition declares, and what of it has happened: the coverage of scenarios and rehearsals, and what an office
has never used in months.

A part of a definition that never happens is either not tried, or not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.document import Path
from engine.edition import Edition, Sheet
from engine.events import Event, EventType
from engine.model import Transition
from engine.model.transitions import PREVIOUS, STAY, Effect
from engine.problems import Language, Text
from engine.titles import Titles
from workflows.worded import Worded


class PartSort(Worded):
    """What can happen by a definition."""

    STATE = "state", "状态", "states"
    TRANSITION = "transition", "操作", "transitions"
    BRANCH = "branch", "分支", "branches"
    DEADLINE = "deadline", "时限起算", "deadlines started"
    MET = "met", "时限完成", "deadlines met"
    PASSED = "passed", "时限逾期或届满", "deadlines passed"
    NOTICE = "notice", "通知", "notices"
    CHILD = "child", "子事项", "children"
    PUBLICATION = "publication", "公文", "publications ordered"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can happen in one body. `name` is its name in the definition; of a branch, the trigger and the
    number of the branch from 0.
    """

    body: str
    sort: PartSort
    name: str
    branch: int = -1


def declared(edition: Edition) -> Mapping[Part, Path]:
    """Every part of a definition with its place in the text, in the order of the text."""
    return {part: path for kind, sheet in edition.sheets.items() for part, path in _declared(kind, sheet)}


def _declared(kind: str, sheet: Sheet) -> Iterator[tuple[Part, Path]]:
    body, at = sheet.body, _path(kind)
    for name in body.states:
        yield Part(kind, PartSort.STATE, name), (*at, "states", name)
    for index, transition in enumerate(body.transitions):
        yield from _of_transition(kind, transition, (*at, "transitions", index))
    for name, deadline in body.deadlines.items():
        here = (*at, "deadlines", name)
        yield Part(kind, PartSort.DEADLINE, name), here
        if deadline.met_by:
            yield Part(kind, PartSort.MET, name), (*here, "met_by")
        if deadline.missed or deadline.lapsed:
            yield Part(kind, PartSort.PASSED, name), (*here, "missed" if deadline.missed else "lapsed")
    for name in body.children:
        yield Part(kind, PartSort.CHILD, name), (*at, "children", name)
    for effect, path in _effects(sheet, at):
        if effect.notice is not None:
            yield Part(kind, PartSort.NOTICE, effect.notice), path
        elif effect.publish is not None:
            yield Part(kind, PartSort.PUBLICATION, effect.publish), path


def _of_transition(kind: str, transition: Transition, at: Path) -> Iterator[tuple[Part, Path]]:
    yield Part(kind, PartSort.TRANSITION, transition.trigger), at
    if len(transition.to) > 1:
        for number in range(len(transition.to)):
            yield Part(kind, PartSort.BRANCH, transition.trigger, number), (*at, "to", number)


def _effects(sheet: Sheet, at: Path) -> Iterator[tuple[Effect, Path]]:
    """Everything that may follow, with its place."""
    registered = (*at, "registration", "then")
    yield from ((effect, (*registered, n)) for n, effect in enumerate(sheet.body.registration.then))
    for index, transition in enumerate(sheet.body.transitions):
        here = (*at, "transitions", index)
        yield from ((effect, (*here, "then", n)) for n, effect in enumerate(transition.then))
        for number, branch in enumerate(transition.to):
            yield from ((effect, (*here, "to", number, "then", n)) for n, effect in enumerate(branch.then))


def _path(kind: str) -> Path:
    """Where a body stands in the text: `interview` under `children`, `programme/opinion` under the programme's."""
    names = kind.split("/") if kind else []
    path: Path = ()
    if names and names[0] == "programme":
        path, names = ("programme",), names[1:]
    for name in names:
        path = (*path, "children", name)
    return path


@dataclass
class Happened:
    """What has happened of a definition: how often, and when last. `kinds` are the bodies of the tasks seen."""

    times: dict[Part, int] = field(default_factory=dict)
    last: dict[Part, datetime] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        """Take one event into account; those of a task in their order."""
        if event.type is EventType.TASK_REGISTERED:
            self.kinds[event.task] = str(event.payload["kind"])
        for part in _parts(event, self.kinds.get(event.task, "")):
            self.times[part] = self.times.get(part, 0) + 1
            self.last[part] = max(event.occurred_at, self.last.get(part, event.occurred_at))

    def join(self, other: Happened) -> None:
        """Add what has happened elsewhere."""
        for part, times in other.times.items():
            self.times[part] = self.times.get(part, 0) + times
            self.last[part] = max(other.last[part], self.last.get(part, other.last[part]))

    def note_all(self, events: Iterable[Event]) -> None:
        """Take many into account."""
        for event in events:
            self.note(event)


_OF_DEADLINES: Mapping[EventType, PartSort] = {
    EventType.DEADLINE_STARTED: PartSort.DEADLINE,
    EventType.DEADLINE_MET: PartSort.MET,
    EventType.DEADLINE_MISSED: PartSort.PASSED,
    EventType.DEADLINE_LAPSED: PartSort.PASSED,
}


def _parts(event: Event, kind: str) -> Iterator[Part]:
    told = event.payload
    match event.type:
        case EventType.TASK_REGISTERED:
            yield Part(kind, PartSort.STATE, told["state"])
        case EventType.TRIGGER_FIRED:
            if told["to"] != told["from"]:
                yield Part(kind, PartSort.STATE, told["to"])
            yield Part(kind, PartSort.TRANSITION, told["trigger"])
            yield Part(kind, PartSort.BRANCH, told["trigger"], told["branch"])
        case EventType.ACT_CORRECTED:
            yield Part(kind, PartSort.TRANSITION, told["trigger"])
        case EventType() as type_ if type_ in _OF_DEADLINES:
            yield Part(kind, _OF_DEADLINES[type_], told["occurrence"]["name"])
        case EventType.NOTICE_RAISED:
            yield Part(kind, PartSort.NOTICE, told["notice"])
        case EventType.PUBLICATION_ORDERED:
            yield Part(kind, PartSort.PUBLICATION, told["publication"])
        case EventType.CHILD_OPENED:
            yield Part(kind, PartSort.CHILD, told["kind"].rpartition("/")[2])


def missing(edition: Edition, happened: Happened, since: datetime | None = None) -> list[Part]:
    """What a definition declares and has not happened (`since` an instant), in the order of its text."""
    last = happened.last
    return [part for part in declared(edition) if part not in last or (since is not None and last[part] < since)]


@dataclass(frozen=True)
class Share:
    """How much of one sort has happened."""

    sort: PartSort
    happened: int
    of: int


def shares(edition: Edition, gone: Iterable[Part]) -> list[Share]:
    """How much of each sort has happened, where `gone` has not."""
    parts, lost = list(declared(edition)), set(gone)
    found = []
    for sort in PartSort:
        mine = [part for part in parts if part.sort is sort]
        if mine:
            found.append(Share(sort, sum(part not in lost for part in mine), len(mine)))
    return found


_NAMED: Mapping[PartSort, Callable[[Titles, str], str]] = {
    PartSort.STATE: Titles.state,
    PartSort.TRANSITION: Titles.trigger,
    PartSort.BRANCH: Titles.trigger,
    PartSort.DEADLINE: Titles.deadline,
    PartSort.MET: Titles.deadline,
    PartSort.PASSED: Titles.deadline,
    PartSort.NOTICE: Titles.notice,
    PartSort.CHILD: Titles.child,
    PartSort.PUBLICATION: Titles.publication,
}


def said(edition: Edition, part: Part, lang: Language) -> str:
    """A part in words: its title, and in which body."""
    titles = Titles(edition, lang, part.body)
    name = _NAMED[part.sort](titles, part.name)
    if part.sort is PartSort.BRANCH:
        name = f"{name} → {_target(edition, part, titles, lang)}"
    return f"{name} ({part.body})" if part.body else name


_STAY = Text("状态不变", "stays as it is")
_BACK = Text("退回上一步", "the act before is taken back")


def _target(edition: Edition, part: Part, titles: Titles, lang: Language) -> str:
    branch = edition.sheets[part.body].transitions[part.name].to[part.branch]
    words = {STAY: _STAY, PREVIOUS: _BACK}
    target = words[branch.state].in_(lang) if branch.state in words else titles.state(branch.state)
    return f"{target}: {branch.when}" if branch.when else target


_TRIED = Text("覆盖情况", "What happened of the definition")
_NEVER = Text("没有发生过的", "What never happened")


def covered(edition: Edition, gone: Sequence[Part], lang: Language) -> list[str]:
    """How much of each sort has happened, then what has not, in lines."""
    lines = ["", _TRIED.in_(lang)]
    lines += [f"{each.sort.in_(lang)} {each.happened}/{each.of}" for each in shares(edition, gone)]
    if gone:
        lines += [
            "",
            _NEVER.in_(lang),
            *(f"{each.sort.in_(lang)}: {said(edition, each, lang)}" for each in gone),
        ]
    return lines
