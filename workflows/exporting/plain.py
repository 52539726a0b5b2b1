"""The record line by line: NDJSON with what each event carries, less what the law protects; CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.chain import canonical, parsed
from engine.events import iso
from workflows.desk import Desk
from workflows.exporting.values import Step, Trace
from workflows.personal import withheld
from workflows.sheets import table

COLUMNS = (
    "task", "seq", "type", "activity", "before", "after", "occurred_at", "recorded_at", "due_at", "actor", "cause",
    "edition", "hash",
)  # fmt: skip


def ndjson(desk: Desk, traces: Iterable[Trace]) -> Iterator[str]:
    """One JSON object a line: header, payload, prev and hash. With a value withheld the hash cannot be worked out from
    the line; the audit package can.
    """
    for trace in traces:
        for step in trace.steps:
            recorded = step.recorded
            sheet = desk.book(recorded.event.edition)[0].sheets[trace.task.kind]
            payload = withheld(recorded.event.payload, sheet)
            told = {"header": parsed(recorded.header), "payload": payload, "prev": recorded.prev, "hash": recorded.hash}
            yield canonical(told) + "\n"


def comma_separated(traces: Iterable[Trace]) -> str:
    """A table with a heading; no cell becomes a formula."""
    return table(COLUMNS, (_cells(step) for trace in traces for step in trace.steps)).decode()


def _cells(step: Step) -> list[str]:
    event, recorded = step.recorded.event, step.recorded
    times = [iso(event.occurred_at), iso(recorded.recorded_at), iso(event.due_at) if event.due_at else ""]
    where = [event.task, str(event.seq), event.type.value, step.activity, step.before, step.after]
    return [*where, *times, event.actor, event.cause, event.edition, recorded.hash]
