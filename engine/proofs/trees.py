"""Syntax trees of guards as text again, and what they read: parts of guards have names by this.

A name is no label: two parts never share one. What people read is `engine.guards.words.said`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.cel.tree import Node, children

_INFIX = {"_&&_": "&&", "_||_": "||", "_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_INFIX |= {"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "@in": "in"}


def written(node: Node) -> str:
    """An expression as text, each call in brackets: the same for the same meaning, wherever it stood."""
    known: str | None = node.get("written")
    if known is None:
        known = node["written"] = _written(node)
    return known


def _written(node: Node) -> str:
    match node["node"]:
        case "const":
            return _constant(node["value"])
        case "ident":
            return str(node["name"])
        case "select":
            inner = f"{written(node['operand'])}.{node['field']}"
            return f"has({inner})" if node["test"] else inner
        case "list":
            return f"[{', '.join(map(written, node['elements']))}]"
        case "call":
            return _call(node)
        case _:
            return f"<{node['node']} {node['at']} {', '.join(map(written, children(node)))}>"


def _constant(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return repr(value)


def _call(node: Node) -> str:
    name, arguments = node["function"], [written(each) for each in node["arguments"]]
    if name in _INFIX:
        return f"({arguments[0]} {_INFIX[name]} {arguments[1]})"
    match name:
        case "!_":
            return f"!{arguments[0]}"
        case "-_":
            return f"-{arguments[0]}"
        case "_?_:_":
            return f"({arguments[0]} ? {arguments[1]} : {arguments[2]})"
        case "_[_]":
            return f"{arguments[0]}[{arguments[1]}]"
    return f"{name}({', '.join(arguments)})"


def replaced(node: Node, names: Mapping[str, str]) -> Node:
    """The same expression over other variables."""
    fresh = {key: value for key, value in node.items() if key != "written"}
    if node["node"] == "ident":
        return fresh | {"name": names.get(node["name"], node["name"])}
    for key, value in fresh.items():
        if isinstance(value, dict) and "node" in value:
            fresh[key] = replaced(value, names)
        elif isinstance(value, list):
            fresh[key] = [
                replaced(each, names) if isinstance(each, dict) and "node" in each else each for each in value
            ]
    return fresh


Measured = Callable[[str], Node | None]
"""The expression behind a measure, where it has one."""


def reads(node: Node, measure: Measured) -> frozenset[str]:
    """What an expression reads: variables by name, calls by their text; measures are followed."""
    return frozenset(_reads(node, measure))


def _reads(node: Node, measure: Measured) -> Iterator[str]:
    if node["node"] == "ident":
        name = str(node["name"])
        inner = measure(name.removeprefix("measure.")) if name.startswith("measure.") else None
        if inner is not None:
            yield from _reads(inner, measure)
        yield name
    if node["node"] == "call" and ("kind" in node or compares_people(node)):
        yield written(node)
    for child in children(node):
        yield from _reads(child, measure)


def compares_people(node: Node) -> bool:
    """Whether it asks whether two triggers were fired last by the same person."""
    return node.get("function") == "_==_" and all(each.get("function") == "actor_of" for each in node["arguments"])


def leaves(node: Node) -> Iterator[Node]:
    """The parts of a condition that are joined by and, or, not: each is true or false on its own."""
    if node["node"] == "call" and node["function"] in ("_&&_", "_||_", "!_"):
        for child in node["arguments"]:
            yield from leaves(child)
    else:
        yield node
