"""Open deadlines after a change of a calendar, as a job: for a house with more of them than anybody waits for."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands import Actor, Refusal
from engine.events import Json
from workflows.labour.context import Context, GivenBack, Refused
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.office.reprojecting import Reprojected, reproject

EVERY = 20
"""Families from one look at whether to go on to the next."""


def ask_reproject(labour: Labour, calendar: str, actor: Actor, reason: str, asked_by: str | None = None) -> Job:
    """Ask for it, in the words of whoever changed the calendar; `asked_by` is their account, if they have one."""
    told = {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)}
    return labour.ask("reproject", {"calendar": calendar, "actor": told, "reason": reason}, asked_by)


def work_out(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. Begun anew it looks at all families again, and changes what is left."""
    body, who = on.job.body, on.job.body["actor"]

    def go_on(done: Reprojected) -> bool:
        if done.families % EVERY == 1:
            on.progress(total=done.total)
        return on.go_on

    actor = Actor(who["id"], tuple(who["roles"]), tuple(who["units"]))
    done = reproject(on.tools.desk(), body["calendar"], actor, body["reason"], go_on)
    if isinstance(done, Refusal):
        raise Refused(done)
    if on.stopping() and not on.cancelled:
        raise GivenBack
    stuck = [{"code": each.code, "facts": dict(each.facts)} for each in done.stuck]
    return {"families": done.families, "of": done.total, "moved": len(done.moved), "stuck": stuck}
