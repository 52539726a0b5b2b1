"""The questions that can be asked about the guards of one body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.cel.tree import Node, children
from engine.edition import Edition, Sheet
from engine.guards import logic
from engine.guards.answers import IMPOSSIBLE, Answer, Cube, Fact, Literal, UndecidedError
from engine.guards.codes import Codes, encoded
from engine.guards.domains import Domain, Sort
from engine.guards.parts import Formula, Truth, Value
from engine.guards.question import Question, Tried
from engine.guards.translate import Translator, kept_as
from engine.guards.words import is_of_record, leaves, said

MOST_CUBES = 512
"""How many cubes may follow from one before the answer is given up."""

Asked = Literal | str
States = str | Sequence[str]


class Place(NamedTuple):
    """Where a question is asked: in one of some states (of none: in any), by a trigger, of these values and atoms."""

    states: tuple[str, ...] = ()
    trigger: str | None = None
    given: tuple[tuple[str, Any], ...] = ()
    cube: tuple[tuple[str, bool], ...] = ()


class Guards:
    """Questions about one body; see the package for what they mean. Answers are kept by what was asked."""

    def __init__(self, edition: Edition, sheet: Sheet) -> None:
        self.edition, self.sheet = edition, sheet
        self._into = Translator(edition, sheet, Codes())
        self._atoms: dict[str, Node] = {}
        self._answers: dict[Any, Answer] = {}

    def knows(self, name: str) -> bool:
        """Whether the body has such a variable."""
        return self._into.domains.knows(name)

    def name(self, text: str, tree: Node) -> None:
        """Let a part of a guard be asked by a text of its own, as an atom is."""
        self._atoms.setdefault(text, tree)

    def domain(self, name: str, trigger: str | None = None) -> Domain:
        """What a variable may hold, in the form of a trigger if one is named."""
        return self._into.domains.of(name, trigger)

    def possible(
        self,
        literals: Iterable[Asked],
        *,
        state: States = (),
        trigger: str | None = None,
        given: Mapping[str, Fact] | None = None,
        cube: Cube | None = None,
    ) -> Answer:
        """Whether all literals can come out as they say together; in a state (or in one of several), by a trigger, with
        these values.
        """
        wanted, place = tuple(map(_literal, literals)), Place(_states(state), trigger, _frozen(given), _frozen(cube))
        if (wanted, place) not in self._answers:
            with logic.turn:
                self._answers[wanted, place] = self._question(wanted, place).ask()
        return self._answers[wanted, place]

    def never(
        self, literals: Iterable[Asked], *, state: States = (), trigger: str | None = None, cube: Cube | None = None
    ) -> bool:
        """Whether it is proved that the literals cannot come out as they say together; quicker than a witness."""
        wanted, place = tuple(map(_literal, literals)), Place(_states(state), trigger, cube=_frozen(cube))
        if (wanted, place) in self._answers:
            return self._answers[wanted, place].impossible
        with logic.turn:
            never = self._question(wanted, place).refuted()
        if never:
            self._answers[wanted, place] = IMPOSSIBLE
        return never

    def reads(self, text: str) -> frozenset[str]:
        """What a guard reads, by the labels of a witness; measures by what they compute from."""
        with logic.turn:
            return frozenset(self._formula(text).reading.leaves)

    def always(self, text: str, **where: Any) -> bool:
        """Whether a guard surely holds, whatever the facts."""
        return self.unless(text, **where).impossible

    def unless(self, text: str, **where: Any) -> Answer:
        """Whether a guard may not hold: be false, or fail."""
        place = Place(_states(where.get("state", ())), where.get("trigger"), _frozen(where.get("given")))
        key = ("unless", text, place)
        if key not in self._answers:
            with logic.turn:
                question = self._question((), place)
                formula = self._formula(text)
                question.about(formula, logic.negated(formula.true), self._tried(text, holds=None))
                self._answers[key] = question.ask()
        return self._answers[key]

    def answered(
        self,
        text: str,
        given: Iterable[Asked],
        there: Iterable[str],
        *,
        state: States = (),
        trigger: str | None = None,
        cube: Cube | None = None,
    ) -> bool:
        """Whether a guard is proved to be true or false, and not to fail, where literals come out as they say and the
        variables `there` are set.
        """
        with logic.turn:
            question = self._question(tuple(map(_literal, given)), Place(_states(state), trigger, cube=_frozen(cube)))
            formula = self._formula(text)
            question.about(formula, logic.negated(logic.some([formula.true, formula.false])))
            question.demands += [self._into.present(name) for name in there]
            return question.refuted()

    def differs(self, other: Guards, first: str, second: str, **where: Any) -> tuple[Answer, Answer]:
        """Whether this edition's guard can hold where the other's does not, and the other way round."""
        with logic.turn:
            codes = Codes()
            mine, theirs = self._anew(codes), other._anew(codes)
            sides = [(self, mine.formula(first), first), (other, theirs.formula(second), second)]
            return _only(sides, codes, where), _only(sides[::-1], codes, where)

    def _anew(self, codes: Codes, given: Mapping[str, Value] | None = None) -> Translator:
        """Another translator of the same body."""
        return Translator(self.edition, self.sheet, codes, given, self._into.domains)

    def atoms(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The conditions over the record alone (`task.*`) of which these guards are made, measures included."""
        found: dict[str, None] = {}
        for text in texts:
            for node in self._parts(self._tree(text)):
                if is_of_record(node):
                    self._atoms.setdefault(said(node), node)
                    found[said(node)] = None
        return tuple(found)

    def _parts(self, tree: Node) -> Iterator[Node]:
        """The conditions in a guard, those in the measures that it reads, and those that choose between values."""
        for leaf in leaves(tree):
            yield leaf
            yield from self._inside(leaf)

    def _inside(self, node: Node) -> Iterator[Node]:
        if node["node"] == "ident" and node["name"].startswith("measure."):
            measure = self.sheet.body.measures[node["name"].removeprefix("measure.")]
            if measure.value is not None:
                tree = self.sheet.expressions[measure.value].tree()
                yield from self._parts(tree)
                yield from self._inside(tree)
        if node["node"] == "call" and node["function"] == "_?_:_" and node["type"] != "boolean":
            yield from self._parts(node["arguments"][0])
        for child in children(node):
            yield from self._inside(child)

    def after(
        self,
        cube: Cube,
        when: Iterable[Asked],
        assignments: Mapping[str, str],
        atoms: Sequence[str],
        *,
        state: States = (),
        trigger: str | None = None,
    ) -> list[dict[str, bool]]:
        """Every cube over `atoms` that may follow where `cube` holds, the guards `when` come out as they say and a
        transition sets these fields. Raises `UndecidedError`.
        """
        with logic.turn:
            place = Place(_states(state), trigger, cube=_frozen(cube))
            question = self._question(tuple(map(_literal, when)), place)
            changed = {f"task.{name}": self._assigned(question, name, text) for name, text in assignments.items()}
            later = self._anew(self._into.codes, changed)
            found = []
            for text in atoms:
                formula = later.formula(text, self._tree(text))
                question.about(formula, logic.TRUE)
                found.append(formula.true)
            return [dict(zip(atoms, way, strict=True)) for way in _ways(question, found)]

    def _assigned(self, question: Question, name: str, text: str) -> Value:
        """What a field holds after a `set`: a plain copy, or what is computed and read as a value of the field."""
        field, formula = f"task.{name}", self._into.formula(text)
        question.reading.add(formula.reading)
        part = formula.part
        value = Value(Sort.BOOLEAN, part.true, logic.some(part)) if isinstance(part, Truth) else part
        domain, copied = self._into.domains.of(field), text in question.reading.leaves
        fitting = self._into.as_sort(value, domain.sort)
        if fitting is None or (domain.sort is Sort.LIST and not isinstance(fitting.value, str)):
            fresh = f"{field} set to {text}"
            anything = fresh if domain.sort is Sort.LIST else logic.constant(fresh, kept_as(domain.sort))
            return Value(domain.sort, anything, logic.truth(f"ok {fresh}"))
        if copied:
            return fitting
        question.demands += [*formula.reading.musts, fitting.ok]
        empty = fitting.value == self._into.codes.of("") if domain.sort is Sort.TEXT else logic.FALSE
        return Value(fitting.sort, fitting.value, logic.negated(empty))

    def _question(self, wanted: Sequence[Literal], place: Place) -> Question:
        question = Question(self._into.codes, lambda name: self._into.domains.of(name, place.trigger))
        for each in wanted:
            formula = self._formula(each.text)
            statement = formula.true if each.holds else formula.false
            question.about(formula, statement, self._tried(each.text, holds=each.holds))
        for text, holds in place.cube:
            formula = self._formula(text)
            question.about(formula, formula.true if holds else logic.negated(formula.true))
        for name, fact in place.given:
            self._give(question, name, fact)
        question.within(place.states)
        return question

    def _give(self, question: Question, name: str, fact: Fact) -> None:
        """Fix the value of a variable, or that it is not set."""
        formula = self._into.formula(name, {"node": "ident", "name": name, "kind": "", "type": "any", "at": "1:1"})
        question.about(formula, logic.TRUE)
        leaf = formula.reading.leaves[name]
        if fact is None:
            question.demands.append(logic.negated(leaf.ok))
        else:
            question.demands += [leaf.ok, leaf.value == self._coded(leaf.sort, fact)]

    def _coded(self, sort: Sort, fact: Fact) -> Any:
        if isinstance(fact, bool):
            return logic.TRUE if fact else logic.FALSE
        if isinstance(fact, float | int):
            return logic.number(float(fact))
        number = self._into.codes.of(str(fact)) if sort is Sort.TEXT else encoded(str(fact), sort)
        if number is None:
            raise ValueError(f"{fact!r} is no {sort}")
        return logic.code(number)

    def _tried(self, text: str, *, holds: bool | None) -> Tried | None:
        known = text in self.sheet.expressions
        return Tried(self.edition, self.sheet, text, holds) if known else None

    def _tree(self, text: str) -> Node:
        return self._atoms[text] if text in self._atoms else self.sheet.expressions[text].tree()

    def _formula(self, text: str) -> Formula:
        return self._into.formula(text, self._atoms.get(text))


