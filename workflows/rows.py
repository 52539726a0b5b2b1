"""What a list asks to have entered, row by row, and what is answered where a row cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.commands import Opening, Refusal
from engine.events import Json


@dataclass(frozen=True, slots=True)
class Row:
    """One task to be: `number` is its line in the list. Values are as people wrote them."""

    number: int
    fields: Mapping[str, Json]
    milestones: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    opening: Opening | None = None
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class RowRefused:
    """What is wrong with one row; `columns` are the fields at fault."""

    number: int
    refusal: Refusal

    @property
    def columns(self) -> list[str]:
        """The names of the fields at fault, where the refusal names any."""
        problems = self.refusal.facts.get("problems")
        return [str(each["field"]) for each in problems] if problems else list(self.refusal.facts.get("fields", []))


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is not registered: every fault in it."""

    faults: Sequence[RowRefused]
