"""Whoever looks at a demonstration: users for each role, made from what the definitions and the tasks name, and a
clock that they move.

Their password is no secret, for a demonstration is a rehearsal and can never become real work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from re import fullmatch
from typing import Any
from zoneinfo import ZoneInfo

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import instant
from engine.problems import Language
from engine.task import Task
from workflows.demo.year import is_heard, present
from workflows.desk import Desk
from workflows.facets import named_units
from workflows.office.sweeping import Swept, sweep
from workflows.people import accounts, holdings, noting, rights, sessions, units
from workflows.people.ports import People
from workflows.people.values import ADMIN, ANY, AUDITOR, By, Holding, Unit, User
from workflows.sentences import sentence

PASSWORD = "duban-2022-demo"  # noqa: S105 - shown on the page of a demonstration, and good for nothing else

SYSTEM: Mapping[str, tuple[str, str]] = {ADMIN: ("管理员", "Administrator"), AUDITOR: ("审计员", "Auditor")}
"""Who holds the rights of the system, and what the right is called."""

BY = By("demo", "rehearsal")
LEVEL = "bureau"
SECOND = "乙"
"""Where one may not do what the same person did before, there is a second one."""


# -- who there is


def settle(desk: Desk, people: People) -> None:
    """Have a user for each role that is bound to no unit (two of those who register), for each unit that a task names,
    and for the rights of the system. What is there already stays.
    """
    held = {(each.user, each.role, each.process, each.unit) for each in people.holdings()}
    known = rights.roles(desk)
    named = {unit for task in desk.store.tasks() for unit in named_units(desk.book(task.edition)[0], task)}
    keep_units(people, sorted(named))
    for name, role, process, unit in dict.fromkeys([*_of_processes(desk), *_of_the_system()]):
        if (name, role, process, unit) not in held:
            _have(people, name, unit)
            _done(holdings.grant(people, Holding(name, role, process, unit, people.now()), BY, known))


Wanted = tuple[str, str, str, str | None]
"""User, role, process and unit."""


def _of_the_system() -> Iterator[Wanted]:
    yield from ((zh, role, ANY, None) for role, (zh, _) in SYSTEM.items())


def _of_processes(desk: Desk) -> Iterator[Wanted]:
    for process in sorted({record.process for record in desk.store.editions()}):
        found = desk.latest(process)
        if isinstance(found, tuple):
            yield from _of_process(found[0], desk.store.tasks(process=process))


def _of_process(edition: Edition, tasks: Iterable[Task]) -> Iterator[Wanted]:
    process, roles = edition.process.process, edition.process.roles
    for role, told in roles.items():
        if told.unit is None:
            yield told.zh, role, process, None
            if role in _registering(edition):
                yield told.zh + SECOND, role, process, None
    for task in tasks:
        for role, told in roles.items():
            yield from ((unit, role, process, unit) for unit in _units(told.unit, task))


def _registering(edition: Edition) -> set[str]:
    return {by.role for by in edition.process.registration.by}


def _units(guard: str | None, task: Task) -> list[str]:
    """The units that a task names where a role's definition points to."""
    found = fullmatch(r"task\.(\w+)", guard or "")
    value: Any = task.fields.get(found[1]) if found else None
    named = [value] if isinstance(value, str) else value or []
    return [each for each in named if noting.fits(each)]


def _have(people: People, name: str, unit: str | None) -> None:
    """The unit and the account, where they are missing."""
    keep_units(people, [unit] if unit is not None else [])
    if people.user(name) is None:
        mail = f"visitor{len(people.users()) + 1}@example.org"
        _done(accounts.add_user(people, accounts.new_user(name, people.now(), mail=mail), BY, PASSWORD))


def keep_units(people: People, named: Sequence[str]) -> None:
    """Found the units that are not there yet; one that no role is bound to is named in forms all the same."""
    there = {each.id for each in people.units()}
    for unit in named:
        if unit not in there and noting.fits(unit):
            _done(units.found(people, Unit(unit, unit, LEVEL, None, people.now()), BY))


def _done(answer: object) -> None:
    assert not isinstance(answer, Refusal), f"{answer.code} {dict(answer.facts)}"


@dataclass(frozen=True)
class Visitor:
    """Somebody as whom one may look around, and what they are, in words."""

    user: User
    roles: list[str]


