"""Moving running tasks to another edition, or back, as a job: the fate of each is reported. Whoever takes a job over
goes on after the last fate that was written; what was moved after that is told to be moved already. And trying a plan
so, where there are more tasks than a page has time for.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands import Actor, Refusal
from engine.events import Json
from engine.problems import Language
from workflows.authoring.fates import Verdict, ends
from workflows.authoring.migrating import conclude, move, ready, roots_of, tried, trying
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.verdicts import told
from workflows.desk import Desk
from workflows.labour.context import Context, GivenBack, Refused
from workflows.labour.guises import still
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.sayings import say


def ask_migrate(
    desk: Desk,
    labour: Labour,
    migration: str,
    actor: Actor,
    *,
    back: bool = False,
    reason: str = "",
    lang: Language = "zh",
) -> Job | Refusal:
    """Ask for it; refused at once where the plan is not approved. Reasons are told in `lang`."""
    how = ready(desk, migration, actor, back=back, reason=reason)
    if isinstance(how, Refusal):
        return how
    asked_by = actor.id if desk.people is not None and desk.people.user(actor.id) is not None else None
    who = {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)}
    body: dict[str, Json] = {"migration": migration, "actors": [who], "back": back, "reason": reason, "lang": lang}
    return labour.ask("migrate", {**body, "roots": roots_of(desk, how)}, asked_by)


def ask_trial(desk: Desk, labour: Labour, plan: Plan, actor: Actor, lang: Language = "zh") -> Job | Refusal:
    """Ask for a plan to be tried on every task that it is about; nothing is written but what would become of each."""
    refusal = desk.untrusted()
    if refusal is not None:
        return refusal
    asked_by = actor.id if desk.people is not None and desk.people.user(actor.id) is not None else None
    who = {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)}
    roots = roots_of(desk, trying(desk, plan, actor))
    body: dict[str, Json] = {"plan": plan.text, "actors": [who], "lang": lang, "roots": roots}
    return labour.ask("try_migration", body, asked_by)


def try_migration(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. Each verdict is told in one line; whoever takes it over goes on."""
    body, desk = on.job.body, on.tools.desk()
    plan = read_plan(desk, body["plan"])
    if not isinstance(plan, Plan):
        raise LookupError("a plan that was tried on a page is none for this program")  # noqa: TRY004 - no type is wrong
    how, roots = trying(desk, plan, _asserted(body["actors"])), list(body["roots"])
    on.progress(total=len(roots))
    good = on.job.done
    for n in range(on.job.done + on.job.failed + 1, len(roots) + 1):
        if not on.go_on:
            break
        found = told(desk, tried(desk, how, roots[n - 1]), plan.old, plan.new, body["lang"])
        good += found.good
        said = "; ".join([found.said, *(each.line for each in found.days)])
        on.fate(n, found.task, "done" if found.good else "refused", said)
    on.progress()
    if on.stopping() and not on.cancelled:
        raise GivenBack
    return {"good": good, "of": len(roots)}


def migrate(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. Done as whoever asked for it, as far as they are an administrator still."""
    body, desk = on.job.body, on.tools.desk()
    people = on.tools.people
    actor = still(people, body["actors"], "")[0] if people.user(body["actors"][0]["id"]) else _asserted(body["actors"])
    how = ready(desk, body["migration"], actor, back=body["back"], reason=body["reason"])
    if isinstance(how, Refusal):
        raise Refused(how)
    roots: list[str] = body["roots"]
    on.progress(total=len(roots))
    ended = _before(on)
    for n in range(len(ended) + 1, len(roots) + 1):
        if not on.go_on:
            break
        verdict = move(desk, how, roots[n - 1])
        ended |= ends([verdict])
        _told(on, desk, n, verdict)
    on.progress()
    if on.stopping() and not on.cancelled:
        raise GivenBack
    conclude(desk, how, ended)
    return {"moved": sum(not why for why in ended.values()), "of": len(roots)}


def _before(on: Context) -> dict[str, str]:
    """What became of the families that whoever had the job before got to, as far as it was written; see `ends`."""
    count, ended = on.job.done + on.job.failed, dict[str, str]()
    while len(ended) < count:
        page = on.tools.labour.fates(on.job.id, after=len(ended), limit=min(1000, count - len(ended)))
        ended |= {each.subject: "" if each.fate == "done" else each.fate for each in page}
        if not page:
            raise LookupError(f"{on.job.id}: {count} fates are counted, and {len(ended)} are there")
    return ended


def _asserted(asked: list[Mapping[str, Json]]) -> Actor:
    """Who has no account, as an operator named them."""
    who = asked[0]
    return Actor(str(who["id"]), tuple(who["roles"]), tuple(who["units"]))


def _told(on: Context, desk: Desk, n: int, each: Verdict) -> None:
    if each.refusal is None:
        on.fate(n, each.task, "done", each.fate if each.fate == "already" else each.state or "")
        return
    task = desk.store.task(each.task)
    edition = desk.book(task.edition)[0] if task else None
    said = say(each.refusal, edition, on.job.body["lang"], task.kind if task else "")
    on.fate(n, each.task, "failed" if each.fate == "failed" else "refused", said)
