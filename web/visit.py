"""One request: who asks, in which language, about which task; and the guard that lets it in or not.

Annotations stand as values here, for FastAPI reads them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.once import once
from engine.problems import Language
from engine.task import Task
from web.access import Access, Guarded, Verdict, decide, reads_only
from web.house import House
from web.render import rendered
from web.words import Words
from workflows.desk import Desk
from workflows.office.importing import may_register
from workflows.people import rights, sessions, tokens
from workflows.people.ports import SessionRow
from workflows.people.values import ADMIN, AUDITOR, NOBODY, Person, Scope
from workflows.personal import shown_to
from workflows.ports import PROGRAMME
from workflows.sayings import cure_of, plainly

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNFENCED = ("/static/", "/health")
"""What needs no database, and is the same for everybody: no answer of theirs, which may be kept, renews a session."""

LANGUAGE = "duban-lang"
"""The cookie that keeps the language that somebody chose."""


class Refused(Exception):
    """A request is not let in, or cannot be answered; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


class NotHere(Refused):
    """What is asked for is not there, or may not be seen: the same answer."""

    def __init__(self) -> None:
        super().__init__(Verdict.HIDDEN)


@dataclass
class Visit:
    """One request. `task` is the one that the path names, in the scope of `person`; None where the path names none."""

    request: Request
    house: House
    lang: Language
    person: Person | None = None
    session: SessionRow | None = None
    task: Task | None = None

    @once
    def desk(self) -> Desk:
        """A desk for this request."""
        return self.house.at_desk("api" if is_api(self.request) else "web")

    @once
    def words(self) -> Words:
        """The words of pages in the visitor's language."""
        return Words(self.lang)

    @once
    def zone(self) -> tzinfo:
        """The office's zone."""
        return self.desk.zone

    @once
    def scope(self) -> Scope:
        """Which tasks the visitor may see."""
        return rights.scope_of(self.desk, self.person) if self.person else NOBODY

    @property
    def known(self) -> Person:
        """The person, where the route lets nobody else in."""
        assert self.person is not None, "the route lets in only those who are signed in"
        return self.person

    @property
    def about(self) -> Task:
        """The task, where the path names one."""
        assert self.task is not None, "the path names a task"
        return self.task

    def actors(self, process: str) -> Sequence[Actor]:
        """How the visitor may act in a process."""
        return rights.actors(self.known, process) if self.person else ()

    @once
    def registers(self) -> Mapping[str, Edition]:
        """The processes in which the visitor may register tasks or programmes, in their editions of now."""
        if self.person is None or reads_only(self.person):
            return {}
        names = sorted({each.process for each in self.desk.store.editions()})
        latest = ((name, self.desk.latest(name)) for name in names)
        found = {name: told[0] for name, told in latest if not isinstance(told, Refusal)}
        return {name: one for name, one in found.items() if kinds_to_register(self, one, name)}

    def read(self) -> None:
        """Record that this page is read, where it is to be of whoever reads it; before it is shown."""
        if self.person is not None:
            task = self.task.id if self.task else ""
            self.house.readings.note(self.desk, self.person, self.request.url.path, task)

    def sees(self, task: Task) -> bool:
        """Whether a task is in the visitor's scope."""
        return bool(self.seen([task]))

    def seen(self, tasks: Iterable[Task]) -> frozenset[str]:
        """The ids of those of these tasks that are in the visitor's scope."""
        told = {task.id: self.scope.whole(task.edition) for task in tasks}
        asked = [name for name, whole in told.items() if not whole]
        return frozenset(told) - frozenset(asked) | (self.house.lists.seen(self.scope, asked) if asked else frozenset())

    def knows(self, task: Task) -> bool:
        """Whether the visitor may see what the law protects of a task: it is in their scope, and they work on it. What
        a key may do does not matter, for this is reading.
        """
        if self.person is None or not self.sees(task):
            return False
        actors = rights.actors(replace(self.person, scopes=None), task.edition.partition("@")[0])
        return shown_to(self.desk, task, actors, audits=rights.system(self.person, AUDITOR))

    def find(self, name: str) -> Task:
        """A task by its id. Raises `NotHere` where it is not there or not in the visitor's scope."""
        task = self.desk.store.task(name)
        if task is None or not self.sees(task):
            raise NotHere
        return task

    def say(self, refusal: Refusal, task: Task | None = None) -> str:
        """A refusal in the visitor's language."""
        edition = self.desk.book(task.edition)[0] if task else None
        return plainly(refusal, edition, self.lang, task.kind if task else "")

    def cure(self, refusal: Refusal, task: Task | None = None) -> str:
        """What would help, alone."""
        edition = self.desk.book(task.edition)[0] if task else None
        return cure_of(refusal, edition, self.lang, task.kind if task else "")

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page; every template may use what stands here."""
        told = {**self.context, **context}
        return HTMLResponse(rendered(template, told), status, headers={"cache-control": "no-store"})

    @property
    def _outage(self) -> str:
        """Since when time stands, to whoever sees a whole process; a unit could do nothing about it. Empty if not."""
        found = self.house.outage() if self.person is not None else None
        if found is None or not (self.scope.all or self.scope.processes or self.scope.editions):
            return ""
        return f"{found.since.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @once
    def context(self) -> Mapping[str, Any]:
        """What every template may use."""
        person = self.person
        return {
            "t": self.words,
            "lang": self.lang,
            "person": person,
            "admin": person is not None and rights.system(person, ADMIN),
            "auditor": person is not None and (rights.system(person, AUDITOR) or rights.system(person, ADMIN)),
            "registers": lambda: bool(self.registers),
            "reads_only": person is not None and reads_only(person),
            "here": here_of(self.request),
            "path": self.request.url.path,
            "fragment": self.request.headers.get("hx-request") == "true",
            "demo": self.house.demo_clock,
            "outage": self._outage,
            "sealed": lambda: self.house.last_head() is not None,
        }

    def go(self, path: str) -> Response:
        """Look at another page, after something was done."""
        return RedirectResponse(path, 303, headers={"cache-control": "no-store"})


def kinds_to_register(visit: Visit, edition: Edition, process: str) -> list[str]:
    """What the visitor may register in a process: tasks (""), programmes, or both."""
    return [kind for kind in ("", PROGRAMME) if may_register(edition, visit.actors(process), kind)]


# -- reading a request


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def here_of(request: Request) -> str:
    """The path with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def sender(request: Request) -> str:
    """From where somebody tries something, as tries are counted: all addresses of one IPv6 network of 64 bits, which
    one customer has to themselves, are one.
    """
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def local(path: str | None, instead: str = "/") -> str:
    """A path on this server, so that nobody is led elsewhere; anything else becomes `instead`."""
    return path if path and _LOCAL.fullmatch(path) else instead


