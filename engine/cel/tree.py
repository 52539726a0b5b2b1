"""The syntax tree of a checked expression, as plain JSON.

CEL hands its checked tree over as a protobuf (``cel.expr.CheckedExpr``). Proofs and the independent verifier must read
it without the CEL library, and a whole protobuf runtime would be a heavy way to read six messages; so the wire format
is read here, and each node becomes a dictionary:

    {"node": "const", "type": "number", "value": 80.0, "at": "1:16"}
    {"node": "ident", "name": "form.percent", ...}
    {"node": "select", "operand": NODE, "field": "percent", "test": false, ...}          test: has(row.percent)
    {"node": "call", "function": "_<_", "overload": "less_double", "arguments": [NODE, NODE], ...}
    {"node": "list", "elements": [NODE], ...}
    {"node": "map", "entries": [{"key": NODE, "value": NODE}], ...}
    {"node": "comprehension", "variable": "r", "second": "", "range": NODE, "accumulator": "@result", "initial": NODE,
     "condition": NODE, "step": NODE, "result": NODE, ...}

Every node has ``type`` (boolean, number, int, uint, text, bytes, list, map, null, any) and ``at``, line and column from
1 in the author's text. A method's target is its first argument. ``has(form.note)`` is a call of ``has`` on an ident.
A division by zero is an error, as in Python.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Protocol

from engine.cel.tokens import PRESENCE

Node = dict[str, Any]


class Locate(Protocol):
    """Turns an offset in the compiled text into "line:column" of the author's, at the start of a name if asked."""

    def __call__(self, offset: int, *, name: bool = ...) -> str: ...


_PRIMITIVES = {1: "boolean", 2: "int", 3: "uint", 4: "number", 5: "text", 6: "bytes"}
_CONSTANTS = {1: "null", 2: "boolean", 3: "int", 4: "uint", 5: "number", 6: "text", 7: "bytes"}


def read_tree(serialized: bytes, locate: Locate) -> Node:
    """The tree of ``serialized``, an ``Any`` around a CheckedExpr;"""
    return _Reader(_message(memoryview(serialized))[2], locate).tree()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> list[Node]:
    """The nodes directly below a node, in the order of evaluation."""
    match node["node"]:
        case "select":
            return [node["operand"]]
        case "call":
            return list(node["arguments"])
        case "list":
            return list(node["elements"])
        case "map":
            return [side for entry in node["entries"] for side in (entry["key"], entry["value"])]
        case "comprehension":
            return [node[part] for part in ("range", "initial", "condition", "step", "result")]
        case _:
            return []


