"""What somebody owes, and what waits for them.

Owed is what a deadline puts on a role of theirs. A task waits for somebody where they can now move it on: an act that
leaves its state, and that either belongs to this state alone or has a condition which has come true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from engine import dues, moves
from engine.calendars import Calendar
from engine.commands import Actor
from engine.edition import Edition, Sheet
from engine.model import Transition
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Language
from engine.task import Task
from engine.titles import Titles
from workflows.changes import facts, unit_field
from workflows.desk import Desk
from workflows.lists.ports import Lists, OwedKey, OwedRow, Owing, Slot
from workflows.office.possible import against, best, reads_form, turn_of
from workflows.people import rights
from workflows.people.values import Person

SIZE = 50
LOOKED_AT = 200
"""How many tasks are looked at for what waits, at one time."""


@dataclass(frozen=True, slots=True)
class Doable:
    """An act that somebody can do now."""

    trigger: str
    title: str


@dataclass(frozen=True, slots=True)
class Mine:
    """One thing that somebody owes. `days` are the working days left, today not counted, or by which it is late, as
    `late` says; None where it has no date.
    """

    row: OwedRow
    deadline: str
    role: str
    state: str
    days: int | None
    late: bool
    today: bool
    acts: Sequence[Doable]


@dataclass(frozen=True, slots=True)
class Owed:
    """A page of what somebody owes: the overdue first."""

    rows: Sequence[Mine]
    total: int
    late: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Waits:
    """A task that waits for somebody, with the acts that move it on."""

    task: Task
    title: str
    unit: str | None
    state: str
    acts: Sequence[Doable]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks that wait; `more` is where to go on looking, None where all have been looked at."""

    rows: Sequence[Waits]
    more: str | None


# -- what is owed


