"""What is owed and by whom, and what waits for somebody, as the API answers it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from web.api.answers.shape import Day, Instant, Page, Shape, Signal, TaskId


class OwedShape(Shape):
    """Something that somebody owes."""

    task: TaskId
    title: str | None
    unit: str | None
    state: str
    state_title: str
    signal: Signal
    deadline: str
    key: str
    deadline_title: str
    role: str = Field(description="The role that owes it, in words.")
    status: str
    due_at: Instant | None
    last_day: Day | None
    provisional: bool
    working_days: int | None = Field(description="Working days left, or by which it is late, as `late` says.")
    late: bool
    acts: Sequence[str] = Field(description="Triggers that would meet it and are possible now.")


class OwedPage(Page):
    """What somebody owes, the overdue first."""

    total: int
    late: int = Field(description="How many are overdue.")
    items: Sequence[OwedShape]


class WaitsShape(Shape):
    """A task that waits for somebody to move it on."""

    task: TaskId
    title: str
    unit: str | None
    state: str
    state_title: str
    acts: Sequence[str] = Field(description="The triggers that move it on and are possible now.")


class WaitsPage(Page):
    """Tasks that wait for somebody, by id."""

    items: Sequence[WaitsShape]


class OpenDeadlineShape(Shape):
    """A deadline that is owed."""

    task: TaskId
    title: str | None
    unit: str | None
    name: str
    key: str
    who: str = Field(description="The role that owes it.")
    status: str
    due_at: Instant | None
    last_day: Day | None
    provisional: bool


class DeadlinePage(Page):
    """Deadlines that are owed, the earliest first."""

    items: Sequence[OpenDeadlineShape]
