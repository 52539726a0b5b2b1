"""Jobs: one act on many tasks, how far it is, what became of each, and how to stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field

from engine.commands import Refusal
from web.access import PERSON, WRITER, Routes
from web.api.acting import Key, form_of, key_of, refused
from web.api.answers.jobs import FatePage, FateShape, JobPage, JobShape
from web.api.answers.shape import moment
from web.api.asked import Asked, Body
from web.api.paging import next_of
from web.problems import Fault, Problem, pointer
from web.visit import Here, NotHere, Visit
from workflows.labour.bulk import MOST, ask_bulk
from workflows.labour.ports import Labour
from workflows.labour.stopping import stop
from workflows.labour.values import Job
from workflows.labour.watching import may_stop, seen, sees

routes = Routes()
TAGS = ["jobs"]


def _labour(visit: Visit) -> Labour:
    found = visit.house.labour
    if found is None:
        raise Problem(503, "api_no_room")
    labour: Labour = found
    return labour


class JobAsked(Asked):
    """One act on many tasks."""

    tasks: Sequence[Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1, max_length=MOST)
    trigger: str = Field(min_length=1, max_length=200, description="The act, by its name in the definition.")
    form: Mapping[str, Any] = Field(default_factory=dict, description="What is filled in, the same for every task.")


@routes.post(
    "/api/v1/jobs",
    need=WRITER,
    status_code=202,
    response_model=JobShape,
    tags=TAGS,
    summary="批量办理 / One act on many tasks",
)
def begin(visit: Here, told: Annotated[JobAsked, Depends(Body(JobAsked))], idempotency_key: Key = None) -> JobShape:
    """Asks for a job that acts on each task by itself; what became of each is reported, none is skipped. All tasks are
    of one process and in your scope, or nothing begins. Under an Idempotency-Key one job begins.
    """
    key, labour = key_of(visit, idempotency_key), _labour(visit)
    names = list(dict.fromkeys(told.tasks))
    found = visit.house.lists.tasks_of(names)
    seen = visit.seen(found.values())
    missing = [number for number, name in enumerate(names) if name not in seen]
    if missing:
        said = visit.words("api_not_yours")
        raise Problem(
            422, "api_not_yours", faults=[Fault("body", pointer("tasks", each), said) for each in missing[:100]]
        )
    processes = {task.edition.partition("@")[0] for task in found.values()}
    if len(processes) > 1:
        raise Problem(422, "api_one_process", {"processes": sorted(processes)})
    form = form_of(visit, found[names[0]], told.trigger, told.form)
    name = sha256(f"{visit.known.id}\x00{key}".encode()).hexdigest()[:32] if key else None
    actors = visit.actors(processes.pop())
    files = visit.desk.vouched or ()
    job = ask_bulk(labour, names, told.trigger, form, actors, lang=visit.lang, name=name, files=files)
    if isinstance(job, Refusal):
        raise refused(visit, job)
    asked = (names, told.trigger, form)
    if (job.body.get("tasks"), job.body.get("trigger"), job.body.get("form")) != asked:
        raise refused(visit, Refusal("key_reused", {"key": key}))
    return _shape(job)


def _shape(job: Job) -> JobShape:
    return JobShape(
        id=job.id,
        kind=job.kind,
        state=job.state,
        asked_by=job.asked_by,
        asked_at=moment(job.asked_at) or "",
        began_at=moment(job.began_at),
        ended_at=moment(job.ended_at),
        total=job.total,
        done=job.done,
        failed=job.failed,
    )


def _found(visit: Visit, job: str) -> Job:
    """A job that the visitor may see. Raises `NotHere`."""
    found = _labour(visit).job(job)
    if found is None or not sees(visit.known, found):
        raise NotHere
    return found


class Latest(Asked):
    """How many jobs."""

    limit: int = Field(50, ge=1, le=500, description="How many at most.")


@routes.get("/api/v1/jobs", need=PERSON, reads=True, response_model=JobPage, tags=TAGS, summary="作业清单 / Jobs")
def jobs(visit: Here, asked: Annotated[Latest, Query()]) -> JobPage:
    """Your latest jobs; everybody's, for administrators and auditors."""
    found = seen(_labour(visit), visit.known, asked.limit)
    return JobPage(items=[_shape(each) for each in found], next=None)


@routes.get(
    "/api/v1/jobs/{job}",
    need=PERSON,
    reads=True,
    response_model=JobShape,
    tags=TAGS,
    summary="作业进度 / How far a job is",
)
def job_detail(visit: Here, job: str) -> JobShape:
    """Its state, and how many of its items are done, refused or failed."""
    return _shape(_found(visit, job))


class After(Asked):
    """From which item on."""

    after: int = Field(0, ge=0, le=2**31 - 1, description="The last item of the page before.")
    limit: int = Field(500, ge=1, le=1000, description="How many at most.")


@routes.get(
    "/api/v1/jobs/{job}/fates",
    need=PERSON,
    reads=True,
    response_model=FatePage,
    tags=TAGS,
    summary="作业中每一项的结果 / What became of each item",
)
def fates(visit: Here, job: str, asked: Annotated[After, Query()]) -> FatePage:
    """One entry for each item that is over, with the reason where it was refused. `next` is null where the last one
    so far has been shown.
    """
    found = _labour(visit).fates(_found(visit, job).id, after=asked.after, limit=asked.limit + 1)
    shown = found[: asked.limit]
    known = visit.house.lists.tasks_of([each.subject for each in shown])
    hidden = known.keys() - visit.seen(known.values())
    items = [
        FateShape(
            n=each.n,
            task=each.subject,
            fate=each.fate,
            detail=visit.words("job_not_yours") if each.subject in hidden else each.detail,
        )
        for each in shown
    ]
    more = str(shown[-1].n) if len(found) > asked.limit else None
    return FatePage(items=items, next=next_of(visit, more, "after"))


@routes.post(
    "/api/v1/jobs/{job}/cancel",
    need=WRITER,
    reads=True,
    response_model=JobShape,
    tags=TAGS,
    summary="取消作业 / Cancel a job",
)
def cancel(visit: Here, job: str) -> JobShape:
    """A job that waits is cancelled, one that runs stops after the item at hand; what is done stays done. What stands
    (the sweep, the post) is 409.
    """
    found = _found(visit, job)
    if not may_stop(visit.known, found):
        raise NotHere
    answer = stop(_labour(visit), found.id)
    if isinstance(answer, Refusal):
        raise refused(visit, answer)
    return _shape(answer)