def house_of(request: Request) -> House:
    """The house that the application was made with."""
    house = request.app.state.house
    assert isinstance(house, House)
    return house


def cookie_name(house: House) -> str:
    """The name of the session's cookie; over https it is bound to this host."""
    return "__Host-duban" if house.settings.https else "duban-session"


def session_cookie(house: House, token: str) -> str:
    """The header that gives the browser its session."""
    secure = "; Secure" if house.settings.https else ""
    return f"{cookie_name(house)}={token}; HttpOnly; Path=/; SameSite=lax{secure}"


def language_of(request: Request, person: Person | None = None) -> Language:
    """The language that was chosen, else the person's own, else the first that the browser asks for; Chinese first. A
    program says with each request which one it reads.
    """
    if is_api(request) and (asked := _asked_for(request)):
        return asked
    chosen = request.cookies.get(LANGUAGE)
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    if person is not None:
        return person.user.language
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"


def _asked_for(request: Request) -> Language | None:
    """The one of our languages that `Accept-Language` weighs most."""
    weighed: dict[Language, float] = {}
    for part in request.headers.get("accept-language", "").lower().split(",")[:20]:
        found = re.fullmatch(r"\s*(zh|en)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", part)
        if found and float(found[2] or 1):
            lang: Language = "en" if found[1] == "en" else "zh"
            weighed[lang] = max(weighed.get(lang, 0.0), float(found[2] or 1))
    return max(weighed, key=lambda each: weighed[each], default=None)


def who(request: Request) -> tuple[Person | None, SessionRow | None]:
    """Who asks: by a session's cookie, or, under the API, by a token."""
    people = house_of(request).people
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and is_api(request):
        bearer = tokens.find(people, secret.strip())
        return (rights.person_of(people, bearer[0], frozenset(bearer[1].scopes)) if bearer else None), None
    cookie = request.cookies.get(cookie_name(house_of(request)))
    found = sessions.find(people, cookie) if cookie else None
    if cookie is None or found is None:
        return None, None
    held = people.holdings(user=found[0].id)
    if sessions.worn(people, found[1], held) and (renewed := sessions.rotate(people, cookie)) is not None:
        request.state.cookie = session_cookie(house_of(request), renewed)
    return rights.person_of(people, found[0], held=held), found[1]


class Guard(Guarded):
    """Stands before a route, makes the visit, and decides. Raises `Refused`."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def __call__(self, request: Request) -> None:
        if not request.url.path.startswith(UNFENCED):
            house_of(request).fence()
        person, session = (None, None) if request.url.path.startswith(UNFENCED) else who(request)
        visit = Visit(request, house_of(request), language_of(request, person), person, session)
        request.state.visit = visit
        if any("\x00" in str(each) for each in [*request.path_params.values(), *_asked(request)]):
            raise NotHere  # nothing has such a name, and no store looks for it
        task = visit.desk.store.task(request.path_params["task"]) if person and self.access.task else None
        sees = not self.access.task or (task is not None and visit.sees(task))
        verdict = decide(person, self.access, sees=sees, safe=request.method in SAFE)
        if verdict is not Verdict.YES:
            raise Refused(verdict)
        visit.task = task
        if self.access.reads:
            visit.read()


def _asked(request: Request) -> Sequence[str]:
    """What the query of a page asks for; the API answers for its own."""
    return () if is_api(request) else [*request.query_params.keys(), *request.query_params.values()]


async def _here(request: Request) -> Visit:
    visit = request.state.visit
    assert isinstance(visit, Visit)
    return visit


Here = Annotated[Visit, Depends(_here)]
"""The visit, as a route's first argument: `def page(visit: Here) -> Response`."""


def sign_in_path(request: Request) -> str:
    """The sign-in page, which leads back."""
    back = here_of(request) if request.method in SAFE else "/"
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='/')}"
