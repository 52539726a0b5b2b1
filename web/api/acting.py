"""Acting on tasks by a program: registering a list, firing a trigger, sending evidence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException

from engine import model
from engine.commands import Opening, Refusal
from engine.events import Json
from engine.task import Task
from web.access import WRITER, Routes
from web.api.answers.acts import DoneShape, FileShape, RegisteredShape
from web.api.asked import Asked, Body
from web.api.receipts import of_act
from web.api.references import with_files
from web.api.shown import issued_shape
from web.forms import keeper_of
from web.pages.task import actors_of
from web.problems import Fault, Problem, pointer, status_of
from web.uploads import UploadProblem, checked
from web.visit import Here, Visit
from workflows.office.firing import Act, Outcome, fire
from workflows.office.publications import Issued
from workflows.office.registering import Once, register
from workflows.office.sweeping import catch_up
from workflows.people.rights import in_first
from workflows.rows import Listed, Row, RowRefused
from workflows.sayings import say
from workflows.sentences import sentence

routes = Routes()
TAGS = ["acts"]

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes repeating harmless: under one key (of one user) it is done once, and answered again. "
        "1 to 100 visible ASCII characters.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of the task that you saw; 412 where it has changed since."),
]


def key_of(visit: Visit, key: str | None) -> str | None:
    """An idempotency key as it is kept. Raises `Problem` where it can be none."""
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,100}", key):
        raise Problem(422, faults=[Fault("header", "/Idempotency-Key", visit.words("api_key"))])
    return key


def refused(visit: Visit, refusal: Refusal, status: int | None = None, *, at: str = "form") -> Problem:
    """A refusal as a problem; what is wrong with a form stands at its fields."""
    problems = refusal.facts.get("problems") if refusal.code == "form" else None
    faults = [Fault("body", pointer(at, each["field"]), str(each[visit.lang])) for each in problems or ()]
    faults += [Fault("body", pointer(at, name), visit.say(refusal, visit.task)) for name in named_fields(refusal)]
    return Problem(status or status_of(refusal.code), refusal=refusal, faults=faults)


def named_fields(refusal: Refusal) -> Sequence[str]:
    """The fields that a unit which nobody keeps stands in."""
    return refusal.facts["fields"] if refusal.code in ("unit_misspelt", "unit_not_kept") else ()


# -- registering


class OpeningAsked(Asked):
    """Where a task stands that is under way already."""

    state: str = Field(max_length=200, description="The state that it is in.")
    due: Mapping[str, date] = Field(default_factory=dict, description="The last day of each deadline, by its name.")
    source: str | None = Field(None, max_length=1000, description="From what that is known.")


class RowAsked(Asked):
    """One task to be."""

    fields: Mapping[str, Any] = Field(
        description="Values by the names of fields; of a field of type files a list of references."
    )
    milestones: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict, description="The plan: fields by month or day."
    )
    opening: OpeningAsked | None = None
    part_of: str | None = Field(None, max_length=200, description="The id of the programme that it is part of.")


class ListAsked(Asked):
    """A list of tasks to be registered."""

    process: str = Field(max_length=200)
    kind: str = Field("", max_length=200, description='"" for tasks, `programme` for programmes.')
    tasks: Sequence[RowAsked] = Field(min_length=1, max_length=10_000)


@routes.post(
    "/api/v1/tasks",
    need=WRITER,
    status_code=201,
    response_model=RegisteredShape,
    tags=TAGS,
    summary="登记事项清单，全部或全不 / Register a list of tasks, all or none",
)
def register_list(
    visit: Here, told: Annotated[ListAsked, Depends(Body(ListAsked))], idempotency_key: Key = None
) -> RegisteredShape:
    """Enters every task of the list by the edition in force, or by the one named (`process@edition`), or none: then
    `errors` names each row and field at fault.
    """
    key, latest = key_of(visit, idempotency_key), visit.desk.to_pin(told.process)
    sheet = None if isinstance(latest, Refusal) else latest[0].sheets.get(told.kind)
    body = sheet.body if sheet else None
    rows = [_row(visit, body, number, each) for number, each in enumerate(told.tasks)]
    actors = visit.actors(told.process.partition("@")[0])
    once = Once(key, sha256(told.model_dump_json().encode()).hexdigest()) if key else None
    answer = in_first(actors, lambda actor: register(visit.desk, told.process, rows, actor, kind=told.kind, once=once))
    if isinstance(answer, Refusal):
        raise refused(visit, answer)
    if isinstance(answer, Listed):
        raise _faulty(visit, answer, told)
    return RegisteredShape(tasks=[task.id for task in answer])


def _row(visit: Visit, body: model.Body | None, number: int, told: RowAsked) -> Row:
    opening, at = told.opening, ("tasks", number)
    planned = body.milestones.fields if body is not None and body.milestones else {}
    fields = with_files(visit, body.fields if body is not None else {}, told.fields, (*at, "fields"))
    plan = {key: with_files(visit, planned, each, (*at, "milestones", key)) for key, each in told.milestones.items()}
    due = {name: day.isoformat() for name, day in opening.due.items()} if opening else {}
    begun = Opening(opening.state, due, opening.source) if opening else None
    return Row(number, fields, plan, begun, told.part_of)


def _faulty(visit: Visit, listed: Listed, told: ListAsked) -> Problem:
    found = visit.desk.to_pin(told.process)
    edition = None if isinstance(found, Refusal) else found[0]
    faults = [
        Fault("body", at, message)
        for fault in listed.faults
        for at, message in _told(fault, visit, lambda refusal: say(refusal, edition, visit.lang, told.kind))
    ]
    codes = {fault.refusal.code for fault in listed.faults}
    status = status_of(next(iter(codes))) if len(codes) == 1 else 422
    return Problem(status, "api_list", {"faults": len(listed.faults)}, faults=faults)


def _told(fault: RowRefused, visit: Visit, said: Any) -> list[tuple[str, str]]:
    problems = fault.refusal.facts.get("problems")
    if problems:
        return [
            (
                pointer("tasks", fault.number, "fields", str(each["field"])),
                str(each.get(visit.lang) or said(fault.refusal)),
            )
            for each in problems
        ]
    columns = fault.columns or [""]
    places = [("tasks", fault.number, *(("fields", name) if name else ())) for name in columns]
    return [(pointer(*place), said(fault.refusal)) for place in places]


# -- firing


class ActAsked(Asked):
    """An act."""

    form: Mapping[str, Any] = Field(
        default_factory=dict,
        description="Values by the names of the form's fields; of a field of type files a list of references.",
    )
    occurred_at: datetime | None = Field(
        None, description="When it happened, where that was earlier; with an offset, or local to the process."
    )
    reason: str | None = Field(None, max_length=10_000, description="Why it is entered late.")


@routes.post(
    "/api/v1/tasks/{task}/acts/{trigger}",
    need=WRITER,
    task=True,
    response_model=DoneShape,
    tags=TAGS,
    summary="办理：触发一个操作 / Act on a task",
)
def act(
    visit: Here,
    trigger: str,
    response: Response,
    told: Annotated[ActAsked, Depends(Body(ActAsked))],
    idempotency_key: Key = None,
    if_match: IfMatch = None,
) -> DoneShape:
    """Does it in one transaction, or answers why not and changes nothing. With If-Match only if nobody, and no passing
    of time, has changed the task since you saw it; with an Idempotency-Key once, however often it is sent.
    """
    task = visit.about
    asked = Act(
        task.id,
        trigger,
        form_of(visit, task, trigger, told.form),
        actors_of(visit, task)[0],
        _moment(visit, told.occurred_at),
        told.reason,
        _version(visit, if_match),
        key_of(visit, idempotency_key),
    )
    answer = in_first(actors_of(visit, task), lambda actor: fire(visit.desk, replace(asked, actor=actor)))
    if isinstance(answer, Refusal):
        raise _not_done(visit, answer, asked.version)
    response.headers["etag"] = f'"{answer.version}"'
    return _done(visit, answer)


def _moment(visit: Visit, at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is not None:
        return at
    return at.replace(tzinfo=visit.desk.book(visit.about.edition)[0].zone)


def _version(visit: Visit, if_match: str | None) -> int | None:
    """The version that was seen. Raises `Problem` for a tag that this task cannot have."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'\s*"([0-9]{1,9})"\s*', if_match)
    if found is None:
        raise _stale(visit.about)
    return int(found[1])


