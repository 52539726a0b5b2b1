"""From a claim to an answer: proved, or a way in which it may be broken, which is only a candidate until the engine
itself walked it; or unknown, with the reason.

A claim is looked at coarsely first; what cannot be proved so is looked at again with the guards on the way, and with
time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.machine import sources
from engine.problems import Text
from engine.proofs.building import Ground, Wish, counted_in_working_days
from engine.proofs.claims import Claim, has_consequence
from engine.proofs.explore import Graph, Node
from engine.proofs.judging import Truths
from engine.proofs.looks import choosing, moves, refusing, rights
from engine.proofs.model import CLAIM, Model, Monitor, recurs
from engine.proofs.reach import cannot_reach, certain, why_stuck
from engine.proofs.scales import Scale
from engine.proofs.spans import Spans
from engine.proofs.starving import setback, starved_in
from engine.proofs.total import may_fail
from engine.proofs.unanswered import dated, doubtful, guards_of, unanswered
from engine.proofs.zones import strict


@dataclass(frozen=True)
class Candidate:
    """A way in which a claim may be broken: where it ends, and what of it is the break."""

    node: Node
    trigger: str | None = None
    deadline: str | None = None


@dataclass(frozen=True, eq=False)
class Verdict:
    """`proved`; `broken` where the text alone shows it; `open` with candidates to try, and with the reason that holds
    if none of them is real. `zones` counts what was looked at; `stuck` names states from which no way on is certain.
    """

    claim: Claim
    answer: Literal["proved", "broken", "open"]
    reason: Text | None = None
    candidates: tuple[Candidate, ...] = ()
    graph: Graph | None = None
    zones: int = 0
    stuck: tuple[str, ...] = ()


MOST_CANDIDATES = 12


MOST_ROUNDS = 8
"""How often a claim is looked at more finely."""

COSTLY = 4000
"""Zones after which a finer look is not taken."""


def verdicts(ground: Ground, claim: Claim) -> Iterator[Verdict]:
    """The answers to a claim, each finer than the one before; the first that is not `open` is the last."""
    if claim.shape == "consequence":
        yield _consequence(ground, claim)
        return
    yield from _total(ground, claim) if claim.shape == "total" else _looked(ground, claim)


def _total(ground: Ground, claim: Claim) -> Iterator[Verdict]:
    """Each trigger is looked at by itself, so that what its guards hang on is kept: all of them coarsely first, then
    each as finely as it can be.
    """
    looks = [_looked(ground, replace(claim, about=each)) for each in doubtful(ground.sheet)]
    coarse = [(next(look), look) for look in looks]
    yield from (replace(first, claim=claim) for first, _ in coarse if first.answer == "open")
    found = [deque((first, *look), maxlen=1).pop() for first, look in coarse]
    left = [replace(last, claim=claim) for last in found if last.answer == "open"]
    yield from left or [Verdict(claim, "proved", zones=sum(last.zones for last in found))]


def _looked(ground: Ground, claim: Claim) -> Iterator[Verdict]:
    """The answers to a claim that hangs on what can be reached."""
    wish: Wish | None = first_wish(ground, claim)
    for _ in range(MOST_ROUNDS):
        if wish is None:
            return
        verdict = _answer(claim, ground, wish)
        yield verdict
        if verdict.answer == "proved" or verdict.zones > COSTLY:
            return
        wish = _finer(ground, claim, wish, verdict)


def _finer(ground: Ground, claim: Claim, wish: Wish, verdict: Verdict) -> Wish | None:
    """A finer look: with the guards on the ways that were found, and then with time; None where there is none."""
    if claim.shape == "reach":
        return _nearer(ground, wish, verdict)
    fired = {
        trigger
        for candidate in verdict.candidates[:4]
        for node in candidate.node.path()
        for trigger in (node.step.name, *(name for name, _ in node.step.fired))
    }
    found = [text for trigger in sorted(fired) for text in choosing(ground.sheet, trigger)]
    new = tuple(dict.fromkeys(text for text in found if text not in (*wish.guards, *wish.reads)))
    if new:
        return replace(wish, guards=(*wish.guards, *new))
    if not wish.solved:
        return replace(wish, solved=True)
    return replace(wish, timed=True) if not wish.timed else None


def _nearer(ground: Ground, wish: Wish, verdict: Verdict) -> Wish | None:
    """A finer look at where no way to the goals is certain: at what acts there are refused by, at time, at where they
    lead, and at last at what any act is refused by.
    """
    body = ground.sheet.body
    leading = [each for each in body.transitions if moves(each)]
    there = [each for each in leading if not set(verdict.stuck).isdisjoint(sources(body, each))]
    refused = [each.when for each in there if each.when is not None]
    led = [text for each in there for text in choosing(ground.sheet, each.trigger)]
    for texts in (refused, None, led, refusing(ground.sheet)):
        if texts is None and not wish.timed:
            return replace(wish, timed=True, also=tuple(rights(ground.sheet)))
        new = tuple(dict.fromkeys(text for text in texts or () if text not in wish.guards))
        if new:
            return replace(wish, guards=(*wish.guards, *new))
    return None


def _consequence(ground: Ground, claim: Claim) -> Verdict:
    if has_consequence(ground.sheet, str(claim.about)):
        return Verdict(claim, "proved")
    zh = "逾期之后什么也不发生：不触发操作，不提醒，也没有条件看它；如本意如此，请写 `advisory: true`"
    en = "nothing follows a miss: it fires nothing, reminds of nothing, and no guard looks at it; if that is meant, "
    return Verdict(claim, "broken", Text(zh, en + "write `advisory: true`"))


def _answer(claim: Claim, ground: Ground, wish: Wish) -> Verdict:
    graph = ground.explored(wish)
    zones = len(graph.nodes)
    if not graph.whole:
        return Verdict(claim, "open", _stopped(str(graph.stopped)), (), graph, zones)
    if claim.shape == "reach":
        return _reach(claim, graph, ground, wish)
    found, reason = _SHAPES[claim.shape](claim, graph)
    if not found and reason is None:
        return Verdict(claim, "proved", None, (), graph, zones)
    return Verdict(claim, "open", reason or _UNREAL, tuple(found[:MOST_CANDIDATES]), graph, zones)


_UNREAL = Text(
    "抽象模型里有一条路径会违反它，但引擎没能照着走成",
    "there is a way to break it in the model, which the engine itself could not be made to walk",
)


def _stopped(why: str) -> Text:
    kind, _, what = why.partition(":")
    if kind == "endless":
        return Text(
            f"操作 `{what}` 可能循环触发，没有尽头", f"triggers may fire one another without an end at `{what}`"
        )
    return Text(f"超过 {what} 个区域，未能穷尽", f"more than {what} zones: not everything was looked at")


# -- how a claim is looked at


def first_wish(ground: Ground, claim: Claim) -> Wish:
    """The coarsest model in which a claim is looked at."""
    reads = (*claim.holds, *claim.fails)
    match claim.shape:
        case "never":
            return Wish(reads, sought=_sought(claim))
        case "within":
            working = counted_in_working_days(ground, claim.term)
            return Wish(reads, timed=True, working=working, monitor=_monitor(ground, claim, working=working))
        case "fires":
            return Wish(also=(str(claim.about),))
        case "total":
            guards = guards_of(ground.sheet, str(claim.about))
            return Wish((*reads, *guards), also=tuple(dated(ground.sheet, guards)))
        case "starved":
            also = tuple(setback(ground.sheet))
            return Wish(also=also, timed=bool(also))
        case _:
            return Wish(reads)


def _monitor(ground: Ground, claim: Claim, *, working: bool) -> Monitor:
    """The claim's clock. Its term is over at the earliest reading at which it may be."""
    when = " && ".join(f"({text})" for text in claim.holds) or None
    if when is not None and len(claim.holds) == 1:
        when = claim.holds[0]
    bound = None
    if claim.term is not None:
        spans = Spans(ground.edition, ground.sheet, Scale(ground.calendar, working))
        terms = spans.terms(claim.term) or []
        bound = min((spans.of_term(term).low for term in terms), default=0)
    return Monitor(frozenset(claim.states), frozenset(claim.goals), when, bound)


