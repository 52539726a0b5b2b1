"""From a question about a body to the model that answers it: what is watched, counted and kept is what the question
hangs on, and no more. The rest may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.calendars import Calendar
from engine.cel.tree import Node, walk
from engine.edition import Edition, Sheet
from engine.expressions import Kind
from engine.model import Deadline
from engine.proofs.counts import UNTOLD, judged, most_told, revives
from engine.proofs.explore import MOST_NODES, Graph, explore
from engine.proofs.judging import Judge, Ranges, Truths
from engine.proofs.looks import fires, moving
from engine.proofs.model import Mark, Model, Monitor, Place, Watch, recurs
from engine.proofs.scales import Scale
from engine.proofs.solving import Solving
from engine.proofs.spans import Span, Spans
from engine.proofs.trees import compares_people, leaves, written
from engine.terms import Unit

MOST_ATOMS, MOST_MARKS = 7, 5
"""How many truths and how many counts are kept, the question's own first."""
MOST_WATCHES = 8


@dataclass(frozen=True)
class Ground:
    """A body with its calendar, and a judge of its guards; `ranges` reads its trees, `most` bounds a search."""

    edition: Edition
    calendar: Calendar
    sheet: Sheet
    ranges: Ranges
    judge: Judge
    most: int = MOST_NODES
    graphs: dict[Wish, Graph] = field(default_factory=dict, compare=False)
    certain: dict[tuple[Wish, frozenset[str]], frozenset[Place]] = field(default_factory=dict, compare=False)

    def explored(self, wish: Wish) -> Graph:
        """What can be reached in the model of a question; alike questions share it."""
        if wish not in self.graphs:
            self.graphs[wish] = explore(build(self, wish), self.most)
        return self.graphs[wish]

    @staticmethod
    def of(edition: Edition, calendar: Calendar, kind: str, most: int = MOST_NODES) -> Ground:
        """The ground of a body by its kind; `most` zones are looked at in one model."""
        ranges = Ranges(edition, edition.sheets[kind])
        return Ground(edition, calendar, edition.sheets[kind], ranges, ranges, most)


@dataclass(frozen=True)
class Wish:
    """How much a model keeps: the texts that the question `reads`, and guards on the way (`guards`); whether time is
    looked at (`timed`) and on which scale; whether a solver is asked (`solved`); `also` names deadlines to watch;
    `sought` is what the question looks for, where no way on from a place in which it can never hold again matters.
    """

    reads: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    timed: bool = False
    working: bool = False
    solved: bool = False
    monitor: Monitor | None = None
    also: tuple[str, ...] = ()
    sought: Truths = ()


def build(ground: Ground, wish: Wish) -> Model:
    """The model of a body for a question."""
    trees = list(_trees(ground, wish))
    watched = list(_watched(ground, wish, trees))[:MOST_WATCHES]
    spans = Spans(ground.edition, ground.sheet, Scale(ground.calendar, wish.working))
    deciding = [
        *trees,
        *(each for text in judged(ground.sheet) for each in _unfolded(ground, ground.ranges.tree(text))),
    ]
    marks = list(dict.fromkeys(mark for tree in trees for mark in _marks(tree)))[:MOST_MARKS]
    atoms = list(dict.fromkeys(atom for tree in trees for atom in _atoms(ground, tree)))[:MOST_ATOMS]
    return Model(
        ground.edition,
        ground.sheet,
        Solving.of(ground.ranges, atoms) if wish.solved else ground.judge,
        [_watch(spans, ground.sheet, name, _owed(ground, name, deciding)) for name in watched],
        [mark._replace(most=most_told(mark.text, deciding, ground.ranges)) for mark in marks],
        atoms,
        wish.monitor,
        _unwatched(ground.sheet, watched),
        wish.sought,
    )


def _trees(ground: Ground, wish: Wish) -> Iterator[Node]:
    """The conditions that the question hangs on: its own, then those on the way."""
    for text in (*wish.reads, *wish.guards):
        yield from _unfolded(ground, ground.ranges.tree(text))


def _unfolded(ground: Ground, tree: Node) -> Iterator[Node]:
    """A condition, and those behind the measures that it reads."""
    yield tree
    for node in walk(tree):
        if node["node"] == "ident" and node["name"].startswith("measure."):
            inner = ground.ranges.measure(node["name"].removeprefix("measure."))
            if inner is not None:
                yield from _unfolded(ground, inner)


