"""Official documents: found, taken out as Word or PDF, declared void with a reason; and the Word templates behind them,
which an administrator replaces and tries out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, HTTPException
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.task import Task
from web.access import ADMINISTRATOR, PERSON, WRITER, Routes
from web.documents import as_pdf, as_word, declare_void, documents_seen, issued
from web.downloads import DOCX, attachment
from web.naming import title_of
from web.pages.acts import Posted
from web.pages.jobs import moment
from web.pages.task import actors_of
from web.uploads import UploadProblem, checked
from web.visit import Here, NotHere, Visit
from workflows.papers.issuers import not_theirs
from workflows.papers.ports import PressProblem
from workflows.papers.templates import ADMIN, declared, keep_template, sample
from workflows.papers.values import Document, Template

routes = Routes()

SIZE = 50


@dataclass(frozen=True)
class Pages:
    """Where in a list somebody is."""

    page: int
    pages: int
    total: int


# -- documents


@routes.get("/documents", need=PERSON, reads=True)
def documents(visit: Here, q: str = "", publication: str = "", voided: str = "", page: int = 1) -> Response:
    """Those on tasks in the visitor's scope, the latest first."""
    return _listed(visit, q, publication, voided, page)


def _listed(
    visit: Visit, q: str = "", publication: str = "", voided: str = "", page: int = 1, *, refused: str = ""
) -> Response:
    seen = documents_seen(visit)[::-1]
    names = sorted({each.publication for each in seen})
    found = [each for each in seen if _fits(each, q.strip(), publication, voided)]
    pages = max(1, -(-len(found) // SIZE))
    number = min(max(1, page), pages)
    rows = found[(number - 1) * SIZE : number * SIZE]
    tasks = visit.house.lists.tasks_of({each.stream for each in rows})
    return visit.page(
        "documents.html",
        422 if refused else 200,
        rows=rows,
        about={name: title_of(visit, task) for name, task in tasks.items()},
        voidable={name for name, task in tasks.items() if _may_void(visit, task)},
        publications={name: _publication(visit, seen, name) for name in names},
        asked={"q": q, "publication": publication, "voided": voided},
        pages=Pages(number, pages, len(found)),
        address=lambda n: f"?{urlencode({**visit.request.query_params, 'page': n})}",
        moment=lambda at: moment(visit, at)[:16],
        refused=refused,
    )


def _may_void(visit: Visit, task: Task) -> bool:
    """Whether one of the visitor's guises may issue on a task, and so declare void what stands on it."""
    return any(not_theirs(visit.desk, task, actor) is None for actor in actors_of(visit, task))


def _fits(one: Document, q: str, publication: str, voided: str) -> bool:
    if publication and one.publication != publication:
        return False
    if voided and (one.void is not None) != (voided == "yes"):
        return False
    return q.casefold() in f"{one.number.text} {one.title} {one.stream}".casefold()


def _publication(visit: Visit, seen: list[Document], name: str) -> str:
    """What a publication is called, by the edition of the first task that has one."""
    stream = next(each.stream for each in seen if each.publication == name)
    task = visit.desk.store.task(stream)
    sheet = visit.desk.book(task.edition)[0].sheets[task.kind] if task else None
    rule = sheet.body.publications.get(name) if sheet else None
    return rule.title(visit.lang) if rule else name


@routes.get("/documents/{number}/docx", need=PERSON, reads=True)
def docx(visit: Here, number: int) -> Response:
    """The Word file as it was issued."""
    return as_word(visit, number)


@routes.get("/documents/{number}/pdf", need=PERSON, reads=True)
def pdf(visit: Here, number: int) -> Response:
    """The same as PDF, where LibreOffice is installed."""
    try:
        return as_pdf(visit, number)
    except PressProblem as problem:
        raise HTTPException(503) from problem


@routes.post("/documents/{number}/void", need=WRITER, reads=True)
def take_back(visit: Here, number: int, reason: Annotated[str, Form()] = "") -> Response:
    """It stays on record with who, when and why, and its number is not used again."""
    answer = declare_void(visit, number, reason[:1000])
    if isinstance(answer, Refusal):
        return _listed(visit, refused=visit.say(answer))
    return visit.go("/documents")


# -- templates


@dataclass(frozen=True)
class Line:
    """One template of a process: what it is for, and its versions, the latest first."""

    name: str
    used: tuple[str, ...]
    versions: tuple[Template, ...]


@routes.get("/templates", need=ADMINISTRATOR, reads=False)
def templates(visit: Here, process: str = "", kept: str = "") -> Response:
    """The templates of a process with their versions; `kept` is one that was just replaced."""
    return _templates(visit, process, kept=kept)


def _templates(visit: Visit, process: str, *, kept: str = "", refused: str = "") -> Response:
    names = sorted({each.process for each in visit.desk.store.editions()})
    name = process if process in names else next(iter(names), "")
    editions = {each: _edition(visit, each) for each in names}
    return visit.page(
        "templates.html",
        422 if refused else 200,
        processes={each: edition.process.title.title(visit.lang) for each, edition in editions.items()},
        process=name,
        lines=_lines(visit, editions[name]) if name else [],
        moment=lambda at: moment(visit, at)[:16],
        kept=kept,
        refused=refused,
    )


def _edition(visit: Visit, process: str) -> Edition:
    found = visit.desk.latest(process)
    if isinstance(found, Refusal):
        raise NotHere
    return found[0]


def _lines(visit: Visit, edition: Edition) -> list[Line]:
    used: dict[str, list[str]] = {}
    for _, _, rule in declared(edition):
        used.setdefault(rule.template or "", []).append(rule.title(visit.lang))
    papers = visit.house.papers
    kept = papers.templates(edition.process.process) if papers is not None else ()
    return [
        Line(name, tuple(dict.fromkeys(titles)), tuple(reversed([each for each in kept if each.name == name])))
        for name, titles in sorted(used.items())
    ]


@routes.post("/templates/{process}", need=ADMINISTRATOR)
def upload(visit: Here, process: str, posted: Posted) -> Response:
    """Replace a template by a Word file; it is inspected and tried before it is kept."""
    _edition(visit, process)
    name, file = str(posted.get("name") or ""), posted.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _templates(visit, process, refused=visit.words("import_no_file"))
    content = file.file.read(visit.house.settings.file_limit + 1)
    try:
        checked(file.filename, content, visit.house.settings.file_limit)
    except UploadProblem as problem:
        said = visit.words("file_named", name=problem.name) + visit.words(problem.key) + visit.words("stop")
        return _templates(visit, process, refused=said)
    answer = keep_template(visit.desk, process, name, content, Actor(visit.known.id, (ADMIN,)))
    if isinstance(answer, Refusal):
        return _templates(visit, process, refused=visit.say(answer))
    return visit.go(f"/templates?process={process}&kept={answer.name}")


def _version(visit: Visit, process: str, name: str, digest: str) -> Template:
    papers = visit.house.papers
    versions = papers.templates(process, name) if papers is not None else ()
    for each in reversed(versions):
        if isinstance(each, Template) and digest in ("", each.digest):
            return each
    raise NotHere


@routes.get("/templates/{process}/file", need=ADMINISTRATOR, reads=False)
def file_of(visit: Here, process: str, name: str = "", digest: str = "") -> Response:
    """A version as it was uploaded."""
    found = _version(visit, process, name, digest)
    return attachment(found.name, issued(visit, found.digest), DOCX)


@routes.get("/templates/{process}/print", need=ADMINISTRATOR, reads=False)
def print_sample(visit: Here, process: str, name: str = "", digest: str = "") -> Response:
    """A version filled in with sample facts: no number is taken, nothing is kept."""
    edition, found = _edition(visit, process), _version(visit, process, name, digest)
    kind, rule = next(((kind, rule) for kind, _, rule in declared(edition) if rule.template == name), (None, None))
    press = visit.desk.press
    if kind is None or rule is None or press is None:
        raise NotHere
    facts = sample(edition, kind, rule, zh=visit.lang == "zh")
    try:
        made = press.render(issued(visit, found.digest), facts)
    except PressProblem as problem:
        return _templates(visit, process, refused=problem.text.in_(visit.lang))
    return attachment(f"{visit.words('template_sample')} {found.name}", made, DOCX)