# -- the shapes


Found = tuple[list[Candidate], Text | None]


def _sought(claim: Claim) -> Truths:
    """What must not hold in any of the claim's states."""
    return (*((text, True) for text in claim.holds), *((text, False) for text in claim.fails))


def _never(claim: Claim, graph: Graph) -> Found:
    wanted = _sought(claim)
    model, states = graph.model, set(claim.states)

    def broken(node: Node) -> bool:
        return node.place.state in states and model.judge.possible(model.known(node.place), wanted)

    return [Candidate(node) for node in graph.nodes if broken(node)], None


def _within(_: Claim, graph: Graph) -> Found:
    bound = graph.model.monitor.bound if graph.model.monitor else None
    waiting = [node for node in graph.nodes if node.place.pending]
    if bound is None:
        return _for_ever(graph, waiting), None
    late = [node for node in waiting if _later(graph.model, node, bound)]
    return [Candidate(node) for node in late], None


def _later(model: Model, node: Node, bound: int) -> bool:
    clock = model.clocks(node.place).index(CLAIM) + 1
    return node.zone.limit(0, clock, strict(-bound)) is not None


def _for_ever(graph: Graph, waiting: list[Node]) -> list[Candidate]:
    """Where a claim may wait for ever: nothing ever ends the waiting, or it goes round in a circle."""
    standing = [Candidate(node) for node in waiting if node.zone.bounds.count(0) == 0 and _stands(graph.model, node)]
    if standing:
        return standing
    among = {node.number for node in waiting}
    after: dict[int, set[int]] = {number: set() for number in among}
    for edge in graph.edges:
        if edge.origin in among and edge.target in among:
            after[edge.origin].add(edge.target)
    while leaf := {number for number, targets in after.items() if not targets}:
        after = {number: targets - leaf for number, targets in after.items() if number not in leaf}
    return [Candidate(graph.nodes[number]) for number in sorted(after)]