def _stale(task: Task) -> Problem:
    told = {"version": task.seq}
    return Problem(412, "api_stale", told, headers={"etag": f'"{task.seq}"'})


def _not_done(visit: Visit, refusal: Refusal, version: int | None) -> Problem:
    """What time alone has changed is recorded first: otherwise nobody could have seen it."""
    if refusal.code != "stale":
        return refused(visit, refusal)
    if visit.about.seq == version:
        catch_up(visit.desk, visit.about.root)
    return _stale(visit.desk.store.task(visit.about.id) or visit.about)


def form_of(visit: Visit, task: Task, trigger: str, form: Mapping[str, Any]) -> dict[str, Json]:
    """A form for the engine, with references as the files that they stand for. Raises `Problem`."""
    sheet = visit.desk.book(task.edition)[0].sheets[task.kind]
    transition = sheet.transitions.get(trigger)
    return with_files(visit, transition.form if transition else {}, form, ("form",))


def _done(visit: Visit, outcome: Outcome) -> DoneShape:
    kinds: dict[str, str] = {}
    for event in outcome.events:
        if event.task not in kinds:
            found = visit.desk.store.task(event.task)
            kinds[event.task] = found.kind if found else ""
    told = [
        sentence(event, visit.desk.book(event.edition)[0], kinds[event.task], visit.lang) for event in outcome.events
    ]
    return DoneShape(
        task=outcome.task,
        state=outcome.state,
        signal=outcome.signal,
        version=outcome.version,
        ended=outcome.ended,
        repeated=outcome.repeated,
        events=told,
        issued=[issued_shape(each) for each in outcome.issued if isinstance(each, Issued)],
        unissued=[visit.say(each, visit.task) for each in outcome.issued if isinstance(each, Refusal)],
        receipt=of_act(visit, outcome),
    )


