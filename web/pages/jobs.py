"""Jobs that somebody asked for: how far each is, what became of each of its tasks, and a way to stop it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse, Response

from engine.commands import Refusal
from engine.events import instant
from web.access import PERSON, WRITER, Routes
from web.naming import title_of
from web.render import rendered
from web.visit import Here, NotHere, Visit
from workflows.labour.backtesting import BACKTEST
from workflows.labour.moving import CLOCK
from workflows.labour.ports import Labour
from workflows.labour.stopping import stop
from workflows.labour.values import OVER, Fate, Job
from workflows.labour.watching import may_stop, seen, sees, watches
from workflows.people.rights import system
from workflows.people.values import ADMIN
from workflows.sayings import say
from workflows.sheets import XLSX, xlsx

routes = Routes()

SIZE = 100
MOST = 20_000
FATES = ("done", "refused", "failed")
TITLED = ("sweep", "deliver", "issue_waiting", "tidy", "seal", "alarm", "reproject", "redact")
"""Kinds that have a title of their own, and tell nothing more in it."""


@dataclass(frozen=True)
class Pages:
    """Where in a list somebody is."""

    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Line:
    """The fate of one item. `task` is its id where the visitor may see it, and None where it is no task of theirs."""

    fate: Fate
    task: str | None
    title: str
    detail: str


def _labour(visit: Visit) -> Labour:
    if visit.house.labour is None:
        raise NotHere
    labour: Labour = visit.house.labour
    return labour


def _job(visit: Visit, name: str) -> Job:
    """A job that the visitor may see. Raises `NotHere`."""
    job = _labour(visit).job(name)
    if job is None or not sees(visit.known, job):
        raise NotHere
    return job


@routes.get("/jobs", need=PERSON, reads=True)
def jobs(visit: Here) -> Response:
    """What one asked for, the latest first; for administrators and auditors what anybody did."""
    labour = visit.house.labour
    found = [] if labour is None else seen(labour, visit.known, SIZE)
    return visit.page(
        "jobs.html",
        jobs=found,
        all=watches(visit.known),
        heading=lambda job: heading(visit, job),
        moment=lambda at: moment(visit, at),
    )


@routes.get("/jobs/{job}", need=PERSON, reads=True)
def job_page(visit: Here, job: str, fate: str = "", page: int = 1) -> Response:
    """One job: how far it is, and the fates of its items. When a list has been looked through, what was found in it;
    when a clock has been moved, what happened meanwhile; a backtest is seen beside its draft.
    """
    found = _job(visit, job)
    if found.kind == "look" and found.state == "done" and found.asked_by == visit.known.id:
        return visit.go(f"/import/looked/{quote(found.id)}")
    if found.kind == BACKTEST and system(visit.known, ADMIN):
        return visit.go(f"/drafts/{quote(found.body['draft'])}/backtest?job={quote(found.id)}")
    if found.kind == CLOCK and found.result is not None and "until" in found.result:
        since, until = (quote(str(found.result[name])) for name in ("since", "until"))
        return visit.go(f"/demo/clock?since={since}&until={until}")
    fates = [each for each in _fates(visit, found) if not fate or each.fate == fate]
    pages = max(1, -(-len(fates) // SIZE))
    number = min(max(1, page), pages)
    wanted = fate if fate in FATES else ""
    return visit.page(
        "job.html",
        **_told(visit, found),
        lines=_lines(visit, found, fates[(number - 1) * SIZE : number * SIZE]),
        fate=wanted,
        pages=Pages(number, pages, len(fates)),
        address=lambda n: f"/jobs/{quote(found.id)}?fate={wanted}&page={n}",
    )


@routes.get("/jobs/{job}/progress", need=PERSON, reads=True)
def progress(visit: Here, job: str) -> Response:
    """How far a job is, for a page that asks again and again; when it is over the page is read anew."""
    found = _job(visit, job)
    headers = {"cache-control": "no-store"} | ({"hx-refresh": "true"} if found.state in OVER else {})
    return HTMLResponse(rendered("job_progress.html", {**visit.context, **_told(visit, found)}), headers=headers)


def _told(visit: Visit, job: Job) -> dict[str, Any]:
    refused = (job.result or {}).get("refused")
    why = ""
    if refused:
        why = say(Refusal(refused["code"], refused["facts"]), None, visit.lang)
    elif job.state == "failed":
        why = visit.words("job_failed_why")
    counts = dict.fromkeys(FATES, 0)
    for each in _fates(visit, job):
        counts[each.fate] += 1
    met = job.done + job.failed
    return {
        "job": job,
        "stops": may_stop(visit.known, job) and not job.standing,
        "others": job.asked_by != visit.known.id,
        "heading": heading(visit, job),
        "over": job.state in OVER,
        "counts": counts,
        "met": met,
        "share": round(100 * met / job.total) if job.total else 0,
        "why": why,
        "began": moment(visit, job.began_at),
        "ended": moment(visit, job.ended_at),
        "asked_at": moment(visit, job.asked_at),
    }


def _fates(visit: Visit, job: Job) -> Sequence[Fate]:
    return _labour(visit).fates(job.id, limit=MOST)


def heading(visit: Visit, job: Job) -> str:
    """What a job is called: for a bulk act the act, for a list its file."""
    t = visit.words
    if job.kind == "bulk":
        task = visit.desk.store.task(job.body["tasks"][0])
        sheet = visit.desk.book(task.edition)[0].sheets[task.kind] if task else None
        transition = sheet.transitions.get(job.body["trigger"]) if sheet else None
        title = transition.title(visit.lang) if transition else job.body["trigger"]
        return t("job_bulk", act=title, n=len(job.body["tasks"]))
    if job.kind == "import":
        return t("job_import", name=job.body["file"]["name"])
    if job.kind == "look":
        return t("job_look", name=job.body["file"]["name"])
    if job.kind == "migrate":
        return t("job_migrate_back" if job.body["back"] else "job_migrate", migration=job.body["migration"])
    if job.kind == "try_migration":
        return t("job_try_migration", n=len(job.body["roots"]))
    if job.kind == BACKTEST:
        return t("job_backtest", draft=job.body["draft"])
    if job.kind == CLOCK:
        return t("job_clock", to=f"{instant(job.body['to']).astimezone(visit.zone):%Y-%m-%d %H:%M}")
    return t(f"job_{job.kind}") if job.kind in TITLED else t("job_other", kind=job.kind)


def moment(visit: Visit, at: datetime | None) -> str:
    """A moment in the office's zone."""
    return f"{at.astimezone(visit.zone):%Y-%m-%d %H:%M:%S}" if at else ""


