"""What a condition comes to by the state alone: what of a picture can be drawn and of a process be walked without
asking what the record holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.cel.tree import Node


def settled(node: Node, state: str, running: str = "") -> bool | None:
    """What a condition comes to by the state alone (and where the deadline `running` runs), or None where it hangs on
    more.
    """
    if node["node"] == "const" and isinstance(node["value"], bool):
        return node["value"]
    if node["node"] != "call":
        return None
    sides, negated = node["arguments"], {True: False, False: True, None: None}
    match node["function"]:
        case "_&&_":
            return _both(settled(side, state, running) for side in sides)
        case "_||_":
            return negated[_both(negated[settled(side, state, running)] for side in sides)]
        case "!_":
            return negated[settled(sides[0], state, running)]
        case "_==_" | "_!=_" | "@in":
            return _compared(node["function"], sides, state)
        case "running":
            return True if running and sides[0].get("value") == running else None
        case _:
            return None


def _both(values: Iterable[bool | None]) -> bool | None:
    known = list(values)
    return False if False in known else None if None in known else True


def _compared(function: str, sides: Sequence[Node], state: str) -> bool | None:
    """`state == 'x'`, `state != 'x'`, `state in ['x', 'y']`."""
    name, other = sides if function == "@in" or sides[0]["node"] == "ident" else reversed(sides)
    if name["node"] != "ident" or name["name"] != "state":
        return None
    values = other["elements"] if other["node"] == "list" else [other]
    if any(value["node"] != "const" for value in values):
        return None
    return (state in [value["value"] for value in values]) != (function == "_!=_")
