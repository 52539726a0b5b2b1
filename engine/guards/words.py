"""Parts of guards as words: the label of an operand as its author wrote it, and which parts are atoms of the record.

A label is for people and leaves out what they would not read (what is asked of each row); the names by which proofs
tell parts apart are `engine.proofs.trees.written`, with every bracket and the place of whatever has no other name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from engine.cel.tree import Node, children, walk

_INFIX = re.compile(r"^_(?P<sign>[^_?\[\]]+)_$")
_CONNECTIVES = frozenset({"_&&_", "_||_", "!_", "_?_:_"})


def said(node: Node) -> str:
    """A part of a guard as one would write it."""
    match node["node"]:
        case "const":
            return _constant(node["value"])
        case "ident":
            return str(node["name"])
        case "select":
            cell = f"{said(node['operand'])}.{node['field']}"
            return f"has({cell})" if node["test"] else cell
        case "list":
            return f"[{', '.join(map(said, node['elements']))}]"
        case "call":
            return _call(node)
        case _:
            return f"{said(node['range'])}.…({node.get('variable', '')}…)"


def _constant(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value).removesuffix(".0")
        case str():
            return repr(value)
        case _:
            return str(value)


def _call(node: Node) -> str:
    function, arguments = node["function"], node["arguments"]
    if infix := _INFIX.match(function):
        return f" {infix['sign']} ".join(map(_within, arguments))
    match function:
        case "!_":
            return f"!{_within(arguments[0])}"
        case "-_":
            return f"-{_within(arguments[0])}"
        case "@in":
            return f"{_within(arguments[0])} in {_within(arguments[1])}"
        case "_[_]":
            return f"{said(arguments[0])}[{said(arguments[1])}]"
        case "_?_:_":
            return " ? ".join((_within(arguments[0]), " : ".join(map(_within, arguments[1:]))))
        case _:
            return f"{function}({', '.join(map(said, arguments))})"


def _within(node: Node) -> str:
    operator = node["node"] == "call" and not node["function"][0].isalpha() and node["function"] != "_[_]"
    return f"({said(node)})" if operator else said(node)


def identity(node: Node) -> str:
    """The same for two parts that read alike, wherever they stand."""
    return json.dumps(_unplaced(node), sort_keys=True, default=str)


def _unplaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unplaced(item) for key, item in value.items() if key not in ("at", "overload")}
    return [_unplaced(item) for item in value] if isinstance(value, list) else value


def leaves(node: Node) -> Iterator[Node]:
    """The boolean parts of a guard between which its connectives stand."""
    if node["node"] == "call" and node["function"] in _CONNECTIVES and node["type"] == "boolean":
        for child in children(node):
            yield from leaves(child)
    elif node["type"] == "boolean" and node["node"] != "const":
        yield node


def is_of_record(node: Node) -> bool:
    """Whether a part reads the record and nothing that changes by itself or is given with an act."""
    names = [each["name"] for each in walk(node) if each["node"] == "ident" and "kind" in each]
    names += [each["arguments"][0]["name"] for each in walk(node) if each.get("overload") == "has"]
    calls = [each for each in walk(node) if each["node"] == "call" and "kind" in each]
    return not calls and any(map(_is_record, names)) and all(_is_record(name) or _is_fixed(name) for name in names)


def _is_record(name: str) -> bool:
    return name.startswith("task.") and name != "task.id"


def _is_fixed(name: str) -> bool:
    return name.startswith("param.")
