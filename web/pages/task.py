"""The page of a task: one task, one leader, one team, one chart. Children have the same page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response

from engine.commands import Actor, Refusal
from engine.edition import Sheet
from engine.events import SYSTEM, Json, iso
from engine.model import Field
from engine.model.fields import FieldType
from engine.task import OWED, Task
from engine.titles import Titles
from web.access import PERSON, Routes, reads_only
from web.charts import Chart, chart
from web.documents import issued
from web.downloads import DOCX, attachment
from web.errors import failed
from web.naming import kind_of, own_title, title_of
from web.visit import Here, NotHere, Visit
from workflows.audit.history import Entry, history
from workflows.erased.telling import fields_of, gone_from
from workflows.office.evidence import files_in
from workflows.office.views import DeadlineView, TaskView, view
from workflows.packaging.receipts import own_event
from workflows.papers.archive import archive
from workflows.personal import record
from workflows.redaction.ordering import may_ask
from workflows.redaction.values import Wanted
from workflows.sentences import said

routes = Routes()

RECENT = 30
"""How many events a page shows before it is asked for all."""


@dataclass(frozen=True)
class Fact:
    """One field of the record. `files` are its files as links, `rows` the rows of a table."""

    title: str
    text: str = ""
    files: Sequence[File] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Child:
    """A child as its parent's page lists it."""

    id: str
    title: str
    state: str
    signal: str | None
    ended: bool


@routes.get("/tasks/{task}", need=PERSON, task=True)
def task_page(visit: Here, done: int = 0, events: str = "", told: str = "") -> Response:
    """Everything about a task that its visitor may see. `done` is the first event of what was just done; `told` says
    that it was done before (`repeated`), or that what it orders could not be issued (`unissued`).
    """
    task = visit.about
    found = view(visit.desk, task.id, actors_of(visit, task), visit.lang, personal=visit.knows(visit.about))
    assert not isinstance(found, Refusal), "the guard found the task"
    past = history(visit.desk, task.id, visit.lang)
    entries = past if isinstance(past, list) else []
    shown = entries if events == "all" else entries[-RECENT:]
    return visit.page(
        "task.html",
        **page_of(visit, found),
        chart=chart_of(visit, found, entries),
        decisions=decisions(shown),
        shown=len(shown),
        total=len(entries),
        just_done=[each.text for each in entries if done and each.recorded.event.seq >= done],
        receipt_of=_receipt_of(entries, task, done),
        evidence=list(evidence(visit, found.task, entries)),
        documents=documents(visit, task),
        unissued=told == "unissued",
        asked_order=told.removeprefix("redaction-") if told.startswith("redaction-R-") else "",
        may_redact=_may_redact(visit, task),
        repeated=told == "repeated",
        system=SYSTEM,
    )


def _receipt_of(entries: Sequence[Entry], task: Task, done: int) -> int:
    """The number of the event of which whoever just did something gets a receipt; 0 where nothing was just done."""
    own = own_event([each.recorded.event for each in entries if done and each.recorded.event.seq >= done], task.id)
    return own.seq if own is not None else 0


def _may_redact(visit: Visit, task: Task) -> bool:
    """Whether the visitor may ask for personal data of this task to be erased."""
    if visit.house.eraser is None or (visit.person is not None and reads_only(visit.person)):
        return False
    return any(may_ask(visit.desk, Wanted(task.id), each) is None for each in actors_of(visit, task))


@dataclass(frozen=True)
class Lost:
    """A field whose value was erased, and when and by which order."""

    title: str
    day: str
    order: str


def lost_of(visit: Visit, task: Task, titles: Titles) -> Sequence[Lost]:
    """What the record of a task lost and nobody has filled in since."""
    found = fields_of(gone_from(visit.desk.store.events(task.id)))
    empty = {name: each for name, each in found.items() if task.fields.get(name, "") is None}
    return [Lost(titles.field(name), titles.moment(iso(each.at))[:10], each.order) for name, each in empty.items()]


def decisions(entries: Sequence[Entry]) -> list[list[Entry]]:
    """What happened, decision by decision, the latest first: each begins with what was asked, and its consequences
    follow in their order.
    """
    groups: list[list[Entry]] = []
    for entry in entries:
        if entry.payload.get("command") or not groups:
            groups.append([])
        groups[-1].append(entry)
    return groups[::-1]


