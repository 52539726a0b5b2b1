"""Who takes the record away is itself on record: a chained stream beside the tasks'. One call for every export."""

from __future__ import annotations

from engine.events import Json
from workflows.desk import Desk

EXPORTS = "exports"
"""The stream of what was taken out."""


def note_taken(desk: Desk, actor: str, kind: str, **what: Json) -> str:
    """Record that `actor` takes something out (`RecordExported`, `RecordPackaged`); returns the name of the event."""
    with desk.store.chained(EXPORTS) as stream:
        return stream.append(kind, actor, {"channel": desk.channel, "login": desk.login, **what})
