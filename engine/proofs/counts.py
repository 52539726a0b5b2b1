"""How far counting matters: a guard that asks `fired('return') > 0` cannot tell one return from three. What no guard
tells apart is one place of the model, not many; what none looks at is not counted at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor

from engine.cel.tree import Node, children
from engine.edition import Sheet
from engine.model import Deadline
from engine.proofs.domains import Range, Value
from engine.proofs.domains import number as exactly
from engine.proofs.judging import Ranges
from engine.proofs.trees import written

UNTOLD, MOST = 2, 4
"""How far is counted where a guard does more than compare with a number, and at most."""

_TURNED = {"_>_": "_<_", "_<_": "_>_", "_>=_": "_<=_", "_<=_": "_>=_", "_==_": "_==_", "_!=_": "_!=_"}
"""Comparisons, and what they are from the other side."""


def counted(count: int, most: int) -> Value:
    """What guards see of a count that stands still at `most`: that many, or more."""
    return Range((float(most), 0)) if count >= most else exactly(count)


def fewer(count: int, most: int) -> list[int]:
    """What one less leaves of a count that stands still at `most`."""
    return [count - 1, count] if count >= most else [count - 1]


def most_told(call: str, trees: Iterable[Node], ranges: Ranges) -> int:
    """The count from which on these conditions cannot tell more from it; 0 where none of them reads the call."""
    told = (far for tree in trees for far in _told(call, tree, ranges))
    return min(max(told, default=0), MOST)


def _told(call: str, node: Node, ranges: Ranges) -> Iterator[int]:
    if written(node) == call:
        yield UNTOLD
    elif node.get("function") in _TURNED:
        one, other = node["arguments"]
        for side, beside, name in ((one, other, node["function"]), (other, one, _TURNED[node["function"]])):
            if any(written(part) == call for part in _summed(side, ranges)):
                yield _compared(name, ranges.value(beside, {}))
            else:
                yield from _told(call, side, ranges)
    else:
        for child in children(node):
            yield from _told(call, child, ranges)


def _summed(node: Node, ranges: Ranges) -> list[Node]:
    """The parts of a sum of which none can be negative: one of them alone may reach the whole. Else the node itself."""
    if node.get("function") != "_+_":
        return [node]
    parts = [part for side in node["arguments"] for part in _summed(side, ranges)]
    values = [ranges.value(part, {}) for part in parts]
    positive = all(isinstance(value, Range) and value.low >= (0.0, 0) for value in values)
    return parts if positive else [node]


def _compared(name: str, value: Value) -> int:
    """How far a comparison with a value tells counts apart."""
    if not isinstance(value, Range) or value.low != value.high or value.low[1]:
        return UNTOLD
    number = max(0.0, value.low[0])
    return ceil(number) if name in ("_>=_", "_<_") else floor(number) + 1


def judged(sheet: Sheet) -> Iterator[str]:
    """Every expression of a body that decides what happens to a task, or gives a field its value."""
    texts: list[str | None] = [effect.when for effect in sheet.body.registration.then]
    for each in sheet.body.transitions:
        texts += [each.when, *each.set.values(), *(effect.when for effect in each.then)]
        for branch in each.to:
            texts += [branch.when, *branch.set.values(), *(effect.when for effect in branch.then)]
    for rule in sheet.body.deadlines.values():
        texts += [rule.when, *(way.when for way in rule.met_by)]
    yield from dict.fromkeys(text for text in texts if text is not None and text in sheet.expressions)


def revives(rule: Deadline) -> bool:
    """Whether what is still owed matters to a deadline itself: a miss can be excused, or extended."""
    return rule.excused is not None or (rule.extend is not None and not rule.extend.before_due)
