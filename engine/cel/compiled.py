"""An expression as a function of Python, written from its checked syntax tree.

An evaluation by the library costs ten times what the comparison in it does: values go over to C++ and back, functions
come back by a detour. What an office writes is comparisons, `&&`, `||`, `? :`, `in`, sums and calls, and of these
Python thinks as CEL does once the types have been checked: numbers are IEEE doubles on both sides, texts are ordered
by code points, `&&` and `||` look no further than they have to.

The library stays the arbiter. What is not in this file is not compiled; and a function that comes to no value (a
value not set, a division by zero, a result that does not suit) only says so, for the library to be asked what the
error is, and whether `||` swallows it. Tests hold both to one answer: value, error and operands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct

from engine.cel.evaluation import Evaluation, Facts, cause, divide, shown
from engine.cel.kinds import ACCEPT, Kind, Value, is_well_formed
from engine.cel.tree import Node, children

Answer: TypeAlias = Callable[[Any], Any]
"""Answers a variable for facts, None where it is not set."""

Run: TypeAlias = Callable[[Any, dict[str, Any]], Any]
"""Takes facts and an empty mapping, which it fills with the operands in the order in which they are asked for. Raises
where there is no value. Sets `unset` of the facts where a variable is not set.
"""

Bare: TypeAlias = Callable[[Any], Any]
"""The same for whoever wants the value alone: it keeps no operands."""

DEEPEST = 40
"""How deep a tree may be for Python to read it back; brackets within brackets are bounded there."""

_PLAIN = frozenset({"number", "text", "boolean"})
_INFIX: Mapping[str, str] = {
    "logical_and": "and",
    "logical_or": "or",
    "add_double": "+",
    "add_string": "+",
    "subtract_double": "-",
    "multiply_double": "*",
    **{f"{name}_{kind}": sign for name, sign in (("less", "<"), ("less_equals", "<="), ("greater", ">"),
       ("greater_equals", ">=")) for kind in ("double", "string")},
}  # fmt: skip
_EQUATED: Mapping[str, str] = {"equals": "==", "not_equals": "!="}
_AROUND: Mapping[str, str] = {
    "logical_not": "(not {})",
    "negate_double": "(-{})",
    "divide_double": "divide({}, {})",
    "conditional": "({1} if {0} else {2})",
    "count_list": "float(len({}))",
    "count_text": "float(len({}))",
    "starts_with_string": "{}.startswith({})",
    "ends_with_string": "{}.endswith({})",
    "contains_string": "({1} in {0})",
}
_FITS: Mapping[Kind, str] = {
    Kind.BOOLEAN: "{0} is not True and {0} is not False",
    Kind.NUMBER: "{0}.__class__ is not float or {0} - {0} != 0.0 or not {0}",  # endless, no number, or a minus zero
    **dict.fromkeys((Kind.TEXT, Kind.DATE, Kind.INSTANT), "{0}.__class__ is not str"),
}
"""When a value of a kind has to be looked at; of every other kind always."""


class _Left(Exception):
    """A tree has something in it that is not compiled."""


def compiled(
    tree: Node, kind: Kind, answers: Mapping[str, Answer], functions: Mapping[str, Callable[..., Any]]
) -> tuple[Run, Bare] | None:
    """The functions for a tree whose value is of that kind; None where it is left to the library.

    `answers` hold the variables of the tree in the order of the operands. A function takes the facts and its arguments.
    """
    try:
        return (
            _Writer(tree, answers, functions, bare=False).written(kind),
            _Writer(tree, answers, functions, bare=True).written(kind),
        )
    except _Left:
        return None


class _Writer:
    """The text of one function, and the scope in which it runs."""

    def __init__(
        self, tree: Node, answers: Mapping[str, Answer], functions: Mapping[str, Callable[..., Any]], *, bare: bool
    ) -> None:
        self.tree, self.functions, self.bare = tree, functions, bare
        self.kinds: dict[str, Kind] = {}
        self.present: set[str] = set()
        self._look(tree, 0)
        self.numbers = {name: number for number, name in enumerate(answers)}
        self.scope: dict[str, Any] = {
            **{f"answer{self.numbers[name]}": answer for name, answer in answers.items()},
            **{f"accept_{kind.name}": accept for kind, accept in ACCEPT.items()},
            "accept_NUMBER": _number,
            "ask": _ask,
            "divide": divide,
            "formed": _formed,
            "shown": shown,
            "value": _value,
        }

    def written(self, kind: Kind) -> Callable[..., Any]:
        """The function, whose value is of that kind."""
        kept = () if self.bare else self._presences()
        lines = [f"def run(at{'' if self.bare else ', seen'}):", *self._reading(), *kept, self._result(kind)]
        # our own text: of the author's it holds literals, quoted by Python
        exec(compile("\n    ".join(lines), "<expression>", "exec"), self.scope)  # noqa: S102
        run: Callable[..., Any] = self.scope["run"]
        return run

    def _look(self, node: Node, depth: int) -> None:
        if depth > DEEPEST:
            raise _Left
        if node["node"] == "ident" and "kind" in node:
            self.kinds[node["name"]] = Kind(node["kind"])
        if node.get("overload") == "has":
            self.present.add(node["arguments"][0]["name"])
        for child in children(node):
            self._look(child, depth + 1)

    def _reading(self) -> list[str]:
        """The lines that ask for the variables."""
        return [line for name in self.numbers for line in self._read(name)]

    def _read(self, name: str) -> list[str]:
        value, kind = f"v{self.numbers[name]}", self.kinds[name]
        fits = _FITS.get(kind)
        return [
            f"{value} = answer{self.numbers[name]}(at)",
            f"if {value} is None: at.unset = True",
            f"elif {fits.format(value)}: {value} = accept_{kind.name}({value})"
            if fits
            else f"else: {value} = accept_{kind.name}({value})",
            *(() if self.bare else (f"seen[{name!r}] = {value}",)),
        ]

    def _presences(self) -> list[str]:
        """The lines that keep what was asked of `has`."""
        return [f"seen[{f'has({name})'!r}] = v{self.numbers[name]} is not None" for name in sorted(self.present)]

    def _result(self, kind: Kind) -> str:
        """The line that gives the value, looked at as that of the library is."""
        value, type_ = self._text(self.tree), self.tree["type"]
        if kind in (Kind.DATE, Kind.INSTANT) and type_ == "text":
            return f"return formed({value}, {kind.value!r})"
        if kind is Kind.NUMBER and type_ == "number":
            return f"return accept_NUMBER({value})"
        if (kind, type_) in ((Kind.BOOLEAN, "boolean"), (Kind.TEXT, "text")):
            return f"return {value}"
        raise _Left

    def _text(self, node: Node) -> str:
        match node["node"]:
            case "const" if node["type"] in ("boolean", "text"):
                return repr(node["value"])
            case "const" if node["type"] == "number" and math.isfinite(node["value"]):
                return repr(node["value"])
            case "ident" if node["name"] in self.numbers:
                return f"value(v{self.numbers[node['name']]})" if self._lists(node) else self._variable(node["name"])
            case "call":
                return self._call(node)
        raise _Left

    def _variable(self, name: str) -> str:
        value = f"v{self.numbers[name]}"
        return f"({value} if {value} is not None else value(None))"

    @staticmethod
    def _lists(node: Node) -> bool:
        return node["type"] not in _PLAIN

    def _call(self, node: Node) -> str:
        overload, arguments = node["overload"], node["arguments"]
        if "kind" in node:
            return self._asking(node)
        if overload == "has":
            return f"(v{self.numbers[arguments[0]['name']]} is not None)"
        if node["function"] == "@in":
            return self._within(*arguments)
        if overload == "index_map":
            return f"{self._table(arguments[0])}[{self._text(arguments[1])}]"
        written = [self._text(each) for each in arguments]
        types = {each["type"] for each in arguments}
        if overload in _EQUATED and len(types) == 1 and types <= _PLAIN:
            return f"({written[0]} {_EQUATED[overload]} {written[1]})"
        if overload in _INFIX:
            return f"({written[0]} {_INFIX[overload]} {written[1]})"
        if overload in _AROUND:
            return _AROUND[overload].format(*written)
        raise _Left

    def _asking(self, node: Node) -> str:
        name = node["function"]
        if name not in self.functions:
            raise _Left
        number = len([each for each in self.scope if each.startswith("function")])
        self.scope[f"function{number}"] = self.functions[name]
        accept = f"accept_{Kind(node['kind']).name}"
        given = [self._text(each) for each in node["arguments"]]
        if self.bare:
            return f"{accept}(function{number}({', '.join(['at', *given])}))"
        if all(each["node"] == "const" for each in node["arguments"]):
            label = repr(f"{name}({', '.join(shown(each['value']) for each in node['arguments'])})")
            return f"ask(seen, {label}, {accept}, function{number}, {', '.join(['at', *given])})"
        kept = [f"a{number}_{place}" for place in range(len(given))]
        said = [f"({each} := {text})" for each, text in zip(kept, given, strict=True)]
        label = " + ', ' + ".join(f"shown({each})" for each in said)
        return f"ask(seen, {name + '('!r} + {label} + ')', {accept}, function{number}, {', '.join(['at', *kept])})"

    def _within(self, member: Node, group: Node) -> str:
        if member["type"] not in _PLAIN:
            raise _Left
        if group["node"] == "list":
            if any(each["type"] != member["type"] for each in group["elements"]):
                raise _Left
            return f"({self._text(member)} in [{', '.join(map(self._text, group['elements']))}])"
        if member["type"] != "text" or group.get("kind") not in (Kind.TEXTS, Kind.TEXTS_BY, Kind.NUMBERS_BY):
            raise _Left
        return f"({self._text(member)} in {self._text(group)})"

    def _table(self, node: Node) -> str:
        if node.get("kind") not in (Kind.TEXTS_BY, Kind.NUMBERS_BY):
            raise _Left
        return self._text(node)


class Undecided(LookupError):
    """An expression has no value; the message is the cause."""


class Program(Struct, frozen=True):
    """A compiled expression with its arbiter, which is asked where the function comes to no value, or where there is
    none. What was asked for before `run` gave up says where: among the variables, whose cause is the answer, or later.
    """

    arbiter: Callable[[Facts], Evaluation]
    run: Run
    bare: Bare
    names: tuple[str, ...] = ()
    variable: bool = False
    """Whether it is a variable and nothing else."""
    sorts: bool = False
    """Whether operands have to be put in order: variables are, calls and presences come behind them."""

    def evaluate(self, facts: Facts) -> Evaluation:
        """As the library does: the value for these facts, or the cause why there is none, and the operands."""
        seen: dict[str, Any] = {}
        try:
            value = self.run(facts, seen)
        except Exception as problem:  # noqa: BLE001  # facts may fail in any way; the cause is kept
            return self._otherwise(facts, seen, problem)
        return Evaluation(value, None, dict(sorted(seen.items())) if self.sorts else seen)

    def value(self, facts: Facts) -> Value:
        """The value alone. Raises `Undecided`."""
        try:
            value: Value = self.bare(facts)
        except Exception:  # noqa: BLE001  # as above: why, the operands tell
            came = self.evaluate(facts)
            if came.error is not None or came.value is None:
                raise Undecided(came.error) from None
            value = came.value
        return value

    def _otherwise(self, facts: Facts, seen: dict[str, Any], problem: Exception) -> Evaluation:
        if len(seen) < len(self.names):
            return Evaluation(None, f"`{self.names[len(seen)]}`: {cause(problem)}", seen)
        if self.variable and seen[self.names[0]] is None:
            return Evaluation(None, f"`{self.names[0]}` is not set", seen)
        return self.arbiter(facts)


def left(_facts: Any, _seen: Any = None) -> Any:
    """Both functions of what is not compiled."""
    raise _Left


# -- what the written functions call


def _value(value: Any) -> Any:
    if value is None:
        raise LookupError("not set")
    return value


def _number(value: Any) -> float:
    """A number as CEL takes it; most are doubles already."""
    if value.__class__ is float and value - value == 0.0:  # neither endless nor no number
        number: float = value + 0.0
        return number
    accepted: float = ACCEPT[Kind.NUMBER](value)
    return accepted


def _ask(
    seen: dict[str, Any], label: str, accept: Callable[[Any], Any], function: Callable[..., Any], *given: Any
) -> Any:
    """What a function answers, asked once for each set of arguments."""
    known = seen.get(label)
    if known is None:
        known = seen[label] = accept(function(*given))
    return known


@lru_cache(maxsize=4096)
def _formed(text: str, kind: str) -> str:
    """A text that a time is expected of."""
    if not is_well_formed(text, Kind(kind)):
        raise ValueError(text)
    return text
