"""Official documents: on record, as Word files, as PDF, declared void; and publications that somebody asks for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from engine.commands import Refusal
from web.access import PERSON, WRITER, Routes
from web.api.acting import refused
from web.api.answers.acts import IssuedShape
from web.api.answers.documents import DocumentPage, DocumentShape
from web.api.answers.shape import moment
from web.api.asked import Asked, Body
from web.api.paging import MOST, page
from web.api.shown import issued_shape
from web.documents import as_pdf, as_word, declare_void, document_of, documents_seen
from web.downloads import DOCX, PDF, attachment
from web.naming import title_of
from web.problems import Problem
from web.visit import Here
from workflows.office import publications
from workflows.office.publications import issue
from workflows.papers.archive import archive
from workflows.papers.marks import Given
from workflows.papers.ports import PressProblem
from workflows.papers.values import Document
from workflows.people.rights import in_first

routes = Routes()
TAGS = ["documents"]
ZIP = "application/zip"


class Listing(Asked):
    """Which documents."""

    task: str | None = Field(None, max_length=200, description="Of one task or programme, and its children.")
    publication: str | None = Field(None, max_length=200)
    cursor: str = Field("", max_length=100, description="From `next`; nothing for the first page.")
    limit: int = Field(100, ge=1, le=MOST, description="How many at most.")


@routes.get(
    "/api/v1/documents",
    need=PERSON,
    reads=True,
    response_model=DocumentPage,
    tags=TAGS,
    summary="公文清单 / Official documents on record",
)
def documents(visit: Here, asked: Annotated[Listing, Query()]) -> DocumentPage:
    """Those on tasks and programmes in your scope, in the order in which they were issued; voided ones too."""
    named = (None if each is None else each.replace("\x00", "\ufffd") for each in (asked.task, asked.publication))
    shown, after = page(visit, documents_seen(visit, *named), asked.cursor, asked.limit)
    return DocumentPage(items=[_shape(each) for each in shown], next=after)


def _shape(each: Document) -> DocumentShape:
    return DocumentShape(
        id=each.id,
        task=each.stream,
        publication=each.publication,
        number=each.number.text,
        title=each.title,
        digest=each.digest,
        issued_at=moment(each.issued_at) or "",
        issued_by=each.issued_by,
        voided_at=moment(each.void.at) if each.void else None,
        void_reason=each.void.reason if each.void else None,
    )


@routes.get(
    "/api/v1/documents/{id}",
    need=PERSON,
    reads=True,
    response_model=DocumentShape,
    tags=TAGS,
    summary="一份公文 / One document",
)
def document(visit: Here, id: int) -> DocumentShape:  # noqa: A002 - the name in the path
    """Its number, title, digest, and whether it was declared void."""
    return _shape(document_of(visit, id))


def _bytes(kind: str) -> dict[int | str, dict[str, object]]:
    return {200: {"description": "The file.", "content": {kind: {"schema": {"type": "string"}}}}}


@routes.get(
    "/api/v1/documents/{id}/docx",
    need=PERSON,
    reads=True,
    response_class=Response,
    responses=_bytes(DOCX),
    tags=TAGS,
    summary="下载 Word 文件 / Download as Word",
)
def docx(visit: Here, id: int) -> Response:  # noqa: A002 - the name in the path
    """The file as it was issued, byte for byte."""
    return as_word(visit, id)


@routes.get(
    "/api/v1/documents/{id}/pdf",
    need=PERSON,
    reads=True,
    response_class=Response,
    responses=_bytes(PDF),
    tags=TAGS,
    summary="下载 PDF / Download as PDF",
)
def pdf(visit: Here, id: int) -> Response:  # noqa: A002 - the name in the path
    """Converted from the file as issued, where LibreOffice is installed; 503 where it is not."""
    try:
        return as_pdf(visit, id)
    except PressProblem as problem:
        raise Problem(503, "api_pdf", {"said": problem.text.in_(visit.lang)}) from problem


@routes.get(
    "/api/v1/tasks/{task}/archive",
    need=PERSON,
    task=True,
    response_class=Response,
    responses=_bytes(ZIP),
    tags=TAGS,
    summary="归档材料 / The archive set of a task",
)
def archive_set(visit: Here) -> Response:
    """What happened, what it rests on, the documents, the evidence and a catalogue with digests, in one ZIP; 409 while
    the task is open. Nothing personal is in it.
    """
    made = archive(visit.desk, visit.about.id)
    if isinstance(made, Refusal):
        raise refused(visit, made, 409)
    return attachment(f"{title_of(visit, visit.about)}.zip", made, ZIP)


class VoidAsked(Asked):
    """Declaring a document void."""

    reason: str = Field(min_length=1, max_length=1000, description="Why; it stays on record.")


@routes.post(
    "/api/v1/documents/{id}/void",
    need=WRITER,
    reads=True,
    response_model=DocumentShape,
    tags=TAGS,
    summary="作废一份公文 / Declare a document void",
)
def void_document(
    visit: Here,
    id: int,  # noqa: A002 - the name in the path
    told: Annotated[VoidAsked, Depends(Body(VoidAsked))],
) -> DocumentShape:
    """It stays on record with who, when and why, and its number is not used again. Who may issue may do this."""
    answer = declare_void(visit, id, told.reason)
    if isinstance(answer, Refusal):
        raise refused(visit, answer)
    return _shape(answer)


class PublicationAsked(Asked):
    """A publication that is to be issued."""

    publication: str = Field(max_length=200, description="Its name in the definition.")
    task: str = Field(max_length=200, description="The id of the task or programme on whose record it stands.")
    key: str | None = Field(None, min_length=1, max_length=40, description="The period that it is about: 2022-03.")
    as_of: AwareDatetime | None = Field(None, description="As of when, with an offset; now by default.")
    since: date | None = Field(None, description="The first day that it speaks of; by default that of the month.")
    again: bool = Field(False, description="Once more about the same period.")
    secrecy: str = Field("", max_length=20, description="Of a document, its degree of secrecy: 秘密★1年.")
    urgency: str = Field("", max_length=20, description="Of a document, how urgent it is: 特急 or 加急.")
    copy_number: str = Field("", max_length=6, description="Of a document, the number of the copy.")


@routes.post(
    "/api/v1/publications",
    need=WRITER,
    reads=True,
    status_code=201,
    response_model=IssuedShape,
    tags=TAGS,
    summary="印发通报、公文 / Issue a publication",
)
def publish(visit: Here, told: Annotated[PublicationAsked, Depends(Body(PublicationAsked))]) -> IssuedShape:
    """Made from the record as of an instant, numbered, and kept as issued. About one period it is issued once: the
    second time is refused with 409, unless `again` is said. So repeating is harmless without a key.
    """
    task = visit.find(told.task)
    visit.task = task
    marks = Given(told.secrecy, told.urgency, told.copy_number)
    asked = publications.Asked(
        task.id, told.publication, told.key, told.as_of, told.since, again=told.again, marks=marks
    )
    actors = visit.actors(task.edition.partition("@")[0])
    answer = in_first(actors, lambda actor: issue(visit.desk, asked, actor))
    if isinstance(answer, Refusal):
        raise refused(visit, answer)
    return issued_shape(answer)
