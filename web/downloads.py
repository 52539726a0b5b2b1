"""Files to keep: what was sent in and what was issued leave the house in one way, under their names."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

from web.visit import NotHere, Visit
from workflows.papers.values import Document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def attachment(name: str, content: bytes, media_type: str = "application/octet-stream") -> Response:
    """A file to keep, under its own name."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


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
