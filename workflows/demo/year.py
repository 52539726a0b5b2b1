"""The main job, shown: a process is published, its real list registered, its year lived through on a virtual clock.

Everything goes through the same desk as live work: the same transactions, locks, sweep and publications; only the
clock is told when to move. The story says who did what; what follows from it is the definition's doing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from engine.calendars import Calendar
from engine.commands import Actor, Opening, Refusal
from engine.dues import start_of
from engine.edition import Edition
from engine.events import Event, EventType, Json, instant
from engine.facts import child_kind
from engine.model.fields import Field, FieldType
from engine.problems import Language
from engine.task import Task
from engine.terms import month_end
from engine.values import parse_value
from workflows.authoring.grammar import Doer
from workflows.authoring.publishing import publish
from workflows.authoring.story import Act as Told
from workflows.authoring.story import Story, Telling, local, parse_story, part_of, task_id
from workflows.authoring.virtual import VirtualFamily
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.listing import read_list
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.ports import BoardRow
from workflows.rows import Row
from workflows.sentences import sentence
from workflows.sources import PROCESS, beside, calendar_named

STORY, TASKS = "story.yaml", "tasks.csv"

HEARD = frozenset(
    {
        EventType.TRIGGER_IGNORED,
        EventType.ACT_CORRECTED,
        EventType.DEADLINE_MISSED,
        EventType.DEADLINE_LAPSED,
        EventType.DEADLINE_EXTENDED,
        EventType.MISS_EXCUSED,
        EventType.CHILD_OPENED,
        EventType.CHILD_ENDED,
        EventType.NOTICE_RAISED,
        EventType.PUBLICATION_ISSUED,
    }
)
"""What people would hear of; besides, every move from one state to another."""


class StoryStopped(Exception):
    """A step of a story was refused: the story and the definition do not fit one another."""

    def __init__(self, where: str, refusal: Refusal, edition: Edition, kind: str) -> None:
        super().__init__(f"{where}: {refusal.code}")
        self.where, self.refusal, self.edition, self.kind = where, refusal, edition, kind


@dataclass
class Month:
    """One month of a lived year: the board at its end, and what was heard of in it, in order."""

    end: date
    board: Sequence[BoardRow]
    heard: list[tuple[datetime, str, Event]] = field(default_factory=list)

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """How many tasks are in each state, and show each light; programmes and children aside."""
        tasks = [row for row in self.board if row.kind == ""]
        return Counter(row.state for row in tasks), Counter(row.signal or "unknown" for row in tasks)

    def reminders(self) -> int:
        """How many reminders went out."""
        return sum(event.type is EventType.DEADLINE_REMINDED for _, _, event in self.heard)


@dataclass(frozen=True)
class Year:
    """What came of one story: the edition, the tasks by id, the months, and all publications as issued."""

    edition: Edition
    story: Story
    titles: Mapping[str, str]
    kinds: Mapping[str, str]
    months: Sequence[Month]
    events: int

    def publications(self) -> Iterator[Event]:
        """Every publication, in the order in which it was issued."""
        for month in self.months:
            yield from (event for _, _, event in month.heard if event.type is EventType.PUBLICATION_ISSUED)

    def lines(self, month: Month, lang: Language) -> Iterator[tuple[date, tuple[str, ...], str]]:
        """What was heard of in a month: the day, the tasks that it was said of, and one sentence."""
        said: dict[tuple[date, str], list[str]] = {}
        for at, task, event in month.heard:
            if is_heard(event):
                words = sentence(event, self.edition, self.kinds[task], lang)
                said.setdefault((at.astimezone(self.edition.zone).date(), words), []).append(task)
        for (day, words), tasks in said.items():
            yield day, tuple(tasks), words


def is_heard(event: Event) -> bool:
    """Whether people would hear of it."""
    if event.type is EventType.NOTICE_RAISED:
        return event.payload["notice"] != "reminder" and not event.payload["about"]
    moved = event.type is EventType.TRIGGER_FIRED and event.payload["from"] != event.payload["to"]
    return moved or event.type in HEARD


Progress = Callable[[int, int], None]
"""Told how many steps of how many are done."""


def begins(folder: Path) -> date:
    """On which day the story of a definition's folder begins."""
    return date.fromisoformat(_story(folder).story.from_ or "")


