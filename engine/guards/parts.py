"""What the parts of a guard become: statements, values, and what was read on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from engine.guards.domains import Sort
from engine.guards.logic import FALSE, TRUE, Term, every, number

MONTH, FIRST_MONTH = 30.436875, 364
"""How long a month is in days on average, and how far the first day of a month lies before so many of them."""


class Truth(NamedTuple):
    """A condition: when it is true and when it is false; with neither it has failed."""

    true: Term
    false: Term


class Value(NamedTuple):
    """A value of a sort and when there is one. A list is its name, or its members; a quoted text is itself."""

    sort: Sort
    value: Any
    ok: Term = TRUE

    @property
    def quoted(self) -> bool:
        """Whether it is a text that stands in the guard."""
        return isinstance(self.value, str) and self.sort is Sort.TEXT


Part: TypeAlias = Truth | Value


class Leaf(NamedTuple):
    """What was read: a variable or a call, with its value; `call` are the function and its arguments."""

    label: str
    sort: Sort
    value: Any
    ok: Term
    call: tuple[str, tuple[Value, ...]] | None = None


class Bond(NamedTuple):
    """A day lies in a month, or is its last (`end`): said only of the months that matter, when they do."""

    day: Term
    month: Term
    end: bool = False


@dataclass
class Reading:
    """What one guard reads: `facts` are true of what it reads whatever the world is like, `musts` hold wherever it has
    a value at all; `opaque` are the parts that were not understood.
    """

    leaves: dict[str, Leaf] = field(default_factory=dict)
    facts: list[Term] = field(default_factory=list)
    musts: list[Term] = field(default_factory=list)
    bonds: list[Bond] = field(default_factory=list)
    opaque: dict[str, None] = field(default_factory=dict)

    def add(self, other: Reading) -> None:
        """Read what another one read, too."""
        self.leaves |= other.leaves
        self.facts += other.facts
        self.bonds += other.bonds
        self.opaque |= other.opaque


@dataclass(frozen=True)
class Formula:
    """One guard in the logic, or one value, with what it reads."""

    part: Part
    reading: Reading

    @property
    def true(self) -> Term:
        """When it holds."""
        return every([*self.reading.musts, self.part.true]) if isinstance(self.part, Truth) else FALSE

    @property
    def false(self) -> Term:
        """When it is false, and not merely failed."""
        return every([*self.reading.musts, self.part.false]) if isinstance(self.part, Truth) else FALSE


def roughly(day: Any, month: Any) -> tuple[Any, Any]:
    """That a day lies in a month, as far as straight lines can say it."""
    first = number(MONTH) * month - FIRST_MONTH
    return day >= first - 4, day <= first + 35
