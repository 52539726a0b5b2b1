"""Before a solver is asked: a handful of everyday facts are tried on the real guards.

Most guards of a sound definition can hold and can be false, and a few tries show it in a fraction of a millisecond.
What is seen here has been seen: the facts are such as the definition lets in. What is not seen proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.cel.tree import Node, walk
from engine.edition import Edition, Sheet
from engine.guards.answers import Literal
from engine.guards.codes import encoded
from engine.guards.domains import COUNTS, SORTS, Domain, Domains, Sort, of_field
from engine.guards.effort import LOOK, TRY, take
from engine.guards.trying import MEASURE, OWN
from engine.vocabulary import FUNCTIONS

POINTS = 48
"""How many different facts are tried."""

_DAYS = ["2022-03-15", "2022-03-31", "2022-02-28", "2022-04-01", "2024-12-31"]
_MONTHS = ["2022-03", "2022-02", "2022-04", "2024-12"]
_RESULTS = {each.name: SORTS[each.result] for each in FUNCTIONS}
_TOGETHER = (
    {"missed", "misses", "streak"},
    {"fired", "fired_within", "fired_since", "last", "actor_of"},
    {"children", "open_children", "ended_children"},
)
"""Functions whose answers hang together: two of a group in one question are left to the solver."""


@dataclass
class _Said:
    """What some guards say: the functions that they call, and the values that stand in them."""

    calls: set[str] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def add(self, other: _Said) -> None:
        self.calls |= other.calls
        self.numbers |= other.numbers
        self.texts |= other.texts


class Quick:
    """Tries on the guards of one body."""

    def __init__(self, edition: Edition, sheet: Sheet) -> None:
        self.edition, self.sheet = edition, sheet
        self.domains = Domains(edition, sheet)
        self._said: dict[str, _Said] = {}
        self._reads: dict[str, frozenset[str]] = {}

    def seen(self, literals: Sequence[Literal], states: Sequence[str], trigger: str | None) -> bool:
        """Whether facts were found for which the literals come out as they say."""
        said = _Said()
        for each in literals:
            said.add(self._words(each.text))
        if any(len(group & said.calls) > 1 for group in _TOGETHER):
            return False
        expressions = [(self.sheet.expressions[each.text], each.holds) for each in literals]
        for number in range(POINTS):
            take(TRY)
            point = Point(self, said, tuple(states), trigger, number)
            found = (expression.evaluate(point) for expression, _ in expressions)
            if all(
                came.error is None and came.value is holds for came, (_, holds) in zip(found, expressions, strict=True)
            ):
                return True
        return False

    def reads(self, text: str) -> frozenset[str]:
        """The variables and functions that a guard reads, those of its measures instead of them."""
        if text not in self._reads:
            expression, found = self.sheet.expressions[text], set[str]()
            for name in (*expression.names, *expression.calls):
                inner = self._measure(name)
                found |= self.reads(inner) if inner else {name}
            self._reads[text] = frozenset(each for each in found if not each.startswith("param."))
        return self._reads[text]

    def apart(self, first: str, second: str) -> bool:
        """Whether two guards plainly ask for different values of one variable, as of the state."""
        take(LOOK)
        one, other = (dict(_demanded(self.sheet.expressions[text].root)) for text in (first, second))
        return any(one[name] != other[name] for name in one.keys() & other.keys())

    def _measure(self, name: str) -> str | None:
        measure = self.sheet.body.measures.get(name.removeprefix(MEASURE)) if name.startswith(MEASURE) else None
        return measure.value if measure else None

    def _words(self, text: str) -> _Said:
        if text not in self._said:
            said = self._said[text] = _Said()
            for node in walk(self.sheet.expressions[text].root):
                self._learn(node, said)
        return self._said[text]

    def _learn(self, node: Node, said: _Said) -> None:
        match node["node"]:
            case "const" if node["type"] == "number":
                said.numbers.add(node["value"])
            case "const" if node["type"] == "text":
                said.texts.add(node["value"])
            case "call" if "kind" in node:
                said.calls.add(node["function"])
            case "ident" if "kind" in node:
                self._learn_name(node["name"], said)

    def _learn_name(self, name: str, said: _Said) -> None:
        if (inner := self._measure(name)) is not None:
            said.add(self._words(inner))
        elif name.startswith("param."):
            value = self.edition.parameters[name.removeprefix("param.")]
            for each in value.values() if isinstance(value, dict) else [value]:
                (said.numbers if isinstance(each, float) else said.texts).add(each)


@dataclass
class Point:
    """One set of facts, drawn when it is asked, the same each time; `number` tells one from the other."""

    quick: Quick
    said: _Said
    states: tuple[str, ...]
    trigger: str | None
    number: int
    _known: dict[Any, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        if name.startswith("param."):
            return self.quick.edition.parameters[name.removeprefix("param.")]
        if name not in self._known:
            self._known[name] = self._measured(name) if name.startswith(MEASURE) else self._variable(name)
        return self._known[name]

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name in OWN:
            return OWN[name](self, *arguments)
        key = name, tuple(map(str, arguments))
        if key not in self._known:
            self._known[key] = self._answer(name)
        return self._known[key]

    def known(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """What a call was answered that the calendar decides; a day of the pool."""
        return self.call(f"{name} of the calendar", arguments)

    def _measured(self, name: str) -> Any:
        measure = self.quick.sheet.body.measures[name.removeprefix(MEASURE)]
        if measure.value is None:
            return (
                float(self._pick([0, 1, 2, 3]))
                if measure.count is not None
                else self._pick(self._numbers(Domain(Sort.NUMBER)))
            )
        result = self.quick.sheet.expressions[measure.value].evaluate(self)
        if result.error is not None:
            raise LookupError(result.error)
        return result.value

    def _variable(self, name: str) -> Any:
        if name in ("this_month", "last_month", "entered_on", "occurred_on", "now"):
            return _of_today(name, str(self.value("today")))
        if name == "state" and self.states:
            return self._pick(list(self.states))
        domain = self.quick.domains.of(name, self.trigger)
        if domain.never or (not domain.always and name.startswith(("task.", "form.")) and self._draw() % 3 == 0):
            return None
        if name.endswith("_unit") and self.value(name.removesuffix("_unit")) is None:
            return None
        return self._of(domain)

    def _answer(self, name: str) -> Any:
        plan = self.quick.sheet.body.milestones
        if name in COUNTS:
            if self.number % 2:  # on every other day nothing was missed, and nothing counted
                return 0.0
            return float(
                self._pick([0, 1, 2, 3, *(number for number in self.said.numbers if 0 <= number == int(number))])
            )
        if name in _RESULTS:
            return self._of(Domain(_RESULTS[name]))
        if plan is not None and name in plan.fields:
            domain = of_field(plan.fields[name])
            return self._of(domain) if domain.sort is not Sort.BOOLEAN else self._pick([True, False])
        return self._pick(self._days())

    def _of(self, domain: Domain) -> Any:
        match domain.sort:
            case Sort.BOOLEAN:
                return self._pick([True, False])
            case Sort.NUMBER:
                return self._pick(self._numbers(domain))
            case Sort.TEXT:
                return self._pick(sorted(domain.among or self.said.texts - {""}) + ([] if domain.among else ["other"]))
            case Sort.MONTH:
                return self._pick([*_MONTHS, *sorted(each for each in self.said.texts if _is(each, Sort.MONTH))])
            case Sort.DATE:
                return self._pick(self._days())
            case Sort.INSTANT:
                return f"{self._pick(_DAYS)}T04:00:00Z"
            case _:
                return [self._pick([*sorted(self.said.texts), "other"])] if domain.low or self._draw() % 2 else []

    def _days(self) -> list[str]:
        return [*_DAYS, *sorted(each for each in self.said.texts if _is(each, Sort.DATE))]

    def _numbers(self, domain: Domain) -> list[float]:
        near = {0.0, 1.0, 100.0, *(number + step for number in self.said.numbers for step in (-1, 0, 1))}
        low, high = domain.low, domain.high
        fit = sorted(n for n in near if (low is None or n >= low) and (high is None or n <= high))
        return [n for n in fit if not domain.whole or n == int(n)] or [float(low if low is not None else high or 0)]

    def _pick(self, pool: Sequence[Any]) -> Any:
        return pool[self._draw() % len(pool)]

    def _draw(self) -> int:
        """The next of a row of numbers that looks random and is always the same (SplitMix)."""
        count = self._known[None] = self._known.get(None, self.number << 20) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        mixed = (count ^ count >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        return int(mixed ^ mixed >> 31)


def _demanded(tree: Node) -> Iterator[tuple[str, Any]]:
    """Each `name == 'text'` among the parts of a guard that must all hold."""
    if tree.get("function") == "_&&_":
        for side in tree["arguments"]:
            yield from _demanded(side)
    elif tree.get("function") == "_==_":
        names = [side["name"] for side in tree["arguments"] if side["node"] == "ident" and "kind" in side]
        texts = [side["value"] for side in tree["arguments"] if side["node"] == "const"]
        yield from zip(names, texts, strict=False)


def _of_today(name: str, today: str) -> str:
    if name == "now":
        return f"{today}T04:00:00Z"
    if name in ("entered_on", "occurred_on"):
        return today
    year, month = int(today[:4]), int(today[5:7])
    return today[:7] if name == "this_month" else f"{year - (month == 1):04d}-{(month + 10) % 12 + 1:02d}"


def _is(text: str, sort: Sort) -> bool:
    return text != "" and isinstance(encoded(text, sort), int)