def live(
    desk: Desk,
    folder: Path,
    clock: VirtualClock,
    progress: Progress,
    *,
    until: datetime | None = None,
    moved: Callable[[], None] = lambda: None,
    named: Callable[[Sequence[str]], None] = lambda _: None,
) -> Year:
    """Live through the story of a definition's folder, or through what of it lies before `until`; `moved` is called
    whenever time has run, `named` at first with the units that the list and the acts of the story name: where units
    are kept, no other is taken. Raises `StoryStopped`, and `ValueError` for files that are not right.
    """
    telling = _story(folder)
    stage = _Stage(desk, clock, telling, *_published(desk, folder / PROCESS), moved)
    named(stage.units(folder))
    stage.enter(folder)
    steps = sorted(telling.story.steps, key=lambda step: step.at)
    months = []
    ends = list(_month_ends(telling.story))
    last = ends[-1]
    if until is not None:
        steps = [step for step in steps if local(step.at, stage.zone) < until]
        ends = [end for end in ends if _midnight(stage, end) <= until]
    for number, step in enumerate(steps):
        while ends and local(step.at, stage.zone) >= _midnight(stage, ends[0]):
            months.append(stage.close(ends.pop(0)))
        stage.take(step)
        progress(number + 1, len(steps))
    months += [stage.close(end) for end in ends]
    if until is not None and clock() < until < _midnight(stage, last):
        months.append(stage.stop(until))
    return stage.told(months)


def _story(folder: Path) -> Telling:
    told = parse_story((folder / STORY).read_bytes(), str(folder / STORY))
    if isinstance(told, Telling):
        return told
    raise ValueError("\n".join(map(str, told)))


def _published(desk: Desk, file: Path) -> tuple[Edition, Calendar]:
    text = file.read_text(encoding="utf-8")
    found = publish(desk, text, calendar_named, str(file), beside=beside(file))
    if isinstance(found, Refusal):
        raise ValueError(f"{file}: {found.code} {dict(found.facts)}")  # noqa: TRY004 - a refusal is an answer, not a type
    if isinstance(found, list):
        raise ValueError("\n".join(map(str, found)))  # noqa: TRY004 - so are the problems of a text
    return desk.book(f"{found.record.process}@{found.record.edition}")


def _month_ends(story: Story) -> Iterator[date]:
    if story.from_ is None or story.until is None:
        raise ValueError(f"the story {story.story} does not say from when until when it goes")
    end, until = month_end(date.fromisoformat(story.from_)), date.fromisoformat(story.until)
    while end < until:
        yield end
        end = month_end(end + timedelta(days=1))
    yield until


def _midnight(stage: _Stage, day: date) -> datetime:
    """The end of a day."""
    return start_of(day + timedelta(days=1), stage.zone)


