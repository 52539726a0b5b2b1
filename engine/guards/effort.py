"""How much may be asked of guards before somebody has to be answered: counted in steps, the same on any machine.

Whoever asks within an effort is told by `SpentError` that it did not suffice. What was not asked by then is unknown:
nothing follows from it. Without an effort questions end by their own bounds alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

TRY = 500
"""Steps that a try on some facts counts for: it takes as long as so many of the solver's."""
LOOK = 50
"""And a look at two guards beside each other."""
ASK = 10_000
"""And a question to the solver, beside the steps that it takes: it has to be put into its words."""


class SpentError(Exception):
    """The effort did not suffice."""


@dataclass
class Effort:
    """So many steps are left."""

    left: int


_now: ContextVar[Effort | None] = ContextVar("effort", default=None)


@contextmanager
def within(steps: int) -> Iterator[Effort]:
    """Questions asked meanwhile in this context take so many steps at most."""
    effort = Effort(steps)
    token = _now.set(effort)
    try:
        yield effort
    finally:
        _now.reset(token)


def take(steps: int) -> None:
    """Some steps are taken. Raises `SpentError` where none are left."""
    effort = _now.get()
    if effort is None:
        return
    effort.left -= steps
    if effort.left < 0:
        raise SpentError