def _stands(model: Model, node: Node) -> bool:
    """Whether time may go on in a node without an end."""
    stood = [(number, stand) for number, stand in enumerate(node.place.stands) if stand.run == "running"]
    spans = [model.watches[number].bounds(stand) for number, stand in stood]
    return all(span.high is None and span.fixed is None for span in spans)


def _final(claim: Claim, graph: Graph) -> Found:
    finals, found = set(claim.states), []
    for edge in graph.edges:
        origin, target = graph.nodes[edge.origin], graph.nodes[edge.target]
        left = origin.place.state in finals and target.place.state not in finals
        if left and edge.step.kind in ("pass", "time"):
            found.append(Candidate(origin, trigger=edge.step.name))
    return found, None


def _fires(claim: Claim, graph: Graph) -> Found:
    rule = graph.model.body.deadlines[str(claim.about)]
    (trigger,) = (fire.fire for fire in (rule.missed, rule.lapsed) if fire)
    if recurs(rule):
        return _fires_anywhere(graph, trigger, rule.while_), None
    found = [
        Candidate(graph.nodes[edge.origin], trigger, claim.about)
        for edge in graph.edges
        if edge.step.kind == "pass" and edge.step.name == claim.about and edge.step.fired[:1] == ((trigger, -1),)
    ]
    return found, None


def _fires_anywhere(graph: Graph, trigger: str, states: Iterable[str]) -> list[Candidate]:
    """Where a recurring deadline may pass and what it fires may not be possible."""
    model, transition = graph.model, graph.model.sheet.transitions[trigger]
    among = set(states) or set(model.body.states) - model.finals
    places = (node for node in graph.nodes if node.place.state in among)
    return [Candidate(node, trigger) for node in places if may_fail(model, node.place, transition).maybe]


def _unanswered(claim: Claim, graph: Graph) -> Found:
    model, transition = graph.model, graph.model.sheet.transitions[str(claim.about)]
    given, wanted = tuple((text, True) for text in claim.holds), model.sources[transition.trigger]
    places = [node for node in graph.nodes if node.place.state in wanted]
    found = [(node, unanswered(model, node.place, transition, given)) for node in places]
    doubts = [(node, text) for node, text in found if text is not None]
    why = (
        Text(
            f"操作 `{claim.about}` 的条件可能无法判断：{doubts[0][1]}",
            f"a guard of `{claim.about}` may have no answer: {doubts[0][1]}",
        )
        if doubts
        else None
    )
    return [Candidate(node, transition.trigger) for node, _ in doubts], why


def _starved(_: Claim, graph: Graph) -> Found:
    return [Candidate(node, deadline=name) for name, node in starved_in(graph)], None


def _reach(claim: Claim, graph: Graph, ground: Ground, wish: Wish) -> Verdict:
    goals = frozenset(claim.goals)
    if (wish, goals) not in ground.certain:
        ground.certain[wish, goals] = certain(graph, goals, ground.ranges)
    lost, stuck = cannot_reach(claim, graph, ground.certain[wish, goals])
    zones = len(graph.nodes)
    if not lost and not stuck:
        return Verdict(claim, "proved", None, (), graph, zones)
    if stuck:
        return Verdict(claim, "open", why_stuck(graph.model, stuck[0]), (), graph, zones, tuple(stuck))
    narrower = replace(claim, states=tuple({node.place.state for node in lost}))
    return Verdict(narrower, "open", _UNREAL, tuple(map(Candidate, lost)), graph, zones)


_SHAPES: dict[str, Callable[[Claim, Graph], Found]] = {
    "never": _never,
    "within": _within,
    "final": _final,
    "fires": _fires,
    "starved": _starved,
    "total": _unanswered,
}
