"""Who holds which role from when to when: granted, ended, handed over, lent.

A right never begins or ends before it is given or taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.commands import Refusal
from engine.events import Json, iso
from workflows.people.noting import not_before, note, units_of
from workflows.people.ports import People
from workflows.people.rights import Roles
from workflows.people.values import ADMIN, ANY, SYSTEM_ROLES, By, Changed, Holding


def admins(people: People, at: datetime) -> frozenset[str]:
    """The users with open accounts who are administrators at an instant."""
    named = {each.user for each in people.holdings(role=ADMIN) if each.holds(at) and each.process == ANY}
    return frozenset(each.id for each in people.users() if each.active and each.id in named)


def grant(people: People, holding: Holding, by: By, known: Roles) -> Holding | Refusal:
    """Give somebody a role from–to. `known` are the roles that there are (`rights.roles`). One that they hold already
    is not given twice.
    """
    with people.together() as within:
        now = within.now()
        given = replace(_while_open(within, holding), valid_from=max(now, holding.valid_from))
        wrong = _unknown_role(given, known) or _unfit(within, given)
        if wrong is not None:
            return wrong
        for each in within.holdings(user=given.user, role=given.role):
            if (each.process, each.unit, each.deputy_for) == (given.process, given.unit, None) and _meet(each, given):
                return Refusal("role_held", {"user": given.user, "role": given.role})
        return begin(within, given, by)


def _while_open(people: People, holding: Holding) -> Holding:
    """No longer than its unit."""
    unit = units_of(people).get(holding.unit or "")
    ends = [each for each in (holding.valid_to, unit.valid_to if unit else None) if each is not None]
    return replace(holding, valid_to=min(ends, default=None))


def _unknown_role(holding: Holding, known: Roles) -> Refusal | None:
    """Why such a role cannot be held, whoever it is for."""
    role = holding.role
    if role in SYSTEM_ROLES:
        bare = holding.process == ANY and holding.unit is None
        return None if bare else Refusal("role_of_the_system", {"role": role})
    if holding.process != ANY and holding.process not in known:
        return Refusal("unknown_process", {"process": holding.process, "known": sorted(known)})
    meant = {name: roles for name, roles in known.items() if holding.process in (ANY, name)}
    bound = [roles[role] for roles in meant.values() if role in roles]
    if not bound:
        choices = sorted({*SYSTEM_ROLES, *(each for roles in meant.values() for each in roles)})
        return Refusal("unknown_role", {"role": role, "known": choices})
    if holding.unit is None and all(bound):
        return Refusal("role_needs_unit", {"role": role})
    return None


def _unfit(people: People, holding: Holding) -> Refusal | None:
    """Why it cannot be given to this user, for this unit, from then to then."""
    user = people.user(holding.user)
    if user is None or not user.active:
        return Refusal("user_closed" if user else "unknown_user", {"user": holding.user})
    unit = units_of(people).get(holding.unit or "")
    if unit is None and holding.unit is not None:
        return Refusal("unknown_unit", {"unit": holding.unit})
    if unit is not None and unit.valid_to is not None and not unit.open(holding.valid_from):
        return Refusal("unit_closed", {"unit": unit.id, "at": iso(unit.valid_to)})
    if holding.valid_to is not None and holding.valid_to <= holding.valid_from:
        return Refusal("period", {"from": iso(holding.valid_from), "to": iso(holding.valid_to)})
    return None


def begin(people: People, holding: Holding, by: By, kind: Changed = Changed.ROLE_GRANTED) -> Holding:
    """Write a holding that was found to be right, inside a transaction."""
    people.put_holding(holding, note(by, kind, **_told(holding)))
    return next(each for each in reversed(people.holdings(user=holding.user)) if replace(each, id=None) == holding)


def _told(holding: Holding) -> dict[str, Json]:
    ends = holding.valid_to
    told = {"user": holding.user, "role": holding.role, "process": holding.process, "unit": holding.unit}
    times = {"from": iso(holding.valid_from), "to": None if ends is None else iso(ends)}
    return {**told, **times, "deputy_for": holding.deputy_for}


def lasts(holding: Holding, at: datetime) -> bool:
    """Whether it holds at an instant or later."""
    return holding.valid_to is None or holding.valid_to > at


def _meet(one: Holding, other: Holding) -> bool:
    return lasts(one, other.valid_from) and lasts(other, one.valid_from)


# -- the end of it


def end(people: People, number: int, at: datetime | None, by: By) -> Holding | Refusal:
    """End what somebody holds, by its number: now, or later. What their deputies hold in their stead ends with it."""
    with people.together() as within:
        holding = next((each for each in within.holdings() if each.id == number), None)
        if holding is None:
            return Refusal("unknown_holding", {"holding": number})
        now = within.now()
        if holding.role == ADMIN and holding.holds(now) and not _admins_without(within, holding, now):
            return Refusal("last_admin", {"user": holding.user})
        return end_within(within, holding, not_before(now, at), by)


def _admins_without(people: People, holding: Holding, now: datetime) -> bool:
    """Whether there is an administrator for good, were it not for this holding."""
    others = {each.user for each in people.holdings(role=ADMIN) if each.id != holding.id and each.valid_to is None}
    return not others.isdisjoint(admins(people, now))


def end_within(people: People, holding: Holding, at: datetime, by: By) -> Holding:
    """`end` inside a transaction. What has ended by then already stays as it is."""
    if not lasts(holding, at):
        return holding
    ended = replace(holding, valid_to=max(at, holding.valid_from))
    people.put_holding(ended, note(by, Changed.ROLE_ENDED, **_told(ended)))
    if holding.deputy_for is None:
        for each in people.holdings(role=holding.role):
            if each.deputy_for == holding.user and (each.process, each.unit) == (holding.process, holding.unit):
                end_within(people, each, at, by)
    return ended


@dataclass(frozen=True, slots=True)
class Post:
    """What one holds and another takes over: a role, of one process or any, for a unit or for none."""

    role: str
    process: str = ANY
    unit: str | None = None


def succeed(people: People, leaver: str, follower: str, post: Post, at: datetime | None, by: By) -> Holding | Refusal:
    """Somebody leaves a post, somebody else takes it over at the same instant: now, or later."""
    with people.together() as within:
        now = within.now()
        turns = not_before(now, at)
        held = next((each for each in own(within, leaver, turns) if _post(each) == post), None)
        if held is None:
            return Refusal("not_held", {"user": leaver, "role": post.role})
        taken = replace(held, user=follower, valid_from=turns, valid_to=held.valid_to, id=None)
        wrong = _unfit(within, taken)
        if wrong is not None:
            return wrong
        begun = begin(within, taken, by)
        end_within(within, held, turns, by)
        return begun


def own(people: People, user: str, at: datetime) -> list[Holding]:
    """What somebody holds in their own right at an instant."""
    return [each for each in people.holdings(user=user) if each.deputy_for is None and each.holds(at)]


def _post(holding: Holding) -> Post:
    return Post(holding.role, holding.process, holding.unit)


def deputise(
    people: People,
    user: str,
    principal: str,
    role: str | None,
    start: datetime | None,
    ends: datetime | None,
    by: By,
) -> Sequence[Holding] | Refusal:
    """Let `user` act for `principal` from `start` (now) to `ends`, in one role or in all that the principal holds then
    of a process. Never longer than the principal's own right; what a deputy holds and what is the system's is not lent.
    """
    if user == principal:
        return Refusal("deputy_self", {"user": user})
    with people.together() as within:
        now = within.now()
        begins = not_before(now, start)
        lent = [each for each in own(within, principal, begins) if each.role not in SYSTEM_ROLES]
        lent = [each for each in lent if role in (None, each.role)]
        if not lent:
            return Refusal("not_held", {"user": principal, "role": role or "—"})
        made = [_lent(each, user, begins, ends) for each in lent]
        wrong = next((found for each in made if (found := _unfit(within, each))), None)
        if wrong is not None:
            return wrong
        return [begin(within, each, by, Changed.DEPUTY_NAMED) for each in made]


def _lent(holding: Holding, user: str, begins: datetime, ends: datetime | None) -> Holding:
    last = min((each for each in (ends, holding.valid_to) if each is not None), default=None)
    return replace(holding, user=user, valid_from=begins, valid_to=last, deputy_for=holding.user, id=None)