def visitors(desk: Desk, people: People, lang: Language) -> list[Visitor]:
    """Everybody who has an account and a role, those bound to no unit first."""
    users = {user.id: user for user in people.users() if user.active}
    titles: dict[str, dict[str, None]] = {}
    bound: set[str] = set()
    for each in people.holdings():
        if each.user in users and each.holds(people.now()):
            titles.setdefault(each.user, {})[_title(desk, each, lang)] = None
            bound |= {each.user} if each.unit else set()
    found = [Visitor(users[name], list(said)) for name, said in titles.items()]
    return sorted(found, key=lambda one: one.user.id in bound)


def _title(desk: Desk, holding: Holding, lang: Language) -> str:
    if holding.role in SYSTEM:
        return SYSTEM[holding.role][lang == "en"]
    found = desk.latest(holding.process)
    role = found[0].process.roles.get(holding.role) if isinstance(found, tuple) else None
    return role.title(lang) if role is not None else holding.role


# -- their clock


WORKDAY = 9
"""The hour to which a clock is moved."""

LAST_HOUR = 17
"""At the end of a month: while there is still time to do what is due with it."""

FARTHEST = timedelta(days=800)


@dataclass(frozen=True)
class Moved:
    """From when until when time ran."""

    since: datetime
    until: datetime


def zone_of(desk: Desk) -> ZoneInfo:
    """The time zone of the first process that was published."""
    first = desk.store.editions()[0].process
    found = desk.latest(first)
    assert isinstance(found, tuple), "what was published is there"
    return found[0].zone


def goal(now: datetime, by: str, day: date | None) -> datetime | None:
    """Where a clock goes: a `day` or a `week` on, to the end of the `month`, or `to` a date; None for what it cannot.
    `now` is local.
    """
    if by == "month":
        last = _month_end(now.date())
        ends = now.replace(year=last.year, month=last.month, day=last.day, hour=LAST_HOUR, minute=0, second=0)
        return ends if ends > now else goal(now + timedelta(days=1), by, None)
    days = {"day": 1, "week": 7}.get(by)
    if days is None and day is None:
        return None
    to = now.date() + timedelta(days=days) if days else day
    assert to is not None
    found = datetime(to.year, to.month, to.day, WORKDAY, tzinfo=now.tzinfo)
    return found if now < found <= now + FARTHEST else None


def _month_end(day: date) -> date:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def move(desk: Desk, people: People, to: datetime, after: Callable[[], bool]) -> Moved | Refusal:
    """Let time run until an instant, day by day, as a sweep does; `after` is called at each stop, and says whether
    to go on. Whoever is signed in stays so, in the middle of it too: sessions are carried on before the clock is.
    """
    since = before = desk.clock()
    while before < to:
        stop = min(before + timedelta(days=1), to)
        sessions.carry(people, before, stop - before)
        swept = sweep(desk, stop)
        if not isinstance(swept, Swept):
            return swept
        if swept.events or before is since:
            settle(desk, people)  # a day on which nothing happened names no unit anew
        before = stop
        if not after():
            break
    return Moved(since, before)


@dataclass(frozen=True)
class Line:
    """What was heard of one day: of these tasks, one sentence."""

    day: date
    tasks: tuple[str, ...]
    said: str


def heard(desk: Desk, moved: Moved, lang: Language, sees: Callable[[Task], bool]) -> list[Line]:
    """What happened between two instants to the tasks that somebody sees."""
    said: dict[tuple[date, str], list[str]] = {}
    for at, task, words in sorted(_said(desk, moved, lang, sees)):
        said.setdefault((at, words), []).append(task)
    return [Line(day, tuple(dict.fromkeys(tasks)), words) for (day, words), tasks in said.items()]


def _said(desk: Desk, moved: Moved, lang: Language, sees: Callable[[Task], bool]) -> Iterator[tuple[date, str, str]]:
    for task in desk.store.tasks():
        if instant(task.touched_at) > moved.since and sees(task):
            edition = desk.book(task.edition)[0]
            for recorded in desk.store.events(task.id):
                at = present(recorded.event)
                if moved.since < at <= moved.until and is_heard(recorded.event):
                    yield (
                        at.astimezone(edition.zone).date(),
                        task.id,
                        sentence(recorded.event, edition, task.kind, lang),
                    )