def _lines(visit: Visit, job: Job, fates: Sequence[Fate]) -> list[Line]:
    """Fates with titles; of a task that is not the visitor's to see no more than its number."""
    known = visit.house.lists.tasks_of([each.subject for each in fates])
    seen, found = visit.seen(known.values()), []
    for each in fates:
        task = known.get(each.subject)
        if task is None:
            row = visit.words("import_cell_row", row=each.subject) if job.kind in ("import", "look") else each.subject
            found.append(Line(each, None, row, each.detail))
        elif task.id in seen:
            sheet = visit.desk.book(task.edition)[0].sheets[task.kind]
            state = sheet.body.states.get(each.detail)
            said = state.title(visit.lang) if each.fate == "done" and state else each.detail
            said = visit.words("job_already") if job.kind == "migrate" and each.detail == "already" else said
            found.append(Line(each, task.id, title_of(visit, task), said))
        else:
            found.append(Line(each, None, each.subject, visit.words("job_not_yours")))
    return found


@routes.post("/jobs/{job}/cancel", need=WRITER)
def cancel(visit: Here, job: str) -> Response:
    """Ask a job to stop: what is done stays done, the rest is left alone."""
    found = _job(visit, job)
    if found.standing or not may_stop(visit.known, found):
        raise NotHere
    stop(_labour(visit), found.id)  # one that is over meanwhile says so on its page
    return visit.go(f"/jobs/{quote(found.id)}")


@routes.get("/jobs/{job}/fates.xlsx", need=PERSON, reads=True)
def export(visit: Here, job: str, fate: str = "") -> Response:
    """The fates as a workbook."""
    found, t = _job(visit, job), visit.words
    fates = [each for each in _fates(visit, found) if not fate or each.fate == fate]
    head = [t("job_n"), t("number_of_task"), t("col_task"), t("job_fate"), t("job_detail")]
    rows = [
        (line.fate.n, line.fate.subject, line.title, t(f"fate_{line.fate.fate}"), line.detail)
        for line in _lines(visit, found, fates)
    ]
    name = quote(f"{heading(visit, found)}.xlsx", safe="")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "private, no-store"}
    return Response(xlsx(t("job_fates"), head, rows), media_type=XLSX, headers=headers)
