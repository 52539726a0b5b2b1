"""Official documents, reached alike by the pages and the API: those in the visitor's scope, as files, declared void."""

from __future__ import annotations

from fastapi.responses import Response

from documents.pdf import convert
from engine.commands import Refusal
from web.downloads import DOCX, PDF, attachment
from web.visit import NotHere, Visit
from workflows.papers.values import Document
from workflows.papers.voiding import void
from workflows.people.rights import in_first


def documents_seen(visit: Visit, task: str | None = None, publication: str | None = None) -> list[Document]:
    """Those on tasks and programmes in the visitor's scope, in the order in which they were issued; voided ones too."""
    papers = visit.house.papers
    found = list(papers.documents(task=task, publication=publication)) if papers is not None else []
    seen = visit.house.lists.seen(visit.scope, {each.stream for each in found})
    return [each for each in found if each.stream in seen]


def document_of(visit: Visit, number: int) -> Document:
    """A document on a task in the visitor's scope, which the visit is about from now on. Raises `NotHere`."""
    papers = visit.house.papers
    found = papers.document(number) if papers is not None and 0 < number < 2**31 else None
    if not isinstance(found, Document):
        raise NotHere
    visit.task = visit.find(found.stream)
    return found


def issued(visit: Visit, digest: str) -> bytes:
    """The Word file of a document as it was issued. Raises `NotHere`."""
    content = visit.house.papers.file(digest)
    if not isinstance(content, bytes):
        raise NotHere
    return content


def as_word(visit: Visit, number: int) -> Response:
    """The Word file of a document as it was issued. Raises `NotHere`."""
    found = document_of(visit, number)
    return attachment(f"{_named(found)}.docx", issued(visit, found.digest), DOCX)


def as_pdf(visit: Visit, number: int) -> Response:
    """The same as PDF. Raises `NotHere`, and `PressProblem` where it cannot be converted."""
    found = document_of(visit, number)
    return attachment(f"{_named(found)}.pdf", convert(issued(visit, found.digest)), PDF)


def _named(found: Document) -> str:
    return f"{found.number.text} {found.title}"


def declare_void(visit: Visit, number: int, reason: str) -> Document | Refusal:
    """Void a document as whichever of the visitor's guises may. Raises `NotHere`."""
    found = document_of(visit, number)
    actors = visit.actors(visit.about.edition.partition("@")[0])
    return in_first(actors, lambda actor: void(visit.desk, found.id, reason, actor))
