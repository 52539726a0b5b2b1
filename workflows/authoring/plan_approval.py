"""Two people answer for the plan of a migration: one submits it, another approves or returns it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.commands import Actor, Refusal
from engine.problems import Problem
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.proposals import (
    Done,
    Proposal,
    administrator,
    all_of,
    alone,
    note,
    proposals,
    second,
    waiting,
)
from workflows.desk import Desk
from workflows.ports import EDITIONS, Chained


def submit(desk: Desk, text: bytes, actor: Actor, file: str = "plan.yaml") -> Proposal | list[Problem] | Refusal:
    """Put a plan before a second administrator. One with open questions is refused."""
    plan = administrator(desk, actor) or _kept(desk, text, file)
    if not isinstance(plan, Plan):
        return plan
    with desk.store.chained(EDITIONS) as chain:
        return _submitted(desk, chain, plan, actor)


def _kept(desk: Desk, text: bytes, file: str = "plan.yaml") -> Plan | list[Problem] | Refusal:
    """A plan without open questions, whose text is kept before anything names it."""
    plan = read_plan(desk, text, file)
    if not isinstance(plan, Plan):
        return plan
    if plan.unanswered:
        return Refusal("unanswered", {"questions": plan.unanswered})
    desk.store.keep_file(f"{plan.said.process}-to-{plan.said.to}.yaml", plan.text.encode())
    return plan


def _submitted(desk: Desk, chain: Chained, plan: Plan, actor: Actor) -> Proposal | Refusal:
    known = proposals(chain.entries())
    same = of_plan(known, plan)
    if same is not None and same.state not in ("returned", "reverted"):
        return Refusal("plan_known", {"migration": same.subject, "state": same.state})
    process = plan.said.process
    number = 1 + sum(each.is_migration and each.process == process for each in known.values())
    subject = same.subject if same is not None and same.state == "returned" else f"{process}-m{number}"
    told = {"process": process, "from": plan.old.name, "to": plan.new.name, "digest": plan.digest}
    note(desk, chain, Done.MIGRATION_SUBMITTED, actor.id, subject, **told, reason=plan.said.reason)
    return proposals(chain.entries())[subject]


def of_plan(known: Mapping[str, Proposal], plan: Plan) -> Proposal | None:
    """The proposal of a plan's very text, the latest, where it was submitted."""
    mine = [each for each in known.values() if each.is_migration and each.digest == plan.digest]
    return mine[-1] if mine else None


def approve(desk: Desk, subject: str, actor: Actor, digest: str | None = None) -> Proposal | Refusal:
    """Approve a plan that another administrator submitted; `digest` is of the text that was read."""
    refusal = administrator(desk, actor)
    if refusal is not None:
        return refusal
    with desk.store.chained(EDITIONS) as chain:
        known = waiting(proposals(chain.entries()), subject, digest)
        if isinstance(known, Refusal):
            return known
        refusal = second(known, actor)
        if refusal is not None:
            return refusal
        note(desk, chain, Done.MIGRATION_APPROVED, actor.id, subject, reviewed=known.digest)
        return proposals(chain.entries())[subject]


def approve_alone(desk: Desk, text: bytes, actor: Actor, reason: str | None) -> Proposal | list[Problem] | Refusal:
    """Submit and approve a plan as one person, where that is enough (`proposals.alone`)."""
    why = administrator(desk, actor) or alone(desk, actor, reason)
    if isinstance(why, Refusal):
        return why
    plan = _kept(desk, text)
    if not isinstance(plan, Plan):
        return plan
    with desk.store.chained(EDITIONS) as chain:
        there = of_plan(proposals(chain.entries()), plan)
        goes_on = there is not None and there.state != "reverted"
        known = there if there is not None and goes_on else _submitted(desk, chain, plan, actor)
        if isinstance(known, Refusal):
            return known
        if known.state in ("returned", "submitted"):
            note(desk, chain, Done.MIGRATION_APPROVED, actor.id, known.subject, reviewed=known.digest, alone=why)
        return proposals(chain.entries())[known.subject]


def of_text(desk: Desk, text: bytes) -> str | list[Problem] | Refusal:
    """The migration that a plan's text is, where it was submitted."""
    plan = read_plan(desk, text)
    if not isinstance(plan, Plan):
        return plan
    known = of_plan(all_of(desk.store), plan)
    return known.subject if known else Refusal("not_approved", {"migration": plan.digest[:12]})
