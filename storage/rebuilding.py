"""What the tables that follow from events should hold of a family, worked out from what it lived through.

Rows are those that `sql_work` would have written, transaction by transaction, in the order of their columns here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.chain import canonical
from storage.instants import FOREVER, micros
from storage.projection import painted
from storage.rows import Head, Row, owed, span_row, task_row
from storage.spans import Span, steps
from workflows.audit.verifying.values import Life, Shape, Standing
from workflows.ports import Change

SHAPES: Mapping[str, Shape] = {
    "tasks": Shape(
        (
            "id", "root", "parent", "part_of", "process", "kind", "edition", "state", "signal", "ended", "version",
            "title", "unit", "snapshot", "last_hash", "last_recorded_at", "span_from", "span_known", "span_seq",
            "heading", "due_at", "late",
        ),
        1,
    ),
    "deadlines": Shape(
        ("task", "name", "key", "root", "wake_at", "who", "status", "due_at", "last_day", "provisional"), 3
    ),
    "spans": Shape(
        (
            "task", "valid_from", "known_from", "valid_to", "known_to", "closed_at", "over_at", "state", "signal",
            "title", "unit", "ended", "seq",
        ),
        3,
    ),
    "outbox": Shape(("task", "seq", "kind", "name", "body"), 2),
    "parties": Shape(("task", "unit"), 2),
    "facets": Shape(("task", "name", "value"), 2),
}  # fmt: skip
"""The tables, their columns and how many of them are the key. Of the outbox, what follows from events."""


def rebuilt(life: Life) -> Mapping[str, Sequence[Row]]:
    """The rows of a family, by table."""
    boards: dict[str, _Board] = {}
    for saved in life.saved:
        for change in saved.changes:
            boards.setdefault(change.after.id, _Board()).paint(change, micros(saved.recorded_at))
    found: dict[str, list[Row]] = {table: [] for table in SHAPES}
    for name, standing in life.standing.items():
        _stand(found, name, standing, boards[name])
    return found


def _stand(found: dict[str, list[Row]], name: str, standing: Standing, board: _Board) -> None:
    task = standing.task
    head = Head(task.seq, standing.link, micros(standing.recorded_at), board.last)
    assert board.last is not None, "a task that was lived has been seen"
    found["tasks"].append(task_row(task, standing.heading, head, board.last))
    duties = owed(task, standing.wakes)
    found["deadlines"] += [(name, *key, task.root, *each.duty()) for key, each in duties.items()]
    found["spans"] += [span_row(name, span) for span in board.spans.values()]
    found["outbox"] += [(each.task, each.seq, each.kind, each.name, canonical(each.body)) for each in standing.parcels]
    found["parties"] += [(name, unit) for unit in standing.units]
    found["facets"] += [(name, *each) for each in standing.facets.items()]


class _Board:
    """The spans of one task, painted change by change as `storage.projection` does for the tables."""

    def __init__(self) -> None:
        self.spans: dict[tuple[int, int], Span] = {}
        self.last: Span | None = None

    def paint(self, change: Change, recorded_at: int) -> None:
        """Let one change show."""
        found = steps(change, self.last.face if self.last else None)
        if not found:
            return
        canvas = painted(found, self.last, recorded_at, self._believed)
        for key in canvas.dropped:
            self.spans.pop(key, None)
        self.spans.update(canvas.written)
        self.last = canvas.current[-1]

    def _believed(self, after: int) -> list[Span]:
        mine = [span for span in self.spans.values() if span.known_to == FOREVER and span.valid_to > after]
        return sorted(mine, key=lambda span: span.valid_from)
