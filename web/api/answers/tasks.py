"""Tasks as the API answers them: in lists, alone, as they were, and their histories. What the law protects stands on
its task alone, for those who work on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from web.api.answers.definitions import FieldShape
from web.api.answers.shape import Day, Instant, Page, Record, Shape, Signal, TaskId


class TaskSummary(Shape):
    """A task as lists show it."""

    task: TaskId
    process: str
    kind: str = Field(description='"" for a task, otherwise the path of a child in the definition, or `programme`.')
    state: str
    state_title: str
    signal: Signal
    ended: bool
    title: str | None
    unit: str | None = Field(description="The unit by which lists know it.")
    part_of: str | None = Field(description="The programme that it is part of.")


class ListedTask(TaskSummary):
    """A task in a list of now, with what is owed next."""

    edition: str
    parent: str | None
    touched_at: Instant
    due_at: Instant | None = Field(description="The first instant that is too late for what is owed next.")
    last_day: Day | None = Field(description="The last day on which it is in time.")
    owed: str | None = Field(description="The deadline that is owed next.")
    overdue: bool


class TaskPage(Page):
    """Tasks."""

    items: Sequence[ListedTask]


class InForce(Shape):
    """A version of something that was in force: its name and its digest."""

    name: str
    digest: str


class RulesThen(Shape):
    """The rules of a process at an instant."""

    process: str
    edition: InForce | None = Field(description="Null before the first was published.")
    calendar: InForce | None
    templates: Mapping[str, str] = Field(description="The digests of the templates of its documents by their names.")


class BoardPage(Page):
    """Tasks as they were at an instant, as known at another."""

    at: Instant
    known_at: Instant | None
    items: Sequence[TaskSummary]
    rules: Sequence[RulesThen] = Field(description="What was in force then in each process of these tasks.")


class DeadlineShape(Shape):
    """One occurrence of a deadline."""

    name: str
    key: str = Field(description="The period or the row that it is about; `1` where there is only one.")
    title: str
    who: str = Field(description="The role that owes it, in words.")
    status: Literal["running", "paused", "met", "met_late", "missed", "lapsed", "cancelled", "superseded"]
    due_at: Instant | None
    last_day: Day | None
    provisional: bool = Field(description="Whether the calendar may still move it.")
    why: Sequence[str] = Field(description="The sentences that lead to its date.")
    days_left: int | None = Field(description="Days; negative where it is late, null where nothing is owed.")
    working_days_left: int | None = Field(description="Working days; as above.")


class PossibleShape(Shape):
    """An act of a task, for whoever asks."""

    trigger: str
    title: str
    possible: bool
    refusal: str | None = Field(description="Why it is not possible now, in words.")
    here: bool = Field(description="Whether it starts in the task's present state.")
    mine: bool = Field(description="Whether it is theirs to do, now or at another time.")
    late: bool = Field(description="Whether they may enter it after the fact (`occurred_at`).")
    form: Sequence[FieldShape]


class ChildShape(Shape):
    """A child of a task."""

    task: TaskId
    kind: str
    state: str
    state_title: str
    ended: bool


class TaskShape(Shape):
    """A task. Its `version` is its ETag."""

    task: TaskId
    process: str
    edition: str
    kind: str
    parent: str | None
    part_of: str | None
    version: int = Field(description="The number of its last event.")
    state: str
    state_title: str
    signal: Signal
    ended: bool
    title: str
    fields: Record
    personal: Mapping[str, Any] | None = Field(
        description="What the law protects, to those who work on the task and to auditors; null to everybody else."
    )
    milestones: Mapping[str, Record] = Field(description="The plan: fields by month or day.")
    deadlines: Sequence[DeadlineShape]
    possible: Sequence[PossibleShape]
    children: Sequence[ChildShape]


class EventShape(Shape):
    """One event of a task's history."""

    ref: str = Field(description="`<task>#<seq>`.")
    seq: int
    type: str
    text: str = Field(description="What happened, as a sentence.")
    actor: str
    occurred_at: Instant
    recorded_at: Instant
    due_at: Instant | None
    late: bool = Field(description="Whether it was entered after the fact, with a reason.")
    cause: str = Field(description="The event that led to it; empty where somebody's act did.")
    edition: str
    payload: Mapping[str, Any] = Field(description="Less what the law protects.")
    prev: str = Field(description="The hash of the event before.")
    hash: str


class EventPage(Page):
    """A part of a history, in order."""

    items: Sequence[EventShape]