class _Reader:
    """Reads one checked tree; types, overloads and positions are looked up by the id of a node."""

    def __init__(self, checked: memoryview, locate: Locate) -> None:
        self._locate = locate
        self._overloads: dict[int, str] = {}
        self._types: dict[int, str] = {}
        self._positions: dict[int, int] = {}
        for number, value in _fields(checked):
            match number:
                case 2:
                    self._read_reference(_message(value))
                case 3:
                    entry = _message(value)
                    self._types[entry[1]] = _type_name(_message(entry[2]))
                case 4:
                    self._expression = value
                case 5:
                    self._read_positions(value)

    def _read_reference(self, entry: Mapping[int, Any]) -> None:
        overloads = [_text(value) for number, value in _fields(entry[2]) if number == 3]
        self._overloads[entry[1]] = " ".join(sorted(overloads))

    def _read_positions(self, source: memoryview) -> None:
        for number, value in _fields(source):
            if number == 4:
                entry = _message(value)
                self._positions[entry[1]] = entry.get(2, 0)

    def tree(self) -> Node:
        return self._node(self._expression)

    def _node(self, view: memoryview) -> Node:
        identity, kind, value = 0, 0, memoryview(b"")
        for number, content in _fields(view):
            if number == 2:
                identity = content
            else:
                kind, value = number, content
        node = self._bodies[kind](self, value, identity)
        named = str(node.get("name") or node.get("function") or "-")[0].isalpha()
        return {
            **node,
            "type": node.get("type") or self._types.get(identity, "any"),
            "at": self._at(identity, named=named),
        }

    def _at(self, identity: int, *, named: bool) -> str:
        return self._locate(self._positions.get(identity, 0), name=named)

    def _constant(self, view: memoryview, _: int) -> Node:
        number, value = next(_fields(view))
        return {"node": "const", "type": _CONSTANTS[number], "value": _constant_value(number, value)}

    def _ident(self, view: memoryview, identity: int) -> Node:
        name = _text(_message(view)[1])
        if not name.startswith(PRESENCE):
            return {"node": "ident", "name": name}
        ident = {
            "node": "ident",
            "name": name.removeprefix(PRESENCE),
            "type": "any",
            "at": self._at(identity, named=True),
        }
        return {"node": "call", "function": "has", "overload": "has", "arguments": [ident]}

    def _select(self, view: memoryview, _: int) -> Node:
        parts = _message(view)
        test = bool(parts.get(3, 0))
        return {"node": "select", "operand": self._node(parts[1]), "field": _text(parts[2]), "test": test}

    def _call(self, view: memoryview, identity: int) -> Node:
        function, arguments = "", []
        for number, value in _fields(view):
            if number == 2:
                function = _text(value)
            else:
                arguments.append(self._node(value))
        overload = self._overloads.get(identity, "")
        return {"node": "call", "function": function, "overload": overload, "arguments": arguments}

    def _list(self, view: memoryview, _: int) -> Node:
        return {"node": "list", "elements": [self._node(value) for number, value in _fields(view) if number == 1]}

    def _map(self, view: memoryview, _: int) -> Node:
        entries = [_message(value) for number, value in _fields(view) if number == 2]
        pairs = [{"key": self._node(entry[3]), "value": self._node(entry[4])} for entry in entries]
        return {"node": "map", "entries": pairs}

    def _comprehension(self, view: memoryview, _: int) -> Node:
        parts = _message(view)
        return {
            "node": "comprehension",
            "variable": _text(parts[1]),
            "second": _text(parts.get(8, memoryview(b""))),
            "accumulator": _text(parts[3]),
            "range": self._node(parts[2]),
            "initial": self._node(parts[4]),
            "condition": self._node(parts[5]),
            "step": self._node(parts[6]),
            "result": self._node(parts[7]),
        }

    _bodies: ClassVar[Mapping[int, Callable[["_Reader", memoryview, int], Node]]] = {
        3: _constant,
        4: _ident,
        5: _select,
        6: _call,
        7: _list,
        8: _map,
        9: _comprehension,
    }


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(view: memoryview) -> Iterator[tuple[int, Any]]:
    """Field numbers, each with an int (varint) or the bytes of a message, text or fixed number."""
    at, end = 0, len(view)
    while at < end:
        tag, at = _varint(view, at)
        match tag & 7:
            case 0:
                value, at = _varint(view, at)
                yield tag >> 3, value
                continue
            case 1:
                size = 8
            case 2:
                size, at = _varint(view, at)
            case 5:
                size = 4
            case kind:
                raise ValueError(f"wire type {kind} in a checked expression")
        yield tag >> 3, view[at : at + size]
        at += size


def _message(view: memoryview) -> dict[int, Any]:
    return dict(_fields(view))


def _text(view: memoryview) -> str:
    return bytes(view).decode()


def _type_name(parts: Mapping[int, Any]) -> str:
    number, value = next(iter(parts.items()), (1, None))
    if number == 3:
        return _PRIMITIVES.get(value or 0, "any")
    return {2: "null", 6: "list", 7: "map"}.get(number, "any")


def _constant_value(number: int, value: Any) -> Any:
    match number:
        case 1:
            return None
        case 2:
            return bool(value)
        case 3:
            return value - (1 << 64) if value >> 63 else value
        case 5:
            return struct.unpack("<d", value)[0]
        case 6:
            return _text(value)
        case 7:
            return bytes(value).hex()
        case _:
            return value
