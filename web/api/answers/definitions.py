"""Definitions as the API answers them: processes, kinds of tasks, editions, and the days of a calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from web.api.answers.shape import Day, Instant, Page, Shape


class FieldShape(Shape):
    """A field of a record or a form."""

    name: str
    title: str
    type: str = Field(description="text, choice, percent, date … as in the page of the language.")
    required: bool
    choices: Mapping[str, str] | None = Field(None, description="Titles by value, of a field of type choice.")
    unit: str | None = Field(None, description="The unit of a quantity, such as km.")
    minimum: int | None = None
    maximum: int | None = None
    personal: bool = Field(False, description="Protected by law: shown on its task alone, to those who work on it.")
    written_by: str | None = Field(None, description="transitions: acts alone write it; a registration leaves it out.")
    columns: Sequence[FieldShape] | None = Field(None, description="The columns of a table.")


class KindShape(Shape):
    """A kind of task of a process: "" are the tasks themselves, others their children and programmes."""

    kind: str
    title: str
    states: Mapping[str, str] = Field(description="Titles by state.")
    fields: Sequence[FieldShape] = Field(description="The record of a task of this kind.")


class ProcessShape(Shape):
    """A process by the edition in force."""

    process: str
    title: str
    edition: str
    timezone: str
    calendar: str
    roles: Mapping[str, str] = Field(description="Titles by role.")


class ProcessPage(Page):
    """Processes."""

    items: Sequence[ProcessShape]


class ProcessDetail(ProcessShape):
    """A process with its kinds of tasks."""

    kinds: Sequence[KindShape]


class EditionShape(Shape):
    """A published edition."""

    process: str
    edition: str
    digest: str = Field(description="SHA-256 of its meaning.")
    published_at: Instant


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its text.")]


class EditionStanding(Shape):
    """Where an edition stands."""

    process: str
    edition: str
    digest: str = Field(description="SHA-256 of its text.")
    stand: Literal["in_force", "to_come", "earlier", "submitted", "returned"]
    since: str | None = Field(description="From when it is in force; of a draft the day that was asked for.")
    published_at: Instant | None
    submitted_by: str | None
    approved_by: str | None
    alone: str | None = Field(description="Why one person was enough, where one was.")
    reason: str | None = Field(description="Why it was returned, or why one person was enough.")


class StandingPage(Page):
    """Editions with where each stands: the published ones, then those on their way."""

    items: Sequence[EditionStanding]


class EditionPage(Page):
    """Editions, in the order in which they were published."""

    items: Sequence[EditionShape]


class DayShape(Shape):
    """A day of a calendar."""

    day: Day
    working: bool
    kind: Literal["working", "rest", "holiday", "make_up"] = Field(
        description="`holiday` closes a day that the week works, `make_up` opens one that it does not (调休)."
    )
    name: str | None = Field(None, description="The name of the holiday.")
    provisional: bool = Field(description="Whether no official notice covers it yet.")


class DayPage(Page):
    """Days."""

    items: Sequence[DayShape]
