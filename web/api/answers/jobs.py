"""Jobs as the API answers them, and what became of each thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from web.api.answers.shape import Instant, Page, Shape, TaskId


class JobShape(Shape):
    """Work that was asked for."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    asked_by: str | None
    asked_at: Instant
    began_at: Instant | None
    ended_at: Instant | None
    total: int = Field(description="Items.")
    done: int = Field(description="Items that were done.")
    failed: int = Field(description="Items that were refused or failed.")


class JobPage(Page):
    """Jobs, the latest first."""

    items: Sequence[JobShape]


class FateShape(Shape):
    """What became of one item of a job."""

    n: int = Field(description="Its place, from 1.")
    task: TaskId
    fate: Literal["done", "refused", "failed"]
    detail: str = Field(description="The state after it, or why not, in the language of whoever asked for the job.")


class FatePage(Page):
    """The fates of a job's items, in order."""

    items: Sequence[FateShape]
