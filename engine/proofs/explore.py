"""The search: every place that can be reached, with every reading of the clocks, as zones. What lies within a zone that
was seen is not looked at again, and readings beyond the largest that is ever compared are one: so the search ends.

Time runs until the first deadline that must pass; each deadline may pass from its least reading on; people do what they
may at any moment. To take an act back (`correct`) is to be where one was, with the time that went by: a deadline that
is over by then passes at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from engine.model import Transition
from engine.proofs.drafts import Endless, ended, fired, passed, registered, settled, toggled
from engine.proofs.model import CLAIM, DATE, Model, Place, by_people, by_system
from engine.proofs.reacting import Draft
from engine.proofs.scales import DAY
from engine.proofs.zones import FREE, ZERO, Zone, fresh, strict, weak

Kind = Literal["register", "act", "pass", "time", "family"]


class Step(NamedTuple):
    """What led from one node to the next: a person's `act`, a watched deadline that passes, a trigger that `time` (a
    deadline that is not watched) or the `family` fires. `fired` is what was fired, each with its branch; `begun` the
    watches that started; `late` is what came after an act was taken back.
    """

    kind: Kind
    name: str
    fired: tuple[tuple[str, int], ...] = ()
    begun: frozenset[int] = frozenset()
    late: bool = False


@dataclass(frozen=True, eq=False)
class Node:
    """A place with its zone, once time has run; `parent` and `step` are the first way that led here."""

    number: int
    place: Place
    zone: Zone
    parent: Node | None
    step: Step

    def path(self) -> list[Node]:
        """From the registration to here."""
        found, node = [self], self.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return found[::-1]


class Edge(NamedTuple):
    """A step between two nodes, or to one that holds what it leads to."""

    origin: int
    step: Step
    target: int


@dataclass
class Graph:
    """What was found. `whole` is false where the search was given up, with the reason in `stopped`."""

    model: Model
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    stopped: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return self.stopped is None


MOST_NODES = 20_000
"""Zones after which the search is given up, and the answer is unknown."""


def explore(model: Model, most: int = MOST_NODES) -> Graph:
    """Everything that can be reached."""
    search = _Search(model, most)
    try:
        search.run()
    except Endless as endless:
        search.graph.stopped = f"endless:{endless.trigger}"
    except _TooMany:
        search.graph.stopped = f"many:{most}"
    return search.graph


class _TooMany(Exception):
    pass


class Move(NamedTuple):
    """One thing that may happen in a place, whatever its clocks read: by a person or the family (`loose` in time), or
    by a watch that passes (its number, else -1), perhaps `late`, after an act was taken back.
    """

    step: Step
    draft: Draft
    person: bool
    passes: int = -1
    late: bool = False


@dataclass(frozen=True)
class Layout:
    """What a place has that does not hang on the readings of its clocks."""

    clocks: Sequence[int]
    tops: Sequence[int]
    limits: Sequence[tuple[int, int, int, bool]]
    """Of watches that have to pass: number, clock in the zone, its greatest reading, and whether it is a date."""


class _Search:
    def __init__(self, model: Model, most: int) -> None:
        self.model, self.most = model, most
        self.graph = Graph(model)
        self.seen: dict[Place, list[Node]] = {}
        self.waiting: deque[Node] = deque()
        self.layouts: dict[Place, Layout] = {}
        self.moves: dict[Place, list[Move]] = {}

    def run(self) -> None:
        model = self.model
        before = Place(model.body.initial, (), (), ())
        self.layouts[before] = Layout([DATE] if model.has_date else [], [], [])
        zone = fresh(0).remap([FREE] * len(self.layouts[before].clocks))
        for draft in registered(model):
            self._land(None, before, zone, Move(Step("register", ""), draft, person=True))
        while self.waiting:
            self._expand(self.waiting.popleft())

    def _expand(self, node: Node) -> None:
        place, zone = node.place, node.zone
        if place not in self.moves:
            self.moves[place] = list(self._distinct(place))
        back = self._taken_back(place, zone) if any(move.late for move in self.moves[place]) else zone
        for move in self.moves[place]:
            due = zone if move.passes < 0 else self._due(place, back if move.late else zone, move.passes)
            if due is not None:
                self._land(node, place, due, move)

    # -- what may happen in a place

    def _distinct(self, place: Place) -> Iterator[Move]:
        """What may happen, less what changes nothing, and less what is the same as another."""
        seen = set()
        for move in self._possible(place):
            draft = move.draft
            same = draft.place == place and not draft.fresh and not draft.loose
            told = (move.step.name, draft.fired) if move.passes >= 0 else move.step.kind == "time"
            key = (draft.place, draft.fresh, draft.loose, move.person, move.late, told)
            if key not in seen and not (same and move.passes < 0):
                seen.add(key)
                yield move

    def _possible(self, place: Place) -> Iterator[Move]:
        """Everything that may happen: what passes, what people do, what the family fires."""
        model = self.model
        for late in (False, True) if model.sheet.correctable else (False,):
            for number, watch in enumerate(model.watches):
                if place.stands[number].run == "running":
                    for draft in passed(model, place, number):
                        step = Step("pass", watch.name, draft.fired, draft.fresh, late)
                        yield Move(step, draft, person=False, passes=number, late=late)
        for draft in toggled(model, place):
            yield Move(Step("family", "children"), draft, person=False)
        for transition in model.ways[place.state]:
            yield from self._fires(place, transition)
        if model.parent_ends is not None and place.state not in model.finals:
            closed = ended(model, Draft(place._replace(state=model.parent_ends)))
            yield Move(Step("family", "parent_ended"), closed, person=False)

    def _fires(self, place: Place, transition: Transition) -> Iterator[Move]:
        model, name = self.model, transition.trigger
        if not model.alters(place, transition):
            return
        if by_people(transition):
            for draft in fired(model, Draft(place), transition, person=True):
                for after in settled(model, draft, by_time=False):
                    yield Move(Step("act", name, after.fired, after.fresh), after, person=True)
        if not by_system(transition):
            return
        states = model.unwatched.get(name, frozenset())
        for kind, free in ((TIME, states is None or place.state in states), (FAMILY, name in model.family)):
            if free:
                for draft in fired(model, Draft(place), transition, person=False):
                    for after in settled(model, draft, by_time=True):
                        yield Move(Step(kind, name, after.fired, after.fresh), after, person=True)

    # -- when it may happen

    def _taken_back(self, place: Place, zone: Zone) -> Zone:
        """The readings after an act was taken back: any time went by, but a claim that waits was not broken yet."""
        later, monitor = zone.up(), self.model.monitor
        if place.pending and monitor and monitor.bound is not None:
            return later.at_most(self._layout(place).clocks.index(CLAIM) + 1, monitor.bound) or zone
        return later

    def _due(self, place: Place, zone: Zone, number: int) -> Zone | None:
        """The readings at which a watch may pass."""
        span = self.model.watches[number].bounds(place.stands[number])
        clocks = self._layout(place).clocks
        if span.fixed is not None:
            return zone.at_least(clocks.index(DATE) + 1, span.fixed)
        return zone.at_least(clocks.index(number) + 1, span.low) if number in clocks else zone

    def _layout(self, place: Place) -> Layout:
        known = self.layouts.get(place)
        if known is None:
            clocks = self.model.clocks(place)
            limits = [each for number in range(len(place.stands)) for each in self._limits(place, number, clocks)]
            known = Layout(clocks, [self.model.top(clock) for clock in clocks], limits)
            self.layouts[place] = known
        return known

    def _limits(self, place: Place, number: int, clocks: Sequence[int]) -> Iterator[tuple[int, int, int, bool]]:
        stand, watch = place.stands[number], self.model.watches[number]
        span = watch.bounds(stand)
        if stand.run == "running" and span.fixed is not None:
            yield number, clocks.index(DATE) + 1, span.fixed, True
        elif stand.run == "running" and number in clocks and span.high is not None:
            yield number, clocks.index(number) + 1, span.high, False

    # -- where it lands

    def _land(self, parent: Node | None, before: Place, zone: Zone, move: Move) -> None:
        """Bring the clocks over, let what is over pass at once, let time run, and keep what is new."""
        for place, asked in self._asked(before, move.draft):
            moved = self._moved(before, zone, place, move.draft, asked=asked, person=move.person)
            if moved is not None:
                self._settle(parent, place, moved, move.step, depth=0)

    def _asked(self, before: Place, draft: Draft) -> Iterator[tuple[Place, bool]]:
        """The place with the claim waiting or not, and whether it begins to wait now."""
        monitor, place = self.model.monitor, draft.place
        if monitor is None or place.state in monitor.goals:
            yield place._replace(pending=False), False
        elif before.pending:
            yield place._replace(pending=True), False
        elif place.state not in monitor.origins:
            yield place._replace(pending=False), False
        else:
            known = self.model.known(place)
            if monitor.when is None or self.model.judge.possible(known, ((monitor.when, True),)):
                yield place._replace(pending=True), True
            if monitor.when is not None and self.model.judge.possible(known, ((monitor.when, False),)):
                yield place._replace(pending=False), False

    def _moved(
        self, before: Place, zone: Zone, place: Place, draft: Draft, *, asked: bool, person: bool
    ) -> Zone | None:
        """The zone over the clocks of the new place: those that go on, and those that begin, together, within a day.

        What somebody enters late began earlier: then a deadline's clock reads more than the claim's, which counts from
        when it is known.
        """
        clocks, wanted = self._layout(before).clocks, self._layout(place).clocks
        beginning = [clock for clock in wanted if clock in draft.fresh or (clock == CLAIM and asked)]
        early = person and self.model.backdated
        sources = []
        for clock in wanted:
            if clock in beginning:
                sources.append(ZERO if self._exact(clock) and not early else FREE)
            else:
                sources.append(FREE if clock in draft.loose or clock not in clocks else clocks.index(clock) + 1)
        together = [wanted.index(clock) + 1 for clock in beginning if not self._exact(clock)]
        claim = wanted.index(CLAIM) + 1 if CLAIM in beginning else 0
        return _together(zone.remap(sources), together, claim, early=early)

    def _exact(self, clock: int) -> bool:
        return clock >= 0 and self.model.watches[clock].span.exact

    def _settle(self, parent: Node | None, place: Place, zone: Zone, step: Step, depth: int) -> None:
        """Let every deadline that is over already pass at once, and keep the rest."""
        if depth > len(self.model.watches) + 3:
            raise Endless(step.name)
        inside: Zone | None = zone
        for number, clock, high, dated in self._layout(place).limits:
            if inside is None:
                return
            over = inside.limit(0, clock, strict(-high))
            if over is not None and (dated or step.late):  # else it is due now: it passes from where it is kept
                self._pass_at_once(parent, place, over, step, number, depth)
            inside = inside.at_most(clock, high)
        if inside is not None:
            self._keep(parent, place, inside, step)

    def _pass_at_once(self, parent: Node | None, place: Place, zone: Zone, step: Step, number: int, depth: int) -> None:
        for draft in passed(self.model, place, number):
            for after, asked in self._asked(place, draft):
                moved = self._moved(place, zone, after, draft, asked=asked, person=False)
                told = step._replace(fired=(*step.fired, *draft.fired), begun=step.begun | draft.fresh)
                if moved is not None:
                    self._settle(parent, after, moved, told, depth + 1)

    def _keep(self, parent: Node | None, place: Place, zone: Zone, step: Step) -> None:
        layout, later = self._layout(place), zone.up()
        for _, clock, high, _ in layout.limits:
            later = later.at_most(clock, high) or later
        later = later.widen(layout.tops)
        known = self.seen.setdefault(place, [])
        here = next((node for node in known if node.zone.includes(later)), None)
        if here is None:
            here = Node(len(self.graph.nodes), place, later, parent, step)
            self.graph.nodes.append(here)
            known.append(here)
            if not self.model.over(place.marks):
                self.waiting.append(here)
            if len(self.graph.nodes) > self.most:
                raise _TooMany
        if parent is not None:
            self.graph.edges.append(Edge(parent.number, step, here.number))


TIME: Kind = "time"
FAMILY: Kind = "family"


def _together(zone: Zone, clocks: Sequence[int], claim: int, *, early: bool) -> Zone | None:
    """Clocks that begin with one act read alike, within the first day; entered late, more than the claim's."""
    first = claim or (clocks[0] if clocks else 0)
    found: Zone | None = zone
    if first and (claim or not early):
        found = zone.at_most(first, DAY)
    for clock in clocks:
        if found is not None and clock != first:
            found = found.limit(first, clock, weak(0))
        if found is not None and clock != first and not early:
            found = found.limit(clock, first, weak(0))
    return found
