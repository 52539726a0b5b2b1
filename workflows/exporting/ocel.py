"""OCEL 2.0: tasks, the units that they name and the editions that they pin are objects; each event names them all.

The state of a task is an attribute with its times, so that the file itself can be asked how things stood. Attributes
are text throughout, as the schema of the JSON form demands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine.events import Json, iso
from workflows.exporting.values import ATTRIBUTES, Happening, Object, Ocel, Step, Trace, attributes_of

START = "1970-01-01T00:00:00Z"
"""The time of an attribute that holds from the beginning, by the standard."""


def ocel(traces: Iterable[Trace]) -> Ocel:
    """The object-centric log of some tasks."""
    log, found = Ocel(), list(traces)
    known = {each.task.id for each in found}
    for trace in found:
        _add(log, trace, known)
    return log


def type_of(kind: str) -> str:
    """The type of a task as an object: the path of its body with dots."""
    return kind.replace("/", ".") or "task"


def _add(log: Ocel, trace: Trace, known: set[str]) -> None:
    task = trace.task
    kin = [(other, name) for other, name in ((task.parent, "parent"), (task.part_of, "part of")) if other in known]
    links = [*kin, *((f"unit:{unit}", "unit") for unit in trace.units)]
    states = [("state", iso(s.recorded.event.occurred_at), s.after) for s in trace.steps if s.before != s.after]
    named = [(str(other), name) for other, name in links]
    log.objects[task.id] = Object(task.id, type_of(task.kind), [("title", START, trace.title), *states], named)
    for unit in trace.units:
        log.objects.setdefault(f"unit:{unit}", Object(f"unit:{unit}", "unit"))
    for step in trace.steps:
        name = f"edition:{step.recorded.event.edition}"
        log.objects.setdefault(name, Object(name, "edition"))
        log.events.append(_happening(step, type_of(task.kind), [(task.id, "about"), *named, (name, "governed by")]))


def _happening(step: Step, kind: str, links: list[tuple[str, str]]) -> Happening:
    event, recorded = step.recorded.event, step.recorded
    told = (event.actor, iso(recorded.recorded_at), step.edge or "", event.cause, recorded.hash)
    return Happening(event.ref, f"{kind}: {step.activity}", iso(event.occurred_at), told, links)


def ocel_json(log: Ocel) -> str:
    """The JSON form of the standard."""
    said: dict[str, Json] = {
        "objectTypes": [_type(name, attributes_of(name)) for name in log.object_types()],
        "eventTypes": [_type(name, ATTRIBUTES) for name in log.event_types()],
        "objects": [_object(each) for each in log.objects.values()],
        "events": [_event(each) for each in log.events],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"


def _type(name: str, attributes: Iterable[str]) -> Mapping[str, Any]:
    return {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}


def _links(links: Iterable[tuple[str, str]]) -> list[Mapping[str, str]]:
    return [{"objectId": other, "qualifier": name} for other, name in links]


def _object(each: Object) -> Mapping[str, Any]:
    told = [{"name": name, "time": at, "value": value} for name, at, value in each.attributes]
    return {"id": each.id, "type": each.type, "attributes": told, "relationships": _links(each.links)}


def _event(each: Happening) -> Mapping[str, Any]:
    told = [{"name": name, "value": value} for name, value in zip(ATTRIBUTES, each.attributes, strict=True)]
    named = {"id": each.id, "type": each.type, "time": each.time}
    return {**named, "attributes": told, "relationships": _links(each.links)}
