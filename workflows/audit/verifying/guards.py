"""The guards that decided, evaluated again on exactly the operands that their event kept.

This asks nothing of the state of the task, so that it still tells where an earlier event is missing or wrong: what was
seen, and what the edition makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.cel.evaluation import shown
from engine.cel.kinds import Kind
from engine.cel.tree import walk
from engine.edition import Edition
from engine.events import Event, Json
from engine.expressions import Expression
from engine.moves import plain
from workflows.audit.verifying.findings import Finding

_NUMBERS = frozenset({Kind.NUMBER.value, Kind.NUMBERS_BY.value})

EXACT = 15
"""Numbers are kept to so many digits: one that has as many may have been rounded, and a guard that saw it is left to
the decision made again."""


@dataclass(slots=True)
class Kept:
    """The operands of one guard, as facts; `kinds` says which of the names are numbers, for those were kept as text."""

    saw: Mapping[str, Json]
    kinds: Mapping[str, str]

    def value(self, name: str) -> Any:
        """A variable as it was seen."""
        return self._read(name, self.saw[name])

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """A function's result as it was seen."""
        return self._read(name, self.saw[f"{name}({', '.join(map(shown, arguments))})"])

    def _read(self, name: str, value: Json) -> Any:
        return _number(value) if self.kinds.get(name) in _NUMBERS else value


def check(event: Event, kind: str, edition: Edition) -> Iterator[Finding]:
    """What is wrong with the guards of an event about a body of an edition."""
    sheet = edition.sheets.get(kind)
    for told in event.payload.get("guards", ()):
        guard = told["guard"]
        expression = sheet.expressions.get(guard) if sheet else None
        if expression is None:
            yield Finding("guard_unknown", event.task, event.seq, {"guard": guard, "edition": edition.name})
            continue
        found = _again(expression, told)
        if found is not None and found != told["held"]:
            facts = {"guard": guard, "found": found, "held": told["held"]}
            yield Finding("guard_otherwise", event.task, event.seq, facts)


def _again(expression: Expression, told: Mapping[str, Json]) -> Json:
    """What a guard comes to; None where it failed then (what it would need was not there to be seen) and where a number
    was rounded.
    """
    if told["error"] is not None or any(map(_rounded, told["saw"].values())):
        return None
    result = expression.evaluate(Kept(told["saw"], _kinds(expression)))
    return plain(result.value) if result.error is None else result.error


def _rounded(value: Json) -> bool:
    if isinstance(value, dict | list):
        return any(map(_rounded, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and len(value) > EXACT and sum(each.isdigit() for each in value) >= EXACT


def _number(value: Json) -> Any:
    if isinstance(value, dict):
        return {key: _number(each) for key, each in value.items()}
    return float(value) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _kinds(expression: Expression) -> Mapping[str, str]:
    """The kinds of what an expression reads, by the names of variables and functions."""
    nodes = list(walk(expression.root))
    variables = {node["name"]: node["kind"] for node in nodes if node["node"] == "ident" and "kind" in node}
    return variables | {node["function"]: node["kind"] for node in nodes if node["node"] == "call" and "kind" in node}
