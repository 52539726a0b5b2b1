"""Acts that are surely possible where a task is: nothing stands in their way, for some form that the actor can choose.

What people can bring about where they are counts too: a row of the plan that they may set, children that they may open,
or end; and what they may wait for: a window that opens, while nothing but time goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from engine.cel.tree import Node, walk
from engine.machine import sources
from engine.model import Transition
from engine.model.transitions import STAY
from engine.once import once
from engine.problems import Text
from engine.proofs.domains import Range, Words, exactly, word
from engine.proofs.drafts import Endless, fired, settled
from engine.proofs.forms import NOW, dated, forms
from engine.proofs.judging import Known, Ranges, Truths
from engine.proofs.looks import moving
from engine.proofs.model import Model, Place, by_people, effects_of
from engine.proofs.reacting import Draft
from engine.proofs.total import is_dated, unsure
from engine.proofs.trees import written
from engine.proofs.valuing import Facts

MOST_FORMS = 48


@dataclass
class Acts:
    """The acts of a body that are surely possible; what does not hang on the place is worked out once."""

    model: Model
    ranges: Ranges
    by_time: Mapping[Place, frozenset[Place]]
    _forms: dict[str, list[Facts]] = field(default_factory=dict)
    _open: dict[tuple[str, frozenset[str]], list[Transition]] = field(default_factory=dict)
    _helped: dict[str, Facts] = field(default_factory=dict)
    _facts: dict[Place, Facts | None] = field(default_factory=dict)

    def sure(self, place: Place) -> Iterator[frozenset[Place]]:
        """For each act that is surely possible, every place to which it may lead; what children fire is an act on
        them. Whoever waits for its window to open may be overtaken by time.
        """
        for transition in self.possible(place):
            if self.model.alters(place, transition) and not used_up(self.model, place, transition):
                waited = self.by_time.get(place, frozenset()) if transition.window else frozenset()
                for facts in self._ways(place, transition):
                    found = _outcomes(self.model, place, transition, self.ranges, facts)
                    if found:
                        yield found | waited

    def possible(self, place: Place) -> list[Transition]:
        """The acts of a state that nothing but their guards and rights can stand in the way of."""
        model, state, there = self.model, place.state, self.model.there(place)
        if (state, there) not in self._open:
            acts = [each for each in model.ways[state] if by_people(each) or each.trigger in model.family]
            self._open[state, there] = [each for each in acts if hindrance(model, each, there) is None]
        return self._open[state, there]

    def _ways(self, place: Place, transition: Transition) -> Iterator[Facts]:
        """Forms with which an act is surely not refused, as facts."""
        base = self._known(place)
        if base is None:
            return
        for form in self.forms(transition):
            facts = {**base, **form}
            if transition.when is None or self.ranges.value(self.ranges.tree(transition.when), facts) is True:
                yield facts

    def _known(self, place: Place) -> Facts | None:
        """What is known of the record and of today in a place, with what people can bring about there."""
        if place not in self._facts:
            facts = self.ranges.facts(self.model.known(place), ())
            if facts is not None:
                now = {name: word(text) for name, text in NOW.items()}
                facts = {**self._fixed, **facts, **self.helped(place.state), **now}
            self._facts[place] = facts
        return self._facts[place]

    @once
    def _fixed(self) -> Facts:
        return {name: Words() for name in dated(self.model)}

    def forms(self, transition: Transition) -> list[Facts]:
        """Ways to fill in the form of an act."""
        if transition.trigger not in self._forms:
            self._forms[transition.trigger] = list(islice(forms(self.model, transition, self.ranges), MOST_FORMS))
        return self._forms[transition.trigger]

    def helped(self, state: str) -> Facts:
        """What people can bring about in a state without leaving it."""
        if state not in self._helped:
            model, found = self.model, dict(self._quiet)
            for transition, sets in self._setting:
                possible = state in model.sources[transition.trigger]
                if possible and hindrance(model, transition, model.filled[state]) is None:
                    found |= sets
            self._helped[state] = found
        return self._helped[state]

    @once
    def _quiet(self) -> Facts:
        """Children whose end people can bring about, none of which is open then."""
        quiet = (name for name in self.model.body.children if ends_quietly(self.model, name))
        return {f"open_children('{name}')": exactly(0.0) for name in quiet}

    @once
    def _setting(self) -> Sequence[tuple[Transition, Facts]]:
        """The acts that stay where they are and hang on nothing, with what they may set: rows of the plan, and
        children.
        """
        found = [(each, _sets(self.model, each, self.ranges)) for each in self.model.body.transitions if _is_free(each)]
        return [(each, sets) for each, sets in found if sets and not _needs_right(self.model, each)]


def _outcomes(model: Model, place: Place, transition: Transition, ranges: Ranges, facts: Facts) -> frozenset[Place]:
    """Every place to which an act may lead with these facts; none where it may be that no branch holds."""
    told = model.asking(_Told(ranges, facts, model))
    open_to: set[int] = set()
    for number, branch in enumerate(transition.to):
        truth = True if branch.when is None else ranges.value(ranges.tree(branch.when), facts)
        if truth is not False:
            open_to.add(number)
        if truth is True:
            break
    else:
        return frozenset()
    try:
        drafts = fired(told, Draft(place), transition, person=True, among=open_to)
        return frozenset(after.place for each in drafts for after in settled(model, each, by_time=False))
    except Endless:
        return frozenset()


class _Told:
    """A judge who knows some facts for certain when the record changes."""

    def __init__(self, ranges: Ranges, facts: Facts, model: Model) -> None:
        self.ranges, self.facts, self.model = ranges, facts, model

    def possible(self, known: Known, wanted: Truths) -> bool:
        return self.model.judge.possible(known, wanted)

    def tree(self, text: str) -> Node:
        return self.model.judge.tree(text)

    def after(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> Iterable[Truths]:
        return list(self.ranges.follow(known, wanted, changes, self.facts))


def used_up(model: Model, place: Place, transition: Transition) -> bool:
    """Whether the act may need a right that has lapsed, or of which nothing is known."""
    watched = {watch.name: place.stands[number] for number, watch in enumerate(model.watches)}
    rights = (name for name, rule in model.body.deadlines.items() if rule.open_to)
    used = (name for name in rights if transition.trigger in closing(model, name))
    return any(name not in watched or watched[name].run == "lapsed" for name in used)


def _needs_right(model: Model, transition: Transition) -> bool:
    return any(
        rule.open_to and transition.trigger in closing(model, name) for name, rule in model.body.deadlines.items()
    )


def closing(model: Model, name: str) -> set[str]:
    """The acts that use a right."""
    return {way.trigger for way in model.body.deadlines[name].met_by}


def hindrance(model: Model, transition: Transition, there: frozenset[str]) -> Text | None:
    """What other than its guards and rights may stand in the way of an act, if anything may."""
    if transition.corrects:
        return Text("更正回到原处", "to correct leads back")
    if not _opens(model, transition, there):
        return Text("时间窗可能已过或无从计算", "its window may be over, or have no date")
    missing = unsure(model.sheet, transition.trigger, there, chosen=True)
    if missing is not None:
        return _MISSING[missing]
    if any(branch.state in model.finals for branch in transition.to) and _holds_up(model):
        return Text("未了结的子事项可能挡住终结", "an open child may hold up the end")
    return None


_MISSING: Mapping[str, Text] = {
    "guard_error": Text("条件读到的值可能缺失", "its guard may read what is not there"),
    "computed": Text(
        "它或由它开始的时限所计算的值可能缺失", "it, or a deadline that it starts, may work out what is not there"
    ),
    "fields": Text("所开子事项的必填项可能缺失", "the child that it opens may lack what it requires"),
    "extension": Text("可能已无可延之期", "there may be nothing left to extend"),
}


def _opens(model: Model, transition: Transition, there: frozenset[str]) -> bool:
    """Whether the window of an act surely opens, and never closes."""
    window = transition.window
    if window is None:
        return True
    sides = [each for each in (window.not_before, window.after) if each is not None]
    return window.not_after is None and all(is_dated(model.sheet, each, there) for each in sides)


def _holds_up(model: Model) -> bool:
    """Whether an open child may hold up the end, and may not be ended without more ado."""
    blocking = [name for name, child in model.body.children.items() if child.on_parent_end == "block"]
    return not all(ends_quietly(model, name) for name in blocking)


def ends_quietly(model: Model, kind: str) -> bool:
    """Whether people can end a child from every one of its states, by acts without a guard that move nothing here."""
    child = model.body.children[kind]
    told = {rule.fire for rule in child.on_end} | {str(each.fire) for each in effects_of(child) if each.on == "parent"}
    if told & moving(model.sheet):
        return False
    good = {name for name, state in child.states.items() if state.final}
    plain = [each for each in child.transitions if each.when is None and each.window is None and by_people(each)]
    total = [each for each in plain if any(branch.when is None for branch in each.to)]
    grown = True
    while grown:
        leading = [each for each in total if all(branch.state in good for branch in each.to)]
        more = {state for each in leading for state in sources(child, each)} - good
        grown = bool(more)
        good |= more
    return good == set(child.states)


def _is_free(transition: Transition) -> bool:
    """Whether people may do it where they are, by its text alone, and stay there."""
    stays = all(branch.state == STAY and branch.when is None for branch in transition.to)
    return stays and transition.when is None and transition.window is None and by_people(transition)


def _sets(model: Model, transition: Transition, ranges: Ranges) -> Facts:
    """What an act may set freely, for every text of the body that reads it."""
    found: Facts = {}
    change, free = transition.milestone, {f"form.{name}" for name in transition.form}
    opened = {effect.open for effect in transition.then if effect.open and effect.when is None}
    if change is None and not opened:
        return found
    for node in (node for text in model.sheet.expressions for node in walk(ranges.tree(text))):
        if node["node"] == "call" and node["type"] == "number":
            if change and change.key in free and change.set.get(node["function"]) in free:
                found[written(node)] = exactly(100.0)
            if node["function"] == "children" and node["arguments"][0].get("value") in opened:
                found[written(node)] = Range((float("inf"), 0))
    return found
