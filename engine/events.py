"""What is recorded: one frozen shape for every event of every stream.

Events are for ever. A type is never renamed and never loses a field; a new field has a default, and an older meaning is
read through an upcaster. Events carry results: replaying them never consults a definition, a clock or a calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Json: TypeAlias = Any
"""Whatever JSON can say: None, bool, int, str, list and dict. Decimals are kept as strings, instants as ISO 8601 in
UTC."""

SYSTEM = "system"
"""The actor of everything that a deadline, a child or a signal causes."""


class EventType(StrEnum):
    """Past tense, one for each thing that can happen to a task."""

    TASK_REGISTERED = "TaskRegistered"
    TRIGGER_FIRED = "TriggerFired"
    TRIGGER_IGNORED = "TriggerIgnored"
    ACT_CORRECTED = "ActCorrected"
    DEADLINE_STARTED = "DeadlineStarted"
    DEADLINE_MOVED = "DeadlineMoved"
    DEADLINE_PAUSED = "DeadlinePaused"
    DEADLINE_RESUMED = "DeadlineResumed"
    DEADLINE_EXTENDED = "DeadlineExtended"
    DEADLINE_REMINDED = "DeadlineReminded"
    DEADLINE_MET = "DeadlineMet"
    DEADLINE_MISSED = "DeadlineMissed"
    DEADLINE_LAPSED = "DeadlineLapsed"
    DEADLINE_CANCELLED = "DeadlineCancelled"
    DEADLINE_SUPERSEDED = "DeadlineSuperseded"
    MISS_EXCUSED = "MissExcused"
    SIGNAL_CHANGED = "SignalChanged"
    CHILD_OPENED = "ChildOpened"
    CHILD_ENDED = "ChildEnded"
    NOTICE_RAISED = "NoticeRaised"
    PUBLICATION_ORDERED = "PublicationOrdered"
    PUBLICATION_ISSUED = "PublicationIssued"
    PUBLICATION_VOIDED = "PublicationVoided"
    TASK_MIGRATED = "TaskMigrated"
    TASK_RESTORED = "TaskRestored"
    VALUES_REDACTED = "ValuesRedacted"


class Event(Struct, frozen=True):
    """One fact about one task.

    `seq` counts from 1 in the task's stream. `occurred_at` is when it is true in the world, `due_at` the instant of
    the deadline that caused it, both aware and UTC. `cause` names the event that led to it as `task#seq`, and is
    empty on the first event of a decision, whose payload carries the command under `command`. `edition` is
    `process@edition`.
    """

    type: EventType
    task: str
    seq: int
    occurred_at: datetime
    due_at: datetime | None
    actor: str
    cause: str
    edition: str
    payload: Mapping[str, Json]

    @property
    def ref(self) -> str:
        """The name by which other events cite this one."""
        return f"{self.task}#{self.seq}"

    def under(self, edition: str) -> Event:
        """The same event, had it been decided by another edition."""
        return replace(self, edition=edition)

    def at(self, seq: int) -> Event:
        """The same event, had it stood elsewhere in its stream."""
        return replace(self, seq=seq)


def iso(moment: datetime) -> str:
    """An aware instant as text, always UTC with a `Z` and to the microsecond, so that it sorts as time does."""
    return _written(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=1024)
def _written(moment: datetime) -> str:
    """The events of a family share their instants. Only in UTC are two moments that are equal the same."""
    return moment.isoformat("T", "microseconds")[: -len("+00:00")] + "Z"


def instant(text: str) -> datetime:
    """The inverse of `iso`."""
    return datetime.fromisoformat(text)


_LEADING = frozenset(
    {EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED, EventType.TASK_MIGRATED, EventType.TASK_RESTORED}
)


def leads_to(event: Event) -> str | None:
    """The state in which an event leaves its task, the same one where it stays; None of an event that tells none."""
    if event.type is EventType.TASK_REGISTERED:
        return str(event.payload["state"])
    return str(event.payload["to"]) if event.type in _LEADING else None
