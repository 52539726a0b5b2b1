"""The names of a language: which may be declared, which are built in, which were probably meant."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from engine.cel.kinds import Function, Kind
from engine.cel.tokens import PRESENCE

BUILT_IN = (Function("count", (Kind.TEXTS,), Kind.NUMBER), Function("count", (Kind.ROWS,), Kind.NUMBER))
"""Functions of every language: members of a list (of a text, its characters)."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERALS = {"in", "true", "false", "null"}
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_STANDARD = frozenset(
    [
        "count",
        "has",
        "size",
        "int",
        "uint",
        "double",
        "string",
        "bool",
        "bytes",
        "dyn",
        "type",
        "duration",
        "timestamp",
        "matches",
        "contains",
        "startsWith",
        "endsWith",
        "all",
        "exists",
        "exists_one",
        "map",
        "filter",
    ]
)


@dataclass(frozen=True)
class Vocabulary:
    """The names that a text might have meant."""

    variables: Collection[str]
    functions: Mapping[str, Sequence[Function]]

    def suggestions(self, name: str, *, called: bool) -> tuple[str, ...]:
        """Near names, functions first where a function was called; for a bare prefix, what it holds."""
        held = sorted(variable for variable in self.variables if variable.startswith(f"{name}."))
        if held:
            return tuple(held[:3])
        near = partial(get_close_matches, name, n=3, cutoff=0.6)
        variables, functions = near(sorted(self.variables)), near(sorted(self.functions))
        return tuple((functions + variables if called else variables + functions)[:3])


def refuse_names(variables: Iterable[str], functions: Iterable[Function]) -> None:
    """Raise ValueError for a name that CEL cannot read or that has a meaning already."""
    for name in variables:
        parts = name.split(".")
        readable = all(_NAME.fullmatch(part) and part not in _LITERALS for part in parts)
        if not readable or parts[0] in _RESERVED or name.startswith(PRESENCE):
            raise ValueError(f"`{name}` cannot be the name of a variable")
    for function in functions:
        if not _NAME.fullmatch(function.name) or function.name in _LITERALS | _RESERVED | _STANDARD:
            raise ValueError(f"`{function.name}` cannot be the name of a function")


def by_name(functions: Iterable[Function]) -> dict[str, list[Function]]:
    """The overloads of each name."""
    grouped: dict[str, list[Function]] = {}
    for function in functions:
        grouped.setdefault(function.name, []).append(function)
    return grouped
