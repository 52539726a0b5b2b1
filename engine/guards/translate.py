"""From the checked tree of a guard to the logic: what makes it true, and what makes it false.

An expression may fail (a field that is not set, a division by zero), and a failure is neither. So a condition becomes
two statements, when it is true and when it is false, and any other value comes with a third: when there is one. The
connectives are CEL's: `a || b` is true where one side is, whatever the other does. A measure that fails takes the whole
guard with it, as the facts of an evaluation do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.cel.tree import Node
from engine.edition import Edition, Sheet
from engine.expressions import Kind
from engine.guards import logic
from engine.guards.codes import Codes, encoded
from engine.guards.comparing import compared
from engine.guards.domains import SORTS, Domains, Sort
from engine.guards.functions import called, leaf
from engine.guards.parts import Bond, Formula, Leaf, Part, Reading, Truth, Value, roughly
from engine.guards.words import identity, said

MEASURE = "measure."
NODE_SORTS = {"number": Sort.NUMBER, "text": Sort.TEXT, "list": Sort.LIST}


class Translator:
    """Guards of one body in the logic. `given` are variables that have other values than their own, for a record that
    a transition has changed. `domains` are those of the body, where somebody has them.
    """

    def __init__(
        self,
        edition: Edition,
        sheet: Sheet,
        codes: Codes,
        given: Mapping[str, Value] | None = None,
        domains: Domains | None = None,
    ) -> None:
        self.edition, self.sheet, self.codes = edition, sheet, codes
        self.domains = domains or Domains(edition, sheet)
        self.reading = Reading()
        self._given = given or {}
        self._formulas: dict[str, Formula] = {}

    def formula(self, text: str, tree: Node | None = None) -> Formula:
        """A text of the body, or a part of one with its tree. Raises KeyError for a text that the body has not."""
        if text not in self._formulas:
            outer, self.reading = self.reading, Reading()
            try:
                part = self.part(tree or self.sheet.expressions[text].tree())
                self._formulas[text] = Formula(part, self.reading)
            finally:
                self.reading = outer
        return self._formulas[text]

    def part(self, node: Node) -> Part:
        """Any part of a guard."""
        match node["node"]:
            case "const":
                return self._constant(node)
            case "ident":
                return self.variable(node["name"]) if "kind" in node else self.opaque(node)
            case "list":
                return Value(Sort.LIST, tuple(self.value(each) for each in node["elements"]))
            case "call":
                return self._call(node)
            case _:
                return self.opaque(node)

    def truth(self, node: Node) -> Truth:
        """A part that is a condition."""
        part = self.part(node)
        return part if isinstance(part, Truth) else self.opaque_truth(node)

    def value(self, node: Node) -> Value:
        """A part that is a value; a condition among values is one that is compared with another."""
        part = self.part(node)
        return Value(Sort.BOOLEAN, part.true, logic.some(part)) if isinstance(part, Truth) else part

    def _constant(self, node: Node) -> Part:
        value = node["value"]
        match value:
            case bool():
                return Truth(logic.TRUE, logic.FALSE) if value else Truth(logic.FALSE, logic.TRUE)
            case float():
                return Value(Sort.NUMBER, logic.number(value))
            case str():
                return Value(Sort.TEXT, value)
            case _:
                return self.opaque(node)

    def variable(self, name: str) -> Part:
        """A variable; a measure is what it computes, a parameter what it is."""
        if name in self._given:
            return self._seen(name, self._given[name])
        if name.startswith("param."):
            return self._fixed(self.edition.parameters[name.removeprefix("param.")])
        if name.startswith(MEASURE):
            return self._measure(name)
        domain = self.domains.of(name)
        value = name if domain.sort is Sort.LIST else logic.constant(f"{name}:{domain.sort}", kept_as(domain.sort))
        return self._seen(name, Value(domain.sort, value, self.present(name)))

    def present(self, name: str) -> Any:
        """Whether a variable is set."""
        if name in self._given:
            return self._given[name].ok
        if name.startswith(("param.", MEASURE)):
            return logic.TRUE
        record, _, rest = name.partition(".")
        whole = {"parent": "parent.state", "last": "last.trigger"}.get(record, name.removesuffix("_unit"))
        return logic.truth(f"has({whole if rest else name})")

    def _seen(self, name: str, value: Value) -> Part:
        self.reading.leaves[name] = Leaf(name, value.sort, value.value, value.ok)
        return _as_part(value)

    def _fixed(self, value: Any) -> Part:
        match value:
            case bool():
                return Truth(logic.TRUE, logic.FALSE) if value else Truth(logic.FALSE, logic.TRUE)
            case float() | int():
                return Value(Sort.NUMBER, logic.number(float(value)))
            case str():
                return Value(Sort.TEXT, value)
            case list():
                return Value(Sort.LIST, tuple(Value(Sort.TEXT, str(each)) for each in value))
            case _:
                return Value(Sort.LIST, {key: self._fixed(each) for key, each in value.items()})

    def _measure(self, name: str) -> Part:
        measure = self.sheet.body.measures[name.removeprefix(MEASURE)]
        if measure.value is not None:
            part = self.part(self.sheet.expressions[measure.value].tree())
            self.reading.musts.append(logic.some(part) if isinstance(part, Truth) else part.ok)
            return part
        whole = measure.count is not None
        value = logic.constant(f"{name}:number", "whole" if whole else "number")
        if whole:
            self.reading.facts.append(value >= 0)
        return self._seen(name, Value(Sort.NUMBER, value))

    def _call(self, node: Node) -> Part:
        function, arguments = node["function"], node["arguments"]
        match function:
            case "_&&_":
                sides = [self.truth(each) for each in arguments]
                return Truth(logic.every(s.true for s in sides), logic.some(s.false for s in sides))
            case "_||_":
                sides = [self.truth(each) for each in arguments]
                return Truth(logic.some(s.true for s in sides), logic.every(s.false for s in sides))
            case "!_":
                side = self.truth(arguments[0])
                return Truth(side.false, side.true)
            case "_?_:_":
                return self._chosen(node)
            case "has" if node["overload"] == "has":
                return self._has(arguments[0]["name"])
            case "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_":
                return compared(self, node)
            case "_+_" | "_-_" | "_*_" | "_/_" | "-_" if node["type"] == "number":
                return self._counted(function, node)
            case "@in":
                return self._within(node)
            case "_[_]":
                return self._entry(node)
            case _:
                return called(self, node)

    def _has(self, name: str) -> Truth:
        self.variable(name)
        present = self.present(name)
        return Truth(present, logic.negated(present))

    def _chosen(self, node: Node) -> Part:
        test, (first, second) = self.truth(node["arguments"][0]), map(self.part, node["arguments"][1:])
        if isinstance(first, Truth) and isinstance(second, Truth):
            return Truth(*(_either(test, one, other) for one, other in zip(first, second, strict=True)))
        if isinstance(first, Truth) or isinstance(second, Truth):
            return self.opaque(node)
        pair = self.alike(first, second)
        if pair is None or pair[0].sort is Sort.LIST:
            return self.opaque(node)
        one, other = pair
        value = logic.chosen(test.true, one.value, other.value)
        return Value(one.sort, value, _either(test, one.ok, other.ok))

    def alike(self, first: Value, second: Value) -> tuple[Value, Value] | None:
        """Two values of one sort, quoted texts read as the other side needs them; None where they cannot be."""
        if first.quoted and second.quoted:
            return self.as_sort(first, Sort.TEXT), self.as_sort(second, Sort.TEXT)  # type: ignore[return-value]
        one = self.as_sort(first, second.sort) if first.quoted else first
        other = self.as_sort(second, first.sort) if second.quoted else second
        return (one, other) if one and other and one.sort is other.sort else None

    def as_sort(self, value: Value, sort: Sort) -> Value | None:
        """A value as one of a sort; None where it is none."""
        if not value.quoted:
            return value if value.sort is sort else None
        if sort is Sort.TEXT:
            return Value(sort, logic.code(self.codes.of(value.value)), value.ok)
        number = encoded(value.value, sort)
        return None if number is None else Value(sort, logic.code(number), value.ok)

    def _counted(self, function: str, node: Node) -> Part:
        values = [self.value(each) for each in node["arguments"]]
        if any(value.sort is not Sort.NUMBER for value in values):
            return self.opaque(node)
        ok, (first, *rest) = logic.every(value.ok for value in values), [value.value for value in values]
        match function:
            case "-_":
                return Value(Sort.NUMBER, -first, ok)
            case "_+_":
                return Value(Sort.NUMBER, first + rest[0], ok)
            case "_-_":
                return Value(Sort.NUMBER, first - rest[0], ok)
            case "_*_":
                return Value(Sort.NUMBER, first * rest[0], ok)
            case _:
                return Value(Sort.NUMBER, first / rest[0], logic.every([ok, rest[0] != 0]))

    def _within(self, node: Node) -> Truth:
        """`x in list`: one of its members is x; of a list that is not written out, an unknown of x."""
        one, listed = self.value(node["arguments"][0]), self.value(node["arguments"][1])
        if listed.sort is not Sort.LIST or one.sort in (Sort.LIST, Sort.BOOLEAN):
            return self.opaque_truth(node)
        if isinstance(listed.value, tuple):
            return self._among(node, one, listed.value)
        text = self.as_sort(one, Sort.TEXT)
        if text is None or not isinstance(listed.value, str):
            return self.opaque_truth(node)
        member = logic.applied(f"in {listed.value}", [text.value], "boolean")
        self.reading.facts.append(logic.implied(member, count_of(listed.value) >= 1))
        ok = logic.every([text.ok, listed.ok])
        return leaf(self, node, Sort.BOOLEAN, member, ok, [text, listed])  # type: ignore[return-value]  # it is a condition

    def _among(self, node: Node, one: Value, members: tuple[Value, ...]) -> Truth:
        pairs = [self.alike(one, member) for member in members]
        if not all(pairs):
            return self.opaque_truth(node)
        ok = logic.every([one.ok, *(member.ok for member in members)])
        same = logic.some(pair[0].value == pair[1].value for pair in pairs if pair)
        return Truth(logic.every([ok, same]), logic.every([ok, logic.negated(same)]))

    def _entry(self, node: Node) -> Part:
        """A table by its key."""
        table, key = self.value(node["arguments"][0]), self.part(node["arguments"][1])
        if not isinstance(table.value, dict) or isinstance(key, Truth) or not table.value:
            return self.opaque(node)
        text = self.as_sort(key, Sort.TEXT)
        if text is None:
            return self.opaque(node)
        at = [(text.value == self.codes.of(name), entry) for name, entry in table.value.items()]
        found = logic.every([text.ok, logic.some(here for here, _ in at)])
        (_, last), *others = reversed(at)
        value = self.as_sort(last, last.sort)
        assert value is not None, "an entry of a table is a number or a text"
        chain = value.value
        for here, entry in others:
            chain = logic.chosen(here, self.as_sort(entry, entry.sort).value, chain)  # type: ignore[union-attr]
        return Value(last.sort, chain, found)

    def opaque(self, node: Node) -> Part:
        """A part that the logic cannot say: it may be anything, but the same wherever it reads the same."""
        if node["type"] == "boolean" or node.get("kind") == Kind.BOOLEAN:
            return self.opaque_truth(node)
        sort = SORTS[Kind(node["kind"])] if "kind" in node else NODE_SORTS.get(node["type"], Sort.TEXT)
        return self.unknown(node, sort)

    def unknown(self, node: Node, sort: Sort) -> Value:
        """A value of a sort that nothing is known of."""
        self.reading.opaque[said(node)] = None
        name = self._opaque_name(node)
        if sort is Sort.LIST:
            return Value(sort, name, logic.truth(f"ok {name}"))
        return Value(sort, logic.constant(f"{name}:{sort}", kept_as(sort)), logic.truth(f"ok {name}"))

    def opaque_truth(self, node: Node) -> Truth:
        """A condition that nothing is known of: true, false or failed."""
        self.reading.opaque[said(node)] = None
        name = self._opaque_name(node)
        value, ok = logic.truth(name), logic.truth(f"ok {name}")
        return Truth(logic.every([ok, value]), logic.every([ok, logic.negated(value)]))

    def _opaque_name(self, node: Node) -> str:
        """Parts that read alike are one unknown, unless one of them reads the record before a change, one after."""
        name = identity(node)
        return f"{name} after" if any(given in name for given in self._given) else name

    def bind(self, day: Any, month: Any, *, end: bool = False) -> None:
        """Say that a day lies in a month, roughly at once and exactly where it matters."""
        self.reading.bonds.append(Bond(day, month, end))
        self.reading.facts += roughly(day, month)


def count_of(name: str) -> Any:
    """How many members a list has."""
    return logic.constant(f"count({name})", "whole")


def kept_as(sort: Sort) -> str:
    """What a value of a sort is in the logic."""
    return {Sort.BOOLEAN: "boolean", Sort.NUMBER: "number"}.get(sort, "code")


def _as_part(value: Value) -> Part:
    if value.sort is Sort.BOOLEAN:
        return Truth(logic.every([value.ok, value.value]), logic.every([value.ok, logic.negated(value.value)]))
    return value


def _either(test: Truth, first: Any, second: Any) -> Any:
    return logic.some([logic.every([test.true, first]), logic.every([test.false, second])])
