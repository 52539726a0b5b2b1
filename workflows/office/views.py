"""What people look at: the worklist, the board, and the page of one task with what is possible there and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine import moves
from engine.calendars import Calendar
from engine.commands import Actor, Refusal, Refused
from engine.events import Json
from engine.machine import sources
from engine.model import Field, Transition
from engine.problems import Language
from engine.steps import explain_all, step_from_json
from engine.task import OWED, Occurrence, Task
from engine.titles import Titles
from engine.turn import Turn
from workflows.desk import SLACK, Desk
from workflows.office.sayings import say
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
class Possible:
    """A transition of the task; `refusal` says why it is not possible now, in words, and is None where it is. `here`
    says whether it starts in the task's state.
    """

    trigger: str
    title: str
    form: Mapping[str, Field]
    refusal: str | None
    here: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """The page of one task. `facts` are name, title and value of each field; personal ones are left out."""

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
    rows = desk.store.board(at or desk.clock() + SLACK, known_at)
    titles: dict[tuple[str, str], Titles] = {}
    for row in rows:
        if (row.process, row.kind) not in titles:
            found = desk.latest(row.process)
            edition = None if isinstance(found, Refusal) else found[0]
            titles[row.process, row.kind] = Titles(edition, lang, row.kind)
    return [Shown(row, titles[row.process, row.kind].state(row.state)) for row in rows]


def view(desk: Desk, name: str, actor: Actor, lang: Language) -> TaskView | Refusal:
    """The page of a task as `actor` sees it."""
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
        possible=list(_possible(desk, task, actor, lang)),
        children=children,
        states={child.id: _titles(desk, child, lang).state(child.state) for child in children},
        plan=record(task.milestones, sheet),
    )


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


# -- what is possible


def _possible(desk: Desk, task: Task, actor: Actor, lang: Language) -> Iterator[Possible]:
    """The transitions that people may fire from this state, and what speaks against each now.

    A guard that looks at the form cannot be asked before the form is filled in; it is left to the act itself.
    """
    edition, calendar = desk.book(task.edition)
    now, body = desk.clock(), edition.sheets[task.kind].body
    turn = Turn(edition, calendar, actor, now, now, units=desk.units, family=_kin(desk, task))
    for transition in edition.sheets[task.kind].transitions.values():
        if [by.role for by in transition.by] != ["system"]:
            refusal = _against(turn, task, transition)
            said = say(refusal, edition, lang, task.kind) if refusal else None
            yield Possible(
                transition.trigger,
                transition.title(lang),
                transition.form,
                said,
                task.state in sources(body, transition),
            )


def _kin(desk: Desk, task: Task) -> dict[str, Task]:
    """The task with its ancestors and children, as guards look at them."""
    names = [task.parent, *task.children] if task.parent else list(task.children)
    found = {name: kin for name in names if name and (kin := desk.store.task(name)) is not None}
    above = found.get(task.parent or "")
    return {**(_kin_above(desk, above) if above else {}), **found, task.id: task}


def _kin_above(desk: Desk, task: Task) -> dict[str, Task]:
    above = desk.store.task(task.parent) if task.parent else None
    return {**_kin_above(desk, above), above.id: above} if above else {}


def _against(turn: Turn, task: Task, transition: Transition) -> Refusal | None:
    try:
        moves.check_state(turn, task, transition)
        moves.check_actor(turn, task, transition)
        if not transition.form:
            moves.check_rights(turn, task, transition, {})
            moves.check_window(turn, task, transition, {})
        if transition.when is not None and not _reads_form(turn, task, transition.when):
            move = moves.Move(turn, task, transition, {})
            return None if move.test(transition.when, "when") else move.refused(transition.when).refusal
    except Refused as refused:
        return refused.refusal
    return None


def _reads_form(turn: Turn, task: Task, guard: str) -> bool:
    return any(name.startswith("form.") for name in turn.sheet(task).expressions[guard].names)
