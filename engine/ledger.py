"""The occurrences of one task at hand: by deadline, and those that are still owed.

A task keeps all of its occurrences in one mapping, years of them. A ledger is made from it once, and brought up to
date with each event, so that no rule looks through what is long over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from engine.task import OPEN, OWED, Occurrence, Task

Waking: TypeAlias = tuple[str, str, str]
"""When an occurrence wakes next (as text, which sorts as time does), its deadline and its key."""


class Ledger:
    """What a task's `deadlines` hold. `source` is that very mapping: another one needs another ledger.

    `open` are those that run or stand still, `waking` those for which time has something to say, both under the names
    that they have in the mapping.
    """

    __slots__ = ("_by_name", "_first", "open", "source", "waking")

    def __init__(self, deadlines: Mapping[str, Occurrence]) -> None:
        self.source = deadlines
        self.open: dict[str, Occurrence] = {}
        self.waking: dict[str, Waking] = {}
        self._first: tuple[Waking | None] | None = None
        self._by_name: dict[str, list[Occurrence]] = {}
        for name, occurrence in deadlines.items():
            self._by_name.setdefault(occurrence["name"], []).append(occurrence)
            self._note(name, occurrence)
        for found in self._by_name.values():
            found.sort(key=_order)

    def of(self, name: str) -> Sequence[Occurrence]:
        """All occurrences of a deadline, in the order in which they started."""
        return self._by_name.get(name, ())

    def open_of(self, name: str) -> list[Occurrence]:
        """Those of a deadline that are running or paused, in the order in which they started."""
        found = [occurrence for occurrence in self.open.values() if occurrence["name"] == name]
        return found if len(found) < 2 else sorted(found, key=_order)

    @property
    def first(self) -> Waking | None:
        """What wakes next; time asks for it before every decision. A ledger never changes once it is handed out."""
        if self._first is None:
            self._first = (min(self.waking.values(), default=None),)
        return self._first[0]

    def after(self, deadlines: Mapping[str, Occurrence], changed: Occurrence) -> Ledger:
        """The ledger of a mapping that differs from this one's in one occurrence, which is new or has changed."""
        name, key = changed["name"], f"{changed['name']}/{changed['key']}"
        ledger = Ledger({})
        ledger.source, ledger.open, ledger.waking = deadlines, dict(self.open), dict(self.waking)
        ledger._by_name = {
            **self._by_name,
            name: _placed(self._by_name.get(name, []), changed, known=key in self.source),
        }
        ledger._note(key, changed)
        return ledger

    def _note(self, name: str, occurrence: Occurrence) -> None:
        if occurrence["status"] in OPEN:
            self.open[name] = occurrence
        else:
            self.open.pop(name, None)
        at = _wakes_at(occurrence)
        if at is not None:
            self.waking[name] = (at, occurrence["name"], occurrence["key"])
        else:
            self.waking.pop(name, None)


class Ledgers:
    """The ledgers of a family, handed on from one decision to the next."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, Ledger] = {}

    def of(self, task: Task) -> Ledger:
        """The occurrences of a task at hand."""
        known = self._known.get(task.id)
        if known is None or known.source is not task.deadlines:
            known = self._known[task.id] = Ledger(task.deadlines)
        return known

    def follow(self, before: Task, after: Task, changed: Occurrence) -> None:
        """Keep up with a task of which one occurrence is new or has changed."""
        known = self._known.get(before.id)
        if known is not None and known.source is before.deadlines:
            self._known[before.id] = known.after(after.deadlines, changed)


def _wakes_at(occurrence: Occurrence) -> str | None:
    """The next instant of an occurrence: a reminder while it is owed, the due date while it is open.

    A pause that comes too late to move the date leaves one, and so it passes; one that stops the count leaves none.
    """
    status = occurrence["status"]
    if status not in OWED:
        return None
    rungs = occurrence.get("remind")
    due_at = occurrence.get("due_at") if status in OPEN else None
    if not rungs:
        return due_at
    return min(rungs[0], due_at) if due_at else rungs[0]


def _placed(found: list[Occurrence], changed: Occurrence, *, known: bool) -> list[Occurrence]:
    """The occurrences with the changed one in its place, which is the last one nearly always."""
    if known:
        at = next(number for number in range(len(found) - 1, -1, -1) if found[number]["key"] == changed["key"])
        if _order(found[at]) == _order(changed):
            return [*found[:at], changed, *found[at + 1 :]]
        found = [*found[:at], *found[at + 1 :]]
    if not found or _order(found[-1]) < _order(changed):
        return [*found, changed]
    return sorted([*found, changed], key=_order)


def _order(occurrence: Occurrence) -> tuple[int, str]:
    """By number; what started anew under its old key may share the number of another one."""
    return occurrence["n"], occurrence["started_at"]
