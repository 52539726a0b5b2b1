"""Tasks lived by hand: events as `decide` would make them, so that stores are tried without the rest of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from engine.events import Event, EventType, Json, iso
from engine.task import Occurrence, Task, evolve
from workflows.ports import Change, Parcel, Store, Wake

START = datetime(2022, 2, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A virtual clock that moves when told."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Story:
    """One task's life. Each method adds an event; `change` gives all since the last change."""

    def __init__(self, task: str, root: str | None = None, part_of: str | None = None) -> None:
        self.id, self.root, self.part_of = task, root or task, part_of
        self.kind = "" if root is None else "interview"
        self.task: Task | None = None
        self.events: list[Event] = []
        self.wakes: list[Wake] = []
        self._saved: Task | None = None
        self._wakes_saved: list[Wake] = []
        self._told = 0

    def _add(self, kind: EventType, at: datetime, payload: dict[str, Json], actor: str = "li") -> Story:
        seq = self.task.seq + 1 if self.task else 1
        event = Event(kind, self.id, seq, at, None, actor, "", "livelihood@2022.1", payload)
        self.task = evolve(self.task, event)
        self.events.append(event)
        return self

    def register(self, at: datetime, title: str = "水库", unit: str = "水务局", state: str = "planned") -> Story:
        payload = {
            "command": {"trigger": "register", "key": None, "at": iso(at)},
            "root": self.root,
            "parent": None if self.root == self.id else self.root,
            "part_of": self.part_of,
            "kind": self.kind,
            "state": state,
            "fields": {"title": title, "lead_unit": unit, "percent": "0"},
            "milestones": {},
            "opening": None,
        }
        return self._add(EventType.TASK_REGISTERED, at, payload)

    def fire(self, at: datetime, to: str, *, ended: bool = False, sets: dict[str, Json] | None = None) -> Story:
        payload: dict[str, Json] = {
            "trigger": "report",
            "to": to,
            "set": sets or {},
            "milestones": {},
            "ended": ended,
            "undo": "none",
            "form": {"month": "2022-02", "percent": "70.8"},
        }
        return self._add(EventType.TRIGGER_FIRED, at, payload)

    def light(self, at: datetime, signal: str) -> Story:
        before = self.task.signal if self.task else None
        return self._add(EventType.SIGNAL_CHANGED, at, {"from": before, "to": signal}, "system")

    def owe(self, at: datetime, name: str, key: str, due_at: datetime, status: str = "running") -> Story:
        occurrence = Occurrence(
            name=name,
            key=key,
            status=status,
            duty=True,
            who="lead",
            started_at=iso(at),
            due_at=iso(due_at),
            last_day=(due_at - DAY).date().isoformat(),
            provisional=False,
            why=["month end"],
        )
        kind = {
            "running": EventType.DEADLINE_STARTED,
            "missed": EventType.DEADLINE_MISSED,
            "met": EventType.DEADLINE_MET,
        }
        self.wakes = [wake for wake in self.wakes if (wake.name, wake.key) != (name, key)]
        if status == "running":
            self.wakes.append(Wake(due_at, self.id, name, key))
        return self._add(kind[status], at, {"occurrence": occurrence}, "system")

    def change(self) -> Change:
        """Everything since the last change."""
        assert self.task is not None
        fields = self.task.fields
        facts = {"title": fields["title"], "unit": fields["lead_unit"]}
        events, wakes = self.events[self._told :], list(self.wakes)
        change = Change(self._saved, self.task, events, self._wakes_saved, wakes, facts)
        self._saved, self._told, self._wakes_saved = self.task, len(self.events), wakes
        return change

    def save(self, store: Store, parcels: Sequence[Parcel] = ()) -> None:
        """Write everything since the last change in a transaction of its own."""
        with store.work([self.root]) as work:
            work.save([self.change()], parcels)


_names = count(1)


def registered(store: Store, name: str | None = None, at: datetime = START, **told: str) -> Story:
    """A task that has been registered and stored."""
    story = Story(name or f"task-{next(_names)}").register(at, **told)
    story.save(store)
    return story
