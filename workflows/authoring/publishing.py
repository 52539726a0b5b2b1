"""From a draft to an edition: submitted by one administrator, approved by another, then published, immutable, and in
force from a date. From then on its name means this text, and tasks may pin it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.calendars import Calendar
from engine.chain import canonical
from engine.commands import Actor, Refusal
from engine.document import Document
from engine.dues import start_of
from engine.edition import Edition
from engine.events import SYSTEM, Json, iso
from engine.loading import load
from engine.problems import Problem, in_order
from engine.reading import read
from workflows.authoring.checking import of_texts, place
from workflows.authoring.kept_scenarios import keep as keep_scenarios
from workflows.authoring.proposals import (
    Done,
    Proposal,
    administrator,
    alone,
    note,
    proposals,
    second,
    waiting,
)
from workflows.authoring.unheld import unheld
from workflows.calendars import keep
from workflows.desk import Desk
from workflows.papers.checks import of_templates
from workflows.papers.templates import declared, keep_found
from workflows.people.values import ADMIN as ADMIN  # noqa: PLC0414  # the role of those who publish: re-exported on purpose
from workflows.ports import EDITIONS, Chained, EditionExists, EditionRecord
from workflows.sources import ALONE, Beside, Finds, nothing

Calendars = Callable[[str], Calendar]
"""Finds a calendar by its name; raises LookupError."""


@dataclass(frozen=True, slots=True)
class Published:
    """An edition that is kept, with the warnings that stood in its text."""

    record: EditionRecord
    warnings: list[Problem]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A draft that waits for a second administrator, with the warnings that stand in its text."""

    proposal: Proposal
    warnings: list[Problem]


# -- submitting


def submit(
    desk: Desk,
    text: str | bytes,
    calendars: Calendars,
    actor: Actor,
    file: str = "process.yaml",
    beside: Beside = ALONE,
    *,
    since: date | None = None,
) -> Submitted | list[Problem] | Refusal:
    """Put a draft before a second administrator. It is to be in force from the beginning of a day (`since`), or from
    its approval. Answers with the problems of a text that is no definition.
    """
    fit = administrator(desk, actor) or _fit(desk, text, calendars, file, beside.templates)
    if not isinstance(fit, _Fit):
        return fit
    edition = fit.edition
    told = {
        "process": edition.process.process,
        "digest": edition.digest,
        "since": since.isoformat() if since else None,
        "templates": _kept_templates(desk, edition, beside.templates),
        "scenarios": keep_scenarios(desk, edition, beside.scenarios),
    }
    desk.store.keep_file(f"{edition.name}.yaml", edition.text.encode())
    with desk.store.chained(EDITIONS) as chain:
        refusal = _name_taken(desk, edition, chain)
        if refusal is not None:
            return refusal
        note(desk, chain, Done.EDITION_SUBMITTED, actor.id, edition.name, **told)
        return Submitted(proposals(chain.entries())[edition.name], fit.problems)


def _kept_templates(desk: Desk, edition: Edition, templates: Finds | None) -> dict[str, Json]:
    """The digests of the Word files beside a draft, which are kept until it is approved."""
    find = templates or nothing
    found = {rule.template: find(rule.template) for _, _, rule in declared(edition) if rule.template}
    return {name: desk.store.keep_file(name, content) for name, content in found.items() if content is not None}


def _name_taken(desk: Desk, edition: Edition, chain: Chained) -> Refusal | None:
    """Why nothing can be submitted under this name."""
    if desk.store.edition(edition.process.process, edition.process.edition) is not None:
        return Refusal("edition_exists", {"edition": edition.name})
    known = proposals(chain.entries()).get(edition.name)
    if known is not None and known.state == "submitted":
        return Refusal("edition_waits", {"edition": edition.name, "by": known.submitted_by})
    return None


# -- approving


def approve(
    desk: Desk, name: str, actor: Actor, calendars: Calendars, digest: str | None = None
) -> Published | list[Problem] | Refusal:
    """Publish a draft that another administrator submitted. `digest` is of the text that was read before approving:
    another one that took its place meanwhile is refused.
    """
    known = administrator(desk, actor) or waiting(proposals(desk.store.chain(EDITIONS)), name, digest)
    if isinstance(known, Refusal):
        return known
    refusal = second(known, actor)
    if refusal is not None:
        return refusal
    text, templates = desk.store.file(known.digest), _templates(desk, known)
    assert text is not None, "a draft is kept before it is submitted"
    fit = _fit(desk, text, calendars, f"{name}.yaml", templates)
    if not isinstance(fit, _Fit):
        return fit
    keep(desk.store, fit.calendar)
    with desk.store.chained(EDITIONS) as chain:
        still = waiting(proposals(chain.entries()), name, known.digest)
        if isinstance(still, Refusal):
            return still
        note(desk, chain, Done.EDITION_APPROVED, actor.id, name, reviewed=known.digest)
        told = {"submitted_by": known.submitted_by, "approved_by": actor.id}
        told["scenarios"] = known.told.get("scenarios", {})
        record = _publish(desk, chain, fit, actor.id, _since(fit.edition, known.told["since"]), told)
        keep_found(desk, fit.edition, templates or nothing, known.submitted_by, chain)
    return Published(record, fit.problems)


