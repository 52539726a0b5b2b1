"""Starvation: time alone goes round in a circle in which one deadline is set back each time before it is due, so that
it never passes though it always runs: a reminder that enters the state anew, and starts another deadline anew with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.edition import Sheet
from engine.model.transitions import STAY
from engine.proofs.explore import Edge, Graph, Node
from engine.proofs.looks import chained, fires
from engine.proofs.model import recurs


def setback(sheet: Sheet) -> Iterator[str]:
    """The deadlines that fire, and that something which time fires may start anew."""
    triggers = {trigger for rule in sheet.body.deadlines.values() for trigger in fires(rule)}
    grown = True
    while grown:
        more = triggers.union(*(chained(sheet.transitions[trigger]) for trigger in triggers))
        grown, triggers = more != triggers, more
    branches = [branch for trigger in triggers for branch in sheet.transitions[trigger].to]
    entered = {branch.state for branch in branches if branch.state != STAY}
    for name, rule in sheet.body.deadlines.items():
        starts, again = rule.starts, {*rule.restart_by, *(rule.starts.triggers if rule.starts else ())}
        states = set(starts.enter if starts else rule.while_)
        if (rule.missed or rule.lapsed) and not recurs(rule) and (again & triggers or states & entered):
            yield name


def starved_in(graph: Graph) -> Iterator[tuple[str, Node]]:
    """Each deadline that may be starved, with a node on the circle in which it is."""
    for number, watch in enumerate(graph.model.watches):
        if not watch.fires:
            continue
        edges = [edge for edge in graph.edges if edge.step.kind in ("pass", "time") and not _passes(edge, watch.name)]
        circle = circles((node.number for node in graph.nodes), edges)
        for edge in edges:
            again = number in edge.step.begun and graph.nodes[edge.origin].place.stands[number].run == "running"
            if again and circle.get(edge.origin) == circle.get(edge.target, -1):
                yield watch.name, graph.nodes[edge.origin]
                break


def _passes(edge: Edge, name: str) -> bool:
    return edge.step.kind == "pass" and edge.step.name == name


def circles(nodes: Iterable[int], edges: Iterable[Edge]) -> Mapping[int, int]:
    """For each node the number of the circle (strongly connected part) in which it is, by Kosaraju's algorithm."""
    after: dict[int, list[int]] = {node: [] for node in nodes}
    before: dict[int, list[int]] = {node: [] for node in after}
    for edge in edges:
        after[edge.origin].append(edge.target)
        before[edge.target].append(edge.origin)
    part: dict[int, int] = {}
    for root in reversed(_in_order_of_end(after)):
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node not in part:
                part[node] = root
                waiting += before[node]
    return part


def _in_order_of_end(after: Mapping[int, list[int]]) -> list[int]:
    """The nodes as a search from each, into the depth, is done with them."""
    seen: set[int] = set()
    ended: list[int] = []
    for root in after:
        waiting = [(root, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                ended.append(node)
            elif node not in seen:
                seen.add(node)
                waiting += [(node, True), *((target, False) for target in after[node])]
    return ended
