"""Orders to erase personal data, as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from web.api.answers.shape import Page, Shape


class RedactionShape(Shape):
    """An order to erase personal data."""

    order: str
    state: str = Field(description="asked, returned or approved.")
    stream: str = Field(description="The task, or `organisation`.")
    names: Sequence[str]
    events: Sequence[int]
    files: Sequence[str]
    reason: str
    asked_by: str
    approved_by: str | None = None
    event: str | None = Field(None, description="The event that says that it was carried out.")


class RedactionPage(Page):
    """Orders, in the order in which they were asked for."""

    items: Sequence[RedactionShape]
