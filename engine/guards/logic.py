"""The logic in which questions are asked: an SMT solver, which this file alone imports.

Its import takes a quarter of a second, so whoever asks nothing must not import this file. The solver's memory is shared
by all threads and bears one of them at a time: ask within `turn`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from threading import RLock
from typing import Any

import z3

from engine.guards.effort import ASK, take

Term = Any
"""A value in the logic; the library has no types of its own to tell."""

turn = RLock()
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
EFFORT = 3_000_000
"""How many of its own steps the solver may take for one check: the same on any machine, a second or two."""


def every(parts: Iterable[Term]) -> Term:
    """All of them hold; of none, true."""
    found = [part for part in parts if not z3.is_true(part)]
    return z3.And(*found) if len(found) > 1 else found[0] if found else TRUE


def some(parts: Iterable[Term]) -> Term:
    """One of them holds at least; of none, false."""
    found = [part for part in parts if not z3.is_false(part)]
    return z3.Or(*found) if len(found) > 1 else found[0] if found else FALSE


def negated(part: Term) -> Term:
    return FALSE if z3.is_true(part) else TRUE if z3.is_false(part) else z3.Not(part)


def chosen(condition: Term, first: Term, second: Term) -> Term:
    return z3.If(condition, first, second)


def implied(condition: Term, part: Term) -> Term:
    return z3.Implies(condition, part)


def truth(name: str) -> Term:
    return z3.Bool(name)


def constant(name: str, sort: str) -> Term:
    """An unknown of a sort: `boolean`, `number`, `whole` (a whole number among numbers) or `code` (an integer)."""
    return z3.ToReal(z3.Int(name)) if sort == "whole" else z3.Const(name, _SORTS[sort])


def applied(name: str, arguments: Sequence[Term], sort: str) -> Term:
    """An unknown function of these arguments: where they are equal, so is it."""
    result = _SORTS["code" if sort == "whole" else sort]
    found = z3.Function(name, *(argument.sort() for argument in arguments), result)(*arguments)
    return z3.ToReal(found) if sort == "whole" else found


def number(value: float) -> Term:
    """A number as its author wrote it: 0.1 is a tenth."""
    return z3.RealVal(repr(value))


def code(value: int | Fraction) -> Term:
    return z3.IntVal(value) if isinstance(value, int) else z3.RealVal(str(value))


def real(part: Term) -> Term:
    """A whole number among the numbers."""
    return z3.ToReal(part)


def floored(part: Term) -> Term:
    """A number without its decimals: cut off towards zero, as a term cuts them."""
    return z3.If(part >= 0, z3.ToInt(part), -z3.ToInt(-part))


def whole(part: Term) -> Term:
    """That a number is whole."""
    return z3.IsInt(part)


_SORTS = {"boolean": z3.BoolSort(), "number": z3.RealSort(), "code": z3.IntSort()}


class Model:
    """One way in which all that was demanded holds."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def holds(self, part: Term) -> bool:
        return bool(z3.is_true(self._model.eval(part, model_completion=True)))

    def value(self, part: Term) -> Fraction:
        """The value of a number; a root is rounded."""
        found = self._model.eval(part, model_completion=True)
        if z3.is_algebraic_value(found):
            found = found.approx(12)
        return Fraction(found.as_fraction() if z3.is_rational_value(found) else found.as_long())


class Demand:
    """What is demanded together; more can be added for a while."""

    def __init__(self, parts: Iterable[Term]) -> None:
        self._solver = z3.SimpleSolver()
        self._solver.set("rlimit", EFFORT)
        self.add(parts)

    def add(self, parts: Iterable[Term]) -> None:
        self._solver.add(*[part for part in parts if not z3.is_true(part)])

    def model(self, more: Iterable[Term] = ()) -> Model | None:
        """A way in which it holds, with `more` on top; None where there surely is none. Raises `GaveUpError`."""
        extra = list(more)
        if not extra:
            return Model(self._solver.model()) if self.holds() else None
        self._solver.push()
        try:
            self.add(extra)
            return Model(self._solver.model()) if self.holds() else None
        finally:
            self._solver.pop()

    def holds(self) -> bool:
        """Whether there is a way in which it holds. Raises `GaveUpError`."""
        before = _taken
        found = self._solver.check()
        take(ASK + self._counted() - before)
        if found == z3.unknown:
            raise GaveUpError(self._solver.reason_unknown())
        return bool(found == z3.sat)

    def _counted(self) -> int:
        """The steps that the solver has taken so far in this process, for all who asked."""
        global _taken  # noqa: PLW0603 - the solver counts so itself
        _taken = int(self._solver.statistics().get_key_value("rlimit count"))
        return _taken


_taken = 0


class GaveUpError(Exception):
    """The solver found no answer within its bounds."""
