"""A figure with the budget it is held against, and the medians it is made of."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure may be at most, or has to be at least."""

    sense: Literal["≤", "≥"]
    limit: float
    unit: str = ""

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.sense == "≤" else value >= self.limit

    def __str__(self) -> str:
        return f"{self.sense} {self.limit:g}{self.unit and ' ' + self.unit}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; without a budget it is there to be known. `note` says what ours and the floor were."""

    name: str
    value: float
    unit: str
    budget: Budget | None
    note: str = ""

    @property
    def met(self) -> bool:
        return self.budget is None or self.budget.holds(self.value)

    def __str__(self) -> str:
        verdict = "" if self.budget is None else f"  (budget {self.budget}: {'met' if self.met else 'MISSED'})"
        return f"{self.name}: {shown(self.value)}{self.unit and ' ' + self.unit}{verdict}  {self.note}".rstrip()


def shown(value: float) -> str:
    """Three figures, and no powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the ratios of runs that were made in pairs."""
    return median([a / b for a, b in zip(over, under, strict=True)])
