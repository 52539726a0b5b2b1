"""What people look at: the worklist, the board, and the page of one task with what is possible there and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.calendars import Calendar
from engine.commands import Actor, Refusal
from engine.edition import Sheet
from engine.events import Json
from engine.problems import Language
from engine.steps import explain_all, step_from_json
from engine.task import OWED, Occurrence, Task
from engine.titles import Titles
from workflows.desk import SLACK, Desk
from workflows.office.possible import Possible, possible
from workflows.personal import record
from workflows.ports import BoardRow, OpenDeadline


@dataclass(frozen=True, slots=True)
class Owed:
    """A row of the worklist, with titles."""

    deadline: OpenDeadline
    title: str
    who: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the board, with titles."""

    row: BoardRow
    state: str


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """One occurrence of a deadline; `why` are the sentences that lead to its date. `days_left` and `working_days_left`
    count from today to its last day, and are negative where it is late; None where nothing is owed any more.
    """

    title: str
    who: str
    occurrence: Occurrence
    why: Sequence[str]
    days_left: int | None = None
    working_days_left: int | None = None


@dataclass(frozen=True, slots=True)
class TaskView:
    """The page of one task. `facts` are name, title and value of each field; those that the law protects stand in
    `personal`, which is None for whoever may not see them.
    """

    task: Task
    state: str
    facts: Sequence[tuple[str, str, Json]]
    choices: Mapping[str, str]
    """The values of choice fields in words, by the names of the fields."""
    deadlines: Sequence[DeadlineView]
    possible: Sequence[Possible]
    children: Sequence[Task]
    states: Mapping[str, str]
    """The states of the children in words, by their ids."""
    plan: Mapping[str, Json]
    """The milestones, less what the law protects."""
    zone: ZoneInfo
    personal: Sequence[tuple[str, str, Json]] | None = None

    @property
    def under(self) -> tuple[str, str | None, str | None]:
        """Its edition, and where it came under it later: from when on, and which it was under before."""
        told = self.task.under or {}
        return self.task.edition, told.get("since"), told.get("was")


def worklist(desk: Desk, lang: Language, *, unit: str | None = None, role: str | None = None) -> list[Owed]:
    """What is owed, the most urgent first; of one unit or of one role, where they are given."""
    found = []
    for each in desk.store.worklist(unit=unit, who=role):
        task = desk.store.task(each.task)
        titles = _titles(desk, task, lang)
        found.append(Owed(each, titles.deadline(each.name), titles.role(each.who)))
    return found


def board(desk: Desk, lang: Language, at: datetime | None = None, known_at: datetime | None = None) -> list[Shown]:
    """Every task as it was at an instant (now, unless said otherwise), as known at another."""
    return shown(desk, board_rows(desk, at, known_at), lang)


def board_rows(desk: Desk, at: datetime | None = None, known_at: datetime | None = None) -> Sequence[BoardRow]:
    """The same without words, by task."""
    return desk.store.board(at or desk.clock() + SLACK, known_at)


def shown(desk: Desk, rows: Sequence[BoardRow], lang: Language) -> list[Shown]:
    """Rows of a board with their states in words."""
    titles: dict[tuple[str, str], Titles] = {}
    for row in rows:
        if (row.process, row.kind) not in titles:
            found = desk.latest(row.process)
            edition = None if isinstance(found, Refusal) else found[0]
            titles[row.process, row.kind] = Titles(edition, lang, row.kind)
    return [Shown(row, titles[row.process, row.kind].state(row.state)) for row in rows]


def view(
    desk: Desk, name: str, actor: Actor | Sequence[Actor], lang: Language, *, personal: bool = False
) -> TaskView | Refusal:
    """The page of a task as `actor` sees it, or somebody in several guises; `personal` says that they are of those to
    whom the law lets it be shown (`workflows.personal.shown_to`).
    """
    task = desk.store.task(name)
    if task is None:
        return Refusal("unknown_task", {"task": name})
    edition, calendar = desk.book(task.edition)
    today = desk.clock().astimezone(edition.zone).date()
    sheet, titles = edition.sheets[task.kind], Titles(edition, lang, task.kind)
    told = record(task.fields, sheet)
    facts = [
        (field, titled.title(lang), told[field])
        for field, titled in sheet.body.fields.items()
        if field in task.fields and field not in sheet.personal
    ]
    children = [child for each in task.children if (child := desk.store.task(each)) is not None]
    return TaskView(
        task=task,
        state=titles.state(task.state),
        facts=facts,
        choices={name: shown for name, _, value in facts if (shown := titles.value(name, value)) != value},
        deadlines=[_deadline(each, titles, calendar, today) for each in task.deadlines.values()],
        possible=list(possible(desk, task, [actor] if isinstance(actor, Actor) else actor, lang)),
        children=children,
        states={child.id: _titles(desk, child, lang).state(child.state) for child in children},
        plan=record(task.milestones, sheet),
        zone=edition.zone,
        personal=_personal(task, sheet, lang) if personal else None,
    )


def _personal(task: Task, sheet: Sheet, lang: Language) -> list[tuple[str, str, Json]]:
    """The fields of the record that the law protects, as far as they are filled in."""
    fields = [(name, field) for name, field in sheet.body.fields.items() if field.personal]
    return [(name, field.title(lang), task.fields[name]) for name, field in fields if task.fields.get(name)]


def _deadline(occurrence: Occurrence, titles: Titles, calendar: Calendar, today: date) -> DeadlineView:
    shown = explain_all(map(step_from_json, occurrence.get("why", [])), titles.lang)
    title, who = titles.deadline(occurrence["name"]), titles.role(occurrence["who"])
    return DeadlineView(title, who, occurrence, shown, *_left(occurrence, calendar, today))


def _left(occurrence: Occurrence, calendar: Calendar, today: date) -> tuple[int | None, int | None]:
    """Days and working days to the last day, or how many it was late when it was met."""
    if occurrence["status"] == "met_late":
        return -occurrence["days_late"], -occurrence["working_days_late"]
    last = occurrence.get("last_day")
    if occurrence["status"] not in OWED or last is None:
        return None, None
    day = date.fromisoformat(last)
    return (day - today).days, calendar.working_days_between(today, day)


def _titles(desk: Desk, task: Task | None, lang: Language) -> Titles:
    return Titles(desk.book(task.edition)[0], lang, task.kind) if task else Titles(None, lang)
