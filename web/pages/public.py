"""What everybody may see and say without an account: bulletins as issued, figures, projects, and opinions with a
receipt. Whatever stands here comes from `workflows.office.openness`, which lets out only what a definition marks.
"""

from __future__ import annotations

from base64 import b32encode
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from threading import Lock
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from documents.pdf import convert
from engine.commands import Refusal
from engine.events import Json
from engine.model import Transition
from engine.task import Task
from web.access import PUBLIC, Routes
from web.documents import issued
from web.downloads import DOCX, PDF, attachment
from web.forms import Keeper, Shown, controls, read
from web.pace import Pace
from web.pages.heads import head_of, leaf_of, proof_of
from web.visit import Here, NotHere, Visit, sender
from workflows.clock import monotonic
from workflows.lists.ports import Order, Wanted
from workflows.office import openness
from workflows.papers.ports import PressProblem
from workflows.papers.values import Document
from workflows.people.values import EVERYTHING
from workflows.ports import PROGRAMME

routes = Routes()

LATEST, SIZE = 6, 50
BODY, LONGEST = 64 * 1024, 5_000
"""The largest body of a request in bytes, and the longest text in characters."""

FRESH = 60.0
"""Seconds for which figures are shown before they are worked out again."""

BAIT = "website"
"""A field that people do not see, and programs fill in."""


@dataclass
class Counter:
    """What this server remembers of the public: how often addresses came, figures, and PDFs that were made."""

    opinions: Pace = field(default_factory=lambda: Pace(10, 3600))
    codes: Pace = field(default_factory=lambda: Pace(60, 3600))
    prints: Pace = field(default_factory=lambda: Pace(30, 3600))
    figures: dict[tuple[str, str], tuple[float, Sequence[openness.Figure]]] = field(default_factory=dict)
    pdfs: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    press: Lock = field(default_factory=Lock)


def _counter(visit: Visit) -> Counter:
    state = visit.request.app.state
    if not hasattr(state, "public"):
        state.public = Counter()
    counter = state.public
    assert isinstance(counter, Counter)
    return counter


def _address(visit: Visit) -> str:
    return sender(visit.request)


# -- reading


@dataclass(frozen=True)
class Pages:
    """Where in a list somebody is."""

    page: int
    pages: int
    total: int


@routes.get("/public", need=PUBLIC, reads=False)
def home(visit: Here) -> Response:
    """The figures of each programme with the projects of each category, and the bulletins that were issued last."""
    issued = openness.documents(visit.desk)
    programmes = [
        (openness.title_of(visit.desk, task) or visit.desk.book(task.edition)[0].process.title.title(visit.lang), found)
        for task in _programmes(visit)
        if (found := _figures(visit, task))
    ]
    return _page(visit, "public.html", programmes=programmes, issued=issued[:LATEST], more=len(issued) > LATEST)


def _page(visit: Visit, template: str, status: int = 200, **context: Any) -> Response:
    demanded = bool(openness.processes(visit.desk)) or not visit.desk.store.editions()
    head = head_of(visit)
    return visit.page(template, status, day=lambda at: _day(visit, at), demanded=demanded, head=head, **context)


def _day(visit: Visit, at: Any) -> str:
    editions = openness.processes(visit.desk)
    zone = next((edition.zone for edition in editions.values()), None)
    return f"{at.astimezone(zone):%Y-%m-%d}"


def _programmes(visit: Visit) -> list[Task]:
    found = []
    for process in openness.processes(visit.desk):
        rows = visit.house.lists.rows(Wanted(EVERYTHING, PROGRAMME, process=process), Order("task"))
        found += [task for row in rows if (task := visit.desk.store.task(row.task)) is not None]
    return found


def _figures(visit: Visit, task: Task) -> Sequence[openness.Figure]:
    """The figures of a programme, at most a minute old."""
    kept, now = _counter(visit).figures, monotonic()
    until, found = kept.get((task.id, visit.lang), (0.0, ()))
    if visit.desk.virtual or now >= until:
        found = openness.figures(visit.desk, task, visit.lang)
        kept[task.id, visit.lang] = (now + FRESH, found)
    return found


