"""What goes wrong, as the API answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from web.api.answers.shape import Shape


class FaultShape(Shape):
    """One part of a request that is wrong."""

    where: Literal["body", "query", "path", "header", "cookie"] = Field(alias="in")
    at: str = Field(description="A JSON pointer to the part.")
    message: str


class ProblemShape(Shape):
    """Why it was not possible (RFC 9457)."""

    type: str
    title: str
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened and what would help, in the language of Accept-Language.")
    cure: str = Field(description="What would help, alone; may be empty.")
    code: str = Field(description="Stable: a program may decide by it.")
    facts: Mapping[str, Any] = Field(description="What the sentence is filled with.")
    errors: Sequence[FaultShape] = Field(description="The parts of the request that are wrong.")
    id: str = Field(description="The number under which the server's log has it.")
