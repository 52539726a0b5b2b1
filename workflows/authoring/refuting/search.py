"""From the model's ways to break a claim to a walk of the engine that does break it, or none within the bounds.

The model says how far every place is from a break; the search takes the nearest first, and finds who, when and with
what form, and the acts between that the model left out (a plan has to be filed before it can be adopted). Acts follow
one another at once, or come as late as the deadlines that run allow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count, islice, product
from typing import Any, Literal

from engine.calendars import Calendar
from engine.cel.tree import walk
from engine.commands import Refusal
from engine.edition import Edition, Sheet
from engine.facts import seen as guards_see
from engine.machine import sources
from engine.model import Transition
from engine.model.fields import FieldType
from engine.proofs.building import Ground
from engine.proofs.claims import Claim
from engine.proofs.domains import exactly
from engine.proofs.explore import Graph
from engine.proofs.looks import looked_at, moves
from engine.proofs.model import Mark, by_people, effects_of
from engine.proofs.valuing import Facts
from engine.proofs.verdicts import Verdict
from engine.task import OPEN, Task
from workflows.authoring.grammar import Doer
from workflows.authoring.refuting import breaks
from workflows.authoring.refuting.guesses import forms, records
from workflows.authoring.refuting.walk import Walk, begin

Given = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A record and a plan to begin with."""

Pace = Literal["soon", "late"]
FAR, UNOPENED = 1000, 3
MOST_FORMS = 8
"""How many ways to do one act are followed from one point."""


@dataclass
class Search:
    """What is searched, and how many points may be looked at (`most`) and acts tried (`tries`) for one claim. `givens`
    are records with which the author's own scenarios begin.
    """

    edition: Edition
    calendar: Calendar
    givens: Sequence[Given] = ()
    most: int = 90
    tries: int = 5000
    left: int = 0
    beginnings: dict[tuple[str, date, tuple[str, ...]], list[Walk]] = field(default_factory=dict)
    _matter: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def matters(self, kind: str, asked: str) -> frozenset[str]:
        """The triggers by which people may change what guards, deadlines or the family look at, or open what is asked
        about.
        """
        if (kind, asked) not in self._matter:
            self._matter[kind, asked] = frozenset(mattering(self.edition.sheets[kind], asked))
        return self._matter[kind, asked]


def mattering(sheet: Sheet, asked: str) -> Iterator[str]:
    """The triggers that move a task, start or answer a deadline, change what an expression reads, or open a child of
    the kind that is asked about.
    """
    guards = list(sheet.expressions.values())
    names = {name.removeprefix("task.") for each in guards for name in each.names}
    said = {node.get("value") for each in guards for node in walk(each.tree()) if node["node"] == "const"}
    rows = set(sheet.body.milestones.fields if sheet.body.milestones else ()) & {
        c for each in guards for c in each.calls
    }
    deadlines = {name for rule in sheet.body.deadlines.values() for name in looked_at(rule)}
    for each in sheet.body.transitions:
        effects = [*each.then, *(effect for branch in each.to for effect in branch.then)]
        changed = {*each.set, *(name for branch in each.to for name in branch.set)} & names
        opened = {effect.open for effect in effects if effect.open}
        tells = any(effect.fire for effect in effects) or any(_tells(sheet, kind, said) for kind in opened)
        tells = tells or not opened.isdisjoint(asked.split("/"))
        row = each.milestone is not None and bool(set(each.milestone.set) & rows)
        matters = moves(each) or each.trigger in deadlines | said or changed or tells or row
        if matters and by_people(each) and not each.corrects:
            yield each.trigger


def _tells(sheet: Sheet, kind: str, said: set[object]) -> bool:
    """Whether a child of a kind matters to its parent: a guard counts it, or it fires something there."""
    child = sheet.body.children[kind]
    return kind in said or bool(child.on_end) or any(effect.on == "parent" for effect in effects_of(child))


def walked(search: Search, ground: Ground, verdict: Verdict) -> Walk | None:
    """A walk that breaks the claim, or None."""
    claim, graph = verdict.claim, verdict.graph
    if graph is None or not verdict.candidates:
        return None
    near = Distances(ground, graph, {candidate.node.number for candidate in verdict.candidates})
    search.left = search.tries
    paces: tuple[Pace, ...] = ("late", "soon") if claim.shape == "within" else ("soon", "late")
    for pace in paces:
        for number, day in enumerate(days(search.edition, search.calendar)):
            found = _from(search, claim, near, day, pace, search.most >> number)
            if found is not None:
                return found
    return None


