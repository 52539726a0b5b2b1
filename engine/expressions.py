"""Typed expressions: the guards, measures and assignments of a definition.

CEL does the work, by Google's own library, which is imported in this file only. Three of its habits must not get out:
it *returns* errors as truthy values, it has integers that do not compare with decimals, and it divides by zero in
silence. Here an error is an error with its cause, never "false"; there is one number kind; and what an expression saw
is handed back with its result, so that "why" can be answered years later.

    language = Language({"form.percent": Kind.NUMBER}, [Function("planned", (Kind.TEXT,), Kind.NUMBER)])
    guard = language.compile("form.percent < planned('2022-03')", expect=Kind.BOOLEAN)
    guard.evaluate(facts).holds

The parts that do not need the library stand in ``engine.cel``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]  # its wheel has stubs but no py.typed marker

from engine.cel.compiled import Answer, Program, compiled, left
from engine.cel.evaluation import Evaluation, Facts, Frame, answer, cause, count, divide, enter, leave
from engine.cel.faults import ExpressionError, explain, plain_error, refuse, refuse_length
from engine.cel.kinds import (
    ACCEPT,
    Function,
    Kind,
    Misfit,
    Value,
    equates_numbers,
    hidden_names,
    is_well_formed,
    kind_of,
    misfits,
    result_misfits,
)
from engine.cel.known import Asked, Known
from engine.cel.names import BUILT_IN, Vocabulary, by_name, refuse_names
from engine.cel.tokens import PRESENCE, Promoted, promote, tokenize
from engine.cel.tree import Node, read_tree, walk

__all__ = ["Evaluation", "Expression", "ExpressionError", "Facts", "Function", "Kind", "Language", "Value"]

_TYPES = {
    Kind.BOOLEAN: cel.Type.BOOL,
    Kind.NUMBER: cel.Type.DOUBLE,
    Kind.TEXT: cel.Type.STRING,
    Kind.DATE: cel.Type.STRING,
    Kind.INSTANT: cel.Type.STRING,
    Kind.TEXTS: cel.Type.List(cel.Type.STRING),
    Kind.ROWS: cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
    Kind.NUMBERS_BY: cel.Type.Map(cel.Type.STRING, cel.Type.DOUBLE),
    Kind.TEXTS_BY: cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
_INFERRED = (Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.TEXTS, Kind.ROWS)
_VAGUE = {kind: (cel.Type.List(cel.Type.DYN),) for kind in (Kind.TEXTS, Kind.ROWS)}
_COMPARED = frozenset({Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.INSTANT})
_DIVISIONS = ((b"\x12\x03_/_", b"\x12\x03@/@"), (b"\x1a\x0ddivide_double", b"\x1a\x0ddivide_number"))


@dataclass(frozen=True)
class Expression:
    """A compiled text. ``names`` are the declared variables and ``calls`` the declared functions it refers to."""

    text: str
    kind: Kind
    names: tuple[str, ...]
    calls: tuple[str, ...]
    equality_on_numbers: bool
    _program: Any = field(repr=False, compare=False)
    _tree: Node = field(repr=False, compare=False)
    _reads: tuple[tuple[str, Callable[[Value], Any]], ...] = field(repr=False, compare=False)
    _presences: tuple[str, ...] = field(repr=False, compare=False)
    _plain: bool = field(repr=False, compare=False)
    _known: Known = field(repr=False, compare=False, default_factory=Known)

    def tree(self) -> Node:
        """The checked syntax tree, as ``engine.cel.tree`` describes it; idents and calls of ours also have ``kind``."""
        return deepcopy(self._tree)

    @property
    def root(self) -> Node:
        """The same tree, shared and not copied: for those that only read it."""
        return self._tree

    def program(self, answers: Callable[[str], Answer], functions: Mapping[str, Callable[..., Any]]) -> Program:
        """The same expression for facts of one kind, which answer directly: `answers` finds the function that answers a
        variable for them, `functions` hold those that may be called; they are given the facts first.
        """
        own = compiled(self._tree, self.kind, {name: answers(name) for name in self.names}, functions)
        if own is None:
            return Program(self.evaluate, left, left)
        sorts = bool(self.calls or self._presences)
        return Program(self.evaluate, *own, self.names, self._tree["node"] == "ident", sorts)

    def evaluate(self, facts: Facts) -> Evaluation:
        """The value for these facts, or the cause why there is none. Never raises for what facts or text do."""
        operands: dict[str, Any] = {}
        name = ""
        try:
            for name, accept in self._reads:
                value = facts.value(name)
                operands[name] = None if value is None else accept(value)
        except Exception as problem:  # noqa: BLE001  # facts may fail in any way; the cause is kept
            return Evaluation(None, f"`{name}`: {cause(problem)}", operands)
        values = tuple(operands.values()) if self._plain else None
        for name in self._presences:
            operands[f"has({name})"] = operands[name] is not None
        if not self.calls:
            return self._answer(values, operands, None)
        try:
            frame, outer = enter(facts, operands)
        except RecursionError as problem:
            return Evaluation(None, str(problem), dict(sorted(operands.items())))
        try:
            return self._answer(values, operands, frame)
        finally:
            leave(outer)

    def _answer(self, values: tuple[Any, ...] | None, operands: dict[str, Any], frame: Frame | None) -> Evaluation:
        """What is known for these values (None: they cannot be compared), or what the library says."""
        error = None
        value = None if values is None else self._known.find(values, frame.ask if frame else _unasked)
        if value is None:
            value, error = self._outcome(self._data(operands))
            if error is None and value is not None and values is not None and not (frame and frame.failed):
                self._known.keep(values, frame.asked if frame else (), value)
        if frame or self._presences:
            operands = dict(sorted(operands.items()))
        return Evaluation(value, error, operands)

    def _data(self, operands: Mapping[str, Any]) -> dict[str, Any]:
        data = {name: operands[name] for name, _ in self._reads if operands[name] is not None}
        for name in self._presences:
            data[PRESENCE + name] = name in data
        return data

    def _outcome(self, data: dict[str, Any]) -> tuple[Value | None, str | None]:
        try:
            result = self._program.eval(data=data)
        except RuntimeError as problem:
            return None, plain_error(str(problem))
        value = result.value()
        if self.kind is Kind.BOOLEAN and (value is True or value is False):
            return value, None
        return self._checked(result)

    def _checked(self, result: Any) -> tuple[Value | None, str | None]:
        """The value if it is of the declared kind: an error of the library is itself a text or a truthy object."""
        plain = result.plain_value()
        if result.type() == cel.Type.ERROR:
            return None, plain_error(str(plain))
        try:
            accepted = ACCEPT[self.kind](plain)
        except (TypeError, ValueError) as problem:
            return None, f"the result does not suit: {problem}"
        if isinstance(accepted, str) and not is_well_formed(accepted, self.kind):
            return None, f"the result does not suit: `{accepted}` is not of kind {self.kind}"
        return accepted, None


class Language:
    """The names that the expressions of one process body may use. Equal languages share one environment."""

    def __init__(self, variables: Mapping[str, Kind], functions: Iterable[Function] = ()) -> None:
        """Raises ValueError for a name that CEL cannot read or that is built in."""
        self._variables = dict(variables)
        self._functions = tuple(dict.fromkeys(functions))
        refuse_names(self._variables, self._functions)
        self._overloads = {_overload_id(function): function for function in self._functions}
        self._words = Vocabulary(self._variables, by_name((*self._functions, *BUILT_IN)))
        self._environment = _environment(tuple(sorted(self._variables.items())), self._functions)

    def compile(self, text: str, expect: Kind | None) -> Expression:
        """The expression of ``text``, whose value must be of the kind expected. Raises ExpressionError."""
        refuse_length(text)
        tokens = tokenize(text)
        promoted = promote(text, tokens, self._variables)
        refuse(tokens, promoted)
        try:
            program = self._environment.compile(promoted.text)
        except RuntimeError as problem:
            raise explain(str(problem), promoted, tokens, self._words) from None
        serialized = program.serialize()
        tree = self._tree(serialized, promoted)
        kind = _result_kind(program.return_type(), tree, expect)
        found = (
            hidden_names(tree, self._variables),
            misfits(tree),
            result_misfits(tree, kind),
            self._argument_misfits(tree),
        )
        for misfit in chain.from_iterable(found):
            raise _misfit_error(misfit)
        return self._expression(text, kind, tree, self._guarded(program, serialized, tree))

    def _tree(self, serialized: bytes, promoted: Promoted) -> Node:
        tree = read_tree(serialized, promoted.locate)
        for node in walk(tree):
            if node["node"] == "ident" and node["name"] in self._variables:
                node["kind"] = self._variables[node["name"]].value
            elif node["node"] == "call" and (function := self._overloads.get(node["overload"])):
                node["kind"] = function.result.value
        return tree

    def _argument_misfits(self, tree: Node) -> Iterator[Misfit]:
        for node in walk(tree):
            if function := self._overloads.get(node.get("overload", "")):
                for argument, kind in zip(node["arguments"], function.parameters, strict=True):
                    yield from result_misfits(argument, kind)

    def _guarded(self, program: Any, serialized: bytes, tree: Node) -> Any:
        """The program with its divisions sent to ours: CEL's own gives a number for a division by zero."""
        overloads = [node["overload"].split() for node in walk(tree) if node.get("function") == "_/_"]
        divisions = len(overloads)
        if not divisions:
            return program
        if not all("divide_double" in candidates for candidates in overloads):
            raise ExpressionError(1, 1, "integers are divided", "wrap them in `double(...)`: numbers are decimals")
        for standard, ours in _DIVISIONS:
            serialized = serialized.replace(standard, ours)
        if serialized.count(_DIVISIONS[0][1]) != divisions or serialized.count(_DIVISIONS[1][1]) != divisions:
            raise ExpressionError(1, 1, "a quoted text hides a division", "take control characters out of the texts")
        return self._environment.deserialize(serialized)

    def _expression(self, text: str, kind: Kind, tree: Node, program: Any) -> Expression:
        nodes = list(walk(tree))
        presences = {node["arguments"][0]["name"] for node in nodes if node.get("overload") == "has"}
        names = sorted({node["name"] for node in nodes if node["node"] == "ident" and "kind" in node})
        calls = sorted({node["function"] for node in nodes if node["node"] == "call" and "kind" in node})
        return Expression(
            text=text,
            kind=kind,
            names=tuple(names),
            calls=tuple(calls),
            equality_on_numbers=any(equates_numbers(node) for node in nodes),
            _program=program,
            _tree=tree,
            _reads=tuple((name, ACCEPT[self._variables[name]]) for name in names),
            _presences=tuple(sorted(presences)),
            _plain=all(self._variables[name] in _COMPARED for name in names),
        )


