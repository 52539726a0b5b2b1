"""What crosses between those who gather the record for an export and those who write it down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.task import Task
from workflows.ports import Recorded


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a task. `activity` is the trigger of an act, else the event's type. `edge` is `from|trigger|to`
    where the task's place in its state machine is told, else None.
    """

    recorded: Recorded
    activity: str
    edge: str | None
    before: str
    after: str
    """The state before and after; before is empty on the first event."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A task with all its steps. `units` are those that it names."""

    task: Task
    title: str
    units: Sequence[str]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Object:
    """An object of OCEL 2.0: attributes as (name, ISO time, value), links as (object, qualifier)."""

    id: str
    type: str
    attributes: Sequence[tuple[str, str, str]] = ()
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of OCEL 2.0, its attributes by the names in `ATTRIBUTES`."""

    id: str
    type: str
    time: str
    attributes: Sequence[str]
    links: Sequence[tuple[str, str]]


ATTRIBUTES = ("actor", "recorded_at", "edge", "cause", "hash")
"""What each event of an object-centric log carries, as text."""

TASK_ATTRIBUTES = ("title", "state")
"""What a task carries as an object, `state` with its times; units and editions carry nothing."""


@dataclass(slots=True)
class Ocel:
    """An object-centric log. Every object is touched by an event: readers drop those that are not."""

    objects: dict[str, Object] = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)

    def object_types(self) -> list[str]:
        """The types of its objects, in order."""
        return _names(each.type for each in self.objects.values())

    def event_types(self) -> list[str]:
        """The types of its events, in order."""
        return _names(each.type for each in self.events)


def _names(types: Iterable[str]) -> list[str]:
    return sorted(set(types))


def attributes_of(object_type: str) -> tuple[str, ...]:
    """The attributes of a type of objects."""
    return () if object_type in ("unit", "edition") else TASK_ATTRIBUTES
