"""Whether an expression surely has a value: what it reads is there, and nothing in it may fail.

A guard that fails is neither true nor false: an act is refused by it, and what time fires comes to nothing. CEL takes
the side that decides, so that `has(task.day) && task.day < today` always has an answer, and `has(task.day) || …` has
none where the day is not set: whoever reads a guard for this goes through what may be set and what not. A measure is
read before anything else: where it fails, all of the guard does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from engine.cel.tree import Node, walk
from engine.edition import Sheet
from engine.proofs.filled import is_given

MOST_PRESENCES = 6
"""How many questions of the kind `has(…)` are gone through in one expression; of more, each part may fail."""

Outcomes: TypeAlias = frozenset[bool | None]
"""What may come of an expression: true, false, or no answer (None). A value that is no condition is both."""

ANY: Outcomes = frozenset({True, False})
FAILS: Outcomes = frozenset({None})

_PARTIAL = frozenset({"due", "last", "_[_]", "_/_", "_%_", "month_end", "latest", "earliest", "add"})
"""Functions that may have nothing to answer with."""


def is_total(sheet: Sheet, text: str, there: frozenset[str], *, chosen: bool = False) -> bool:
    """Whether an expression has a value whatever the record and the history are. `there` are fields that are surely
    set, and calls that surely have an answer; a `chosen` form is filled in.
    """
    return not may_lack_answer(sheet, text, (), there, {}, chosen=chosen)


def may_lack_answer(
    sheet: Sheet,
    text: str,
    before: Iterable[tuple[str, bool]],
    there: frozenset[str],
    known: Mapping[str, bool],
    *,
    chosen: bool = False,
) -> bool:
    """Whether an expression may fail where those `before` it came out as they did. `known` says of variables whether
    they are set.
    """
    tree = sheet.expressions[text].root
    asked = [(sheet.expressions[each].root, truth) for each, truth in before]
    for told in _presences(sheet, [tree, *(node for node, _ in asked)], there, known, chosen=chosen):
        look = _Look(sheet, there, told, chosen=chosen)
        if all(truth in look.whole(node) for node, truth in asked) and None in look.whole(tree):
            return True
    return False


def _presences(
    sheet: Sheet, trees: Iterable[Node], there: frozenset[str], known: Mapping[str, bool], *, chosen: bool
) -> Iterator[Mapping[str, bool]]:
    """Every way in which what is asked for by `has` may be set or not."""
    asked = {name for tree in trees for name in _asked(sheet, tree)}
    fixed = {name: True for name in asked if is_set(sheet, name, there, chosen=chosen)} | dict(known)
    free = sorted(asked - fixed.keys())[:MOST_PRESENCES]
    for way in product((True, False), repeat=len(free)):
        yield fixed | dict(zip(free, way, strict=True))


def _asked(sheet: Sheet, tree: Node) -> Iterator[str]:
    """The variables of which `has` is asked, in the measures too that are read."""
    for node in walk(tree):
        if node.get("overload") == "has":
            yield node["arguments"][0]["name"]
        inner = _measure(sheet, node.get("name", "")) if node["node"] == "ident" else None
        if inner is not None:
            yield from _asked(sheet, inner)


def _measure(sheet: Sheet, name: str) -> Node | None:
    """The expression behind a measure, where it has one."""
    measure = sheet.body.measures.get(name.removeprefix("measure.")) if name.startswith("measure.") else None
    return sheet.expressions[measure.value].root if measure and measure.value is not None else None


def is_set(sheet: Sheet, name: str, there: frozenset[str], *, chosen: bool = False) -> bool:
    """Whether a variable surely has a value when a trigger is fired."""
    record, _, rest = name.partition(".")
    if record in ("form", "task"):
        whole = rest.removesuffix("_unit") if rest not in (*sheet.forms, *sheet.body.fields) else rest
        known = whole if record == "task" else f"form.{whole}"
        return (chosen and record == "form") or rest == "id" or known in there
    return record not in ("parent", "last", "start", "key", "milestone")


@dataclass
class _Look:
    """One look at expressions: what is set is `told`, as far as it is known. `bound` are the rows of lists, each with
    the columns of which it is known whether they are filled in.
    """

    sheet: Sheet
    there: frozenset[str]
    told: Mapping[str, bool]
    chosen: bool
    bound: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def whole(self, tree: Node) -> Outcomes:
        """What may come of a whole expression: it fails where one of its measures does."""
        measured = [self._measured(node["name"]) for node in walk(tree) if node["node"] == "ident"]
        if FAILS in measured:
            return FAILS
        return self.part(tree) | (FAILS if any(None in each for each in measured) else frozenset())

    def _measured(self, name: str) -> Outcomes:
        inner = _measure(self.sheet, name)
        if inner is not None:
            return self.whole(inner)
        measure = self.sheet.body.measures.get(name.removeprefix("measure.")) if name.startswith("measure.") else None
        if measure is None or measure.sum is None:
            return ANY
        return ANY if _is_summed(self.sheet, str(measure.over), measure.sum) else ANY | FAILS

    def part(self, node: Node) -> Outcomes:
        """What may come of a part of an expression."""
        match node["node"]:
            case "const":
                return frozenset({node["value"]}) if isinstance(node["value"], bool) else ANY
            case "ident":
                return self._named(node)
            case "select":
                return self._column(node)
            case "call":
                return self._called(node)
            case "comprehension":
                return self._over_rows(node)
        return self._strict(node.get("elements", ()))

    def _named(self, node: Node) -> Outcomes:
        name = node["name"]
        if "kind" not in node or name in self.bound or name.startswith("measure."):
            return ANY  # a row, or what a list comes to; measures are looked at first
        if name in self.told:
            return ANY if self.told[name] else FAILS
        return ANY if is_set(self.sheet, name, self.there, chosen=self.chosen) else ANY | FAILS

    def _column(self, node: Node) -> Outcomes:
        """A column of a row: one that was left empty is not there."""
        operand = node["operand"]
        known = self.bound.get(operand["name"], {}).get(node["field"]) if operand["node"] == "ident" else None
        if node["test"]:
            return ANY if known is None else frozenset({known})
        return ANY | FAILS if known is None else ANY if known else FAILS

    def _called(self, node: Node) -> Outcomes:
        name, arguments = node["function"], node["arguments"]
        match name:
            case "has" if node.get("overload") == "has":
                asked = arguments[0]["name"]
                return frozenset({self.told[asked]}) if asked in self.told else ANY
            case "_&&_" | "_||_":
                return _joined(*map(self.part, arguments), decides=name == "_||_")
            case "!_":
                return frozenset(None if each is None else not each for each in self.part(arguments[0]))
            case "_?_:_":
                test, one, other = map(self.part, arguments)
                sides = (one if True in test else frozenset()) | (other if False in test else frozenset())
                return sides | (test & FAILS)
        return self._strict(arguments) | (FAILS if name in _PARTIAL and not self._surely(node) else frozenset())

    def _strict(self, parts: Iterable[Node]) -> Outcomes:
        """What needs all its parts."""
        found = [self.part(each) for each in parts]
        return FAILS if FAILS in found else ANY | FAILS if any(None in each for each in found) else ANY

    def _over_rows(self, node: Node) -> Outcomes:
        """What is said of the rows of a list: each row has the columns that it must have, and others or not."""
        listed, known = self.part(node["range"]), self._columns(node["range"])
        tests = {each["field"] for each in walk(node) if each["node"] == "select" and each["test"]}
        free = sorted(tests - known.keys())[:MOST_PRESENCES]
        parts = [listed]
        for way in product((True, False), repeat=len(free)):
            parts += self._in_row(node, known | dict(zip(free, way, strict=True)))
        return FAILS if listed == FAILS else ANY | FAILS if any(None in each for each in parts) else ANY

    def _in_row(self, node: Node, columns: Mapping[str, bool]) -> Iterator[Outcomes]:
        names = [node["accumulator"], node["variable"], *filter(None, [node["second"]])]
        inner = _Look(self.sheet, self.there, self.told, self.chosen, {**self.bound, **dict.fromkeys(names, columns)})
        return (inner.part(node[part]) for part in ("initial", "condition", "step", "result"))

    def _columns(self, listed: Node) -> dict[str, bool]:
        record, _, name = str(listed.get("name", "")).partition(".")
        kept = {"task": self.sheet.body.fields, "form": self.sheet.forms}.get(record, {}).get(name)
        columns = (kept.columns if kept is not None else None) or {}
        return {each: True for each, column in columns.items() if column.required}

    def _surely(self, node: Node) -> bool:
        """Whether a function that may have no answer has one here: a table that is asked for a key that it has, a date
        that is known, a division by a number that is written out.
        """
        arguments = node["arguments"]
        match node["function"]:
            case "due":
                return f"due('{arguments[0].get('value')}')" in self.there
            case "_/_" | "_%_":
                return isinstance(arguments[1].get("value"), float) and arguments[1]["value"] != 0
            case "add":
                return all(each["node"] != "call" for each in arguments[1:])
            case "_[_]" if arguments[1]["node"] == "ident":
                name = str(arguments[1]["name"]).removeprefix("task.")
                kept = self.sheet.body.fields.get(name)
                return kept is not None and kept.choices is not None and name in self.there
        return False


def _joined(one: Outcomes, other: Outcomes, *, decides: bool) -> Outcomes:
    """Two conditions joined: the side that decides is enough, even beside one that fails."""
    found = set()
    for pair in product(one, other):
        found.add(decides if decides in pair else None if None in pair else not decides)
    return frozenset(found)


def _is_summed(sheet: Sheet, over: str, text: str) -> bool:
    """Whether what is summed over children surely has a value in each: a field that is never left empty."""
    child = sheet.body.children.get(over)
    kept = child.fields.get(text.removeprefix("task.")) if child is not None else None
    changes = [each.set for each in child.transitions] if child is not None else []
    changes += [branch.set for each in (child.transitions if child else ()) for branch in each.to]
    name = text.removeprefix("task.")
    return kept is not None and is_given(kept) and all(name not in change for change in changes)
