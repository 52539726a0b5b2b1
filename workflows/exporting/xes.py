"""XES (IEEE 1849): one trace for each task, one event for each of its events.

`concept:name` is the trigger of an act, else the type of the event; `duban:edge` names the move, `from|trigger|to`,
and is what conformance is to be asked with: a bare trigger hides a wrong target.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from engine.events import iso
from workflows.exporting.values import Step, Trace

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2023" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event">
<string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Edge" keys="duban:edge"/>
"""


def xes(traces: Iterable[Trace]) -> Iterator[str]:
    """The log, piece by piece."""
    yield _HEAD
    for trace in traces:
        yield _trace(trace)
    yield "</log>\n"


def _trace(trace: Trace) -> str:
    task = trace.task
    told = {
        "concept:name": task.id,
        "duban:title": trace.title,
        "duban:kind": task.kind,
        "duban:edition": task.edition,
        "duban:parent": task.parent or "",
        "duban:part_of": task.part_of or "",
        "duban:ended": "true" if task.ended else "false",
    }
    events = "".join(_event(step) for step in trace.steps)
    return f"<trace>\n{_strings(told)}{events}</trace>\n"


def _event(step: Step) -> str:
    event, recorded = step.recorded.event, step.recorded
    told = {
        "concept:name": step.activity,
        "lifecycle:transition": "complete",
        "org:resource": event.actor,
        "duban:type": event.type.value,
        "duban:seq": str(event.seq),
        "duban:edition": event.edition,
        "duban:before": step.before,
        "duban:after": step.after,
        "duban:cause": event.cause,
        "duban:hash": recorded.hash,
    }
    if step.edge is not None:
        told["duban:edge"] = step.edge
    dates = {"time:timestamp": event.occurred_at, "duban:recorded_at": recorded.recorded_at}
    when = "".join(f'<date key="{key}" value="{iso(at)}"/>' for key, at in dates.items())
    return f"<event>{_strings(told)}{when}</event>\n"


def _strings(told: dict[str, str]) -> str:
    return "".join(f'<string key="{key}" value={quoteattr(_sayable(value))}/>' for key, value in told.items())


def _sayable(text: str) -> str:
    """Without the characters that XML cannot hold, not even escaped."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
