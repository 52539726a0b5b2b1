"""Whom a change touches: the open tasks that each one concerns, and what would become of each running deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.clock import Clock
from engine.commands import TIME, Refused
from engine.edition import Edition
from engine.problems import Text
from engine.refusals import reason
from engine.steps import explain_all, step_from_json
from engine.task import OPEN, Occurrence, Task
from engine.turn import Turn
from engine.undecided import undecided
from workflows.authoring.diff.changes import EVERY_STATE, Change, Diff
from workflows.desk import Desk


@dataclass(frozen=True)
class Fate:
    """What would become of one open occurrence by the later edition: its last day now and then (None: no date), and
    why; `gone` where the later edition has no such deadline.
    """

    task: str
    deadline: str
    key: str
    before: str | None
    after: str | None
    gone: bool
    why: Text


def open_tasks(desk: Desk, edition: Edition) -> list[Task]:
    """The open tasks that pin an edition, in order."""
    found = desk.store.tasks(process=edition.process.process)
    return sorted((task for task in found if task.edition == edition.name and not task.ended), key=lambda task: task.id)


def touched(change: Change, tasks: Iterable[Task]) -> list[str]:
    """The ids of the open tasks that a change concerns."""
    return [task.id for task in tasks if task.kind == change.kind and _concerns(change, task)]


def _concerns(change: Change, task: Task) -> bool:
    states, deadlines = change.touch.states, change.touch.deadlines
    if task.state in states or states >= EVERY_STATE:
        return True
    return any(each["name"] in deadlines and each["status"] in OPEN for each in task.deadlines.values())


def fates(desk: Desk, diff: Diff, after: Edition, tasks: Sequence[Task]) -> Iterator[Fate]:
    """What would become of every open occurrence of these tasks, were they under the later edition now: those that
    would be due on another day, and those that it does not have.
    """
    names = {(each.kind, each.name): each.became for each in diff.changes if each.part == "deadlines" and each.became}
    families: dict[str, dict[str, Task]] = {}
    for task in tasks:
        families.setdefault(task.root, {})[task.id] = task
    for root in sorted(families):
        turn = _turn(desk, after, families[root])
        for task in turn.by_id():
            yield from _of_task(turn, task, names)


def _turn(desk: Desk, edition: Edition, family: dict[str, Task]) -> Turn:
    """A decision that is never taken: only dates are worked out in it."""
    now = desk.clock()
    calendar = desk.book(next(iter(family.values())).edition)[1]
    return Turn(edition, calendar, TIME, now, now, units=desk.units, family=dict(family))


def _of_task(turn: Turn, task: Task, names: Mapping[tuple[str, str], str]) -> Iterator[Fate]:
    sheet = turn.edition.sheets.get(task.kind)
    rules = sheet.body.deadlines if sheet else {}
    for found in task.deadlines.values():
        if found["status"] not in OPEN:
            continue
        rule = rules.get(names.get((task.kind, found["name"]), found["name"]))
        fate = _gone(task, found) if rule is None else _dated(Clock(turn, task.id, found["name"], rule), found)
        if fate is not None:
            yield fate


def _gone(task: Task, found: Occurrence) -> Fate:
    why = Text("新版没有这个时限", "the new edition has no such deadline")
    return Fate(task.id, found["name"], found["key"], found.get("last_day"), None, gone=True, why=why)


def _lacking(problem: Refused | LookupError, clock: Clock) -> Text:
    if isinstance(problem, LookupError):
        return undecided(str(problem))
    edition, kind = clock.turn.edition, clock.task.kind
    return Text(reason(problem.refusal, edition, "zh", kind), reason(problem.refusal, edition, "en", kind))


def _dated(clock: Clock, found: Occurrence) -> Fate | None:
    """The new last day with its reasons; None where the day stays."""
    before = found.get("last_day")
    try:
        planned = clock.planned(found)
    except (Refused, LookupError) as problem:
        zh, en = _lacking(problem, clock)
        why = Text(f"新版无法算出日期：{zh}", f"the new edition gives no date: {en}")
        return Fate(clock.id, clock.name, found["key"], before, None, gone=False, why=why)
    if planned["due_at"] == found.get("due_at"):
        return None
    steps = [step_from_json(each) for each in planned.get("why", ())]
    why = Text("；".join(explain_all(steps, "zh")), "; ".join(explain_all(steps, "en")))
    return Fate(clock.id, clock.name, found["key"], before, planned["last_day"], gone=False, why=why)