def _unasked(asked: Asked) -> Any:
    raise AssertionError(f"an expression without calls asked {asked.label}")


def _overload_id(function: Function) -> str:
    return "_".join(("duban", function.name, *function.parameters))


def _overload(function: Function) -> tuple[str, Callable[..., Any], list[Any], Any]:
    parameters = [_TYPES[kind] for kind in function.parameters]
    return _overload_id(function), answer(function), parameters, _TYPES[function.result]


def _declare(name: str, overloads: Iterable[tuple[str, Callable[..., Any], list[Any], Any]]) -> Any:
    declared = [
        cel.Overload(id=identity, impl=implementation, parameters=parameters, return_type=result, is_member=False)
        for identity, implementation, parameters, result in overloads
    ]
    return cel.FunctionDecl(name, declared)


@lru_cache(maxsize=256)
def _environment(variables: tuple[tuple[str, Kind], ...], functions: tuple[Function, ...]) -> Any:
    """The library's environment; building one costs ten times as much as compiling a guard."""
    number, text, anything = cel.Type.DOUBLE, cel.Type.STRING, cel.Type.List(cel.Type.DYN)
    types = {name: _TYPES[kind] for name, kind in variables}
    types |= {PRESENCE + name: cel.Type.BOOL for name, _ in variables}
    declarations = [
        _declare("count", [("count_list", count, [anything], number), ("count_text", count, [text], number)]),
        _declare("@/@", [("divide_number", divide, [number, number], number)]),
    ]
    for name, group in by_name(functions).items():
        declarations.append(_declare(name, map(_overload, group)))
    try:
        return cel.NewEnv(variables=types, functions=declarations)
    except RuntimeError as problem:
        raise ValueError(f"no language of these names: {plain_error(str(problem))}") from problem


def _result_kind(returned: Any, tree: Node, expect: Kind | None) -> Kind:
    """The kind of the whole expression; a cell of a row is known only when it runs, and is checked then."""
    if expect is None:
        found = kind_of(tree) or next((kind for kind in _INFERRED if returned == _TYPES[kind]), None)
        if found:
            return found
    elif returned in (_TYPES[expect], cel.Type.DYN, *_VAGUE.get(expect, ())):
        return expect
    given = tree["type"] if kind_of(tree) is None else str(kind_of(tree))
    wanted = expect or "a kind that expressions know"
    raise ExpressionError(1, 1, f"the expression gives {given}, not {wanted}", f"write one that gives {wanted}")


def _misfit_error(misfit: Misfit) -> ExpressionError:
    line, column = map(int, misfit.at.split(":"))
    return ExpressionError(line, column, misfit.message, misfit.cure)