def owed(desk: Desk, lists: Lists, person: Person, lang: Language, *, page: int = 1, size: int = SIZE) -> Owed:
    """What somebody owes for their roles and units."""
    guises = list(_guises(desk, person))
    keys = _in_scope(desk, lists, person, _theirs(desk, lists, lists.owing(_owing(guises)), guises))
    pages = max(1, -(-len(keys) // size))
    page = min(max(1, page), pages)
    shown = lists.owed(keys[(page - 1) * size : page * size])
    tasks = _with_above(lists, {row.task for row in shown})
    now = desk.clock()
    told = [_mine(desk, row, tasks, guises, now, lang) for row in shown]
    return Owed(told, len(keys), sum(key.status == "missed" for key in keys), page, pages)


def _in_scope(desk: Desk, lists: Lists, person: Person, keys: Sequence[OwedKey]) -> Sequence[OwedKey]:
    """Less what a unit missed on tasks that had ended before its work went to another: that stays with it."""
    scope = rights.scope_of(desk, person)
    if not scope.came:
        return keys
    seen = lists.seen(scope, {key.task for key in keys})
    return [key for key in keys if key.task in seen]


@dataclass(frozen=True, slots=True)
class Guise:
    """A role of somebody in one edition, in which they act as `actor`."""

    edition: Edition
    role: str
    actor: Actor

    def slots(self) -> Iterator[Slot]:
        """Where tasks stand that this role may concern. `exact` slots need no further look."""
        for kind in self.edition.sheets:
            units = frozenset(self.actor.units) if self.exact(kind) else None
            yield Slot(self.edition.name, kind, units)

    @property
    def bound(self) -> str | None:
        """To which unit the role is bound, as its definition says it."""
        return self.edition.process.roles[self.role].unit

    def exact(self, kind: str) -> bool:
        """Whether the unit to which the role is bound is the one by which lists know a task of this kind."""
        named = re.fullmatch(r"task\.([a-z][a-z0-9_]*)", self.bound or "")
        return named is not None and _listed_unit(self.edition, kind) == named[1]


def _listed_unit(edition: Edition, kind: str) -> str | None:
    """The field by which lists know whose a task is; a child without one is known by its parent's."""
    sheet: Sheet = edition.sheets[kind]
    own = unit_field(sheet)
    return own if own or sheet.parent is None else _listed_unit(edition, sheet.parent)


def _guises(desk: Desk, person: Person) -> Iterator[Guise]:
    held = {held.process for held in person.holdings}
    for record in desk.store.editions():
        if not {"", record.process} & held:
            continue
        edition, _ = desk.book(f"{record.process}@{record.edition}")
        for actor in rights.actors(person, record.process):
            yield from (Guise(edition, role, actor) for role in actor.roles if role in edition.process.roles)


def _owing(guises: Sequence[Guise]) -> list[Owing]:
    return [Owing(guise.role, tuple(guise.slots())) for guise in guises]


def _theirs(desk: Desk, lists: Lists, keys: Sequence[OwedKey], guises: Sequence[Guise]) -> Sequence[OwedKey]:
    """What is really theirs: where a list cannot tell, the tasks are looked at."""
    by: dict[tuple[str, str], list[Guise]] = {}
    for guise in guises:
        by.setdefault((guise.edition.name, guise.role), []).append(guise)
    alike = {_ALIKE(key) for key in keys}  # few, however many keys there are
    sure = {each for each in alike if any(_surely(guise, *each[1:3]) for guise in by.get(each[::3], ()))}
    if len(sure) == len(alike):
        return keys
    doubtful = {key.task for key in keys if _ALIKE(key) not in sure}
    tasks = _with_above(lists, doubtful)
    return [key for key in keys if key.task not in doubtful or _bound(desk, tasks, key, by[key.edition, key.who])]


_ALIKE = itemgetter(*map(OwedKey._fields.index, ("edition", "kind", "unit", "who")))


def _surely(guise: Guise, kind: str, unit: str | None) -> bool:
    return guise.bound is None or (guise.exact(kind) and unit in guise.actor.units)


def _bound(desk: Desk, tasks: Mapping[str, Task], key: OwedKey, guises: Sequence[Guise]) -> bool:
    task = tasks.get(key.task)
    if task is None:
        return False
    for guise in guises:
        units = moves.bound_units(turn_of(desk, task, guise.actor, tasks), task, guise.role)
        if units is None or set(units) & set(guise.actor.units):
            return True
    return False


def _with_above(lists: Lists, ids: set[str]) -> dict[str, Task]:
    """These tasks and those above them, in as many statements as the family is deep."""
    found = dict(lists.tasks_of(ids)) if ids else {}
    while missing := {task.parent for task in found.values() if task.parent} - found.keys():
        above = lists.tasks_of(missing)
        if not above:
            break
        found |= above
    return found


def _mine(
    desk: Desk, row: OwedRow, tasks: Mapping[str, Task], guises: Sequence[Guise], now: datetime, lang: Language
) -> Mine:
    edition, calendar = desk.book(row.edition)
    titles = Titles(edition, lang, row.kind)
    today = now.astimezone(edition.zone).date()
    days, late = days_left(calendar, row, today)
    rule = edition.sheets[row.kind].body.deadlines.get(row.name)
    triggers = {way.trigger for way in rule.met_by} if rule else set()
    task = tasks.get(row.task)
    acts = _doable(desk, task, guises, triggers, tasks, titles) if task else []
    return Mine(
        row,
        titles.deadline(row.name),
        titles.role(row.who),
        titles.state(row.state),
        days,
        late,
        row.last_day == today.isoformat(),
        acts,
    )


def days_left(calendar: Calendar, row: OwedRow, today: date) -> tuple[int | None, bool]:
    """The working days from today to the last day, or by which it has passed, and whether it has."""
    if row.last_day is None:
        return None, row.status == "missed"
    last = date.fromisoformat(row.last_day)
    if row.status == "missed" or last < today:
        return dues.days_late(calendar, last, today), True
    return calendar.working_days_between(today, last), False


def _doable(
    desk: Desk,
    task: Task,
    guises: Sequence[Guise],
    triggers: set[str],
    tasks: Mapping[str, Task],
    titles: Titles,
) -> list[Doable]:
    sheet = desk.book(task.edition)[0].sheets[task.kind]
    actors = list(dict.fromkeys(guise.actor for guise in guises if guise.edition.name == task.edition))
    return [
        Doable(trigger, titles.trigger(trigger))
        for trigger, transition in sheet.transitions.items()
        if trigger in triggers and actors and best(desk, task, actors, transition, tasks)[1] is None
    ]


# -- what waits


def waiting(desk: Desk, lists: Lists, person: Person, lang: Language, *, after: str = "", size: int = 20) -> Waiting:
    """Open tasks that wait for somebody, by id, from the one after `after`."""
    guises = list(_guises(desk, person))
    slots = [slot for guise in guises for slot in _waiting_slots(guise)]
    if not slots:
        return Waiting((), None)
    found: list[Waits] = []
    tasks = lists.open_in(slots, after=after, limit=LOOKED_AT)
    kin = _with_above(lists, {name for task in tasks for name in (task.parent, *task.children) if name})
    kin_by_root: dict[str, dict[str, Task]] = {}
    for name, one in kin.items():
        kin_by_root.setdefault(one.root, {})[name] = one
    for task in tasks:
        shown = _waits(desk, task, guises, kin_by_root.get(task.root, {}), lang)
        if shown is not None:
            found.append(shown)
        if len(found) == size and task.id != tasks[-1].id:
            return Waiting(found, task.id)
    return Waiting(found, tasks[-1].id if len(tasks) == LOOKED_AT else None)


def _waiting_slots(guise: Guise) -> Iterator[Slot]:
    for kind, sheet in guise.edition.sheets.items():
        moving = _moving(guise.edition, kind, guise.role)
        states = frozenset(state for one in moving for state in sheet.starts[one.trigger])
        if states:
            units = frozenset(guise.actor.units) if guise.exact(kind) else None
            yield Slot(guise.edition.name, kind, units, states)


_MOVING: dict[tuple[str, str, str], tuple[Transition, ...]] = {}
"""The acts by which a role can move a task on, by the digest of the edition, the kind of task, and the role."""


def _moving(edition: Edition, kind: str, role: str) -> tuple[Transition, ...]:
    name = (edition.digest, kind, role)
    if name not in _MOVING:
        sheet = edition.sheets[kind]
        _MOVING[name] = tuple(one for one in sheet.transitions.values() if _moves_on(sheet, one, role))
    return _MOVING[name]


def _moves_on(sheet: Sheet, transition: Transition, role: str) -> bool:
    """Whether a role can move a task on by this: see the head of this module."""
    if role not in {by.role for by in transition.by} or transition.corrects:
        return False
    if all(branch.state in (STAY, PREVIOUS) for branch in transition.to):
        return False
    alone = len(sheet.starts[transition.trigger]) == 1
    return alone or transition.when is not None


def _waits(desk: Desk, task: Task, guises: Sequence[Guise], family: Mapping[str, Task], lang: Language) -> Waits | None:
    edition, _ = desk.book(task.edition)
    titles = Titles(edition, lang, task.kind)
    acts = {
        one.trigger: Doable(one.trigger, one.title(lang))
        for guise in guises
        if guise.edition.name == task.edition
        for one in _moves(desk, task, guise, family)
    }
    if not acts:
        return None
    title, unit = _about(desk, task, family)
    return Waits(task, title, unit, titles.state(task.state), list(acts.values()))


def _moves(desk: Desk, task: Task, guise: Guise, family: Mapping[str, Task]) -> Iterator[Transition]:
    """The acts by which this guise can move the task on now."""
    sheet = guise.edition.sheets[task.kind]
    ways = [one for one in _moving(guise.edition, task.kind, guise.role) if task.state in sheet.starts[one.trigger]]
    if not ways:
        return
    turn = turn_of(desk, task, guise.actor, family)
    for one in ways:
        asked = one.when is not None and not reads_form(turn, task, one.when)
        if (len(sheet.starts[one.trigger]) == 1 or asked) and against(turn, task, one) is None:
            yield one


def _about(desk: Desk, task: Task, family: Mapping[str, Task]) -> tuple[str, str | None]:
    edition, _ = desk.book(task.edition)
    told = facts(edition, {**family, task.id: task}, task)
    return told["title"] or task.id, told["unit"]