class Distances:
    """How many steps of the model lie between where a task is and the nearest break."""

    def __init__(self, ground: Ground, graph: Graph, breaks: set[int]) -> None:
        self.ground, self.model = ground, graph.model
        self.tables: tuple[dict[object, int], ...] = ({}, {}, {})
        steps = _steps(graph, breaks)
        for node in graph.nodes:
            place, away = node.place, steps.get(node.number, FAR)
            runs = tuple(stand.run in ("running", "paused") for stand in place.stands)
            truths = tuple(truth for _, truth in place.truths)
            keys = ((place.state, runs, place.marks, truths), (place.state, runs), place.state)
            for table, key in zip(self.tables, keys, strict=True):
                table[key] = min(away, table.get(key, FAR))

    def of(self, task: Task | None) -> int:
        """The steps between a task and a break: by all that the model keeps, or by what it surely has. One that is not
        there yet has to be opened first.
        """
        if task is None:
            return UNOPENED
        open_ones = {each["name"] for each in task.deadlines.values() if each["status"] in OPEN}
        runs = tuple(watch.name in open_ones for watch in self.model.watches)
        marks = tuple(_counted(task, mark) for mark in self.model.marks)
        if self.model.over(marks):
            return FAR
        keys = ((task.state, runs, marks, tuple(self._truths(task))), (task.state, runs), task.state)
        found = (
            table[key] + worse for worse, (table, key) in enumerate(zip(self.tables, keys, strict=True)) if key in table
        )
        return next(found, FAR)

    def _truths(self, task: Task) -> Iterator[bool]:
        """The truths that the model keeps, of a record."""
        kept = self.ground.sheet.body.fields
        facts: Facts = {
            f"task.{name}": exactly(guards_see(kept[name], value))
            for name, value in task.fields.items()
            if name in kept
        }
        facts |= {f"has(task.{name})": task.fields.get(name) is not None for name in kept}
        for atom in self.model.atoms:
            yield self.ground.ranges.value(self.ground.ranges.tree(atom), facts) is True


def _steps(graph: Graph, breaks: set[int]) -> dict[int, int]:
    """For each node from which a break can be reached how many steps away it is."""
    back: dict[int, list[int]] = {}
    for edge in graph.edges:
        back.setdefault(edge.target, []).append(edge.origin)
    steps, waiting = dict.fromkeys(breaks, 0), deque(breaks)
    while waiting:
        here = waiting.popleft()
        for origin in back.get(here, ()):
            if origin not in steps:
                steps[origin] = steps[here] + 1
                waiting.append(origin)
    return steps


def _counted(task: Task, mark: Mark) -> int:
    """What the model counts, of what was fired."""
    fired, others = task.fired.get(mark.trigger, ()), task.fired.get(mark.other, ())
    if mark.kind == "same":
        same = (fired[-1][1] if fired else "") == (others[-1][1] if others else "")
        return int(same)
    since = others[-1][0] if others and mark.kind == "since" else ""
    return min(mark.most, sum(moment > since for moment, _ in fired))


def days(edition: Edition, calendar: Calendar) -> Iterator[date]:
    """Days on which a task may be registered: before every date that the definition names, and after."""
    named = [
        date.fromisoformat(str(parameter.value))
        for parameter in edition.process.parameters.values()
        if parameter.type is FieldType.DATE and parameter.value is not None
    ]
    named += [date.fromisoformat(text) for sheet in edition.sheets.values() for text in sheet.dates]
    yield calendar.next_working(min(named) - timedelta(days=300) if named else date(calendar.last_known.year - 1, 1, 4))
    if named:
        yield calendar.next_working(min(named) - timedelta(days=40))
        yield calendar.next_working(max(named) + timedelta(days=30))


def starts(search: Search, claim: Claim, day: date) -> list[Walk]:
    """Walks that have only begun: with the author's own records first, then with guesses: those first in which what
    the claim reads varies, if it is about the record.
    """
    root = "programme" if claim.kind.split("/", maxsplit=1)[0] == "programme" else ""
    read = (*claim.holds, *claim.fails) if claim.kind == root else ()
    if (root, day, read) not in search.beginnings:
        at, sheet = datetime.combine(day, time(9), search.edition.zone), search.edition.sheets[root]
        near = records(search.edition, sheet, at, read) if read else ()
        guessed: Iterable[Given] = ((fields, {}) for fields in (*islice(near, 12), *records(search.edition, sheet, at)))
        known: Iterable[Given] = search.givens if root == "" else ()
        tried = (begin(search.edition, search.calendar, root, *given, at) for given in (*islice(known, 4), *guessed))
        most = 24 if read else 12
        search.beginnings[root, day, read] = list(islice((walk for walk in tried if isinstance(walk, Walk)), most))
    return search.beginnings[root, day, read]


def _from(search: Search, claim: Claim, near: Distances, day: date, pace: Pace, most: int) -> Walk | None:
    """The nearest to a break first, then the shortest way."""
    order, used = count(), 0
    waiting: list[tuple[int, int, Walk]] = []

    def add(walk: Walk, worse: int = 0) -> None:
        away = near.of(walk.member(claim.kind))
        heappush(waiting, (3 * min(away, 20) + len(walk.done) + worse, next(order), walk))

    for number, start in enumerate(starts(search, claim, day)):
        if breaks.broken(claim, start):
            return start
        add(start, number)
    seen: set[object] = set()
    while waiting and used < most and search.left > 0:
        _, _, walk = heappop(waiting)
        key = _signature(walk, claim)
        if key in seen:
            continue
        seen.add(key)
        used += 1
        for each in (walk, *_to_the_end(search, claim, walk)):
            if breaks.broken(claim, each):
                return each
        for after in _onward(search, claim, near, walk, pace):
            add(after)
    return None