def _marks(tree: Node) -> Iterator[Mark]:
    """The history that a condition counts."""
    for node in walk(tree):
        if node["node"] != "call":
            continue
        said = [each.get("value") for each in node["arguments"] if each["node"] == "const"]
        if node["function"] == "fired" and len(said) == 1:
            yield Mark("fired", str(said[0]), "", written(node))
        elif node["function"] == "fired_since" and len(said) == 2:
            yield Mark("since", str(said[0]), str(said[1]), written(node))
        elif compares_people(node):
            one, other = (str(each["arguments"][0].get("value")) for each in node["arguments"])
            yield Mark("same", one, other, written(node))


def _atoms(ground: Ground, tree: Node) -> Iterator[str]:
    """The parts of a condition that are about the record alone, and stay as they are while it does."""
    for leaf in leaves(tree):
        text = written(leaf)
        ground.ranges.trees.setdefault(text, leaf)
        found = ground.ranges.reads(text)
        fixed = all(_of_record(ground, name) for name in found)
        if _is_condition(leaf) and fixed and any(name.startswith("task.") for name in found):
            yield text


def _is_condition(node: Node) -> bool:
    return node["type"] == "boolean" or node.get("kind") == Kind.BOOLEAN


def _of_record(ground: Ground, name: str) -> bool:
    """Whether what an expression reads stays as it is while the record does."""
    record, _, rest = name.partition(".")
    computed = record == "measure" and ground.ranges.measure(rest) is not None
    return computed or (record in ("task", "param") and name != "task.id" and rest.isidentifier())


def _named(trees: Iterable[Node]) -> Iterator[str]:
    """Deadlines whose stand a condition reads exactly."""
    for tree in trees:
        for node in walk(tree):
            if node["node"] == "call" and node["function"] in ("running", "missed"):
                yield str(node["arguments"][0].get("value"))


def _watched(ground: Ground, wish: Wish, trees: list[Node]) -> Iterator[str]:
    deadlines = ground.sheet.body.deadlines
    wanted = {*wish.also, *_named(trees)}
    if wish.timed:
        triggers = moving(ground.sheet)
        wanted |= {name for name, rule in deadlines.items() if fires(rule) & triggers}
    yield from (name for name, rule in deadlines.items() if name in wanted and not recurs(rule))


def _owed(ground: Ground, name: str, trees: Iterable[Node]) -> int:
    """How far what is missed and owed is counted: where one may be answered, one more than guards tell apart."""
    rule, told = ground.sheet.body.deadlines[name], most_told(f"missed('{name}')", trees, ground.ranges)
    return max(told, UNTOLD) if told or revives(rule) else 0


def _watch(spans: Spans, sheet: Sheet, name: str, most: int) -> Watch:
    rule = sheet.body.deadlines[name]
    assert rule.due is not None, "what recurs is not watched"
    span = spans.of(rule.due)
    if span.fixed is not None and rule.pause:
        span = Span(0, None)
    if name in sheet.moving and not span.sure:
        span = Span(span.low, None, sure=False, exact=span.exact)
    return Watch(name, rule, span, _longer(spans, rule, span), most)


def _longer(spans: Spans, rule: Deadline, span: Span) -> Span:
    """The span of an occurrence that was extended: later by the cap at most; to another day, at any time before."""
    if rule.extend is None or span.fixed is not None or span.high is None:
        return Span(0, None) if rule.extend else span
    caps = spans.terms(rule.extend.up_to)
    if caps is None:
        return Span(0, None)
    most = max(spans.of_term(cap).high or 0 for cap in caps)
    return Span(0 if rule.extend.to else span.low, span.high + most, exact=span.exact)


def _unwatched(sheet: Sheet, watched: Iterable[str]) -> Mapping[str, frozenset[str] | None]:
    """What deadlines that are not watched may fire, and in which states (None: in any)."""
    found: dict[str, frozenset[str] | None] = {}
    for name, rule in sheet.body.deadlines.items():
        free = fires(rule) if name not in set(watched) else frozenset()
        for trigger in free:
            excused = rule.excused is not None and rule.excused.fire == trigger
            states = frozenset(rule.while_) if rule.while_ and not excused else None
            known = found.get(trigger, frozenset())
            found[trigger] = None if states is None or known is None else states | known
    return found


def counted_in_working_days(ground: Ground, text: str | None) -> bool:
    """Whether a term is one of working days, so that clocks read those."""
    terms = Spans(ground.edition, ground.sheet, Scale(ground.calendar, working=False)).terms(text) if text else None
    return bool(terms) and all(term.unit is Unit.WORKING_DAYS for term in terms or ())
