"""What one change does to the board and to the deadlines, found by comparison so that only differences are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.rows import Duty, Head, duty_changes
from storage.spans import Canvas, Span, Step, steps
from workflows.ports import Change


@dataclass(frozen=True, slots=True)
class Projection:
    """The span that stays open, the spans to store or to forget, and the deadlines that changed or are over."""

    span: Span
    spans: Sequence[Span]
    spans_dropped: Sequence[tuple[int, int]]
    duties: Sequence[tuple[tuple[str, str], Duty]]
    duties_over: Sequence[tuple[str, str]]


def project(change: Change, head: Head, recorded_at: int, believed: Callable[[int], Sequence[Span]]) -> Projection:
    """The difference that a change makes.

    `believed` gives the believed spans that end after an instant; only late entries ask for them.
    """
    duties, duties_over = duty_changes(change)
    canvas = painted(steps(change, head.face), head.span, recorded_at, believed)
    span = canvas.current[-1] if canvas.written else head.span
    if span is None:
        raise ValueError(f"{change.after.id}: a new task without an event")
    return Projection(
        span=span,
        spans=list(canvas.written.values()),
        spans_dropped=list(canvas.dropped),
        duties=duties,
        duties_over=duties_over,
    )


def painted(
    found: Sequence[Step], last: Span | None, recorded_at: int, believed: Callable[[int], Sequence[Span]]
) -> Canvas:
    """The believed spans that change when a task is seen so, step by step. `last` is the one that stood open."""
    if not found or last is None:
        canvas = Canvas([], recorded_at)
    else:
        first = min(step.at for step in found)
        canvas = Canvas([last] if last.valid_from < first else believed(first), recorded_at)
    for step in found:
        canvas.paint(step)
    return canvas