def actors_of(visit: Visit, task: Task) -> Sequence[Actor]:
    """The guises in which the visitor looks at a task; somebody without any holds nothing."""
    return visit.actors(task.edition.partition("@")[0]) or [Actor(visit.known.id)]


def page_of(visit: Visit, found: TaskView) -> Mapping[str, Any]:
    """What the page of a task shows, but for what happened."""
    task = found.task
    edition, _ = visit.desk.book(task.edition)
    sheet, titles = edition.sheets[task.kind], Titles(edition, visit.lang, task.kind)
    above = visit.desk.store.task(task.parent or task.part_of or "")
    heads, rows = _plan(sheet, found, visit)
    return {
        "task": task,
        "under": {**task.under, "since": titles.moment(task.under["since"])} if task.under else None,
        "title": title_of(visit, task),
        "kind": kind_of(visit, task),
        "state": found.state,
        "colour": titles.colour,
        "lost": lost_of(visit, task, titles),
        "above": (above.id, title_of(visit, above)) if above is not None and visit.sees(above) else None,
        "facts": [
            _fact(sheet.body.fields[name], title, value, found, visit)
            for name, title, value in found.facts
            if value not in (None, "", [])
        ],
        "personal": [
            _fact(sheet.body.fields[name], title, value, found, visit) for name, title, value in found.personal or ()
        ],
        "withheld": found.personal is None and any(task.fields.get(name) for name in _lawful(sheet)),
        "running": sorted((each for each in found.deadlines if each.occurrence["status"] in OWED), key=_due),
        "over": [each for each in found.deadlines if each.occurrence["status"] not in OWED],
        "status_words": lambda one: status_of(visit, one),
        "plan_heads": heads,
        "plan": rows,
        "children": children(visit, found),
        "possible": [each for each in found.possible if each.refusal is None and each.mine],
        "not_now": [each for each in found.possible if each.refusal is not None and each.here and each.mine],
        "elsewhere": [each.title for each in found.possible if not each.here and each.mine],
        "others": [each for each in found.possible if each.here and not each.mine],
    }


def _lawful(sheet: Sheet) -> Iterator[str]:
    return (name for name, field in sheet.body.fields.items() if field.personal)


def _due(one: DeadlineView) -> tuple[bool, str]:
    """Where a deadline stands among those that run: the nearest first, those without a day last."""
    day = one.occurrence.get("last_day")
    return day is None, str(day)


def chart_of(visit: Visit, found: TaskView, entries: Sequence[Entry]) -> Chart | None:
    """The plan against what was achieved, as a drawing."""
    sheet = visit.desk.book(found.task.edition)[0].sheets[found.task.kind]
    told = ((f"{each.occurred_at:%Y-%m}", _part(each, "set"), _part(each, "form")) for each in entries)
    return chart(sheet, found.plan, told)


def _part(entry: Entry, name: str) -> Mapping[str, Any]:
    part = entry.payload.get(name)
    return part if isinstance(part, Mapping) else {}


def status_of(visit: Visit, one: DeadlineView) -> str:
    """The status of an occurrence in words."""
    return visit.words(f"status_{one.occurrence['status']}")


def _fact(field: Field, title: str, value: Json, found: TaskView, visit: Visit) -> Fact:
    if field.type is FieldType.FILES:
        return Fact(title, files=[File(one["name"], one.get("digest"), title) for one in value])
    if field.columns is not None:
        rows = [[said(row.get(name), visit.lang) for name in field.columns] for row in value]
        return Fact(title, heads=[one.title(visit.lang) for one in field.columns.values()], rows=rows)
    name = next((name for name, one, _ in found.facts if one == title), "")
    suffix = "%" if field.type is FieldType.PERCENT else ""
    return Fact(title, said(found.choices.get(name, value), visit.lang) + suffix)


