"""Who may use a route, and whether using it is reading what others did: each says what it needs and what it shows, and
one function decides. A route that says nothing is not served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from workflows.people.rights import system
from workflows.people.values import ADMIN, AUDITOR, Person


class Need(Enum):
    """What somebody must be to use a route."""

    PUBLIC = "public"
    PERSON = "person"
    """Signed in."""
    WRITER = "writer"
    """Signed in, and not an auditor alone, who changes nothing."""
    ADMIN = "admin"
    AUDIT = "audit"
    """An auditor or an administrator."""


PUBLIC, PERSON, WRITER, ADMINISTRATOR, AUDIT = Need.PUBLIC, Need.PERSON, Need.WRITER, Need.ADMIN, Need.AUDIT


class Verdict(Enum):
    """What is answered to somebody who asks for a route."""

    YES = "yes"
    SIGN_IN = "sign_in"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"
    """As if it were not there: what one may not see is not even known to exist."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: its need, whether it is about the task that its path names, and whether it shows or gives
    out what is recorded. Of whom it is recorded that they read it, `workflows.audit.readings` says.
    """

    need: Need
    task: bool = False
    reads: bool = False


def decide(person: Person | None, access: Access, *, sees: bool = True, safe: bool = True) -> Verdict:
    """Whether this person may use a route. `sees` says whether the task of the path is in their scope; a route is
    `safe` that changes nothing.
    """
    if access.need is Need.PUBLIC:
        return Verdict.YES if sees else Verdict.HIDDEN
    if person is None:
        return Verdict.SIGN_IN
    if not _token_allows(person, access.need, safe=safe) or not _fits(person, access.need):
        return Verdict.FORBIDDEN
    return Verdict.YES if sees else Verdict.HIDDEN


def _fits(person: Person, need: Need) -> bool:
    match need:
        case Need.ADMIN:
            return system(person, ADMIN)
        case Need.AUDIT:
            return system(person, ADMIN) or system(person, AUDITOR)
        case Need.WRITER:
            return not reads_only(person)
        case _:
            return True


def reads_only(person: Person) -> bool:
    """Whether somebody is an auditor and nothing else."""
    return bool(person.holdings) and all(held.role == AUDITOR for held in person.holdings)


def _token_allows(person: Person, need: Need, *, safe: bool) -> bool:
    """A program's key may do what it was issued for, and no more; a session all that its person may."""
    if person.scopes is None:
        return True
    wanted = "admin" if need is Need.ADMIN else "read" if safe else "act"
    return wanted in person.scopes


# -- declaring


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Route:
    """One route as declared."""

    path: str
    method: str
    endpoint: Callable[..., Any]
    access: Access
    told: dict[str, Any]


class Routes:
    """The routes of one module. Each names its `need`, `task=True` where its path has `{task}`, and each other page
    whether it `reads`.
    """

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def _add(self, method: str, path: str, access: Access, told: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
        if access.task != ("{task}" in path):
            raise Undeclared(f"{method} {path}: `task` says whether the path names a task")

        def keep(endpoint: Endpoint) -> Endpoint:
            self._routes.append(Route(path, method, endpoint, access, told))
            return endpoint

        return keep

    def get(
        self, path: str, *, need: Need, task: bool = False, reads: bool | None = None, **told: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """A page to read: it says whether what it shows is the record (`reads`), unless it is about a task, whose
        record it is. `told` goes to FastAPI.
        """
        if task == (reads is not None):
            raise Undeclared(f"GET {path}: `reads` says whether it shows the record; a page of a task does")
        return self._add("GET", path, Access(need, task, task or bool(reads)), told)

    def post(
        self, path: str, *, need: Need, task: bool = False, reads: bool = False, **told: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Something to do; with `reads` one that answers, be it by a refusal, with what is recorded, as whatever is
        done about a task may.
        """
        return self._add("POST", path, Access(need, task, task or reads), told)

    def put(self, path: str, *, need: Need, task: bool = False, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Something to replace."""
        return self._add("PUT", path, Access(need, task, task), told)

    def delete(self, path: str, *, need: Need, task: bool = False, **told: Any) -> Callable[[Endpoint], Endpoint]:
        """Something to take away."""
        return self._add("DELETE", path, Access(need, task, task), told)


class Undeclared(Exception):
    """A route does not say who may use it."""


class Guarded:
    """A dependency that knows what its route declares; `visit.Guard` is the one that decides."""

    access: Access

    def __call__(self, request: Request) -> None:
        """Let the request in, or raise."""
        raise NotImplementedError


def declared(route: BaseRoute) -> Access:
    """What a route of the application declares. Raises `Undeclared`."""
    if isinstance(route, APIRoute):
        for each in route.dependencies:
            if isinstance(each.dependency, Guarded):
                return each.dependency.access
    raise Undeclared(f"{getattr(route, 'path', route)} does not say who may use it: give it `need=`")


def check(app: FastAPI) -> None:
    """Raises `Undeclared` where a route of the application says nothing."""
    for route in app.routes:
        declared(route)
