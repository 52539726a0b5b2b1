"""What the dictionaries keep of one task, and how it is told as boards and worklists have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.events import Event
from engine.task import Task
from storage.instants import FOREVER, moment_or_none
from storage.projection import Projection
from storage.rows import Duty, Head
from storage.spans import Span
from workflows.ports import (
    BoardRow,
    EditionExists,
    EditionRecord,
    OpenDeadline,
    Recorded,
)

Waking = tuple[int, str, str, str, str]
"""When, and of which root, task, name and key."""


@dataclass(slots=True)
class Kept:
    """Everything about one task. `evidence` is the sealed part of the stream; `link` is where sealing goes on."""

    task: Task
    head: Head
    events: list[tuple[Event, int]] = field(default_factory=list)
    spans: dict[tuple[int, int], Span] = field(default_factory=dict)
    duties: dict[tuple[str, str], Duty] = field(default_factory=dict)
    parties: frozenset[str] = frozenset()
    facets: Mapping[str, str] = field(default_factory=dict)
    evidence: list[Recorded] = field(default_factory=list)
    link: Head = field(default_factory=Head)

    def staged(self) -> Kept:
        """A copy that a transaction may change, with no events but its own."""
        head = replace(self.head, span=self.head.span and replace(self.head.span))
        spans = {key: replace(span) for key, span in self.spans.items()}
        return replace(self, head=head, events=[], spans=spans, duties=dict(self.duties))

    def wakes(self) -> set[Waking]:
        root, task = self.task.root, self.task.id
        return {(duty.wake_at, root, task, *key) for key, duty in self.duties.items() if duty.wake_at is not None}


def believed(kept: Kept, after: int) -> list[Span]:
    """The spans that are believed now and reach past an instant."""
    return [span for span in kept.spans.values() if span.known_to == FOREVER and span.valid_to > after]


def bring_up(kept: Kept, projection: Projection) -> None:
    """Lay a projection over what is kept."""
    for key in projection.duties_over:
        del kept.duties[key]
    kept.duties.update(projection.duties)
    for dropped in projection.spans_dropped:
        kept.spans.pop(dropped, None)
    kept.spans.update({(span.valid_from, span.known_from): span for span in projection.spans})


def publish_in(kept: list[EditionRecord], edition: EditionRecord) -> None:
    """Keep an edition; the same once more changes nothing. Raises `EditionExists`."""
    same = next((each for each in kept if each.name == edition.name), None)
    if same is None:
        kept.append(edition)
    elif (same.digest, same.text) != (edition.digest, edition.text):
        raise EditionExists(edition.name)


def unit_of(kept: Kept) -> str | None:
    """The unit by which lists know a task."""
    return kept.head.span.face.unit if kept.head.span else None


def board_row(task: Task, span: Span) -> BoardRow:
    """A task as a board has it."""
    process, face = task.edition.partition("@")[0], span.face
    return BoardRow(
        task.id, process, task.kind, face.state, face.signal, face.title, face.unit, task.part_of, ended=face.ended
    )


def open_deadline(kept: Kept, key: tuple[str, str], duty: Duty) -> OpenDeadline:
    """A duty as a worklist has it."""
    title = kept.head.span.face.title if kept.head.span else None
    due_at = moment_or_none(duty.due_at)
    status, who = duty.status or "", duty.who or ""
    return OpenDeadline(
        kept.task.id, title, unit_of(kept), *key, who, status, due_at, duty.last_day, provisional=duty.provisional
    )
