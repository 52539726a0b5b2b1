"""A body as a timed automaton: the places where a task may be, and what is watched of it.

    place       the state × what each watched deadline is at × history that is counted × truths about the record
    clock       one for each watched deadline that runs, one for the date, one for the claim that is asked about

What is not watched may be anything: a deadline that is not watched may pass whenever it may run at all, a fact of which
no truth is kept may be anything, children may fire what they may fire at any time. So everything that the engine can do
the model can do; what the model cannot do is proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from engine.edition import Edition, Sheet
from engine.machine import sources
from engine.model import Body, Child, Deadline, Transition
from engine.model.transitions import PREVIOUS, STAY, Effect
from engine.once import once
from engine.proofs.counts import UNTOLD, counted
from engine.proofs.domains import Range, Value
from engine.proofs.filled import Filled, filled
from engine.proofs.judging import Judge, Known, Truths
from engine.proofs.looks import chained, looked_at, moves
from engine.proofs.spans import Span

Run = Literal["never", "idle", "lapsed", "running", "paused"]


class Stand(NamedTuple):
    """What a deadline is at: `more` says that it was extended, `owed` how many are missed and still owed, `on` which of
    its pauses a trigger began.
    """

    run: Run = "never"
    more: bool = False
    owed: int = 0
    on: tuple[int, ...] = ()


class Place(NamedTuple):
    """Where a task may be. `pending`: the claim that is asked about waits to be answered."""

    state: str
    stands: tuple[Stand, ...]
    marks: tuple[int, ...]
    truths: Truths
    pending: bool = False


class Mark(NamedTuple):
    """History that is counted: how often a trigger was fired (`fired`), since another (`since`), each up to `most`; or
    whether two were fired last by the same person (`same`: 0 no, 1 yes, 2 either).
    """

    kind: Literal["fired", "since", "same"]
    trigger: str
    other: str
    text: str
    most: int = UNTOLD

    def value(self, count: int) -> Value:
        """What guards see of it."""
        if self.kind == "same":
            return None if count == 2 else bool(count)
        return counted(count, self.most)


@dataclass(frozen=True)
class Watch:
    """A deadline that is watched. `longer` is its span once it was extended, `fires` what it fires when it passes; what
    is missed and owed is counted up to `most`.
    """

    name: str
    rule: Deadline
    span: Span
    longer: Span
    most: int = UNTOLD

    @property
    def fires(self) -> str | None:
        """The trigger that it fires when it passes."""
        fire = self.rule.missed or self.rule.lapsed
        return fire.fire if fire else None

    def bounds(self, stand: Stand) -> Span:
        """When it may pass."""
        return self.longer if stand.more else self.span


class Monitor(NamedTuple):
    """A claim with a time: from these states one of those is reached before the clock reads more than `bound` minutes
    (None: ever), where `when` holds at the beginning.
    """

    origins: frozenset[str]
    goals: frozenset[str]
    when: str | None
    bound: int | None


class Way(NamedTuple):
    """One branch of a transition: its number, the state to which it leads (None: it stays), what is `wanted` for it to
    be taken, the fields that it changes, and what it fires on the task itself.
    """

    number: int
    state: str | None
    wanted: Truths
    changes: Mapping[str, str]
    effects: Sequence[Effect]


@dataclass(frozen=True)
class Model:
    """A body with what is watched of it."""

    edition: Edition
    sheet: Sheet
    judge: Judge
    watches: Sequence[Watch]
    marks: Sequence[Mark]
    atoms: Sequence[str]
    monitor: Monitor | None = None
    unwatched: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    sought: Truths = ()
    """What the question looks for, where it looks for one thing in any place."""
    answers: dict[object, Any] = field(default_factory=dict, compare=False)
    """What deadlines answer, as `engine.proofs.reacting` has worked it out."""
    _branches: dict[str, list[Way]] = field(default_factory=dict, compare=False)
    _over: dict[tuple[int, ...], bool] = field(default_factory=dict, compare=False)
    _known: dict[Place, Known] = field(default_factory=dict, compare=False)

    @property
    def body(self) -> Body:
        """The body itself."""
        return self.sheet.body

    @once
    def finals(self) -> frozenset[str]:
        """The states that end the task."""
        return frozenset(name for name, state in self.body.states.items() if state.final)

    @once
    def sources(self) -> Mapping[str, frozenset[str]]:
        """Where each trigger is possible."""
        return {each.trigger: frozenset(sources(self.body, each)) for each in self.body.transitions}

    @once
    def ways(self) -> Mapping[str, Sequence[Transition]]:
        """The transitions that are possible in each state."""
        return {
            state: [each for each in self.body.transitions if state in self.sources[each.trigger]]
            for state in self.body.states
        }

    def branches(self, transition: Transition) -> list[Way]:
        """The branches of a transition, but for those that take an act back."""
        if transition.trigger not in self._branches:
            self._branches[transition.trigger] = list(_branches(transition))
        return self._branches[transition.trigger]

    @once
    def backdated(self) -> bool:
        """Whether somebody may enter late what happened earlier."""
        return any(role.backdate for role in self.edition.process.roles.values())

    @once
    def has_date(self) -> bool:
        """Whether some watched deadline is a date that moves for nobody."""
        return any(watch.span.fixed is not None for watch in self.watches)

    @once
    def filled(self) -> Filled:
        """The fields that are surely set in each state."""
        return filled(self.sheet)

    def there(self, place: Place) -> frozenset[str]:
        """What surely has a value in a place: fields by their names, dates of deadlines by their calls."""
        found = self.filled[place.state]
        if not self.sheet.asked_when_due:
            return found
        stood = zip(self.watches, place.stands, strict=True)
        ran = (
            watch.name for watch, stand in stood if stand.run == "lapsed" or (stand.run != "never" and watch.span.sure)
        )
        return found | {f"due('{name}')" for name in ran if name in self.sheet.asked_when_due}

    @once
    def blocked(self) -> bool:
        """Whether an open child may hold up the end."""
        return any(child.on_parent_end == "block" for child in self.body.children.values())

    @once
    def family(self) -> frozenset[str]:
        """What children and the parent may fire at any time."""
        found = fired_by_children(self.body)
        if isinstance(self.body, Child) and self.sheet.parent is not None:
            parent = self.edition.sheets[self.sheet.parent]
            found |= fired_on(self.sheet.kind.rpartition("/")[2], parent.body)
        return found

    @once
    def parent_ends(self) -> str | None:
        """For a child: the state into which the end of its parent, or a correction there, may bring it."""
        if not isinstance(self.body, Child) or self.sheet.parent is None:
            return None
        if self.body.on_parent_end != "cancel" and not self.edition.sheets[self.sheet.parent].correctable:
            return None
        return self.body.cancelled or next(name for name in self.body.states if name in self.finals)

    @once
    def altering(self) -> frozenset[str]:
        """The triggers that may change something that is watched, counted or kept."""
        found = {name for watch in self.watches for name in looked_at(watch.rule)}
        found |= {name for mark in self.marks for name in (mark.trigger, mark.other)}
        kept = {f"task.{name}" for name in self.body.fields if any(f"task.{name}" in atom for atom in self.atoms)}
        for each in self.body.transitions:
            fields = {*each.set, *(name for branch in each.to for name in branch.set)}
            if moves(each) or chained(each) or any(f"task.{name}" in kept for name in fields):
                found.add(each.trigger)
        return frozenset(found)

    def asking(self, judge: Judge) -> Model:
        """The same model with another judge; what was worked out of its text is kept."""
        twin = copy(self)
        object.__setattr__(twin, "judge", judge)
        return twin

    def alters(self, place: Place, transition: Transition) -> bool:
        """Whether a trigger may change anything in a place: any act may start what waits for its date to be known."""
        return transition.trigger in self.altering or any(
            place.stands[number].run == "never" for number in self.undated
        )

    @once
    def undated(self) -> Sequence[int]:
        """The watches whose date may be known later than they would begin."""
        return [number for number, watch in enumerate(self.watches) if watch.name not in self.sheet.from_start]

    def known(self, place: Place) -> Known:
        """What guards may rely on in a place."""
        if place not in self._known:
            self._known[place] = self._learned(place)
        return self._known[place]

    def _learned(self, place: Place) -> Known:
        history: list[tuple[str, Value]] = []
        for watch, stand in zip(self.watches, place.stands, strict=True):
            history.append((f"running('{watch.name}')", stand.run in ("running", "paused")))
            history.append((f"missed('{watch.name}')", counted(stand.owed, watch.most)))
        history += [(mark.text, mark.value(count)) for mark, count in zip(self.marks, place.marks, strict=True)]
        return Known(place.state, tuple(history), place.truths)

    def over(self, marks: tuple[int, ...]) -> bool:
        """Whether what is sought can never hold again, whatever may happen: what was fired stays fired."""
        if not self.sought:
            return False
        if marks not in self._over:
            counts = zip(self.marks, marks, strict=True)
            known = [(mark.text, Range((float(count), 0))) for mark, count in counts if mark.kind == "fired"]
            self._over[marks] = not self.judge.possible(Known("", tuple(known), ()), self.sought)
        return self._over[marks]

    def clocks(self, place: Place) -> list[int]:
        """The clocks that run in a place: watches by number, then the date (-1), then the claim (-2)."""
        found = [number for number in range(len(self.watches)) if self.has_clock(place, number)]
        return [*found, *([DATE] if self.has_date else []), *([CLAIM] if place.pending else [])]

    def has_clock(self, place: Place, number: int) -> bool:
        """Whether a watch runs and is bound by its own clock."""
        stand, watch = place.stands[number], self.watches[number]
        if stand.run != "running":
            return False
        span = watch.bounds(stand)
        return span.fixed is None and (span.high is not None or span.low > 0)

    def top(self, clock: int) -> int:
        """The largest reading with which a clock is compared."""
        if clock == CLAIM:
            return (self.monitor.bound if self.monitor else None) or 0
        if clock == DATE:
            return max(watch.span.fixed or 0 for watch in self.watches)
        watch = self.watches[clock]
        return max(span.high or span.low for span in (watch.span, watch.longer))


DATE, CLAIM = -1, -2


def by_people(transition: Transition) -> bool:
    """Whether somebody other than time and the family may fire it."""
    return not transition.by or any(by.role != "system" for by in transition.by)


def by_system(transition: Transition) -> bool:
    """Whether time or the family may fire it: the engine asks nobody when it fires."""
    return True if not transition.by else any(by.role == "system" for by in transition.by)


def _branches(transition: Transition) -> Iterator[Way]:
    before: Truths = ((transition.when, True),) if transition.when else ()
    for number, branch in enumerate(transition.to):
        wanted = (*before, (branch.when, True)) if branch.when else before
        if branch.when:
            before = (*before, (branch.when, False))
        state = None if branch.state == STAY else branch.state
        effects = on_task((*transition.then, *branch.then))
        if branch.state != PREVIOUS:
            yield Way(number, state, wanted, {**transition.set, **branch.set}, effects)


def on_task(effects: Sequence[Effect]) -> Sequence[Effect]:
    """The effects that fire on the task itself; children and papers change nothing that is watched."""
    return [effect for effect in effects if effect.fire is not None and effect.on == "task"]


def fired_by_children(body: Body) -> frozenset[str]:
    """What children may fire on a body."""
    found: set[str] = set()
    for child in body.children.values():
        found |= {rule.fire for rule in child.on_end}
        found |= {str(effect.fire) for effect in effects_of(child) if effect.on == "parent"}
    return frozenset(found)


def fired_on(kind: str, parent: Body) -> frozenset[str]:
    """What a parent may fire on a kind of its children."""
    return frozenset(str(effect.fire) for effect in effects_of(parent) if effect.fire and effect.on == kind)


def effects_of(body: Body) -> list[Effect]:
    """Every effect of a body."""
    found = list(body.registration.then)
    for transition in body.transitions:
        found += transition.then
        found += [effect for branch in transition.to for effect in branch.then]
    return found


def recurs(rule: Deadline) -> bool:
    """Whether several occurrences may be open at once, or one follows another: such a deadline is not watched."""
    return rule.every is not None or rule.for_each is not None or rule.key is not None
