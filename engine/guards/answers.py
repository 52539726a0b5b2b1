"""What is asked about guards and what is answered, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import TypeAlias

Fact: TypeAlias = bool | float | str | None
"""A value in a witness: dates and months as guards see them, None for what is not set."""
Cube: TypeAlias = Mapping[str, bool]
"""Atoms by their text, each true or not true (false, or without a value)."""


@dataclass(frozen=True)
class Literal:
    """A guard by its text, and whether it is to hold or to be false. An error of a guard is neither."""

    text: str
    holds: bool = True

    def __str__(self) -> str:
        return self.text if self.holds else f"!({self.text})"


@dataclass(frozen=True)
class Answer:
    """`possible` with a witness, surely `impossible`, or `unknown` with the reason.

    The witness gives what the guards read in the words of an event's operands: `form.percent`, `planned(form.month)`.
    `rests_on` are the parts that could not be translated (a comprehension, a function on texts): with any there, the
    facts of the witness are possible as far as can be seen, and it is not certain that the guards come out so.
    """

    verdict: OneOf["possible", "impossible", "unknown"]
    witness: Mapping[str, Fact] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    reason: str = ""

    @property
    def certain(self) -> bool:
        """Whether the answer is a proof or a witness that was tried on the real guards."""
        return self.verdict == "impossible" or (self.verdict == "possible" and not self.rests_on)

    @property
    def possible(self) -> bool:
        """Whether there is a witness, certain or not."""
        return self.verdict == "possible"

    @property
    def impossible(self) -> bool:
        """Whether it is proved that no facts whatever make it so."""
        return self.verdict == "impossible"


IMPOSSIBLE = Answer("impossible")


class UndecidedError(Exception):
    """A question that has no answer but a list came to none within its bounds; its argument is the reason."""
