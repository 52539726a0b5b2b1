"""What becomes, or became, of each family in a migration: a verdict with its deadlines, or why it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.commands import Decision, Refusal
from engine.events import Json
from engine.reasons import reason_of
from engine.task import OWED, Family

Fate = Literal["moves", "moved", "already", "goes_back", "went_back", "cannot", "failed"]

GOOD: frozenset[Fate] = frozenset({"moves", "moved", "already", "goes_back", "went_back"})


@dataclass(frozen=True, slots=True)
class Dated:
    """What becomes of one occurrence that was owed, or that begins: its last day before and after, and why."""

    task: str
    deadline: str
    key: str
    status: str
    before: str | None
    after: str | None
    policy: str | None
    why: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes, or became, of one family, by its root: its state before and after, its deadlines; or why not."""

    task: str
    fate: Fate
    was: str | None = None
    state: str | None = None
    deadlines: Sequence[Dated] = ()
    refusal: Refusal | None = None

    def to_json(self) -> dict[str, Json]:
        """As one JSON object."""
        why = {"code": self.refusal.code, "facts": dict(self.refusal.facts)} if self.refusal else None
        dated = [{name: getattr(each, name) for name in Dated.__dataclass_fields__} for each in self.deadlines]
        told = {"task": self.task, "fate": self.fate, "was": self.was, "state": self.state}
        return {**told, "deadlines": dated, "refusal": why}


@dataclass
class Verdicts:
    """How far it is: of so many families, what became of each so far."""

    total: int
    found: list[Verdict] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many move, moved, or had been moved."""
        return sum(each.fate in GOOD for each in self.found)


Progress = Callable[[Verdicts], bool | None]
"""Told after each family; False stops."""


def ends(found: Iterable[Verdict]) -> dict[str, str]:
    """What is recorded of families: nothing of one that moved, of another why it did not."""
    return {each.task: "" if each.fate in GOOD else _why_not(each) for each in found}


def _why_not(each: Verdict) -> str:
    return each.refusal.code if each.refusal else each.fate


def failed(root: str, error: Exception) -> Verdict:
    """The verdict on a family at which the program itself fell."""
    told = {"task": root, "error": reason_of(error).both}
    return Verdict(root, "failed", refusal=Refusal("family_stuck", told))


def verdict_on(root: str, before: Family, outcome: Decision | Refusal, fate: Fate) -> Verdict:
    """The verdict on a family by what was decided of it."""
    if isinstance(outcome, Refusal):
        was = before[root].state if root in before else None
        if outcome.code == "migrated_already":
            return Verdict(root, "already", was, was)
        return Verdict(root, "cannot", was, refusal=outcome)
    dated = list(_dated(before, outcome))
    return Verdict(root, fate, before[root].state, outcome.family[root].state, dated)


def _dated(before: Family, outcome: Decision) -> Iterator[Dated]:
    """Every occurrence that was owed before or is after, by task, in the order in which they started."""
    policies = {
        (event.task, event.payload["occurrence"]["name"], event.payload["occurrence"]["key"]): event.payload["policy"]
        for event in outcome.events
        if "policy" in event.payload
    }
    for name in sorted(before):
        task = outcome.family[name]
        had = {(one["n"], one["started_at"]): one for one in before[name].deadlines.values()}
        last = {one["n"]: one.get("last_day") for one in had.values()}
        owed = {one["n"] for one in had.values() if one["status"] in OWED}
        for one in sorted(task.deadlines.values(), key=lambda each: each["n"]):
            if one["n"] in owed or one["status"] in OWED:
                policy = policies.get((name, one["name"], one["key"]))
                days = last.get(one["n"]), one.get("last_day")
                yield Dated(name, one["name"], one["key"], one["status"], *days, policy, one.get("why", []))
