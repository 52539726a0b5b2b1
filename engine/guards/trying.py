"""A witness is tried on the real guards: what the solver found must be what the engine's own evaluation says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from engine.edition import Edition, Sheet
from engine.terms import month_end

MEASURE = "measure."
DAYS = frozenset({"day", "days", "天", "日"})
"""Units of a term that need no calendar."""


@dataclass
class Found:
    """What a witness says: values of variables, None where they are not set, and results of calls by their arguments;
    a call without a result fails.
    """

    values: dict[str, Any] = field(default_factory=dict)
    calls: dict[tuple[str, tuple[Any, ...]], Any] = field(default_factory=dict)


@dataclass
class _Facts:
    """The facts of an evaluation, from a witness."""

    edition: Edition
    sheet: Sheet
    found: Found

    def value(self, name: str) -> Any:
        if name.startswith("param."):
            return self.edition.parameters[name.removeprefix("param.")]
        measure = self.sheet.body.measures.get(name.removeprefix(MEASURE)) if name.startswith(MEASURE) else None
        if measure is None or measure.value is None:
            return self.found.values[name]
        result = self.sheet.expressions[measure.value].evaluate(self)
        if result.error is not None:
            raise LookupError(result.error)
        return result.value

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name in OWN:
            return OWN[name](self, *arguments)
        return self.known(name, arguments)

    def known(self, name: str, arguments: tuple[Any, ...]) -> Any:
        value = self.found.calls.get((name, arguments))
        if value is None:
            raise LookupError(f"{name}{arguments} is not known")
        return value


def comes_out(edition: Edition, sheet: Sheet, text: str, found: Found) -> bool | None:
    """What a guard comes to for a witness: true, false, or None where it fails."""
    result = sheet.expressions[text].evaluate(_Facts(edition, sheet, found))
    return None if result.error is not None else result.value is True


class Answers(Protocol):
    """Facts that know what the calendar decides."""

    def value(self, name: str) -> Any: ...

    def known(self, name: str, arguments: tuple[Any, ...]) -> Any: ...


def _add(at: Answers, day: str, *term: Any) -> str:
    if len(term) == 2 and term[1] in DAYS:
        return (date.fromisoformat(day) + timedelta(int(term[0]))).isoformat()
    return str(at.known("add", (day, *term)))


def _date_or(at: Answers, name: str, other: str) -> str:
    value = at.value(name)
    return other if value is None else str(value)


OWN: Mapping[str, Callable[..., Any]] = {
    "add": _add,
    "days": lambda at, a, b: float((date.fromisoformat(b) - date.fromisoformat(a)).days),
    "latest": lambda at, days: max(days),
    "earliest": lambda at, days: min(days),
    "date_or": _date_or,
    "month_of": lambda at, day: day[:7],
    "month_end": lambda at, month: month_end(date.fromisoformat(f"{month}-01")).isoformat(),
}
"""Functions that need no history and no calendar."""