@routes.get("/public/bulletins", need=PUBLIC, reads=False)
def bulletins(visit: Here) -> Response:
    """Everything that was issued for the public, the latest first."""
    return _page(visit, "public_bulletins.html", issued=openness.documents(visit.desk))


def _document(visit: Visit, number: int) -> Document:
    found = next((each for each in openness.documents(visit.desk) if each.id == number), None)
    if found is None:
        raise NotHere
    return found


@routes.get("/public/bulletins/{number}", need=PUBLIC, reads=False)
def bulletin(visit: Here, number: int) -> Response:
    """The words of one as it was issued."""
    found = _document(visit, number)
    lines = [line.strip() for line in openness.text_of(visit.desk, found, visit.lang).splitlines() if line.strip()]
    return _page(visit, "public_bulletin.html", document=found, lines=lines)


@routes.get("/public/bulletins/{number}/docx", need=PUBLIC, reads=False)
def docx(visit: Here, number: int) -> Response:
    """The Word file as it was issued."""
    found = _document(visit, number)
    return attachment(f"{found.number.text} {found.title}.docx", issued(visit, found.digest), DOCX)


@routes.get("/public/bulletins/{number}/pdf", need=PUBLIC, reads=False)
def pdf(visit: Here, number: int) -> Response:
    """The same as PDF; made once and kept for the next who asks."""
    found, counter = _document(visit, number), _counter(visit)
    made = counter.pdfs.get(found.digest)
    if made is None:
        if not counter.prints.allows(_address(visit)):
            raise HTTPException(429)
        try:
            made = convert(issued(visit, found.digest))
        except PressProblem as problem:
            raise HTTPException(503) from problem
        with counter.press:
            counter.pdfs[found.digest] = made
            while len(counter.pdfs) > SIZE:
                counter.pdfs.popitem(last=False)
    return attachment(f"{found.number.text} {found.title}.pdf", made, PDF)


# -- projects