@dataclass
class _Stage:
    """One story on its way through the office."""

    desk: Desk
    clock: VirtualClock
    telling: Telling
    edition: Edition
    calendar: Calendar
    moved: Callable[[], None]
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zone = self.edition.zone

    def units(self, folder: Path) -> list[str]:
        """The units that the programmes, the list and the acts name."""
        story, sheets = self.telling.story, self.edition.sheets
        programme = sheets["programme"].body.fields if story.programmes else {}
        told = [(programme, entry.fields) for entry in story.programmes]
        if story.register_ is not None:
            rows = read_list(folder / (story.register_.list or TASKS), self.edition.process).rows
            told += [(sheets[""].body.fields, row.fields) for row in rows]
        acts = [(sheet.transitions, step) for sheet in sheets.values() for step in story.steps]
        told += [(known[step.do].form, step.with_) for known, step in acts if step.do in known]
        return sorted({unit for fields, values in told for unit in _units_in(fields, values)})

    def enter(self, folder: Path) -> None:
        """Register the programmes and the list."""
        for entry in self.telling.story.programmes:
            self._move(local(entry.at, self.zone))
            self._register([Row(1, entry.fields, entry.milestones)], _somebody(entry.as_), [entry.id], "programme")
        plan = self.telling.story.register_
        if plan is None:
            return
        found = read_list(folder / (plan.list or TASKS), self.edition.process)
        if found.problems:
            raise ValueError("\n".join(problem.text("en") for problem in found.problems))
        self.ids = [
            task_id(self.edition.process.process, number, len(found.rows)) for number in range(1, len(found.rows) + 1)
        ]
        told = plan.opening
        opening = Opening(told.state, told.due, told.source) if told else None
        rows = [Row(row.row, row.fields, row.milestones, opening, part_of(plan, row.fields)) for row in found.rows]
        self._move(local(plan.at, self.zone))
        self._register(rows, _somebody(plan.as_), self.ids, "")

    def _register(self, rows: Sequence[Row], actor: Actor, ids: Sequence[str], kind: str) -> None:
        answer = register(self.desk, self.edition.process.process, rows, actor, kind=kind, ids=ids)
        if isinstance(answer, list):
            return
        refusal = answer if isinstance(answer, Refusal) else answer.faults[0].refusal
        raise StoryStopped(f"register {', '.join(ids)}", refusal, self.edition, kind)

    def _move(self, to: datetime) -> None:
        """Let time pass: everything that falls due on the way is decided and issued."""
        if to > self.clock():
            swept = sweep(self.desk, to)
            if not isinstance(swept, Swept):
                raise StoryStopped("sweep", swept, self.edition, "")
            self.moved()

    def take(self, step: Told) -> None:
        """Let everybody concerned take a step."""
        self._move(local(step.at, self.zone))
        roots = [step.programme] if step.programme else [name for n, name in enumerate(self.ids, 1) if step.concerns(n)]
        for root in roots:
            self._act(step, root)

    def _act(self, step: Told, root: str) -> None:
        task = self._member(root, step.on)
        earlier = local(step.occurred_at, self.zone) if step.occurred_at else None
        act = Act(task.id, step.do, step.with_, self._actor(step.as_, task), earlier, step.reason)
        outcome = fire(self.desk, act)
        if not isinstance(outcome, Outcome):
            where = f"{self.telling.where(step)} {task.id} {step.do}"
            raise StoryStopped(where, outcome, self.edition, task.kind)

    def _member(self, root: str, on: str | None) -> Task:
        """The task itself, the member with that id, or the child of a kind that was opened last."""
        task = self.desk.store.task(root)
        if on is not None and (member := self.desk.store.task(on)) is not None:
            return member
        if task is not None and on is not None:
            kind = child_kind(task.kind, on)
            mine = [child for child, told in task.children.items() if told["kind"] == kind]
            task = self.desk.store.task(max(mine, key=lambda child: (len(child), child))) if mine else None
        if task is None:
            raise StoryStopped(f"{root} {on or ''}", Refusal("unknown_task", {"task": root}), self.edition, "")
        return task

    def _actor(self, doer: Doer, task: Task) -> Actor:
        kin = {task.id: task}
        while task.parent is not None and (parent := self.desk.store.task(task.parent)) is not None:
            kin[parent.id] = task = parent
        family = VirtualFamily(self.edition, self.calendar, self.desk.units, kin, kin)
        return family.actor(doer, next(iter(kin.values())), self.clock())

    def close(self, end: date) -> Month:
        """Let time run to the end of a month, and look at the board."""
        midnight = _midnight(self, end)
        self._move(midnight)
        return self._seen(end, midnight - timedelta(microseconds=1))

    def stop(self, until: datetime) -> Month:
        """Let time run to an instant within a month, and look at the board."""
        self._move(until)
        return self._seen(until.astimezone(self.zone).date(), until)

    def _seen(self, end: date, at: datetime) -> Month:
        mine = self.edition.process.process
        rows = self.desk.store.board(at)
        return Month(end, [row for row in rows if row.process == mine])

    def told(self, months: Sequence[Month]) -> Year:
        """Put every event into its month."""
        titles, kinds, count = {}, {}, 0
        for task in self.desk.store.tasks(process=self.edition.process.process):
            kinds[task.id] = task.kind
            titles[task.id] = str(task.fields.get("title") or task.fields.get("name") or task.id)
            for recorded in self.desk.store.events(task.id):
                count += 1
                at = present(recorded.event)
                month = next((month for month in months if at < _midnight(self, month.end)), months[-1])
                month.heard.append((at, task.id, recorded.event))
        for month in months:
            month.heard.sort(key=lambda heard: (heard[0], heard[1], heard[2].seq))
        return Year(self.edition, self.telling.story, titles, kinds, months, count)


def _units_in(fields: Mapping[str, Field], values: Mapping[str, Json]) -> Iterator[str]:
    for name, value in values.items():
        if value and name in fields and fields[name].type in (FieldType.UNIT, FieldType.UNITS):
            told = parse_value(fields[name], value)
            yield from told if isinstance(told, list) else [str(told)]


def present(event: Event) -> datetime:
    """When it was done, which may be later than when it happened."""
    command = event.payload.get("command")
    return instant(command["at"]) if command else event.occurred_at


def _somebody(doer: Doer) -> Actor:
    return Actor(doer.person or doer.role, (doer.role, *doer.roles), doer.units or ())


def busiest(years: Sequence[Year]) -> str:
    """The task with the longest story to tell: whose lights changed most often, and then the most events."""
    counts: Counter[str] = Counter()
    for year in years:
        for month in year.months:
            counts.update(task for _, task, event in month.heard if year.kinds[task] == "" and is_heard(event))
    return counts.most_common(1)[0][0]
