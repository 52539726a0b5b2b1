"""The occurrences of one task at hand: by deadline, and those that are still owed.

A task keeps all of its occurrences in one mapping, years of them. A ledger is made from it once, and brought up to
date with each event, so that no rule looks through what is long over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from engine.task import OPEN, OWED, Occurrence, Task

Waking: TypeAlias = tuple[str, str, str]
"""When an occurrence wakes next (as text, which sorts as time does), its deadline and its key."""


class Ledger:
    """What a task's `deadlines` hold. `source` is that very mapping: another one needs another ledger.

    `open` are those that run or stand still, `waking` those for which time has something to say, both under the names
    that they have in the mapping.
    """

    __slots__ = ("_by_name", "_first", "_open_by_name", "open", "source", "waking")

    def __init__(self, deadlines: Mapping[str, Occurrence]) -> None:
        self.source = deadlines
        self.open: dict[str, Occurrence] = {}
        self.waking: dict[str, Waking] = {}
        self._first: tuple[Waking | None] | None = None
        self._by_name = _by_name(deadlines.values())
        self._open_by_name: dict[str, list[Occurrence]] | None = None
        for name, occurrence in deadlines.items():
            self._note(name, occurrence)

    def of(self, name: str) -> Sequence[Occurrence]:
        """All occurrences of a deadline, in the order in which they started."""
        return self._by_name.get(name, ())

    def open_of(self, name: str) -> Sequence[Occurrence]:
        """Those of a deadline that are running or paused, in the order in which they started."""
        if self._open_by_name is None:
            self._open_by_name = _by_name(self.open.values())
        return self._open_by_name.get(name, ())

    @property
    def first(self) -> Waking | None:
        """What wakes next; time asks for it before every decision."""
        if self._first is None:
            self._first = (min(self.waking.values(), default=None),)
        return self._first[0]

    def follow(self, deadlines: Mapping[str, Occurrence], changed: Occurrence) -> None:
        """Become the ledger of a mapping that differs from this one's in one occurrence, which is new or has changed.
        What was handed out before stays as it was.
        """
        name, key = changed["name"], f"{changed['name']}/{changed['key']}"
        self._by_name[name] = _placed(self._by_name.get(name, []), changed, known=key in self.source)
        self._note(key, changed)
        self.source, self._first, self._open_by_name = deadlines, None, None

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
    """The ledgers of a family, handed on from one decision to the next. `unmoved` keeps, for a date that was worked out
    anew and is the same, what it hung on then (`engine.pausing`): by task, deadline and key.
    """

    __slots__ = ("_known", "unmoved")

    def __init__(self) -> None:
        self.unmoved: dict[tuple[str, str, str], Any] = {}
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
            known.follow(after.deadlines, changed)


def _by_name(found: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
    named: dict[str, list[Occurrence]] = {}
    for occurrence in found:
        named.setdefault(occurrence["name"], []).append(occurrence)
    for mine in named.values():
        if len(mine) > 1:
            mine.sort(key=_order)
    return named


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
