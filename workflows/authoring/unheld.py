"""Roles that nobody holds: what a definition gives to such a role is done by nobody, and what it owes is never met.

Only a database knows who holds what. Where nobody has an account, people are named as they act, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.findings import written
from engine.commands import Refusal
from engine.document import Document
from engine.edition import Edition
from engine.problems import Problem, Text
from workflows.desk import Desk
from workflows.people.values import ANY

CODE = "role-unheld"
CURE = Text("在“人员机构”任命，或用 duban user grant", "appoint somebody among the people, or by `duban user grant`")


def unheld(desk: Desk, edition: Edition, document: Document, *, to_come: bool = True) -> Iterator[Problem]:
    """A finding for each role that no open account holds now, for whichever unit. Of a role that is not published yet
    it is a note, for nobody can be appointed before; `to_come` says whether to tell of those.
    """
    people = desk.people
    if people is None or not people.users():
        return
    now, process = people.now(), edition.process.process
    active = {user.id for user in people.users() if user.active}
    held = {
        each.role
        for each in people.holdings()
        if each.holds(now) and each.user in active and each.process in (ANY, process)
    }
    latest = desk.latest(process)
    known = frozenset[str]() if isinstance(latest, Refusal) else frozenset(latest[0].process.roles)
    for name in edition.process.roles:
        if name not in held and (to_come or name in known):
            yield _problem(document, name, published=name in known)


def _problem(document: Document, name: str, *, published: bool) -> Problem:
    message = Text(f"没有人担任角色 `{name}`", f"nobody holds the role `{name}`")
    later = Text("发布后在“人员机构”任命，或用 duban user grant", f"once it is published, {CURE.en}")
    where = document.key_at(written(document, ("roles", name)))
    return Problem(CODE, where, message, CURE if published else later, "warning" if published else "note")
