"""What an expression came to before, so that the library is not asked the same thing twice.

An expression's value hangs on the values of its variables, and on the answers of the functions that it calls, which
its variables decide. So what is known is a path: the values, then one answer after another in the order in which they
were asked for, then the outcome. Following it takes a fifth of an evaluation's time. And the library keeps some
hundred bytes for ever each time a function is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.cel.kinds import Value

MOST = 1024
"""How many outcomes an expression remembers; when there are more, it begins anew."""
LONGEST = 200
"""Longer texts, which people write and nobody repeats, are not remembered."""


class Asked(NamedTuple):
    """A call that an evaluation made, its label as an operand, and what was answered."""

    label: str
    function: str
    arguments: tuple[Any, ...]
    accept: Callable[[Any], Any]
    answer: Any


class Step(NamedTuple):
    """What a path asks next, and where each answer leads: to another step, or to the outcome."""

    asked: Asked
    ways: dict[Any, Any]


_PLAIN = (bool, float, str)


class Known:
    """The outcomes of one expression that are remembered. Errors never are."""

    __slots__ = ("_count", "_ways")

    def __init__(self) -> None:
        self._ways: dict[Any, Any] = {}
        self._count = 0

    def find(self, values: tuple[Any, ...], ask: Callable[[Asked], Any]) -> Value | None:
        """The outcome for these values, or None; `ask` answers what led to it, and None where there is no answer."""
        found = self._ways.get(values)
        while type(found) is Step:
            answer = ask(found.asked)
            found = found.ways.get(answer) if type(answer) in _PLAIN else None
        return found

    def keep(self, values: tuple[Any, ...], asked: Sequence[Asked], outcome: Value) -> None:
        """Remember an outcome, and the way to it, where all of it can be compared."""
        if type(outcome) not in _PLAIN or not all(type(each.answer) in _PLAIN for each in asked):
            return
        if any(type(value) is str and len(value) > LONGEST for value in values):
            return
        if self._count >= MOST:
            self._ways, self._count = {}, 0
        ways, key = self._ways, values
        for each in asked:
            step = ways.setdefault(key, Step(each, {}))
            ways, key = step.ways, each.answer
        ways[key] = outcome
        self._count += 1