@routes.get("/public/projects", need=PUBLIC, reads=False)
def projects(visit: Here, process: str = "", page: int = 1) -> Response:
    """The tasks of a process with what is public of each."""
    editions = openness.processes(visit.desk)
    name = process if process in editions else next(iter(editions), "")
    wanted = Wanted(EVERYTHING, process=name)
    total = sum(each.tasks for each in visit.house.lists.counts(wanted)) if name else 0
    pages = max(1, -(-total // SIZE))
    number = min(max(1, page), pages)
    offset = (number - 1) * SIZE
    rows = visit.house.lists.rows(wanted, Order("task"), offset=offset, limit=SIZE) if name else []
    tasks = visit.house.lists.tasks_of([row.task for row in rows])
    shown = [(tasks[row.task], openness.facts(visit.desk, tasks[row.task], visit.lang)) for row in rows]
    return _page(
        visit,
        "public_projects.html",
        processes={each: edition.process.title.title(visit.lang) for each, edition in editions.items()},
        process=name,
        tasks=[(task.id, openness.title_of(visit.desk, task), facts) for task, facts in shown],
        pages=Pages(number, pages, total),
        address=lambda n: f"/public/projects?{urlencode({'process': name, 'page': n})}",
    )


@routes.get("/public/projects/{project}", need=PUBLIC, reads=False)
def project(visit: Here, project: str) -> Response:
    """What is public of one task."""
    task = openness.project(visit.desk, project)
    if task is None:
        raise NotHere
    heads, rows = openness.plan(visit.desk, task, visit.lang)
    return _page(
        visit,
        "public_project.html",
        task=task.id,
        title=openness.title_of(visit.desk, task),
        facts=openness.facts(visit.desk, task, visit.lang),
        heads=heads,
        rows=rows,
        doors=[(door.trigger, door.title(visit.lang), child) for door, child in _doors(visit, task)],
    )


def _doors(visit: Visit, task: Task) -> list[tuple[Transition, str]]:
    """The forms for everybody about a task, each with what it is about in words."""
    edition = visit.desk.book(task.edition)[0]
    return [(transition, child.title(visit.lang)) for transition, child in openness.doors(edition, task.kind)]


# -- saying


async def _little(request: Request) -> AsyncIterator[FormData]:
    """A small form without files; anything else is refused before it is read."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY:
        raise HTTPException(413)
    async with request.form(max_files=0, max_fields=60, max_part_size=BODY) as form:
        yield form


Little = Annotated[FormData, Depends(_little)]


def _door(visit: Visit, about: str, trigger: str) -> tuple[Task, Transition, str]:
    task = openness.project(visit.desk, about, ("", PROGRAMME))
    found = (
        next(((door, kind) for door, kind in _doors(visit, task) if door.trigger == trigger), None) if task else None
    )
    if task is None or found is None:
        raise NotHere
    return task, found[0], found[1]


@routes.get("/public/say/{project}/{trigger}", need=PUBLIC, reads=False)
def say(visit: Here, project: str, trigger: str) -> Response:
    """The form for everybody about a task."""
    return _form(visit, project, trigger, {}, {}, uuid4().hex)


def _form(
    visit: Visit,
    about: str,
    trigger: str,
    values: Mapping[str, Json],
    wrong: Mapping[str, str],
    key: str,
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    task, door, kind = _door(visit, about, trigger)
    return _page(
        visit,
        "public_say.html",
        status,
        task=task.id,
        title=openness.title_of(visit.desk, task),
        kind=kind,
        trigger=trigger,
        controls=controls(openness.asked_for(door), Shown(visit.lang, (), values, wrong)),
        key=key,
        bait=BAIT,
        refused=refused,
    )


@routes.post("/public/say/{project}/{trigger}", need=PUBLIC)
def said(visit: Here, project: str, trigger: str, posted: Little) -> Response:
    """Open the child and answer with a code, which is shown once."""
    _, door, kind = _door(visit, project, trigger)
    given = str(posted.get("key") or "")
    key = given if 16 <= len(given) <= 64 and given.isalnum() else uuid4().hex
    values = read(openness.asked_for(door), posted, Keeper(None, b"", "", 0)).values

    def again(refused: str, status: int, wrong: Mapping[str, str] = {}) -> Response:
        return _form(visit, project, trigger, values, wrong, key, refused=refused, status=status)

    t = visit.words
    if posted.get(BAIT):
        return again(t("public_bait"), 422)
    if any(len(str(value)) > LONGEST for value in values.values()):
        return again(t("public_long", most=LONGEST), 422)
    if not _counter(visit).opinions.allows(_address(visit)):
        return again(t("public_often"), 429)
    opened = openness.open_child(visit.house.at_desk("public"), project, trigger, values, key)
    if isinstance(opened, Refusal):
        problems = opened.facts.get("problems") if opened.code == "form" else None
        wrong = {str(each["field"]): str(each[visit.lang]) for each in problems or ()}
        return again("" if wrong else t("public_refused"), 422, wrong)
    code = _code() if opened is not None else ""
    if opened is not None:
        visit.house.receipts.keep(openness.digest(code), opened)
    return _page(visit, "public_said.html", code=code, kind=kind, leaf=leaf_of(visit, opened) if opened else "")


def _code() -> str:
    """128 bits that people can copy: groups of letters and digits."""
    text = b32encode(token_bytes(16)).decode().rstrip("=").lower()
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


@routes.get("/public/receipt", need=PUBLIC, reads=False)
def receipt(visit: Here) -> Response:
    """Where a code is typed in."""
    return _page(visit, "public_receipt.html", standing=None, refused="")


@routes.post("/public/receipt", need=PUBLIC)
def standing(visit: Here, posted: Little) -> Response:
    """How far that is to which the code belongs, and its answer."""
    if not _counter(visit).codes.allows(_address(visit)):
        return _page(visit, "public_receipt.html", 429, standing=None, refused=visit.words("public_often"))
    code = str(posted.get("code") or "")[:100]
    found = openness.standing(visit.desk, visit.house.receipts, code, visit.lang)
    refused = "" if found else visit.words("public_code_unknown")
    proof = proof_of(visit, found.task) if found else ""
    return _page(visit, "public_receipt.html", 200 if found else 404, standing=found, refused=refused, proof=proof)
