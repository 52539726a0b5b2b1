"""Moving running tasks to another edition by a plan: tried first, answered for by two people, then done, family by
family; and taken back.

Every function returns data: a verdict for each task. None is skipped in silence, and doing it again tells those that
were moved already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.calendars import Calendar
from engine.commands import Actor, Decision, Migrate, Origin, Refusal, Revert
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event
from engine.task import Family, Task
from workflows.authoring.fates import Progress, Verdict, Verdicts, ends, failed, verdict_on
from workflows.authoring.migration_plans import Chosen, Plan, read_plan
from workflows.authoring.plan_approval import of_plan
from workflows.authoring.proposals import Done, Proposal, administrator, all_of, note
from workflows.changes import changes, parcels
from workflows.desk import Desk, behind
from workflows.office.publications import issue_ordered
from workflows.office.sweeping import DAMAGED
from workflows.ports import EDITIONS, Work

# -- which


def chosen(desk: Desk, plan: Plan, migration: str | None = None) -> list[str]:
    """The roots of the families that a plan is about, those among them that `migration` has moved already; in order."""
    found = []
    for task in desk.store.tasks(process=plan.said.process):
        waits = not task.ended and task.edition == plan.old.name and _meant(desk, plan.said.tasks, task)
        if task.id == task.root and (waits or _moved_by(task, migration)):
            found.append(task.id)
    return found


def _moved_by(task: Task, migration: str | None) -> bool:
    """Whether this migration brought the task under its edition."""
    return migration is not None and (task.under or {}).get("migration") == migration


def _meant(desk: Desk, said: Chosen, task: Task) -> bool:
    """Whether a plan chooses the task."""
    if (said.only and task.id not in said.only) or (said.states and task.state not in said.states):
        return False
    return not said.units or not desk.store.parties(task.id).isdisjoint(said.units)


# -- trying


def dry_run(
    desk: Desk, plan: Plan, actor: Actor, progress: Progress | None = None, most: int | None = None
) -> Verdicts | Refusal:
    """What would become of each family now, or of the first `most`; nothing is written or locked."""
    refusal = desk.untrusted()
    if refusal is not None:
        return refusal
    how = trying(desk, plan, actor)
    roots = roots_of(desk, how)
    done = _each(roots[:most], lambda root: tried(desk, how, root), progress)
    return Verdicts(len(roots), done.found)


def trying(desk: Desk, plan: Plan, actor: Actor) -> Move:
    """A plan to be tried, whether it was submitted or not."""
    known = of_plan(all_of(desk.store), plan)
    return Move(plan, known.subject if known else "", actor, desk.book(plan.new.name))


def tried(desk: Desk, how: Move, root: str) -> Verdict:
    """What would become of one family now; nothing is written or locked."""
    family, now = _family(desk, root), desk.clock()
    try:
        done = _already(how, family.get(root))
        if done is not None:
            return done
        passed, outcome = _decided(desk, how, family, now)
    except DAMAGED as error:
        return failed(root, error)
    return verdict_on(root, passed.family, outcome, "moves")


def _family(desk: Desk, root: str) -> dict[str, Task]:
    """The root with its open descendants, read without a lock."""
    task = desk.store.task(root)
    found = {root: task} if task else {}
    for child in task.children if task else ():
        found |= {name: each for name, each in _family(desk, child).items() if not each.ended}
    return found


def _each(roots: Sequence[str], one: Callable[[str], Verdict], progress: Progress | None) -> Verdicts:
    done = Verdicts(len(roots))
    for root in roots:
        done.found.append(one(root))
        if progress is not None and progress(done) is False:
            break
    return done


# -- doing


@dataclass(frozen=True)
class Move:
    """What is done to each family, and by whom."""

    plan: Plan
    migration: str
    actor: Actor
    book: tuple[Edition, Calendar]
    back: bool = False
    reason: str = ""


def ready(desk: Desk, migration: str, actor: Actor, *, back: bool = False, reason: str = "") -> Move | Refusal:
    """A migration that may be done (or, `back`, taken back) now, for `move` to do."""
    refusal = administrator(desk, actor) or desk.untrusted()
    if refusal is not None:
        return refusal
    known = all_of(desk.store).get(migration)
    if known is None or not known.is_migration:
        migrations = [each.subject for each in all_of(desk.store).values() if each.is_migration]
        return Refusal("unknown_migration", {"migration": migration, "known": migrations})
    refusal = _may_go_back(desk, known, reason) if back else _may_be_applied(known)
    if refusal is not None:
        return refusal
    text = desk.store.file(known.digest)
    assert text is not None, "a plan is kept before it is submitted"
    plan = read_plan(desk, text)
    if not isinstance(plan, Plan):
        raise LookupError(f"the plan of {migration} was approved and is none for this program")  # noqa: TRY004 - no type is wrong
    to_come = None if back else desk.to_pin(plan.new.name)
    if isinstance(to_come, Refusal):
        return to_come
    return Move(plan, migration, actor, desk.book(plan.old.name if back else plan.new.name), back, reason.strip())


def _may_be_applied(known: Proposal) -> Refusal | None:
    if known.state in ("approved", "applied"):
        return None
    return Refusal("not_approved", {"migration": known.subject, "state": known.state})


def _may_go_back(desk: Desk, known: Proposal, reason: str) -> Refusal | None:
    """What goes back is whatever stands under it: also where it was stopped half-way, forth or back."""
    if not moved(desk, known):
        return Refusal("not_applied", {"migration": known.subject, "state": known.state})
    return None if reason.strip() else Refusal("return_reason")


def moved(desk: Desk, migration: Proposal) -> list[str]:
    """The roots of the families that stand under a migration now, in order; whether or not it came to its end."""
    found = desk.store.tasks(process=migration.process)
    return [task.id for task in found if task.id == task.root and _moved_by(task, migration.subject)]


def roots_of(desk: Desk, move: Move) -> list[str]:
    """The families that it is about, in order."""
    if not move.back:
        return chosen(desk, move.plan, move.migration or None)
    return moved(desk, all_of(desk.store)[move.migration])


def apply(desk: Desk, migration: str, actor: Actor, progress: Progress | None = None) -> Verdicts | Refusal:
    """Move every family that an approved plan is about, each in a transaction of its own."""
    return _done(desk, ready(desk, migration, actor), progress)


def take_back(
    desk: Desk, migration: str, actor: Actor, reason: str, progress: Progress | None = None
) -> Verdicts | Refusal:
    """Take every family back that a migration moved and that nothing has happened to since. One administrator is
    enough: it leads back to what stood before, and never on.
    """
    return _done(desk, ready(desk, migration, actor, back=True, reason=reason), progress)


def _done(desk: Desk, ready: Move | Refusal, progress: Progress | None) -> Verdicts | Refusal:
    if isinstance(ready, Refusal):
        return ready
    done = _each(roots_of(desk, ready), lambda root: move(desk, ready, root), progress)
    conclude(desk, ready, ends(done.found))
    return done


def move(desk: Desk, how: Move, root: str) -> Verdict:
    """Move one family, or take it back; one that is damaged stands in nobody's way."""
    try:
        verdict, events = desk.persist(lambda: _moved(desk, how, root))
    except DAMAGED as error:
        return failed(root, error)
    issue_ordered(desk, events)
    return verdict


