"""What auditors and administrators read is itself recorded, in a chained stream of its own: who looked at which page
about which task, and when. Whoever may read everything leaves a trace of what they read.

One event for each page: the same page looked at again within ten minutes is the same reading. What somebody typed into
a search is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from engine.chain import canonical
from engine.events import Json, iso
from workflows.clock import monotonic
from workflows.desk import Desk
from workflows.people.rights import system
from workflows.people.values import ADMIN, AUDITOR, Entry, Person

READINGS = "readings"
"""The stream."""

PAGE_READ = "PageRead"
PAGE = 200
"""So many readings are read at once."""
AGAIN = 600.0
"""Seconds within which the same page is the same reading."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One page that was read. `page` is its address without what was asked of it; `task` is empty where it is about
    none.
    """

    seq: int
    who: str
    at: datetime
    page: str
    task: str
    channel: str

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        told = {"who": self.who, "page": self.page, "task": self.task, "channel": self.channel}
        return {"ref": f"{READINGS}#{self.seq}", "at": iso(self.at), **told}


@dataclass
class Readings:
    """Records readings; it remembers for ten minutes what it has recorded."""

    clock: Callable[[], float] = monotonic
    _seen: dict[tuple[str, str, str], float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, desk: Desk, person: Person, page: str, task: str = "") -> None:
        """Record that somebody reads a page, before they are shown it; nothing where it is not to be recorded of them,
        or was a moment ago. Raises a `StoreProblem` where it cannot be recorded: then it is not shown.
        """
        if not watched(person):
            return
        key, now = (person.user.id, desk.channel, page), self.clock()
        if self._fresh(key, now):
            return
        with desk.store.chained(READINGS) as stream:
            stream.append(PAGE_READ, person.user.id, {"page": page, "task": task, "channel": desk.channel})
        with self._lock:
            self._seen[key] = now

    def _fresh(self, key: tuple[str, str, str], now: float) -> bool:
        with self._lock:
            self._seen = {each: at for each, at in self._seen.items() if now < at + AGAIN}
            return key in self._seen


def watched(person: Person) -> bool:
    """Whether what somebody reads is recorded: they see everything by their office, and not by their work."""
    return system(person, AUDITOR) or system(person, ADMIN)


def readings(desk: Desk, *, who: str = "", task: str = "", before: int | None = None) -> Iterator[Reading]:
    """What was read, the latest first: by one person, about one task, before a number. The stream is read a page at a
    time, as far as somebody asks on.
    """
    naming = f'"task":{canonical(task)}' if task else ""
    while True:
        page = desk.store.chain_back(READINGS, PAGE, before=before, actor=who, naming=naming)
        found = (_reading(each) for each in page)
        yield from (each for each in found if task in ("", each.task))
        if len(page) < PAGE:
            return
        before = page[-1].seq


def _reading(entry: Entry) -> Reading:
    told = entry.told
    return Reading(
        entry.seq, entry.actor, entry.recorded_at, str(told["page"]), str(told["task"]), str(told["channel"])
    )