def _plan(sheet: Sheet, found: TaskView, visit: Visit) -> tuple[list[str], list[list[str]]]:
    fields = sheet.body.milestones.fields if sheet.body.milestones else {}
    shown = {name: one for name, one in fields.items() if not one.personal}
    rows = [
        [key, *(_cell(one, row.get(name), visit) for name, one in shown.items())]
        for key, row in sorted(found.plan.items())
    ]
    return [one.title(visit.lang) for one in shown.values()], rows


def _cell(field: Field, value: Json, visit: Visit) -> str:
    text = said(value, visit.lang)
    return f"{text}%" if text and field.type is FieldType.PERCENT else text


def children(visit: Visit, found: TaskView) -> Mapping[str, list[Child]]:
    """The children by what they are, the open ones first."""
    groups: dict[str, list[Child]] = {}
    for child in sorted(found.children, key=lambda each: (each.ended, each.id)):
        kind, number = kind_of(visit, child), child.id.rpartition(".")[2]
        title = own_title(visit, child) or f"{kind} {number}"
        groups.setdefault(kind, []).append(Child(child.id, title, found.states[child.id], child.signal, child.ended))
    return groups


# -- documents and evidence


@routes.get("/tasks/{task}/archive", need=PERSON, task=True)
def archive_set(visit: Here) -> Response:
    """The archive set of a task that is closed; 409 while it is open."""
    task = visit.about
    made = archive(visit.desk, task.id)
    if isinstance(made, Refusal):
        return failed(visit.request, 409, visit.say(made, task))
    return attachment(f"{title_of(visit, task)}.zip", made, "application/zip")


def documents(visit: Visit, task: Task) -> Sequence[Any]:
    """The documents that were issued about a task, where there is a room for them."""
    return visit.house.papers.documents(task=task.id) if visit.house.papers is not None else ()


@dataclass(frozen=True)
class File:
    """A file that belongs to a task: what it is called, and by which digest it is found, if it is kept."""

    name: str
    digest: str | None
    field: str


def evidence(visit: Visit, task: Task, entries: Sequence[Entry] | None = None) -> Iterator[File]:
    """Every file that the record or an act of a task names, each once; none of a personal field."""
    if entries is None:
        told = history(visit.desk, task.id, visit.lang)
        entries = told if isinstance(told, list) else []
    edition, _ = visit.desk.book(task.edition)
    sheet, titles = edition.sheets[task.kind], Titles(edition, visit.lang, task.kind)
    held: list[Mapping[str, Any]] = [record(task.fields, sheet)]
    held += [
        part
        for each in entries
        for name in ("form", "fields", "set")
        if isinstance(part := each.payload.get(name), Mapping)
    ]
    seen = set()
    for values in held:
        for field, value in values.items():
            for file in files_in(value):
                mark = (file["name"], file.get("digest"))
                if mark not in seen:
                    seen.add(mark)
                    yield File(*mark, titles.field(field))


@routes.get("/tasks/{task}/files/{digest}", need=PERSON, task=True)
def file(visit: Here, digest: str) -> Response:
    """A file of this task, to keep and never to show: what others sent in does not run in our name."""
    return sent_in(visit, digest)


def sent_in(visit: Visit, digest: str) -> Response:
    """A file that the task of this visit names, as it was sent in; one of a personal field for those who may see that.
    Raises `NotHere`.
    """
    found = [*evidence(visit, visit.about), *(_personal_files(visit) if visit.knows(visit.about) else ())]
    named = next((each for each in found if each.digest == digest), None)
    content = visit.desk.store.file(digest) if named is not None else None
    if named is None or content is None:
        raise NotHere
    return attachment(named.name, content)


def _personal_files(visit: Visit) -> Iterator[File]:
    task = visit.about
    fields = visit.desk.book(task.edition)[0].sheets[task.kind].body.fields
    for name, field in fields.items():
        if field.personal and field.type is FieldType.FILES:
            yield from (File(each["name"], each.get("digest"), name) for each in files_in(task.fields.get(name)))


@routes.get("/tasks/{task}/documents/{number}", need=PERSON, task=True)
def document(visit: Here, number: int) -> Response:
    """A document as it was issued."""
    found = next((each for each in documents(visit, visit.about) if each.id == number), None)
    if found is None:
        raise NotHere
    return attachment(f"{found.number.text} {found.title}.docx", issued(visit, found.digest), DOCX)
