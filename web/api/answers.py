"""The shapes of what the API answers. Instants are UTC (`2022-03-01T01:00:00.000000Z`), days `2022-03-01`, months
`2022-03`; numbers with decimals are texts. What the law protects is never in an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

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


# -- what goes wrong


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


# -- definitions


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


# -- tasks


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


class BoardPage(Page):
    """Tasks as they were at an instant, as known at another."""

    at: Instant
    known_at: Instant | None
    items: Sequence[TaskSummary]


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


# -- what was done


class IssuedShape(Shape):
    """A publication as issued."""

    stream: str = Field(description="The task or programme on whose record it stands.")
    publication: str
    key: str = Field(description="The period or day that it is about.")
    number: int
    as_of: Instant
    text: Mapping[str, str] = Field(description="Its words by language.")
    document: str | None = Field(None, description="The document number, where it is an official document.")


class ReceiptShape(Shape):
    """The receipt of an event: keep it, and you can prove that it was recorded."""

    event: str = Field(description="`<task>#<seq>`.")
    hash: str = Field(description="The hash of the event in the chain of its task.")
    head: str | None = Field(
        description="The head of everything recorded before that was signed last (C2SP tlog-checkpoint); null if none."
    )
    proof: str | None = Field(
        description="That the event stands in a signed head (C2SP tlog-proof); null until it does, a minute or so."
    )
    lines: Sequence[str] = Field(description="Event and head for paper: short lines that can be typed back.")
    text: str = Field(description="The file of the receipt (`duban-receipt/1`), less what the law protects.")


class DoneShape(Shape):
    """What an act did."""

    task: TaskId
    state: str
    signal: Signal
    version: int
    ended: bool
    repeated: bool = Field(description="Whether it had been done before under this key; then nothing was done now.")
    events: Sequence[str] = Field(description="What happened, sentences across the family.")
    issued: Sequence[IssuedShape] = Field(description="Publications that it ordered.")
    unissued: Sequence[str] = Field(description="Why ordered publications could not be issued yet, in words.")
    receipt: ReceiptShape | None = Field(description="The receipt of the act; null where no log is kept.")


class RegisteredShape(Shape):
    """Tasks that have entered."""

    tasks: Sequence[TaskId]


class FileShape(Shape):
    """A file that was uploaded. Its `reference` goes into a form's field of type files, by whoever uploaded it."""

    name: str
    digest: str = Field(description="SHA-256 of its bytes.")
    reference: str
    size: int = Field(description="In bytes.")


class EvidenceShape(Shape):
    """A file of a task."""

    name: str
    field: str = Field(description="The field that has it, in words.")
    digest: str | None = Field(description="SHA-256; null where only its name is on record.")


class EvidencePage(Page):
    """The files of a task."""

    items: Sequence[EvidenceShape]


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


# -- people


class HoldingShape(Shape):
    """Somebody holds a role from–to."""

    id: int
    user: str
    role: str
    process: str = Field(description='"" holds for every process that has the role.')
    unit: str | None
    valid_from: Instant
    valid_to: Instant | None = Field(description="The first instant after it.")
    deputy_for: str | None


class HoldingPage(Page):
    """Holdings."""

    items: Sequence[HoldingShape]


class UserShape(Shape):
    """Somebody with an account."""

    user: str
    name: str
    language: Literal["zh", "en"]
    active: bool
    mail: str | None
    created_at: Instant


class UserPage(Page):
    """Users, by name."""

    items: Sequence[UserShape]


class MeShape(Shape):
    """Who asks."""

    user: str
    name: str
    language: Literal["zh", "en"]
    scopes: Sequence[str] | None = Field(description="What the token may be used for; null in a session.")
    holdings: Sequence[HoldingShape]


class UnitShape(Shape):
    """A unit of the organisation."""

    unit: str
    title: str
    title_en: str | None
    level: str
    over: str | None
    valid_from: Instant
    valid_to: Instant | None
    successor: str | None = Field(description="The unit that took its open work over.")


class UnitPage(Page):
    """Units."""

    items: Sequence[UnitShape]


class DeliveryShape(Shape):
    """A notice on its way to one recipient. Addresses and texts are not shown."""

    id: int
    task: TaskId
    notice: str
    recipient: str
    channel: str
    state: Literal["waiting", "sent", "failed"]
    attempts: int
    next_at: Instant
    sent_at: Instant | None
    message_id: str


class DeliveryPage(Page):
    """Deliveries, in the order of the outbox."""

    items: Sequence[DeliveryShape]
