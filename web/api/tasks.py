"""Tasks as a program reads them: lists, one task, its history and its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field

from engine.commands import Refusal
from engine.events import iso
from engine.titles import Titles
from web.access import PERSON, Routes
from web.api.answers.acts import EvidencePage, EvidenceShape
from web.api.answers.shape import moment
from web.api.answers.tasks import EventPage, EventShape, ListedTask, TaskPage, TaskShape
from web.api.asked import Asked
from web.api.paging import MOST, Cursor, Limit, next_of, page, place
from web.api.shown import task_shape
from web.pages.task import actors_of, evidence, sent_in
from web.visit import Here, Visit
from workflows.audit.history import history
from workflows.lists.ports import NextOwed, Order, TaskRow, Wanted
from workflows.office.views import view

routes = Routes()
TAGS = ["tasks"]
BYTES = {200: {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}

Text = Annotated[str | None, Field(max_length=200)]


class Listing(Asked):
    """Which tasks, in which order."""

    process: Text = None
    programme: Text = None
    kind: str = Field("", max_length=200, description="Which kind; nothing means the tasks themselves.")
    state: Text = None
    signal: Text = None
    unit: Text = None
    ended: bool | None = Field(None, description="Whether they have ended; both by default.")
    overdue: bool = Field(False, description="Only those that have missed what is still owed.")
    q: str = Field("", max_length=200, description="A text in the title or the id.")
    sort: Literal["due", "title", "unit", "state", "signal", "touched", "task"] = Field(
        "task", description="By what; `due` is the first instant that is too late for what is owed next."
    )
    descending: bool = False
    cursor: str = Field("", max_length=100, description="From `next`; nothing for the first page.")
    limit: int = Field(50, ge=1, le=MOST, description="How many at most.")


@routes.get(
    "/api/v1/tasks",
    need=PERSON,
    reads=True,
    response_model=TaskPage,
    tags=TAGS,
    summary="事项清单：筛选、排序、分页 / Tasks, filtered, sorted and paged",
)
def tasks(visit: Here, asked: Annotated[Listing, Query()]) -> TaskPage:
    """The tasks in your scope. A list that changes while it is paged may show a task twice or not at all; sorted by
    `task`, only new tasks can do that.
    """
    names = ("process", "programme", "state", "signal", "unit")
    told: dict[str, Any] = {name: _kept(getattr(asked, name)) for name in names}
    text = _kept(asked.q) or ""
    wanted = Wanted(visit.scope, _kept(asked.kind) or "", ended=asked.ended, overdue=asked.overdue, text=text, **told)
    start, limit = place(visit, asked.cursor), asked.limit
    found = visit.house.lists.rows(wanted, Order(asked.sort, asked.descending), offset=start, limit=limit + 1)
    owed = visit.house.lists.next_owed([each.task for each in found[:limit]])
    items = [_listed(visit, each, owed) for each in found[:limit]]
    return TaskPage(items=items, next=next_of(visit, start + limit if len(found) > limit else None))


def _kept(text: str | None) -> str | None:
    """What is looked for, less what no store keeps."""
    return None if text is None else text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _listed(visit: Visit, row: TaskRow, owed: Mapping[str, NextOwed]) -> ListedTask:
    one, titles = owed.get(row.task), Titles(visit.desk.book(row.edition)[0], visit.lang, row.kind)
    return ListedTask(
        task=row.task,
        process=row.process,
        kind=row.kind,
        state=row.state,
        state_title=titles.state(row.state),
        signal=row.signal,
        ended=row.ended,
        title=row.title,
        unit=row.unit,
        part_of=row.part_of,
        edition=row.edition,
        parent=row.parent,
        touched_at=iso(row.touched_at),
        due_at=moment(one.due_at) if one else None,
        last_day=one.last_day if one else None,
        owed=one.name if one else None,
        overdue=one is not None and one.status == "missed",
    )


@routes.get(
    "/api/v1/tasks/{task}",
    need=PERSON,
    task=True,
    response_model=TaskShape,
    tags=TAGS,
    summary="一项事项：内容、时限及缘由、可办与不可办 / One task",
)
def task(visit: Here, response: Response) -> TaskShape:
    """Its facts, each deadline with why it falls on that day, its children, and every act: with its form where it is
    possible for you now, with the reason where it is not. The ETag is its version, for If-Match.
    """
    found = view(
        visit.desk, visit.about.id, actors_of(visit, visit.about), visit.lang, personal=visit.knows(visit.about)
    )
    assert not isinstance(found, Refusal), "the guard found the task"
    response.headers["etag"] = f'"{found.task.seq}"'
    return task_shape(visit, found)


@routes.get(
    "/api/v1/tasks/{task}/events",
    need=PERSON,
    task=True,
    response_model=EventPage,
    tags=TAGS,
    summary="事项历程，一事一句 / The history of a task, a sentence each",
)
def events(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> EventPage:
    """Everything that happened to it, in order, with the hashes that prove it. Sentences are in the language of
    Accept-Language.
    """
    told = history(visit.desk, visit.about.id, visit.lang)
    shown, after = page(visit, told if isinstance(told, list) else [], cursor, limit)
    return EventPage(items=[EventShape(**each.to_json()) for each in shown], next=after)


@routes.get(
    "/api/v1/tasks/{task}/files",
    need=PERSON,
    task=True,
    response_model=EvidencePage,
    tags=TAGS,
    summary="佐证材料 / The files of a task",
)
def files(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> EvidencePage:
    """Every file that its record or an act on it names, each once; none of a personal field."""
    shown, after = page(visit, list(evidence(visit, visit.about)), cursor, limit)
    items = [EvidenceShape(name=each.name, field=each.field, digest=each.digest) for each in shown]
    return EvidencePage(items=items, next=after)


@routes.get(
    "/api/v1/tasks/{task}/files/{digest}",
    need=PERSON,
    task=True,
    response_class=Response,
    responses=BYTES,
    tags=TAGS,
    summary="下载佐证材料 / Download a file of a task",
)
def file(visit: Here, digest: str) -> Response:
    """The bytes as they were sent in, under their name."""
    return sent_in(visit, digest)