def conclude(desk: Desk, how: Move, ended: Mapping[str, str]) -> None:
    """Record what became of the families: how many, and of those that did not move, why not."""
    bad = {task: why for task, why in ended.items() if why}
    counts = {"moved": len(ended) - len(bad), "refused": len(bad), "not_moved": bad}
    kind = Done.MIGRATION_REVERTED if how.back else Done.MIGRATION_APPLIED
    more = {"reason": how.reason} if how.back else {}
    with desk.store.chained(EDITIONS) as chain:
        note(desk, chain, kind, how.actor.id, how.migration, **counts, **more)


def _moved(desk: Desk, how: Move, root: str) -> tuple[Verdict, list[Event]]:
    with desk.work([root]) as work:
        before = work.families[root]
        done = _already(how, before.get(root))
        if done is not None:
            return done, []
        refusal = behind(before, work.now)
        if refusal is not None:
            return Verdict(root, "cannot", refusal=refusal), []
        passed, outcome = _decided(desk, how, before, work.now)
        verdict = verdict_on(root, passed.family, outcome, "went_back" if how.back else "moved")
        if isinstance(outcome, Refusal):
            return verdict, []
        _save(desk, work, before, passed, outcome)
        return verdict, [*passed.events, *outcome.events]


def _already(how: Move, task: Task | None) -> Verdict | None:
    """The verdict on a family that has been moved by this migration before."""
    if how.back or task is None or not _moved_by(task, how.migration or None):
        return None
    return Verdict(task.id, "already", task.state, task.state)


def _decided(desk: Desk, how: Move, family: Family, now: datetime) -> tuple[Decision, Decision | Refusal]:
    """Time runs first, under the edition under which the family stands; then the one that it comes under decides."""
    root = next((task for task in family.values() if task.id == task.root), None)
    if root is None:
        return Decision((), family), Refusal("unknown_task", {"task": ""})
    old, calendar = desk.book(root.edition)
    passed = advance(old, calendar, family, now, desk.units, desk.quiet(family))
    if not how.back and root.edition not in (how.plan.old.name, how.plan.new.name):
        return passed, Refusal("migrate_elsewhere", {"task": root.id, "edition": root.edition})
    at, origin = present(passed.family, now), Origin(desk.channel, None, desk.login)
    command: Migrate | Revert = Migrate(
        root.id, how.migration, old, how.plan.rules, how.plan.said.reason, how.actor, at, origin
    )
    if how.back:
        command = Revert(root.id, how.migration, how.reason, how.actor, at, origin)
    return passed, decide(*how.book, passed.family, command, desk.units)


def _save(desk: Desk, work: Work, before: Family, passed: Decision, made: Decision) -> None:
    """Write what time brought under the old edition, and then the move."""
    root = next(task for task in before.values() if task.id == task.root)
    old, new = (desk.book(family[root.id].edition)[0] for family in (before, made.family))
    if passed.events:
        time = changes(old, before, passed.family, passed.events, work.now)
        work.save(time, parcels(old, passed.family, passed.events))
    moved = changes(new, passed.family, made.family, made.events, work.now, old)
    work.save(moved, parcels(new, made.family, made.events))
