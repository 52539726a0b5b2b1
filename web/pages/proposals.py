"""A draft before a second administrator: read with what it changes, approved or returned by another person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.events import instant
from engine.guards.effort import SpentError, within
from engine.loading import load
from engine.problems import Problem, errors
from web.access import ADMINISTRATOR, Routes
from web.pages.drafts import drawing, editor, finding, problems_of
from web.visit import Here, NotHere, Visit
from workflows.authoring import publishing
from workflows.authoring.checking import PATIENCE
from workflows.authoring.diff import compare
from workflows.authoring.drafts import draft, stale
from workflows.authoring.kept_scenarios import from_edition, tried
from workflows.authoring.proposals import Proposal, all_of, send_back
from workflows.authoring.trying import with_draft
from workflows.people.values import ADMIN
from workflows.sources import Beside, calendar_named, nothing

routes = Routes()


@routes.post("/drafts/{name}/submit", need=ADMINISTRATOR)
def submit(visit: Here, name: str, since: Annotated[str, Form()] = "", version: Annotated[int, Form()] = 0) -> Response:
    """Put the draft, as it was saved last and read, before a second administrator: nobody answers for a text that
    somebody else has saved meanwhile.
    """
    kept = draft(visit.desk, name)
    if kept is None:
        raise NotHere
    if kept.version != version:
        return editor(visit, kept, refused=visit.say(stale(name, kept)), status=409)
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        return editor(visit, kept, refused=visit.words("ask_days"), status=422)
    latest = visit.desk.latest(name)
    others = nothing if isinstance(latest, Refusal) else from_edition(visit.desk, latest[0].name)
    edition = load(kept.text, f"{name}.yaml").edition
    files = Beside(scenarios=with_draft(kept.scenarios, edition, others) if edition is not None else others)
    found = publishing.submit(visit.desk, kept.text, calendar_named, _actor(visit), f"{name}.yaml", files, since=day)
    if isinstance(found, Refusal):
        return editor(visit, kept, refused=visit.say(found), status=409)
    if isinstance(found, list):
        return editor(visit, kept, refused=_problems(visit, found), status=422)
    return visit.go(f"/proposals/{found.proposal.subject}")


def _actor(visit: Visit) -> Actor:
    return Actor(visit.known.id, (ADMIN,))


def _problems(visit: Visit, found: Sequence[Problem]) -> str:
    wrong = errors(found)
    return "\n".join(problem.text(visit.lang) for problem in wrong[:5])


@routes.get("/proposals/{subject}", need=ADMINISTRATOR, reads=True)
def proposal(visit: Here, subject: str) -> Response:
    """One proposal: the text, what it changes in what is published, and what was done to it."""
    return _shown(visit, _found(visit, subject))


def _found(visit: Visit, subject: str) -> Proposal:
    found = all_of(visit.desk.store).get(subject)
    if found is None or found.is_migration:
        raise NotHere
    return found


def _shown(visit: Visit, found: Proposal, refused: str = "", status: int = 200) -> Response:
    text = visit.desk.store.file(found.digest)
    record = None if text else visit.desk.store.edition(*found.subject.split("@", 1))
    told = text.decode() if text else record.text if record else ""
    edition = load(told, f"{found.subject}.yaml").edition
    changes = _changes(visit, edition) if edition and found.state == "submitted" else None
    beside = _beside(visit, edition) if edition and found.state == "submitted" else {}
    mine = found.submitted_by == visit.known.id
    return visit.page(
        "proposal.html", status, proposal=found, text=told, changes=changes, mine=mine, refused=refused,
        zone=visit.zone, since=_since(visit, found), **beside,
    )  # fmt: skip


def _beside(visit: Visit, edition: Edition) -> dict[str, Any]:
    """What whoever approves looks at beside the text: the picture, what is found, what its scenarios come to."""
    shown = tried(visit.desk, edition, calendar_named(edition.process.calendar))
    found = [finding(each, visit.lang) for each in problems_of(visit, load(edition.text, "process.yaml"))]
    failures = [each.text(visit.lang) for each in shown.failures]
    return {**drawing(edition, visit.lang), "findings": found, "scenarios": shown, "failures": failures}


def _since(visit: Visit, found: Proposal) -> str | None:
    """The day from which it is in force, as it was asked for, or as one person who published it at once had it."""
    at = found.told.get("in_force_at")
    return f"{instant(at).astimezone(visit.zone):%Y-%m-%d}" if at else found.told.get("since")


def _changes(visit: Visit, edition: Edition) -> list[str] | None:
    """What a draft changes, in words; None where nothing of its process is published."""
    published = visit.desk.latest(edition.process.process)
    if isinstance(published, Refusal):
        return None
    try:
        with within(PATIENCE):
            return [each.said.in_(visit.lang) for each in compare(published[0], edition).changes]
    except SpentError:
        return [visit.words("ask_diff_large")]


@routes.post("/proposals/{subject}/approve", need=ADMINISTRATOR, reads=True)
def approve(visit: Here, subject: str, digest: Annotated[str, Form()] = "") -> Response:
    """Publish what another administrator submitted, in the text that was read."""
    known = _found(visit, subject)
    found = publishing.approve(visit.desk, subject, _actor(visit), calendar_named, digest)
    if isinstance(found, Refusal):
        return _shown(visit, known, visit.say(found), 409)
    if isinstance(found, list):
        return _shown(visit, known, _problems(visit, found), 422)
    return visit.go(f"/proposals/{subject}")


@routes.post("/proposals/{subject}/return", need=ADMINISTRATOR, reads=True)
def give_back(visit: Here, subject: str, reason: Annotated[str, Form()] = "") -> Response:
    """Return it with a reason; whoever submitted it may take it back so."""
    known = _found(visit, subject)
    found = send_back(visit.desk, subject, _actor(visit), reason)
    if isinstance(found, Refusal):
        return _shown(visit, known, visit.say(found), 409)
    return visit.go(f"/proposals/{subject}")
