"""Whether states can be reached from everywhere, whatever happened before: a way is looked for that surely is there.

The model allows too much, so that a way of the model may not be there. A step counts here only where it surely is: its
guards hold for some form that the actor can choose, whatever the record and the history are, and wherever it may lead
there is a way on (`acting`); or time alone leads on, wherever it leads first. From where even the model has no way
there is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from engine.model import Transition
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Text
from engine.proofs.acting import Acts, closing, hindrance
from engine.proofs.claims import Claim
from engine.proofs.explore import Graph, Node
from engine.proofs.judging import Ranges
from engine.proofs.model import Model, Place, Stand, by_people


def cannot_reach(claim: Claim, graph: Graph, sure: frozenset[Place]) -> tuple[list[Node], list[str]]:
    """The nodes from which not even the model has a way; else the states in which the certain ways end before the goals
    are reached, where some nodes are not in a `sure` place.
    """
    goals = set(claim.goals)
    possible = _backwards(graph, {node.number for node in graph.nodes if node.place.state in goals})
    lost = {node.place.state for node in graph.nodes if node.number not in possible}
    lost -= {node.place.state for node in graph.nodes if node.number in possible}
    asked = [node for node in graph.nodes if node.place.state in claim.states]
    nowhere = [node for node in asked if node.place.state in lost]
    unsure = dict.fromkeys(node.place.state for node in asked if node.place not in sure)
    return nowhere, [] if nowhere or not unsure else _stuck(graph, sure) or list(unsure)


def _stuck(graph: Graph, sure: frozenset[Place]) -> list[str]:
    """The states of places that are not sure, of those that one step may bring to a sure one."""
    steps = ((graph.nodes[edge.origin].place, graph.nodes[edge.target].place) for edge in graph.edges)
    return list(dict.fromkeys(origin.state for origin, target in steps if origin not in sure and target in sure))


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


def why_stuck(model: Model, name: str) -> Text:
    """Why no way on from a state is certain: what may stand in the way of each act that leads on."""
    state = model.body.states[name]
    leading = [each for each in model.ways[name] if any(branch.state not in (STAY, PREVIOUS) for branch in each.to)]
    causes = [(each, _cause(model, name, each)) for each in leading]
    zh = "；".join(f"“{each.zh}”（{cause.zh}）" for each, cause in causes) or "没有任何操作由此走出"
    en = "; ".join(f"`{each.trigger}` ({cause.en})" for each, cause in causes) or "nothing leads on"
    cure_zh = "可写明一个不附条件的操作，或一个届满即走出的时限"
    cure_en = "an act without a condition would be one, or a deadline that leads on when it passes"
    return Text(
        f"在“{state.zh}”时没有一定可行的出路：{zh}。{cure_zh}",
        f"no way on from [{state.en}] is certain: {en}; {cure_en}",
    )


def _cause(model: Model, name: str, transition: Transition) -> Text:
    """What may stand in the way of an act in a state."""
    if not by_people(transition) and transition.trigger not in model.family:
        return Text("由时间触发，未必触发", "fired by time, if at all")
    blank = Place(name, (), (), ())
    found = hindrance(model, transition, model.there(blank._replace(stands=(Stand(),) * len(model.watches))))
    if found is not None:
        return found
    if transition.when is not None or all(branch.when is not None for branch in transition.to):
        return Text("条件可能不成立", "its guard may not hold")
    if any(rule.open_to and transition.trigger in closing(model, on) for on, rule in model.body.deadlines.items()):
        return Text("所用权利可能已届满", "the right that it uses may have lapsed")
    if any(branch.when is not None for branch in transition.to):
        return Text("走向何处取决于条件", "where it leads hangs on guards")
    return Text("之后未必有出路", "what follows it may lead nowhere")


def certain(graph: Graph, goals: frozenset[str], ranges: Ranges) -> frozenset[Place]:
    """The places from which a way to the goals is certain."""
    good = {node.place for node in graph.nodes if node.place.state in goals}
    acts = Acts(graph.model, ranges, _by_time(graph))
    ways = {place: Ways(acts, place) for place in _nearest_first(graph, good)}
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

    def __init__(self, acts: Acts, place: Place) -> None:
        passes = place in acts.by_time and _ends_by_time(acts.model, place)
        self.known, self.more = [acts.by_time[place]] if passes else [], acts.sure(place)

    def lead_into(self, good: set[Place]) -> bool:
        """Whether one of them, wherever it may lead, stays within the good places."""
        if any(way <= good for way in self.known):
            return True
        for way in self.more:
            self.known.append(way)
            if way <= good:
                return True
        return False


def _by_time(graph: Graph) -> Mapping[Place, frozenset[Place]]:
    """Every place to which time, and the family with it, may lead first where nobody does anything."""
    found: dict[Place, set[Place]] = {}
    for edge in graph.edges:
        if edge.step.kind != "act":
            found.setdefault(graph.nodes[edge.origin].place, set()).add(graph.nodes[edge.target].place)
    return {place: frozenset(targets) for place, targets in found.items()}


def _ends_by_time(model: Model, place: Place) -> bool:
    """Whether a deadline surely passes if nobody does anything: one that runs, and has a date."""
    return any(
        stand.run == "running" and watch.bounds(stand).sure
        for watch, stand in zip(model.watches, place.stands, strict=True)
    )
