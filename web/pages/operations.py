"""The page of whoever keeps the machine: whether time runs, what waits, what failed and why, and who works."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from fastapi.responses import Response

from engine.commands import Refusal
from web.access import ADMINISTRATOR, Routes
from web.logs import ERRORS
from web.visit import Here, NotHere, Visit
from workflows.audit.sealing.growing import standing
from workflows.demo.visitors import zone_of
from workflows.labour.health import health
from workflows.labour.stopping import stop
from workflows.labour.values import Job
from workflows.post.retrying import failed, retry
from workflows.post.sentences import why_not

routes = Routes()

MOST = 100
"""Messages and jobs that are shown."""

SHOWN = ("waiting", "running", "failed")
SAID = frozenset({"op_asked", "op_retried", "op_gone", "op_stopping", "job_standing", "job_over"})


@routes.get("/operations", need=ADMINISTRATOR, reads=True)
def operations(visit: Here, said: str = "") -> Response:
    """All of it on one page."""
    house = visit.house
    found = health(visit.desk, house.labour, house.post)
    known = bool(visit.desk.store.editions())
    return visit.page(
        "operations.html",
        health=found,
        refused=_refusal(visit, found.refused),
        gap=bool(found.refused and found.refused.get("code") == "gap"),
        given_up=failed(house.post)[:MOST],
        why_not=lambda error: why_not(error, visit.lang),
        jobs=[each for each in house.labour.jobs(states=SHOWN, limit=MOST) if not _rests(each)],
        workers=house.labour.workers(),
        errors=list(reversed(ERRORS)),
        machine=_machine(visit),
        seal=_seal(visit),
        said=said if said in SAID else "",
        zone=zone_of(visit.desk) if known else None,
    )


def _rests(job: Job) -> bool:
    """A standing job that waits for its next time is no news."""
    return job.standing and job.state == "waiting"


def _refusal(visit: Visit, told: Any) -> str:
    return visit.say(Refusal(told["code"], told.get("facts", {}))) if told else ""


def _seal(visit: Visit) -> dict[str, Any] | None:
    """How the tree stands, with why nothing was signed in words."""
    log = visit.house.log
    if log is None:
        return None
    found = standing(visit.desk.store, log)
    behind = found.size - (found.head.size if found.head else 0)
    return {"stands": found, "behind": behind if found.head else 0, "refused": _refusal(visit, found.refused)}


def _machine(visit: Visit) -> dict[str, str]:
    words, size = visit.words, visit.house.size()
    return {
        words("op_version"): version("duban"),
        "Python": platform.python_version(),
        words("op_database"): visit.house.database,
        words("op_size"): words("op_mb", n=round(size / 1e6, 1)),
    }


@routes.post("/operations/sweep", need=ADMINISTRATOR)
def run_time(visit: Here, accept: str = "") -> Response:
    """Let time run now; `accept` says that the clock is right after a long silence."""
    visit.house.labour.ask("sweep", {"accept_gap": True} if accept else {}, visit.known.id)
    return visit.go("/operations?said=op_asked")


@routes.post("/operations/messages/{number}", need=ADMINISTRATOR)
def send_again(visit: Here, number: str) -> Response:
    """Let a message that was given up wait again."""
    post, at = visit.house.post, visit.desk.clock()
    done = number.isascii() and number.isdigit() and retry(post, int(number), visit.known.id, at)
    return visit.go(f"/operations?said={'op_retried' if done else 'op_gone'}")


@routes.post("/operations/jobs/{job}", need=ADMINISTRATOR)
def do_again(visit: Here, job: str) -> Response:
    """Ask for what a failed job was to do once more. Its items are done under keys of the new job."""
    labour = visit.house.labour
    found = labour.job(job)
    if found is None:
        raise NotHere
    if found.state == "failed":
        labour.ask(found.kind, found.body, visit.known.id)
    return visit.go("/operations?said=op_asked")


@routes.post("/operations/jobs/{job}/cancel", need=ADMINISTRATOR)
def cancel(visit: Here, job: str) -> Response:
    """Ask a job to stop; what stands goes on, and what is over stays as it is."""
    answer = stop(visit.house.labour, job)
    if isinstance(answer, Refusal) and answer.code == "unknown_job":
        raise NotHere
    said = answer.code if isinstance(answer, Refusal) else "op_stopping"
    return visit.go(f"/operations?said={said}")
