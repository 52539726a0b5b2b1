"""The clock of a demonstration, moved on day by day: a month takes a while, is seen to go, and may be stopped after any
of its days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.commands import Refusal
from engine.events import Json, instant, iso
from workflows.demo.visitors import move
from workflows.labour.context import Context, GivenBack, Refused
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.post.following import follow
from workflows.post.planning import plan_all
from workflows.post.sending import Round, deliver

CLOCK = "clock"
"""The kind of these jobs."""

DAY = timedelta(days=1)


def ask_move(labour: Labour, since: datetime, to: datetime, asked_by: str) -> Job:
    """Ask for the clock to be moved on from where it stands; the job of whoever moves it now, where somebody does."""
    return labour.ask_one(CLOCK, {"since": iso(since), "to": iso(to)}, asked_by)[0]


def under_way(labour: Labour) -> Job | None:
    """The job that moves the clock now, or is about to."""
    return next((job for job in labour.jobs(states=("waiting", "running")) if job.kind == CLOCK), None)


def move_clock(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`: each day is one item. Answers from when until when time ran."""
    desk, to = on.tools.desk(), instant(str(on.job.body["to"]))
    assert desk.virtual, "nobody moves the clock of real work"
    met = on.job.done
    on.progress(total=met + max(0, -((desk.clock() - to) // DAY)))

    def go_on() -> bool:
        nonlocal met
        met += 1
        _post(on)
        on.fate(met, f"{desk.clock().astimezone(desk.zone):%Y-%m-%d %H:%M}", "done")
        on.progress()
        return on.go_on

    moved = move(desk, on.tools.people, to, go_on)
    if isinstance(moved, Refusal):
        raise Refused(moved)
    if on.stopping() and not on.cancelled:
        raise GivenBack
    return {"since": on.job.body["since"], "until": iso(moved.until)}


def _post(on: Context) -> None:
    """What goes out on a day, goes out on that day."""
    desk, tools = on.tools.desk(), on.tools
    follow(desk, tools.people, tools.post, tools.home)
    plan_all(desk, tools.people, tools.post, tools.home)
    deliver(Round(tools.post, tools.couriers, desk.clock, tools.chance))
