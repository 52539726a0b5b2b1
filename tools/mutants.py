"""Small faults for a Python module: each mutant is the module's syntax tree with one place changed.

What cannot change behaviour, or only words for people, is left alone: annotations, docstrings, decorators, assertions,
strings, imports.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_TWINS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_STILL = (ast.Import, ast.ImportFrom, ast.Assert, ast.Pass, ast.Global, ast.Nonlocal)
_ANNOTATED = {"annotation", "returns", "decorator_list", "type_comment", "type_params"}

Path = tuple[tuple[str, int | None], ...]
"""How to walk from the module to a node: the fields, and the places in those that are lists."""


Change = Callable[[ast.AST], ast.AST]
"""A fault: takes a copy of a node and gives what stands in its place."""


@dataclass(frozen=True)
class Mutant:
    """One fault: the function it is in ("" for the module itself), its line, the code around it before and after."""

    module: str
    scope: str
    line: int
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.module}.{self.scope} `{self.before}` → `{self.after}`"


def count(source: str) -> int:
    """How many mutants a module has."""
    return sum(1 for _ in _faults(ast.parse(source)))


def mutants(module: str, source: str, wanted: Collection[int] | None = None) -> Iterator[Mutant]:
    """The mutants of a module, or those of these numbers, in the order of its lines; trees are ready to compile."""
    tree = ast.parse(source)
    for number, (path, node, scope, change) in enumerate(_faults(tree)):
        if wanted is None or number in wanted:
            mutated = deepcopy(tree)
            before, after = _text(_at(tree, path[:-1])), _replace(mutated, path, change(deepcopy(node)))
            ast.fix_missing_locations(mutated)
            yield Mutant(module, scope, _line(node), *_apart(before, after), mutated)


def _faults(tree: ast.Module) -> Iterator[tuple[Path, ast.AST, str, Change]]:
    for path, node, scope in _places(tree, (), ""):
        for change in _changes(node, in_function=bool(scope)):
            yield path, node, scope, change


def _places(node: ast.AST, path: Path, scope: str) -> Iterator[tuple[Path, ast.AST, str]]:
    if isinstance(node, _STILL) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.expr | ast.stmt | ast.comprehension):
        yield path, node, scope
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{node.name}" if scope else node.name
    for name, value in ast.iter_fields(node):
        if name in _ANNOTATED:
            continue
        for number, part in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(part, ast.AST):
                yield from _places(part, (*path, (name, number)), scope)


def _line(node: ast.AST) -> int:
    """The line of a node, or of the first part of it that has one."""
    return next((each.lineno for each in ast.walk(node) if isinstance(each, ast.expr | ast.stmt)), 0)


def _at(node: ast.AST, path: Path) -> ast.AST:
    for name, number in path:
        node = getattr(node, name) if number is None else getattr(node, name)[number]
    return node


def _replace(tree: ast.Module, path: Path, new: ast.AST) -> str:
    """Put a node in its place; the text of what is around it then."""
    holder, (name, number) = _at(tree, path[:-1]), path[-1]
    if number is None:
        setattr(holder, name, new)
    else:
        getattr(holder, name)[number] = new
    return _text(holder)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.comprehension | ast.keyword | ast.arguments | ast.withitem | ast.match_case):
        node = ast.fix_missing_locations(deepcopy(node))
    return " ".join(ast.unparse(node).split())


def _apart(before: str, after: str, near: int = 48) -> tuple[str, str]:
    """Two texts, less what they have in common far from where they differ."""
    start = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    first = max(0, start - near)
    tail, shortest = 0, min(len(before), len(after)) - start
    while tail < shortest and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    cut = max(0, tail - near)
    return before[first : len(before) - cut], after[first : len(after) - cut]


# -- the faults that each kind of node can have


def _changes(node: ast.AST, *, in_function: bool) -> Iterator[Change]:  # noqa: C901, PLR0912 - a table of node types
    match node:
        case ast.Compare():
            yield from _of_comparison(node)
        case ast.BoolOp():
            yield _swapped_boolean
            for number in range(len(node.values)):
                yield _without("values", number)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield lambda copy: copy.operand  # type: ignore[attr-defined]  # a UnaryOp, by the case above
        case ast.BinOp() if type(node.op) in _OPERATORS:
            yield _with("op", _OPERATORS[type(node.op)]())
        case ast.AugAssign() if type(node.op) in _OPERATORS:
            yield _with("op", _OPERATORS[type(node.op)]())
            yield _dropped
        case ast.Constant():
            yield from _of_constant(node)
        case ast.IfExp() | ast.If() | ast.While():
            if not isinstance(node.test, ast.Compare) and not _negated(node.test):
                yield _with("test", ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension():
            for number in range(len(node.ifs)):
                yield _without("ifs", number)
        case ast.Call(func=ast.Name(id=name)) if name in _TWINS:
            yield lambda copy: _twin(copy, _TWINS[name])
        case ast.Dict() if in_function and len(node.keys) > 1:
            for number in range(len(node.keys)):
                yield _without_entry(number)
        case ast.Return(value=ast.expr()):
            if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                yield _with("value", ast.Constant(None))
        case ast.Expr() | ast.Raise():
            yield _dropped
        case ast.Return() | ast.Continue():
            yield _dropped
        case ast.Break():
            yield lambda _: ast.Continue()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield _dropped


def _negated(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _of_comparison(node: ast.Compare) -> Iterator[Change]:
    for number, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            yield _with("ops", [*node.ops[:number], other(), *node.ops[number + 1 :]])
    last = node.comparators[-1]
    if isinstance(node.ops[-1], ast.In | ast.NotIn) and isinstance(last, ast.Tuple | ast.Set):
        for number in range(len(last.elts) if len(last.elts) > 1 else 0):
            fewer = _without("elts", number)(deepcopy(last))
            yield _with("comparators", [*node.comparators[:-1], fewer])


def _of_constant(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield _with("value", not node.value)
    elif isinstance(node.value, int):
        yield _with("value", node.value + 1)
        if node.value > 0:
            yield _with("value", node.value - 1)


def _with(name: str, value: object) -> Change:
    def change(copy: ast.AST) -> ast.AST:
        setattr(copy, name, value)
        return copy

    return change


def _without(name: str, number: int) -> Change:
    def change(copy: ast.AST) -> ast.AST:
        parts = getattr(copy, name)
        del parts[number]
        return parts[0] if isinstance(copy, ast.BoolOp) and len(parts) == 1 else copy

    return change


def _without_entry(number: int) -> Change:
    def change(copy: ast.AST) -> ast.AST:
        assert isinstance(copy, ast.Dict)
        del copy.keys[number], copy.values[number]
        return copy

    return change


def _swapped_boolean(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.BoolOp)
    copy.op = ast.Or() if isinstance(copy.op, ast.And) else ast.And()
    return copy


def _twin(copy: ast.AST, name: str) -> ast.AST:
    assert isinstance(copy, ast.Call)
    copy.func = ast.Name(name, ast.Load())
    if name == "list":
        copy.keywords = []
    return copy


def _dropped(_: ast.AST) -> ast.AST:
    return ast.Pass()
