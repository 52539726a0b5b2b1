"""Official documents as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from web.api.answers.shape import Instant, Page, Shape


class DocumentShape(Shape):
    """An official document on record."""

    id: int
    task: str = Field(description="The task or programme on whose record it stands.")
    publication: str
    number: str
    title: str
    digest: str = Field(description="SHA-256 of the Word file as issued.")
    issued_at: Instant
    issued_by: str
    voided_at: Instant | None = None
    void_reason: str | None = None


class DocumentPage(Page):
    """Documents, in the order in which they were issued."""

    items: Sequence[DocumentShape]
