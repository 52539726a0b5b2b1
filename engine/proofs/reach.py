"""Whether states can be reached from everywhere, whatever happened before: a way is looked for that surely is there.

The model allows too much, so that a way of the model may not be there. A step counts here only where it surely is: its
guards hold for some form that the actor can choose, whatever the record and the history are, and wherever it may lead
there is a way on. What people can bring about where they are counts too: a row of the plan that they may set, children
that they may open, or end. From where even the model has no way there is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

from engine.cel.tree import walk
from engine.machine import sources
from engine.model import Transition
from engine.model.fields import FieldType
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Text
from engine.proofs.claims import Claim
from engine.proofs.domains import Range, Value, Words, exactly, word
from engine.proofs.drafts import Draft, Endless, fired, settled
from engine.proofs.explore import Graph, Node
from engine.proofs.judging import Facts, Known, Ranges, Truths
from engine.proofs.looks import moving
from engine.proofs.model import Model, Place, by_people, effects_of
from engine.proofs.total import unsure
from engine.proofs.trees import written

MOST_FORMS = 48

NOW: Mapping[str, str] = {
    "today": "2020-06-15",
    "occurred_on": "2020-06-15",
    "this_month": "2020-06",
    "last_month": "2020-05",
}
"""A day for all days: dates of forms are compared with it alone, never with a date that is fixed."""


def cannot_reach(claim: Claim, graph: Graph, sure: frozenset[Place]) -> tuple[list[Node], Text | None]:
    """The nodes from which not even the model has a way, and the reason where some are not in a `sure` place."""
    goals = set(claim.goals)
    possible = _backwards(graph, {node.number for node in graph.nodes if node.place.state in goals})
    lost = {node.place.state for node in graph.nodes if node.number not in possible}
    lost -= {node.place.state for node in graph.nodes if node.number in possible}
    asked = [node for node in graph.nodes if node.place.state in claim.states]
    nowhere = [node for node in asked if node.place.state in lost]
    if nowhere:
        return nowhere, None
    unsafe = [node for node in asked if node.place not in sure]
    return [], _why(graph.model, unsafe[0].place) if unsafe else None


def _backwards(graph: Graph, reached: set[int]) -> set[int]:
    back: dict[int, set[int]] = {}
    for edge in graph.edges:
        back.setdefault(edge.target, set()).add(edge.origin)
    waiting = list(reached)
    while waiting:
        more = back.get(waiting.pop(), set()) - reached
        reached |= more
        waiting += more
    return reached


def _why(model: Model, place: Place) -> Text:
    state = model.body.states[place.state]
    ways = [each for each in model.body.transitions if place.state in model.sources[each.trigger]]
    leading = [each for each in ways if any(branch.state not in (STAY, PREVIOUS) for branch in each.to)]
    zh = f"在“{state.zh}”时没有一定可行的出路：{'、'.join(each.zh for each in leading) or '无'}的条件可能不成立"
    named = ", ".join(f"`{each.trigger}`" for each in leading) or "nothing"
    en = f"no way on from [{state.en}] is certain: the guards of {named} may not hold"
    return Text(zh, en)


def certain(graph: Graph, goals: frozenset[str], ranges: Ranges) -> frozenset[Place]:
    """The places from which a way to the goals is certain."""
    good = {node.place for node in graph.nodes if node.place.state in goals}
    acts, by_time = Acts(graph.model, ranges), _by_time(graph)
    ways = {place: Ways(acts, place, list(by_time.get(place, ()))) for place in _nearest_first(graph, good)}
    grown = True
    while grown:
        before = len(good)
        for place in [place for place in ways if place not in good]:
            if ways[place].lead_into(good):
                good.add(place)
        grown = len(good) > before
    return frozenset(good)


def _nearest_first(graph: Graph, good: set[Place]) -> list[Place]:
    """The places from which the model has a way, those first whose ways are short; the good ones are left out."""
    back: dict[Place, dict[Place, None]] = {}
    for edge in graph.edges:
        back.setdefault(graph.nodes[edge.target].place, {})[graph.nodes[edge.origin].place] = None
    found = dict.fromkeys(node.place for node in graph.nodes if node.place in good)
    waiting = deque(found)
    while waiting:
        more = [place for place in back.get(waiting.popleft(), ()) if place not in found]
        found |= dict.fromkeys(more)
        waiting += more
    return [place for place in found if place not in good]


class Ways:
    """The certain ways on from a place, worked out no further than until one of them leads where it should."""

    def __init__(self, acts: Acts, place: Place, known: list[frozenset[Place]]) -> None:
        self.known, self.more = known, acts.sure(place)

    def lead_into(self, good: set[Place]) -> bool:
        """Whether one of them, wherever it may lead, stays within the good places."""
        if any(way <= good for way in self.known):
            return True
        for way in self.more:
            self.known.append(way)
            if way <= good:
                return True
        return False


def _by_time(graph: Graph) -> Mapping[Place, list[frozenset[Place]]]:
    """Where a deadline surely passes if nobody does anything: every place to which time alone may lead first."""
    model, found = graph.model, dict[Place, set[Place]]()
    for edge in graph.edges:
        if edge.step.kind in ("pass", "time"):
            found.setdefault(graph.nodes[edge.origin].place, set()).add(graph.nodes[edge.target].place)
    return {place: [frozenset(targets)] for place, targets in found.items() if _ends_by_time(model, place)}


def _ends_by_time(model: Model, place: Place) -> bool:
    for watch, stand in zip(model.watches, place.stands, strict=True):
        span = watch.bounds(stand)
        if stand.run == "running" and span.sure and (span.high is not None or span.fixed is not None):
            return True
    return False


@dataclass
class Acts:
    """The acts of a body that are surely possible; what does not hang on the place is worked out once."""

    model: Model
    ranges: Ranges
    _forms: dict[str, list[Facts]] = field(default_factory=dict)
    _open: dict[str, list[Transition]] = field(default_factory=dict)
    _helped: dict[str, Facts] = field(default_factory=dict)

    def sure(self, place: Place) -> Iterator[frozenset[Place]]:
        """For each act that is surely possible, every place to which it may lead; what children fire is an act on
        them.
        """
        for transition in self.possible(place.state):
            if self.model.alters(place, transition):
                for facts in self._ways(place, transition):
                    found = _outcomes(self.model, place, transition, self.ranges, facts)
                    if found:
                        yield found

    def possible(self, state: str) -> list[Transition]:
        """The acts of a state that nothing but their guards can stand in the way of."""
        if state not in self._open:
            model = self.model
            self._open[state] = [
                each
                for each in model.ways[state]
                if (by_people(each) or each.trigger in model.family)
                and not _may_be_refused(model, state, each)
            ]
        return self._open[state]

    def _ways(self, place: Place, transition: Transition) -> Iterator[Facts]:
        """Forms with which an act is surely not refused, as facts."""
        base = self.ranges.facts(self.model.known(place), ())
        if base is None:
            return
        base = {**self._fixed, **base, **self.helped(place.state), **{name: word(text) for name, text in NOW.items()}}
        for form in self.forms(transition):
            facts = {**base, **form}
            if transition.when is None or self.ranges.value(self.ranges.tree(transition.when), facts) is True:
                yield facts

    @cached_property
    def _fixed(self) -> Facts:
        return {name: Words() for name in _dated(self.model)}

    def forms(self, transition: Transition) -> list[Facts]:
        """Ways to fill in the form of an act."""
        if transition.trigger not in self._forms:
            self._forms[transition.trigger] = list(islice(_forms(self.model, transition, self.ranges), MOST_FORMS))
        return self._forms[transition.trigger]

    def helped(self, state: str) -> Facts:
        """What people can bring about in a state without leaving it."""
        if state not in self._helped:
            self._helped[state] = _helped(self.model, state, self.ranges)
        return self._helped[state]


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
        drafts = [each for each in fired(told, Draft(place), transition, person=True) if each.fired[0][1] in open_to]
        return frozenset(after.place for each in drafts for after in settled(model, each, by_time=False))
    except Endless:
        return frozenset()


class _Told:
    """A judge who knows some facts for certain when the record changes."""

    def __init__(self, ranges: Ranges, facts: Facts, model: Model) -> None:
        self.ranges, self.facts, self.model = ranges, facts, model

    def possible(self, known: Known, wanted: Truths) -> bool:
        return self.model.judge.possible(known, wanted)

    def after(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> Iterable[Truths]:
        return list(self.ranges.follow(known, wanted, changes, self.facts))


def _may_be_refused(model: Model, state: str, transition: Transition) -> bool:
    """Whether something other than its guards may stand in the way of an act."""
    rights = (rule for rule in model.body.deadlines.values() if rule.open_to)
    closing = {way.trigger for rule in rights for way in rule.met_by}
    return (
        transition.window is not None
        or transition.trigger in closing
        or transition.corrects
        or unsure(model.sheet, transition.trigger, model.filled[state], chosen=True) is not None
        or (any(branch.state in model.finals for branch in transition.to) and _holds_up(model))
    )


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


def _dated(model: Model) -> Iterator[str]:
    """Parameters that are fixed dates: a day for all days is not compared with them."""
    for name, parameter in model.edition.process.parameters.items():
        if parameter.type in (FieldType.DATE, FieldType.MONTH, FieldType.INSTANT):
            yield f"param.{name}"


def _forms(model: Model, transition: Transition, ranges: Ranges) -> Iterator[Facts]:
    """Forms that people may choose, as facts about the fields that expressions read."""
    numbers = sorted({0.0, 100.0, *_numbers(model, transition, ranges)})
    read = _read(model, transition)
    choices = [_choices(name, transition, numbers) for name in transition.form if f"form.{name}" in read]
    for chosen in product(*choices):
        yield {name: value for part in chosen for name, value in part}


def _read(model: Model, transition: Transition) -> set[str]:
    """What of a form a transition looks at, or keeps."""
    texts = [transition.when, *(branch.when for branch in transition.to), *transition.set.values()]
    texts += [text for branch in transition.to for text in branch.set.values()]
    return {
        name
        for text in texts
        if text and text in model.sheet.expressions
        for name in model.sheet.expressions[text].names
    }


def _choices(name: str, transition: Transition, numbers: Iterable[float]) -> list[list[tuple[str, Value]]]:
    field, said = transition.form[name], f"form.{name}"
    values: list[Value] = []
    match field.type:
        case FieldType.BOOLEAN:
            values = [True, False]
        case FieldType.CHOICE:
            values = [word(each) for each in field.choices or {}]
        case FieldType.MONTH:
            values = [word(NOW["this_month"])]
        case FieldType.DATE:
            values = [word("2020-07-15"), word(NOW["today"]), word("2020-06-14")]
        case FieldType.PERCENT | FieldType.INTEGER | FieldType.DECIMAL | FieldType.MONEY | FieldType.QUANTITY:
            fit = [n for n in numbers if (field.minimum or 0) <= n and (field.maximum is None or n <= field.maximum)]
            values = [exactly(number) for number in fit]
        case _:
            return [[(f"has({said})", True)]]
    there: list[list[tuple[str, Value]]] = [[(said, value), (f"has({said})", True)] for value in values]
    return there if field.required else [*there, [(f"has({said})", False)]]


def _numbers(model: Model, transition: Transition, ranges: Ranges) -> Iterator[float]:
    for text in (transition.when, *(branch.when for branch in transition.to), *transition.set.values(), *model.atoms):
        if text is not None and text in model.sheet.expressions:
            for node in walk(ranges.tree(text)):
                if node["node"] == "const" and isinstance(node["value"], float):
                    yield node["value"]


def _helped(model: Model, state: str, ranges: Ranges) -> Facts:
    """What people can bring about in a state without leaving it: rows of the plan, and children opened or ended."""
    found: Facts = {}
    for transition in model.body.transitions:
        stays = all(branch.state == STAY and branch.when is None for branch in transition.to)
        free = stays and transition.when is None and state in model.sources[transition.trigger]
        if free and by_people(transition) and not _may_be_refused(model, state, transition):
            found |= _sets(model, transition, ranges)
    for name in model.body.children:
        if ends_quietly(model, name):
            found[f"open_children('{name}')"] = exactly(0.0)
    return found


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
