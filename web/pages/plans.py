"""The plan of a migration while it is written: a form over what both editions say, tried as often as wanted, and then
put before a second administrator. It is kept as a text, which the command line reads too; two who write it at once do
not overwrite each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.commands import Actor, Refusal
from web import plan_forms
from web.access import ADMINISTRATOR, Routes
from web.naming import title_of
from web.pages.acts import Posted
from web.visit import Here, NotHere, Visit
from workflows.authoring import plan_approval
from workflows.authoring.drafts import PLANS, Draft, draft, drop, save
from workflows.authoring.fates import GOOD
from workflows.authoring.migrating import dry_run
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.plan_writing import write_plan, written
from workflows.authoring.verdicts import told
from workflows.clock import monotonic
from workflows.labour.migrating import ask_trial
from workflows.labour.values import Job
from workflows.people.values import ADMIN

routes = Routes()

MOST = 500
"""So many tasks are tried on a page, at most; a job tries all of them."""

SECONDS = 2.0
"""How long a page tries; what is left is told, and tried by a job."""

SIZE = 25


@dataclass(frozen=True)
class Trial:
    """What a plan came to when it was tried: the sums, and the verdicts of one page in words."""

    total: int
    tried: int
    good: int
    lines: list[Any]
    page: int
    pages: int
    titles: dict[str, str]


def trial(visit: Visit, plan: Plan, page: int = 1) -> Trial | Refusal:
    """Try a plan on the tasks that are there, those that cannot move first; nothing is written."""
    began = monotonic()
    found = dry_run(visit.desk, plan, actor(visit), lambda _: monotonic() - began < SECONDS, most=MOST)
    if isinstance(found, Refusal):
        return found
    ordered = sorted(found.found, key=lambda each: each.fate in GOOD)
    pages = max(1, -(-len(ordered) // SIZE))
    number = min(max(1, page), pages)
    shown = ordered[(number - 1) * SIZE : number * SIZE]
    lines = [told(visit.desk, each, plan.old, plan.new, visit.lang) for each in shown]
    known = visit.house.lists.tasks_of([each.task for each in shown])
    titles = {name: title_of(visit, task) for name, task in known.items()}
    return Trial(found.total, len(ordered), found.good, lines, number, pages, titles)


def plan_of(visit: Visit, text: str | bytes) -> Plan:
    """The plan that a kept text is. Raises `NotHere` where it is none."""
    plan = read_plan(visit.desk, text)
    if not isinstance(plan, Plan):
        raise NotHere
    return plan


def as_job(visit: Visit, plan: Plan) -> Response | None:
    """Try a plan on all its tasks, as a job; None where no jobs are run, or time is not to be trusted."""
    labour = visit.house.labour
    made = ask_trial(visit.desk, labour, plan, actor(visit), visit.lang) if labour is not None else None
    return visit.go(f"/jobs/{quote(made.id)}") if isinstance(made, Job) else None


def actor(visit: Visit) -> Actor:
    """The administrator whom the guard let in."""
    return Actor(visit.known.id, (ADMIN,))


def address(process: str, edition: str, to: str) -> str:
    """Where a plan is written."""
    return f"/processes/{quote(process)}/migrations/{quote(edition)}/{quote(to)}"


@routes.post("/processes/{process}/migrations", need=ADMINISTRATOR)
def begin(visit: Here, process: str, edition: Annotated[str, Form()] = "", to: Annotated[str, Form()] = "") -> Response:
    """Write a plan from two editions, or go on with the one that is there."""
    name = f"{process}:{edition}:{to}"
    if draft(visit.desk, name, PLANS) is None:
        text = write_plan(visit.desk, process, to, edition)
        if isinstance(text, Refusal):
            return visit.go(f"/processes/{quote(process)}?said=migrate_which")
        save(visit.desk, name, text, 0, visit.known.id, PLANS)  # who was quicker wrote the same
    return visit.go(address(process, edition, to))


@routes.get("/processes/{process}/migrations/{edition}/{to}", need=ADMINISTRATOR, reads=True)
def page(visit: Here, process: str, edition: str, to: str) -> Response:
    """A plan as it was kept last."""
    kept = _kept(visit, process, edition, to)
    return _page(visit, kept, plan_of(visit, kept.text))


def _kept(visit: Visit, process: str, edition: str, to: str) -> Draft:
    found = draft(visit.desk, f"{process}:{edition}:{to}", PLANS)
    if found is None:
        raise NotHere
    return found


def _page(
    visit: Visit,
    kept: Draft,
    plan: Plan,
    *,
    refused: str = "",
    tried: Trial | None = None,
    theirs: str = "",
    status: int = 200,
) -> Response:
    return visit.page(
        "plan.html",
        status,
        plan=plan,
        kept=kept,
        parts=plan_forms.parts(plan, visit.lang),
        address=address(*kept.name.split(":")),
        states=[(name, s.title(visit.lang)) for name, s in plan.old.sheets[""].body.states.items() if not s.final],
        refused=refused,
        theirs=theirs,
        tried=tried,
    )


def _said(visit: Visit, plan: Plan, posted: FormData) -> Plan:
    """The plan with what a form says. Raises `NotHere` for a form that is not ours."""
    said = plan_forms.read(posted, plan)
    if said is None:
        raise NotHere
    return plan_of(visit, written(said, plan.old, plan.new))


@routes.post("/processes/{process}/migrations/{edition}/{to}", need=ADMINISTRATOR, reads=True)
def keep(visit: Here, process: str, edition: str, to: str, posted: Posted) -> Response:
    """Keep what is filled in, try it, or put it before a second administrator, as the button that was pressed says."""
    kept = _kept(visit, process, edition, to)
    plan = _said(visit, plan_of(visit, kept.text), posted)
    if posted.get("job"):
        return as_job(visit, plan) or _page(visit, kept, plan, refused=visit.words("bulk_no_jobs"), status=409)
    number = str(posted.get("try", ""))
    if number:
        tried = trial(visit, plan, int(number) if number.isdecimal() and len(number) < 6 else 1)
        if isinstance(tried, Refusal):
            return _page(visit, kept, plan, refused=visit.say(tried), status=409)
        return _page(visit, _as_read(kept, posted), plan, tried=tried)
    after = save(visit.desk, kept.name, plan.text, _version(posted), visit.known.id, PLANS)
    if isinstance(after, Refusal):
        return _page(visit, kept, plan, refused=visit.say(after), theirs=kept.text, status=409)
    return _submitted(visit, after, plan) if posted.get("submit") else visit.go(address(process, edition, to))


def _version(posted: FormData) -> int:
    number = str(posted.get("version", ""))
    return int(number) if number.isdecimal() and len(number) < 9 else 0


def _as_read(kept: Draft, posted: FormData) -> Draft:
    """What is tried is not kept: whoever saves afterwards still says which version they had read."""
    return Draft(kept.name, kept.text, _version(posted), kept.by, kept.at)


def _submitted(visit: Visit, kept: Draft, plan: Plan) -> Response:
    made = plan_approval.submit(visit.desk, plan.text.encode(), actor(visit))
    if isinstance(made, Refusal):
        return _page(visit, kept, plan, refused=visit.say(made), status=409)
    if isinstance(made, list):
        return _page(visit, kept, plan, refused="\n".join(each.text(visit.lang) for each in made[:5]), status=422)
    return visit.go(f"/migrations/{quote(made.subject)}")


@routes.post("/processes/{process}/migrations/{edition}/{to}/drop", need=ADMINISTRATOR)
def throw_away(visit: Here, process: str, edition: str, to: str, version: Annotated[int, Form()] = 0) -> Response:
    """Throw a plan away, in the version that was read; what was submitted of it stays."""
    kept = _kept(visit, process, edition, to)
    refused = drop(visit.desk, kept.name, version, PLANS)
    if refused is not None:
        return _page(visit, kept, plan_of(visit, kept.text), refused=visit.say(refused), status=409)
    return visit.go(f"/processes/{quote(process)}")
