"""Publishing a definition: from then on its name means this text, and tasks may pin it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.calendars import Calendar
from engine.chain import canonical
from engine.commands import Actor, Refusal
from engine.document import Document
from engine.events import SYSTEM, iso
from engine.loading import load
from engine.problems import Problem, in_order
from engine.reading import read
from workflows.calendars import keep
from workflows.checking import of_texts, place
from workflows.desk import Desk
from workflows.papers.checks import of_templates
from workflows.papers.templates import keep_found
from workflows.ports import EditionExists, EditionRecord

ADMIN = "admin"
"""The role of those who publish."""

Calendars = Callable[[str], Calendar]
"""Finds a calendar by its name; raises LookupError."""


@dataclass(frozen=True, slots=True)
class Published:
    """An edition that is kept, with the warnings that stood in its text."""

    record: EditionRecord
    warnings: list[Problem]


Templates = Callable[[str], bytes | None]
"""Finds the Word file of a document by its name; None where there is none."""


def no_templates(_name: str) -> None:
    """For a text that stands alone: its templates are uploaded, or kept from an earlier edition."""


def publish(
    desk: Desk,
    text: str | bytes,
    calendars: Calendars,
    file: str = "process.yaml",
    actor: Actor | None = None,
    templates: Templates = no_templates,
) -> Published | list[Problem] | Refusal:
    """Keep an edition, its calendar and its templates. Answers with the problems of a text that is no definition.

    The same text twice is one edition; another text under a published name is refused. Of people only an
    administrator publishes; without an actor it is the program itself.
    """
    if actor is not None and ADMIN not in actor.roles:
        return Refusal("not_admin", {"actor": actor.id, "login": desk.login or actor.id})
    loaded = load(text, file)
    if loaded.edition is None:
        return loaded.problems
    process, document = loaded.edition.process, read(text, file)
    assert isinstance(document, Document), "what has been loaded can be read"
    unfit = list(of_texts(loaded.edition, document))
    if templates is not no_templates:
        unfit += of_templates(loaded.edition, document, place, templates, desk.press)
    if unfit:
        return in_order([*loaded.problems, *unfit])
    try:
        calendar = calendars(process.calendar)
    except LookupError:
        return Refusal("unknown_calendar", {"calendar": process.calendar})
    record = EditionRecord(
        process=process.process,
        edition=process.edition,
        digest=loaded.edition.digest,
        text=loaded.edition.text,
        compiled=canonical(process.model_dump(mode="json", by_alias=True, exclude_defaults=True)),
        calendar=calendar.digest,
        published_at=desk.clock(),
    )
    keep(desk.store, calendar)
    try:
        desk.store.publish(record)
    except EditionExists:
        return Refusal("edition_exists", {"edition": loaded.edition.name})
    keep_found(desk, loaded.edition, templates, actor.id if actor else SYSTEM)
    if actor is not None:
        told = {"actor": actor.id, "login": desk.login, "at": iso(record.published_at)}
        desk.store.set_note(f"published:{loaded.edition.name}", canonical(told))
    return Published(record, loaded.problems)
