"""One question: guards and facts put together, asked, and the answer brought back into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from engine.edition import Edition, Sheet
from engine.guards import logic
from engine.guards.answers import IMPOSSIBLE, Answer, Fact
from engine.guards.codes import YEARS, Codes, days_of, decoded
from engine.guards.domains import Domain, Sort
from engine.guards.parts import Bond, Formula, Leaf, Reading, roughly
from engine.guards.trying import Found, comes_out

ROUNDS = 40
"""How many months may turn out to matter before a question is given up."""

_FROM, _UNTIL = date(2022, 1, 1).toordinal(), date(2031, 12, 31).toordinal()
_RECORDS = ("task.", "form.", "parent.")


class Tried(NamedTuple):
    """What a guard must come to for a witness, when it is tried: true, false, or anything but true (None)."""

    edition: Edition
    sheet: Sheet
    text: str
    holds: bool | None


@dataclass
class Question:
    """What is demanded, with all that it reads."""

    codes: Codes
    domain: Callable[[str], Domain]
    demands: list[Any] = field(default_factory=list)
    reading: Reading = field(default_factory=Reading)
    tried: list[Tried] = field(default_factory=list)

    def about(self, formula: Formula, statement: Any, tried: Tried | None = None) -> None:
        """Demand a statement about a guard; `tried` is what to try on the real one afterwards."""
        self.demands.append(statement)
        self.reading.add(formula.reading)
        if tried is not None:
            self.tried.append(tried)

    def ask(self) -> Answer:
        """The answer."""
        try:
            model = self.solved()
            return IMPOSSIBLE if model is None else self._witness(model)
        except logic.GaveUpError as problem:
            return Answer("unknown", reason=str(problem))

    def refuted(self) -> bool:
        """Whether there surely is no way; a witness is not looked for."""
        try:
            demand = self.demand()
            return not demand.holds() or (any(self._bonds()) and self.exact(demand) is None)
        except logic.GaveUpError:
            return False

    def within(self, states: Sequence[str]) -> None:
        """Demand that the task is in one of some states, if a guard asks for the state."""
        if states and "state" in self.reading.leaves:
            state = self.reading.leaves["state"].value
            self.demands.append(logic.some(state == self.codes.of(name) for name in states))

    def solved(self) -> logic.Model | None:
        """A model, the months looked up; as near to everyday facts as there is one."""
        demand = self.demand()
        if self.exact(demand) is None:
            return None
        nicer = self.exact(demand, list(self._everyday()))
        return nicer if nicer is not None else self.exact(demand)

    def demand(self) -> logic.Demand:
        """All that is known and demanded, for the solver."""
        return logic.Demand([*self.demands, *self.reading.facts, *self._laws(), *self._bounds()])

    def exact(self, demand: logic.Demand, more: Iterable[Any] = ()) -> logic.Model | None:
        """A model in which days lie in their months: what it gets wrong is said, and it is asked again."""
        extra, near = list(more), None
        for _ in range(ROUNDS):
            model = (demand.model([*extra, *near]) if near else None) or demand.model(extra)
            wrong = [] if model is None else [*self._misplaced(model)]
            if model is None or not wrong:
                return model
            demand.add(wrong)
            near = [bond.month == int(model.value(bond.month)) for bond in self._bonds()]
        raise logic.GaveUpError("too many months matter")

    def _misplaced(self, model: logic.Model) -> Iterator[Any]:
        for bond in self._bonds():
            month, day = int(model.value(bond.month)), int(model.value(bond.day))
            if month < YEARS[0] * 12 or month >= (YEARS[1] + 1) * 12:
                continue
            first, last = days_of(month)
            if not (last if bond.end else first) <= day <= last:
                right = [bond.day >= (last if bond.end else first), bond.day <= last]
                yield logic.implied(bond.month == month, logic.every(right))
                yield from () if bond.end else self._elsewhere(bond, day)

    def _elsewhere(self, bond: Bond, day: int) -> Iterator[Any]:
        """The day that was named lies in its own month, and nowhere else."""
        own = date.fromordinal(max(day, 1))
        number = own.year * 12 + own.month - 1
        first, last = days_of(number)
        yield logic.implied(logic.every([bond.day >= first, bond.day <= last]), bond.month == number)

    def _bonds(self) -> Iterator[Bond]:
        yield from self.reading.bonds
        leaves = self.reading.leaves
        if "today" in leaves:
            yield from (Bond(leaves["today"].value, month) for month in self._this_month())

    def _this_month(self) -> Iterator[Any]:
        leaves = self.reading.leaves
        if "this_month" in leaves:
            yield leaves["this_month"].value
        elif "last_month" in leaves:
            yield leaves["last_month"].value + 1

    def _laws(self) -> Iterator[Any]:
        """What holds between the words of time, whatever the process."""
        leaves = self.reading.leaves
        if "this_month" in leaves and "last_month" in leaves:
            yield leaves["last_month"].value == leaves["this_month"].value - 1
        if "today" in leaves:
            before = [leaves[name] for name in ("entered_on", "occurred_on") if name in leaves]
            yield from (leaf.value <= leaves["today"].value for leaf in before)
            for month in self._this_month():
                yield from roughly(leaves["today"].value, month)

        for one, other in combinations(self._bonds(), 2):
            yield from _ordered(one, other)

    def _bounds(self) -> Iterator[Any]:
        """What each variable may hold."""
        for leaf in self.reading.leaves.values():
            if leaf.call is None and not leaf.label.startswith("measure."):
                yield from self._bounds_of(leaf, self.domain(leaf.label))

    def _bounds_of(self, leaf: Leaf, domain: Domain) -> Iterator[Any]:
        if domain.always or domain.never:
            yield leaf.ok if domain.always else logic.negated(leaf.ok)
        if domain.sort is not leaf.sort:
            return
        if leaf.sort is Sort.LIST:
            yield from self._bounds_of_list(leaf, domain)
        elif leaf.sort is Sort.TEXT:
            yield from self._bounds_of_text(leaf, domain)
        elif leaf.sort in (Sort.DATE, Sort.MONTH):
            low, high = _span(leaf.sort)
            yield from (leaf.value >= low, leaf.value <= high)
        elif leaf.sort is Sort.NUMBER:
            if domain.low is not None:
                yield leaf.value >= domain.low
            if domain.high is not None:
                yield leaf.value <= domain.high
            if domain.whole:
                yield logic.whole(leaf.value)

    def _bounds_of_list(self, leaf: Leaf, domain: Domain) -> Iterator[Any]:
        count = logic.constant(f"count({leaf.value})", "whole")
        if isinstance(leaf.value, str) and domain.low:
            yield logic.implied(leaf.ok, count >= domain.low)

    def _bounds_of_text(self, leaf: Leaf, domain: Domain) -> Iterator[Any]:
        if domain.among is not None:
            yield logic.some(leaf.value == self.codes.of(name) for name in sorted(domain.among))
        elif leaf.label.startswith(_RECORDS) and not leaf.label.endswith("_unit"):
            yield leaf.value != self.codes.of("")

    def _everyday(self) -> Iterator[Any]:
        """What facts are like as a rule: whole numbers, percentages up to a hundred, days of our years."""
        for leaf in self.reading.leaves.values():
            if leaf.sort is Sort.NUMBER:
                yield from (leaf.value >= -1000, leaf.value <= 1000, logic.whole(leaf.value))
            elif leaf.sort is Sort.DATE:
                yield from (leaf.value >= _FROM, leaf.value <= _UNTIL)
            elif leaf.sort is Sort.MONTH:
                yield from (leaf.value >= 2022 * 12, leaf.value < 2032 * 12)

    def _witness(self, model: logic.Model) -> Answer:
        facts: dict[str, Fact] = {}
        found = Found()
        for leaf in self.reading.leaves.values():
            self._learn(leaf, model, facts, found)
        self._fill_lists(model, found)
        opaque = tuple(self.reading.opaque)
        if not opaque and not self._holds(found):
            return Answer("unknown", reason="the numbers of the witness are not exact")
        return Answer("possible", dict(sorted(facts.items())), opaque)

    def _learn(self, leaf: Leaf, model: logic.Model, facts: dict[str, Fact], found: Found) -> None:
        value = self.plain(leaf.sort, leaf.value, model) if model.holds(leaf.ok) else None
        if leaf.sort is not Sort.LIST:
            facts[leaf.label] = value
        if leaf.call is None:
            found.values[leaf.label] = value
        elif leaf.call[0] not in ("count", "@in"):
            arguments = tuple(self.plain(each.sort, each.value, model) for each in leaf.call[1])
            found.calls[leaf.call[0], arguments] = value

    def plain(self, sort: Sort, value: Any, model: logic.Model) -> Any:
        """A value of the logic as guards see it."""
        if isinstance(value, str):
            return value
        match sort:
            case Sort.BOOLEAN:
                return model.holds(value)
            case Sort.NUMBER:
                return float(model.value(value))
            case Sort.TEXT:
                return self.codes.text(int(model.value(value)))
            case Sort.LIST:
                return []
            case _:
                return decoded(int(model.value(value)), sort)

    def _fill_lists(self, model: logic.Model, found: Found) -> None:
        """A list has the members that were asked for, and as many as were counted."""
        leaves = self.reading.leaves.values()
        named = [leaf.value for leaf in leaves if leaf.sort is Sort.LIST and isinstance(leaf.value, str)]
        lists: dict[str, set[str]] = {name: set() for name in named}
        sizes = {}
        for leaf in leaves:
            if leaf.call and leaf.call[0] == "@in" and model.holds(leaf.value):
                member, listed = leaf.call[1]
                lists.setdefault(listed.value, set()).add(self.plain(Sort.TEXT, member.value, model))
            elif leaf.call and leaf.call[0] == "count":
                sizes[leaf.call[1][0].value] = int(model.value(leaf.value))
        for name, members in lists.items():
            if found.values.get(name) is not None:
                spare = (f"member-{number}" for number in range(sizes.get(name, 0) - len(members)))
                found.values[name] = [*sorted(members), *spare]

    def _holds(self, found: Found) -> bool:
        for edition, sheet, text, holds in self.tried:
            came = comes_out(edition, sheet, text, found)
            if came is not holds if holds is not None else came is True:
                return False
        return True


def _ordered(one: Bond, other: Bond) -> Iterator[Any]:
    """Of two days the later lies in no earlier month; a day is not after the end of a month exactly where its own is
    not after that one.
    """
    if one.end or other.end:
        last, day = (one, other) if one.end else (other, one)
        yield (day.day <= last.day) == (day.month <= last.month)
    else:
        yield logic.implied(one.day <= other.day, one.month <= other.month)
        yield logic.implied(other.day <= one.day, other.month <= one.month)


def _span(sort: Sort) -> tuple[int, int]:
    if sort is Sort.MONTH:
        return YEARS[0] * 12, (YEARS[1] + 1) * 12 - 1
    return date(YEARS[0], 1, 1).toordinal(), date(YEARS[1], 12, 31).toordinal()