def _templates(desk: Desk, known: Proposal) -> Finds | None:
    kept: Mapping[str, str] = known.told["templates"]
    return (lambda name: desk.store.file(kept[name]) if name in kept else None) if kept else None


def _since(edition: Edition, day: str | None) -> datetime | None:
    return start_of(date.fromisoformat(day), edition.zone) if day else None


# -- by one person


def publish(
    desk: Desk,
    text: str | bytes,
    calendars: Calendars,
    file: str = "process.yaml",
    actor: Actor | None = None,
    beside: Beside = ALONE,
    *,
    reason: str | None = None,
    since: date | None = None,
) -> Published | list[Problem] | Refusal:
    """Publish at once what one person answers for (`proposals.alone` says when that is enough, and the record of the
    edition says so for ever); without an actor it is the program itself. The same text twice is one edition; another
    text under a published name is refused.
    """
    why = _why_alone(desk, actor, reason)
    if isinstance(why, Refusal):
        return why
    fit = _fit(desk, text, calendars, file, beside.templates)
    if not isinstance(fit, _Fit):
        return fit
    keep(desk.store, fit.calendar)
    by, name = actor.id if actor else SYSTEM, fit.edition.name
    tried = keep_scenarios(desk, fit.edition, beside.scenarios)
    with desk.store.chained(EDITIONS) as chain:
        there = desk.store.edition(fit.edition.process.process, fit.edition.process.edition)
        if there is not None and there.digest == fit.edition.digest:
            return Published(there, fit.problems)
        refusal = _name_taken(desk, fit.edition, chain)
        if refusal is not None:
            return refusal
        day = since.isoformat() if since else None
        told = {"alone": why, "scenarios": tried}
        record = _publish(desk, chain, fit, by, _since(fit.edition, day), told)
        keep_found(desk, fit.edition, beside.templates or nothing, by, chain)
    assert record.name == name
    return Published(record, fit.problems)


def _why_alone(desk: Desk, actor: Actor | None, reason: str | None) -> Mapping[str, Json] | Refusal:
    if actor is None:
        return {"why": "the program itself", "reason": reason}
    return administrator(desk, actor) or alone(desk, actor, reason)


# -- the same for all


@dataclass(frozen=True)
class _Fit:
    """A text that may be published: the edition, its calendar, and the warnings in it."""

    edition: Edition
    calendar: Calendar
    problems: list[Problem]


def _fit(
    desk: Desk, text: str | bytes, calendars: Calendars, file: str, templates: Finds | None
) -> _Fit | list[Problem] | Refusal:
    loaded = load(text, file)
    if loaded.edition is None:
        return loaded.problems
    document = read(text, file)
    assert isinstance(document, Document), "what has been loaded can be read"
    unfit = list(of_texts(loaded.edition, document))
    if templates is not None:
        unfit += of_templates(loaded.edition, document, place, templates, desk.press)
    if unfit:
        return in_order([*loaded.problems, *unfit])
    try:
        calendar = calendars(loaded.edition.process.calendar)
    except LookupError:
        return Refusal("unknown_calendar", {"calendar": loaded.edition.process.calendar})
    return _Fit(loaded.edition, calendar, in_order([*loaded.problems, *unheld(desk, loaded.edition, document)]))


def _publish(
    desk: Desk, chain: Chained, fit: _Fit, actor: str, since: datetime | None, told: Mapping[str, Json]
) -> EditionRecord:
    """Keep an edition and chain it, in one transaction. It is in force from its day, and never from before today."""
    process, now = fit.edition.process, desk.clock()
    record = EditionRecord(
        process=process.process,
        edition=process.edition,
        digest=fit.edition.digest,
        text=fit.edition.text,
        compiled=canonical(process.model_dump(mode="json", by_alias=True, exclude_defaults=True)),
        calendar=fit.calendar.digest,
        published_at=now,
        in_force_at=since if since and since > now else None,
    )
    try:
        chain.publish(record)
    except EditionExists as error:  # whoever holds the stream has looked
        raise AssertionError(record.name) from error
    facts = {"process": record.process, "digest": record.digest, "calendar": record.calendar}
    when = {"in_force_at": iso(record.since)}
    note(desk, chain, Done.EDITION_PUBLISHED, actor, record.name, **facts, **when, **told)
    return record
