"""Comparisons in the logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.cel.tree import Node
from engine.guards import logic
from engine.guards.domains import Sort
from engine.guards.parts import Truth

if TYPE_CHECKING:
    from engine.guards.translate import Translator


def compared(into: Translator, node: Node) -> Truth:
    """A comparison: both sides have a value, and it is true or not. Texts that are no times have no order here."""
    first, second = (into.value(each) for each in node["arguments"])
    pair = into.alike(first, second)
    equality = node["function"] in ("_==_", "_!=_")
    if pair is None or pair[0].sort is Sort.LIST:
        return into.opaque_truth(node)
    if not equality and pair[0].sort in (Sort.TEXT, Sort.BOOLEAN):
        return into.opaque_truth(node)
    one, other = pair
    holds, ok = _holds(node["function"], one.value, other.value), logic.every([one.ok, other.ok])
    return Truth(logic.every([ok, holds]), logic.every([ok, logic.negated(holds)]))


def _holds(function: str, one: Any, other: Any) -> Any:
    match function:
        case "_==_":
            return one == other
        case "_!=_":
            return one != other
        case "_<_":
            return one < other
        case "_<=_":
            return one <= other
        case "_>_":
            return one > other
        case _:
            return one >= other
