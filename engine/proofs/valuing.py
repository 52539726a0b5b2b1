"""What a part of a guard may come to, by what is known of names and calls: a range, words, a truth, or anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.cel.tree import Node
from engine.edition import Edition, Sheet
from engine.once import once
from engine.proofs.domains import (
    Range,
    Row,
    Rows,
    Value,
    Words,
    exactly,
    is_equal,
    is_less,
    joined,
    met,
    negative,
    total,
)
from engine.proofs.trees import written

Facts: TypeAlias = "dict[str, Value]"
"""What is known of names and calls, by their text."""


@dataclass
class Values:
    """Domains of the values of expressions, for one body. `trees` are those of texts that are no expressions of it."""

    edition: Edition
    sheet: Sheet
    trees: dict[str, Node] = field(default_factory=dict)
    _allowed: dict[str, Value] = field(default_factory=dict)

    def tree(self, text: str) -> Node:
        """The syntax tree of a text that the body has, or that was made of a part of one."""
        if text not in self.trees:
            self.trees[text] = self.sheet.expressions[text].tree()
        return self.trees[text]

    @once
    def copied(self) -> frozenset[str]:
        """Fields that take plain copies of others: a copy is not looked at again, whatever the field allows."""
        changes = [each.set for each in self.sheet.body.transitions]
        changes += [branch.set for each in self.sheet.body.transitions for branch in each.to]
        pairs = [(name, text) for change in changes for name, text in change.items()]
        return frozenset(name for name, text in pairs if not self._as_narrow(name, text))

    def _as_narrow(self, name: str, text: str) -> bool:
        """Whether what an assignment gives is surely within what its field allows."""
        record, _, rest = text.partition(".")
        if record not in ("form", "task", "parent") or not rest.isidentifier():
            return True  # what is worked out is read as a value of the field
        source, field = self.sheet.forms.get(rest) if record == "form" else None, self.sheet.body.fields[name]
        if source is None or set(source.choices or {}) != set(field.choices or {}):
            return False
        same_type = source.type is field.type
        return same_type and (source.minimum, source.maximum) == (field.minimum, field.maximum)

    def measure(self, name: str) -> Node | None:
        """The tree of a measure that is an expression over the task."""
        measure = self.sheet.body.measures.get(name)
        return self.tree(measure.value) if measure and measure.value is not None else None

    def value(self, node: Node, facts: Facts) -> Value:
        """The domain of an expression's value."""
        match node["node"]:
            case "const":
                return exactly(node["value"])
            case "ident":
                return self._named(node["name"], facts)
            case "call":
                return self._called(node, facts)
            case "select":
                record = self.value(node["operand"], facts)
                return record.column(node["field"]) if isinstance(record, Row) and not node["test"] else None
            case "comprehension":
                return self._over_rows(node, facts)
        return None

    def _over_rows(self, node: Node, facts: Facts) -> Value:
        """What is said of all rows of a list, or of some, where the rows are known: one after the other."""
        listed = self.value(node["range"], facts)
        if not isinstance(listed, Rows) or node["second"]:
            return None
        here = {**facts, node["accumulator"]: self.value(node["initial"], facts)}
        for row in listed.rows:
            here[node["variable"]] = row
            here[node["accumulator"]] = self.value(node["step"], here)
        return self.value(node["result"], here)

    def _named(self, name: str, facts: Facts) -> Value:
        known = facts.get(name)
        if known is not None:
            return known
        if name.startswith("param."):
            return exactly(self.edition.parameters[name.removeprefix("param.")])
        if name.startswith("measure.") and (tree := self.measure(name.removeprefix("measure."))) is not None:
            return self.value(tree, facts)
        return self._declared(name)

    def _declared(self, name: str) -> Value:
        """What the type of a field allows."""
        if name not in self._allowed:
            self._allowed[name] = self._allows(name)
        return self._allowed[name]

    def _allows(self, name: str) -> Value:
        record, _, rest = name.partition(".")
        kept = {"task": self.sheet.body.fields, "form": self.sheet.forms}.get(record, {}).get(rest)
        if kept is None or (record == "task" and rest in self.copied):
            return None
        if kept.choices:
            return Words(frozenset(kept.choices))
        if kept.minimum is None and kept.maximum is None and kept.type.value != "percent":
            return None
        low = kept.minimum if kept.minimum is not None else 0 if kept.type.value == "percent" else float("-inf")
        return Range((low, 0), (float("inf") if kept.maximum is None else kept.maximum, 0))

    def _called(self, node: Node, facts: Facts) -> Value:
        name, arguments = node["function"], node["arguments"]
        known = facts.get(written(node))
        if known is not None:
            return known
        if name in _LOGIC:
            return self.logic(name, arguments, facts)
        if name == "has":
            return self._is_there(arguments[0]["name"])
        if name == "_?_:_":
            condition = self.value(arguments[0], facts)
            chosen = [
                self.value(arguments[side], facts) for side, out in ((1, False), (2, True)) if condition is not out
            ]
            return chosen[0] if len(chosen) == 1 else joined(*chosen)
        if name in ("_+_", "_-_"):
            one, other = (self.value(each, facts) for each in arguments)
            if isinstance(one, Range) and isinstance(other, Range):
                return total(one, other if name == "_+_" else negative(other))
            return None
        if name in ("_[_]", "@in"):
            return self._looked_up(name, arguments, facts)
        return Range((0, 0)) if name in _COUNTS else None

    def _is_there(self, name: str) -> bool | None:
        record, _, rest = name.partition(".")
        kept = {"task": self.sheet.body.fields, "form": self.sheet.forms}.get(record, {}).get(rest)
        return True if kept is not None and kept.type.value in _NEVER_EMPTY else None

    def logic(self, name: str, arguments: Sequence[Node], facts: Facts) -> bool | None:
        """Whether a connective or a comparison holds, where that is sure."""
        one = self.value(arguments[0], facts)
        if name == "!_":
            return None if one is None else not one
        other = self.value(arguments[1], facts)
        match name:
            case "_&&_":
                return False if one is False or other is False else True if one is True and other is True else None
            case "_||_":
                return True if one is True or other is True else False if one is False and other is False else None
            case "_==_" | "_!=_":
                same = is_equal(one, other)
                return None if same is None else same is (name == "_==_")
            case "_<_" | "_>=_":
                less = is_less(one, other)
                return None if less is None else less is (name == "_<_")
        less = is_less(other, one)
        return None if less is None else less is (name == "_>_")

    def _looked_up(self, name: str, arguments: Sequence[Node], facts: Facts) -> Value:
        if name == "@in":
            one, texts = self.value(arguments[0], facts), texts_of(arguments[1])
            if texts is None or not isinstance(one, Words):
                return None
            if one.among is not None and one.among <= texts:
                return True
            return False if met(one, Words(texts)).empty else None  # type: ignore[union-attr]
        table = arguments[0]
        if table["node"] != "ident" or not table["name"].startswith("param."):
            return None
        values = self.edition.parameters[table["name"].removeprefix("param.")]
        found = [exactly(value) for value in values.values()] if isinstance(values, dict) else []
        whole = found[0] if found else None
        for each in found[1:]:
            whole = joined(whole, each)
        return whole


_LOGIC = frozenset({"!_", "_&&_", "_||_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
_COUNTS = frozenset(
    {"met", "missed", "misses", "streak", "lapsed", "extensions", "fired", "fired_within", "fired_since"}
    | {"children", "open_children", "ended_children", "count"}
)
"""Functions that count: never less than none."""
_NEVER_EMPTY = frozenset({"boolean", "units", "files", "rows"})


def texts_of(node: Node) -> frozenset[str] | None:
    """The texts of a list that is written out."""
    if node["node"] != "list" or not all(each["node"] == "const" for each in node["elements"]):
        return None
    return frozenset(str(each["value"]) for each in node["elements"])
