"""The one place that decides what somebody may do and see: system rights, actors for the engine, scopes of tasks.

What is decided here follows from the holdings of this moment. Rights are never added up across units: who leads for one
unit and is partner for another acts in two guises, one for each, and neither has the other's right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from engine.commands import Actor, Refusal
from engine.edition import Edition
from workflows.desk import Desk
from workflows.people.ports import People
from workflows.people.values import (
    ADMIN,
    ANY,
    AUDITOR,
    EVERYTHING,
    NOBODY,
    SYSTEM_ROLES,
    Heirs,
    Holding,
    Person,
    Scope,
    Unit,
    User,
)
from workflows.rows import Listed

T = TypeVar("T")

READ, ACT, ADMINISTER, FEED = "read", "act", ADMIN, "feed"
NOT_THIS_GUISE = {"wrong_role", "wrong_unit", "not_admin"}
"""Refusals that another guise of the same person may not meet."""

SCOPES = (READ, ACT, ADMINISTER, FEED)
"""What a token may be used for; `FEED` is for a calendar that is subscribed to, and for nothing else."""


def person_of(
    people: People, user: User, scopes: Iterable[str] | None = None, *, held: Sequence[Holding] | None = None
) -> Person:
    """Somebody with the holdings of now; `scopes` are those of a token, `held` what they ever held, where it has been
    read. Who has no open account holds nothing.
    """
    limits = None if scopes is None else frozenset(scopes)
    if not user.active:
        return Person(user, (), {}, limits)
    now = people.now()
    ever = people.holdings(user=user.id) if held is None else held
    holds = tuple(each for each in ever if each.holds(now))
    units = frozenset(each.unit for each in holds if each.unit)
    return Person(user, holds, heirs(people.units() if units else (), units, now), limits)


def heirs(units: Iterable[Unit], held: Collection[str], at: datetime) -> dict[str, Heirs]:
    """For each unit that is held: itself, and all whose open work came to it, however often it was handed on, with the
    instant at which it came.
    """
    if not held:
        return {}
    handed = defaultdict(list)
    for unit in units:
        if unit.successor is not None and unit.valid_to is not None and not unit.open(at):
            handed[unit.successor].append((unit.id, unit.valid_to))
    return {unit: _with_predecessors(unit, handed) for unit in held}


def _with_predecessors(unit: str, handed: Mapping[str, Sequence[tuple[str, datetime]]]) -> Heirs:
    """What was handed on twice came with the later of the two."""
    found, ahead = dict[str, datetime | None]({unit: None}), [unit]
    while ahead:
        into = ahead.pop()
        for each, at in handed.get(into, ()):
            if each not in found:
                found[each] = max(at, found[into] or at)
                ahead.append(each)
    return found


# -- what somebody may do


def system(person: Person, role: str) -> bool:
    """Whether somebody has a system right, `ADMIN` or `AUDITOR`; a token has the first only in its scope `admin`."""
    if role == ADMIN and not _within(person, ADMINISTER):
        return False
    return role in SYSTEM_ROLES and any(_is_system(each) and each.role == role for each in person.holdings)


def _within(person: Person, scope: str) -> bool:
    return person.scopes is None or scope in person.scopes


def _is_system(holding: Holding) -> bool:
    return holding.role in SYSTEM_ROLES and holding.process == ANY and holding.unit is None


def actors(person: Person, process: str) -> list[Actor]:
    """The guises in which somebody acts on tasks of a process: one for what they hold for no unit, and one for each
    unit of theirs with those whose open work it took over. Nobody in particular, where they hold nothing; the right
    to audit changes nothing.
    """
    if not _within(person, ACT):
        return [Actor(person.id)]
    roles: dict[str | None, dict[str, None]] = defaultdict(dict)
    for each in person.holdings:
        if _counts(person, each, process):
            roles[each.unit][each.role] = None
    held = sorted(roles.items(), key=lambda one: one[0] or "")
    return [Actor(person.id, tuple(names), _units(person, unit)) for unit, names in held] or [Actor(person.id)]


def _counts(person: Person, holding: Holding, process: str) -> bool:
    if holding.role in SYSTEM_ROLES:
        return holding.role == ADMIN and system(person, ADMIN) and _is_system(holding)
    return holding.process in (ANY, process)


def _units(person: Person, unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    return (unit, *sorted(person.heirs.get(unit, {}).keys() - {unit}))


def in_first(guises: Sequence[Actor], attempt: Callable[[Actor], T]) -> T:
    """Do something in the first guise that may: what is answered to it, or, where none may, the most telling refusal,
    that of a guise which has the role and not the unit.
    """
    first: T | None = None
    for actor in guises:
        answer = attempt(actor)
        codes = _codes(answer)
        if not codes or not codes <= NOT_THIS_GUISE:
            return answer
        if first is None or "wrong_unit" in codes:
            first = answer
    assert first is not None, "somebody acts in one guise at least"
    return first


def _codes(answer: object) -> set[str]:
    """Why not: the code of a refusal, or of each fault of a list."""
    if isinstance(answer, Listed):
        return {fault.refusal.code for fault in answer.faults}
    return {answer.code} if isinstance(answer, Refusal) else set()


# -- what somebody may see


def scope_of(desk: Desk, person: Person | None) -> Scope:
    """Which tasks somebody may see. The public (None) sees none."""
    if person is None or not (_within(person, READ) or _within(person, ACT)):
        return NOBODY
    if system(person, AUDITOR) or any(_is_system(each) and each.role == ADMIN for each in person.holdings):
        return EVERYTHING
    held = [each for each in person.holdings if each.role not in SYSTEM_ROLES]
    return _scope(_bindings(desk, {each.process for each in held}), person, held) if held else NOBODY


Bindings = Mapping[str, Mapping[str, Mapping[str, bool]]]
"""By process and edition its roles, and whether each is bound to a unit."""


def _bindings(desk: Desk, processes: Collection[str]) -> Bindings:
    """What every edition says, for a task goes by the one that it pins."""
    found: dict[str, dict[str, Mapping[str, bool]]] = defaultdict(dict)
    for each in desk.store.editions():
        if ANY in processes or each.process in processes:
            edition, _ = desk.book(f"{each.process}@{each.edition}")
            found[each.process][edition.name] = bound(edition)
    return found


def _scope(known: Bindings, person: Person, held: Sequence[Holding]) -> Scope:
    whole, some, units, came = set[str](), set[str](), set[tuple[str, str]](), set[tuple[str, str, datetime]]()
    for holding in held:
        theirs = person.taken_over(holding)
        for process, editions in known.items():
            if holding.process not in (ANY, process):
                continue
            said = {name: one[holding.role] for name, one in editions.items() if holding.role in one}
            if said:
                units |= {(process, unit) for unit, since in theirs.items() if since is None}
                came |= {(process, unit, since) for unit, since in theirs.items() if since is not None}
            free = {name for name, is_bound in said.items() if not is_bound}
            if free and len(free) == len(editions):
                whole.add(process)
            else:
                some |= free
    return Scope(False, frozenset(whole), frozenset(some), frozenset(units), frozenset(came))


Roles = Mapping[str, Mapping[str, bool]]
"""Roles by process, and whether each is bound to a unit."""


def roles(desk: Desk, processes: Collection[str] = (ANY,)) -> Roles:
    """The roles of these processes (by default of all), as the editions in force have them."""
    names = {each.process for each in desk.store.editions()} if ANY in processes else set(processes)
    found = {name: desk.latest(name) for name in sorted(names)}
    return {name: bound(told[0]) for name, told in found.items() if not isinstance(told, Refusal)}


def bound(edition: Edition) -> dict[str, bool]:
    """The roles of an edition, and whether each is bound to a unit."""
    return {role: one.unit is not None for role, one in edition.process.roles.items()}


# -- whom a role resolves to


def holders_of(people: People, process: str, role: str, units: Collection[str] | None, at: datetime) -> list[User]:
    """Who holds a role of a process at an instant, deputies included: for one of these units or for the one that took
    its open work over, or, where the role is bound to no unit (None), whoever holds it. By name; closed accounts not.
    """
    held = [each for each in people.holdings(role=role) if each.holds(at) and each.process in (ANY, process)]
    if units is not None:
        mine = heirs(people.units(), {each.unit for each in held if each.unit}, at)
        held = [each for each in held if each.unit and not mine[each.unit].keys().isdisjoint(units)]
    named = {each.user for each in held}
    return [user for user in people.users() if user.id in named and user.active]
