"""What an act did, and the files that go into it, as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from web.api.answers.shape import Instant, Page, Shape, Signal, TaskId


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
