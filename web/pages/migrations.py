"""A migration before a second administrator and after: read with what it would do, approved or returned, applied and
taken back as a job in which the fate of each task is seen.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import Response

from engine.commands import Refusal
from web import plan_forms
from web.access import ADMINISTRATOR, Routes
from web.pages import plans
from web.pages.jobs import heading, moment
from web.visit import Here, NotHere, Visit
from workflows.authoring import plan_approval
from workflows.authoring.migrating import moved
from workflows.authoring.migration_plans import Plan
from workflows.authoring.proposals import Proposal, all_of, send_back
from workflows.authoring.standings import life
from workflows.labour.migrating import ask_migrate
from workflows.labour.values import Job

routes = Routes()

LATEST = 1_000
"""Among so many jobs those of a migration are looked for."""


@routes.get("/migrations/{subject}", need=ADMINISTRATOR, reads=True)
def migration(visit: Here, subject: str, page: int = 0) -> Response:
    """One migration: its plan, what was done to it, and, where a page of it is asked for, a verdict for each task."""
    return _shown(visit, _found(visit, subject), page=page)


def _found(visit: Visit, subject: str) -> Proposal:
    found = all_of(visit.desk.store).get(subject)
    if found is None or not found.is_migration:
        raise NotHere
    return found


def _shown(visit: Visit, found: Proposal, refused: str = "", status: int = 200, page: int = 0) -> Response:
    plan = _submitted(visit, found)
    tried = plans.trial(visit, plan, page) if page else None
    if isinstance(tried, Refusal):
        refused, tried = visit.say(tried), None
    told = life(visit.desk, found.subject, visit.lang)
    return visit.page(
        "migration.html",
        status,
        proposal=found,
        plan=plan,
        parts=plan_forms.parts(plan, visit.lang),
        address=plans.address(found.process, plan.said.from_, plan.said.to),
        lines=[] if isinstance(told, Refusal) else told,
        moment=lambda at: moment(visit, at),
        jobs=[(job, heading(visit, job)) for job in _jobs(visit, found.subject)],
        mine=found.submitted_by == visit.known.id,
        goes_back=found.state in ("approved", "applied", "reverted") and bool(moved(visit.desk, found)),
        refused=refused,
        tried=tried,
    )


def _submitted(visit: Visit, found: Proposal) -> Plan:
    text = visit.desk.store.file(found.digest)
    if text is None:
        raise NotHere
    return plans.plan_of(visit, text)


def _jobs(visit: Visit, subject: str) -> list[Job]:
    labour = visit.house.labour
    every = labour.jobs(limit=LATEST) if labour is not None else ()
    return [job for job in every if job.kind == "migrate" and job.body["migration"] == subject]


@routes.post("/migrations/{subject}/try", need=ADMINISTRATOR, reads=True)
def try_all(visit: Here, subject: str) -> Response:
    """Try it on every task, as a job."""
    known = _found(visit, subject)
    return plans.as_job(visit, _submitted(visit, known)) or _shown(visit, known, visit.words("bulk_no_jobs"), 409)


@routes.post("/migrations/{subject}/approve", need=ADMINISTRATOR, reads=True)
def approve(visit: Here, subject: str, digest: Annotated[str, Form()] = "") -> Response:
    """Approve what another administrator submitted, in the text that was read."""
    known = _found(visit, subject)
    found = plan_approval.approve(visit.desk, subject, plans.actor(visit), digest)
    return _after(visit, known, found)


@routes.post("/migrations/{subject}/return", need=ADMINISTRATOR, reads=True)
def give_back(visit: Here, subject: str, reason: Annotated[str, Form()] = "") -> Response:
    """Return it with a reason; whoever submitted it may take it back so."""
    known = _found(visit, subject)
    return _after(visit, known, send_back(visit.desk, subject, plans.actor(visit), reason))


def _after(visit: Visit, known: Proposal, found: Proposal | Refusal) -> Response:
    if isinstance(found, Refusal):
        return _shown(visit, known, visit.say(found), 409)
    return visit.go(f"/migrations/{quote(known.subject)}")


@routes.post("/migrations/{subject}/apply", need=ADMINISTRATOR, reads=True)
def apply(visit: Here, subject: str) -> Response:
    """Move the tasks, as a job."""
    return _asked(visit, _found(visit, subject), back=False)


@routes.post("/migrations/{subject}/revert", need=ADMINISTRATOR, reads=True)
def revert(visit: Here, subject: str, reason: Annotated[str, Form()] = "") -> Response:
    """Take back those to which nothing has happened since, as a job."""
    return _asked(visit, _found(visit, subject), back=True, reason=reason)


def _asked(visit: Visit, known: Proposal, *, back: bool, reason: str = "") -> Response:
    labour = visit.house.labour
    if labour is None:
        return _shown(visit, known, visit.words("bulk_no_jobs"), 409)
    made = ask_migrate(visit.desk, labour, known.subject, plans.actor(visit), back=back, reason=reason, lang=visit.lang)
    if isinstance(made, Refusal):
        return _shown(visit, known, visit.say(made), 409)
    return visit.go(f"/jobs/{quote(made.id)}")