# -- evidence


async def _sent(request: Request) -> AsyncIterator[FormData]:
    """The form with the file; the guard has let it in by now."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise Problem(415, "api_form_only", {"sent": kind[:100]})
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            yield form
    except MultiPartException as error:
        raise Problem(400) from error


@routes.post(
    "/api/v1/files",
    need=WRITER,
    status_code=201,
    response_model=FileShape,
    tags=TAGS,
    summary="上传佐证材料 / Upload evidence",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
)
def upload(visit: Here, form: Annotated[FormData, Depends(_sent)]) -> FileShape:
    """Takes one file (the part `file`): of a known type, without macros, and what its name says. Answers a reference
    that goes into a form's field of type files; it is good for you alone.
    """
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Problem(422, faults=[Fault("body", "/file", visit.words("upload_empty"))])
    keeper = keeper_of(visit)
    content = sent.file.read(keeper.limit + 1)
    try:
        name = checked(sent.filename, content, keeper.limit)
    except UploadProblem as problem:
        status = 413 if problem.key == "upload_large" else 415 if problem.key == "upload_type" else 422
        said = visit.words("file_named", name=problem.name) + visit.words(problem.key)
        raise Problem(status, "api_upload", {"said": said}, faults=[Fault("body", "/file", said)]) from problem
    reference = keeper.reference(keeper.take(name, content))
    return FileShape(name=name, digest=sha256(content).hexdigest(), reference=reference, size=len(content))
