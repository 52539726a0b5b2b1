"""What every answer of the API is made of: instants are UTC (`2022-03-01T01:00:00.000000Z`), days `2022-03-01`, months
`2022-03`; numbers with decimals are texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from engine.events import iso

Instant = Annotated[str, Field(description="An instant in UTC.", json_schema_extra={"format": "date-time"})]

Day = Annotated[str, Field(description="A day, local to the process.", json_schema_extra={"format": "date"})]

Record = Annotated[
    Mapping[str, Any],
    Field(description="Values by the names of fields; numbers with decimals as texts, personal ones left out."),
]

Signal = Annotated[str | None, Field(description="The light: green, yellow or red; null where there is none.")]

TaskId = Annotated[str, Field(description="The id of a task.")]


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(frozen=True)


class Page(Shape):
    """A page of a list. `next` leads to the next one."""

    next: str | None = Field(None, description="The address of the next page; null on the last one.")


def moment(at: datetime | None) -> str | None:
    """An instant as answers have it."""
    return None if at is None else iso(at)