def _signature(walk: Walk, claim: Claim) -> object:
    """What of a walk matters to what may follow, apart from its dates; who did what only where a claim asks."""
    people = any("actor_of(" in text for text in (*claim.holds, *claim.fails))
    return tuple(
        (
            task.kind,
            task.state,
            tuple(sorted((name, str(value)) for name, value in task.fields.items())),
            tuple(sorted((name, each[-1][1] if people else "") for name, each in task.fired.items())),
            tuple(sorted((key, str(row)) for key, row in task.milestones.items())),
            tuple(sorted((each["name"], each["status"]) for each in task.deadlines.values())),
        )
        for task in walk.family.tasks.values()
    )


def _to_the_end(search: Search, claim: Claim, walk: Walk) -> Iterator[Walk]:
    """Nobody does anything any more, for as long as the claim is about."""
    task = walk.member(claim.kind)
    if task is None:
        return
    match claim.shape:
        case "within":
            began = breaks.waiting_since(claim, walk, task)
            if began is not None:
                yield walk.wait(max(walk.now, breaks.over(claim, walk, began)))
        case "starved":
            yield walk.wait(walk.now + timedelta(days=1500))
        case "fires" | "final":
            due = walk.due(claim.about, claim.kind)
            if due is not None:
                yield walk.wait(due)
        case "total":
            yield from _refusals(search, walk, task)


def _refusals(search: Search, walk: Walk, task: Task) -> Iterator[Walk]:
    """Everything that people may ask for now, where a guard has no answer."""
    sheet = search.edition.sheets[task.kind]
    guarded = [each for each in sheet.body.transitions if each.when or any(branch.when for branch in each.to)]
    for transition in guarded:
        if task.state not in sources(sheet.body, transition) or not by_people(transition):
            continue
        for form, doer in product(forms(search.edition, sheet, transition, walk.now), _doers(transition)):
            search.left -= 1
            refusal = walk.act(task, transition.trigger, doer, form, walk.now)
            if isinstance(refusal, Refusal) and refusal.code == breaks.GUARD_ERROR:
                yield walk.tried(task, transition.trigger, doer, form, refusal)
                return


def _onward(search: Search, claim: Claim, near: Distances, walk: Walk, pace: Pace) -> Iterator[Walk]:
    """Whatever may happen next: anything that people may do with any member of the family, or the next due day."""
    due, soon = walk.due(), walk.now + timedelta(hours=1)
    late = due - timedelta(hours=1) if due else walk.now + timedelta(days=30)
    at = max(soon, late) if pace == "late" and late - walk.now < timedelta(days=400) else soon
    for task in list(walk.family.open.values()):
        if not task.ended or task.parent is None:
            for transition in search.edition.sheets[task.kind].body.transitions:
                if transition.trigger in search.matters(task.kind, claim.kind):
                    tried = list(_tried(search, claim, walk, task, transition, at))
                    yield from sorted(tried, key=lambda after: near.of(after.member(claim.kind)))[:MOST_FORMS]
    if due is not None:
        yield walk.wait(due)


def _tried(
    search: Search, claim: Claim, walk: Walk, task: Task, transition: Transition, at: datetime
) -> Iterator[Walk]:
    """An act by whoever may do it, with every form that is tried; what comes to the same is followed once."""
    sheet = search.edition.sheets[task.kind]
    if task.state not in sources(sheet.body, transition):
        return
    anybody = any("actor_of(" in text for text in (*claim.holds, *claim.fails))
    seen = set()
    for form in forms(search.edition, sheet, transition, at):
        refusals = []
        for doer in _doers(transition):
            search.left -= 1
            after = walk.act(task, transition.trigger, doer, form, at)
            if isinstance(after, Refusal):
                refusals.append(after.code)
                continue
            key = _signature(after, claim)
            if key not in seen:
                seen.add(key)
                yield after
            if not anybody:
                break
        if refusals and set(refusals) <= _NOT_THEIRS and len(refusals) == len(_doers(transition)):
            return


_NOT_THEIRS = frozenset({"wrong_unit", "same_person", "wrong_role", "right_lapsed"})
"""Refusals that another form does not mend."""


def _doers(transition: Transition) -> list[Doer]:
    """Who may do it: one for each role, and another person in it where duties are kept apart."""
    roles = [by.role for by in transition.by if by.role != "system"] if transition.by else ["anyone"]
    apart = any(by.not_ for by in transition.by)
    return [Doer(role=role, person=person) for role in roles for person in ((None, f"{role}-2") if apart else (None,))]