def _only(sides: Sequence[tuple[Guards, Formula, str]], codes: Codes, where: Mapping[str, Any]) -> Answer:
    """Whether the first of two guards can hold where the second does not."""
    (mine, formula, text), (theirs, other, second) = sides
    trigger = where.get("trigger")

    def domain(name: str) -> Domain:
        found = [each.domain(name, trigger) for each in (mine, theirs) if each.knows(name)]
        return found[0] if len(found) == 1 else found[0].joined(found[1])

    question = Question(codes, domain)
    question.about(formula, formula.true, Tried(mine.edition, mine.sheet, text, holds=True))
    question.about(other, logic.negated(other.true), Tried(theirs.edition, theirs.sheet, second, holds=None))
    question.within(_states(where.get("state", ())))
    return question.ask()


def _ways(question: Question, parts: Sequence[Any]) -> Iterator[list[bool]]:
    """Every way in which the parts can come out."""
    demand = question.demand()
    for _ in range(MOST_CUBES):
        try:
            model = question.exact(demand)
        except logic.GaveUpError as problem:
            raise UndecidedError(str(problem)) from problem
        if model is None:
            return
        way = [model.holds(part) for part in parts]
        yield way
        same = [part if held else logic.negated(part) for part, held in zip(parts, way, strict=True)]
        demand.add([logic.negated(logic.every(same))])
    raise UndecidedError(f"more than {MOST_CUBES} cubes may follow")


def _states(asked: States) -> tuple[str, ...]:
    return (asked,) if isinstance(asked, str) else tuple(asked)


def _literal(asked: Asked) -> Literal:
    return Literal(asked) if isinstance(asked, str) else asked


def _frozen(facts: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((facts or {}).items()))
