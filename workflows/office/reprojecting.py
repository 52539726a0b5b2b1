"""After a change of a working calendar: open deadlines get the dates that they have by it, a family to a transaction.

What has been done already finds nothing to do, so that it may be begun anew at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine.commands import Actor, Origin, Refusal, Reproject
from engine.decide import advance, decide, present
from engine.events import Event, EventType
from engine.reasons import reason_of
from engine.reprojecting import REASON
from engine.task import OPEN, Family
from workflows.changes import changes, parcels
from workflows.desk import Desk, behind
from workflows.office.publications import issue_ordered
from workflows.office.sweeping import DAMAGED
from workflows.ports import Work


@dataclass(frozen=True, slots=True)
class Moved:
    """An occurrence whose date is another one, or is sure now: the days are its last, before and after."""

    task: str
    deadline: str
    key: str
    before: str | None
    after: str | None
    provisional: bool


@dataclass
class Reprojected:
    """How far it is: of so many families, those that were looked at, what moved, and those that could not be."""

    total: int
    families: int = 0
    moved: list[Moved] = field(default_factory=list)
    stuck: list[Refusal] = field(default_factory=list)


Progress = Callable[[Reprojected], bool | None]
"""Told after each family; False stops."""


def concerned(desk: Desk, name: str) -> list[str]:
    """The roots of families with an open deadline that counts by a calendar, in order."""
    names = [f"{each.process}@{each.edition}" for each in desk.store.editions()]
    mine = {each for each in names if desk.book(each)[0].process.calendar == name}
    processes = sorted({each.partition("@")[0] for each in mine})
    found = (task for process in processes for task in desk.store.tasks(process=process))
    return sorted(
        {
            task.root
            for task in found
            if task.edition in mine and any(each["status"] in OPEN for each in task.deadlines.values())
        }
    )


def reproject(
    desk: Desk, name: str, actor: Actor, reason: str, progress: Progress | None = None, roots: Sequence[str] = ()
) -> Reprojected | Refusal:
    """Work out anew the open deadlines of every family under a calendar (or of some of them)."""
    refusal = desk.untrusted()
    if refusal is not None:
        return refusal
    roots = roots or concerned(desk, name)
    done = Reprojected(len(roots))
    for root in roots:
        _counted(done, root, _tried(desk, root, actor, reason))
        if progress is not None and progress(done) is False:
            break
    return done


def _tried(desk: Desk, root: str, actor: Actor, reason: str) -> list[Moved] | Refusal:
    """What moved in one family; one that is damaged stands in nobody's way."""
    try:
        answer = desk.persist(lambda: _family(desk, root, actor, reason))
    except DAMAGED as error:
        return Refusal("family_stuck", {"task": root, "error": reason_of(error).both})
    if isinstance(answer, Refusal):
        return answer
    moved, events = answer
    issue_ordered(desk, events)
    return moved


def _counted(done: Reprojected, root: str, answer: list[Moved] | Refusal) -> None:
    done.families += 1
    if isinstance(answer, Refusal):
        done.stuck.append(Refusal(answer.code, {"task": root, **answer.facts}))
    else:
        done.moved += answer


def _family(desk: Desk, root: str, actor: Actor, reason: str) -> tuple[list[Moved], list[Event]] | Refusal:
    with desk.work([root]) as work:
        return _decided(desk, work, root, actor, reason)


def _decided(desk: Desk, work: Work, root: str, actor: Actor, reason: str) -> tuple[list[Moved], list[Event]] | Refusal:
    before = work.families[root]
    refusal = behind(before, work.now)
    if refusal is not None:
        return refusal
    edition, calendar = desk.book(before[root].edition)
    passed = advance(edition, calendar, before, work.now, desk.units, desk.quiet(before))
    command = Reproject(root, reason, actor, present(passed.family, work.now), Origin(desk.channel, None, desk.login))
    decision = decide(edition, calendar, passed.family, command, desk.units)
    if isinstance(decision, Refusal):
        return decision
    events = [*passed.events, *decision.events]
    work.save(changes(edition, before, decision.family, events, work.now), parcels(edition, decision.family, events))
    return [_moved(each, passed.family) for each in decision.events if _is_moved(each)], events


def _is_moved(event: Event) -> bool:
    return event.type is EventType.DEADLINE_MOVED and event.payload["reason"] == REASON


def _moved(event: Event, before: Family) -> Moved:
    one = event.payload["occurrence"]
    had = before[event.task].deadlines[f"{one['name']}/{one['key']}"]
    return Moved(event.task, one["name"], one["key"], had["last_day"], one["last_day"], one["provisional"])
