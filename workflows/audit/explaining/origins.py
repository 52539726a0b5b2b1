"""A fact that a guard saw, and where it came from: the events that made it so, or the line that sets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from engine.events import Event, EventType, Json, leads_to
from engine.facts import Situation
from engine.moves import saw
from engine.vocabulary import NAMES_CHILD, NAMES_DEADLINE, NAMES_TRIGGER
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.past import Past


class From(StrEnum):
    """Where a fact came from."""

    EVENTS = "events"
    FORM = "form"
    """Filled in with the act itself."""
    DEFINITION = "definition"
    CLOCK = "clock"
    NOTHING = "nothing"
    """Nothing that would make it otherwise had happened."""
    COMPUTED = "computed"


@dataclass(frozen=True)
class Fact:
    """One operand of a guard with its value. `refs` are the events that made it so, `parts` what it was computed of."""

    name: str
    value: Json
    origin: From
    refs: Sequence[str] = ()
    line: Line | None = None
    parts: Sequence[Fact] = ()


CLOCK = frozenset({"now", "today", "this_month", "last_month", "occurred_on"})
_CALL = re.compile(r"(\w+)\((.*)\)$", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def facts_of(past: Past, event: Event, saw: Mapping[str, Json]) -> list[Fact]:
    """Each operand with its origin, in the order in which it was kept."""
    return [_fact(past, event, name, value) for name, value in saw.items()]


def _fact(past: Past, event: Event, name: str, value: Json) -> Fact:
    call = _CALL.fullmatch(name)
    if call is None:
        return _variable(past, event, name, value)
    function, said = call[1], [one or other for one, other in _QUOTED.findall(call[2])]
    if function == "has":
        inner = _variable(past, event, call[2], value)
        return Fact(name, value, inner.origin, inner.refs, inner.line)
    return _called(past, event, name, value, function, said)


def _variable(past: Past, event: Event, name: str, value: Json) -> Fact:
    record, _, rest = name.partition(".")
    if name in CLOCK:
        return Fact(name, value, From.CLOCK)
    if record == "form":
        return Fact(name, value, From.FORM, [event.ref])
    if record == "actor":
        return Fact(name, value, From.FORM, [past.first(event).ref])
    if record == "param":
        return Fact(name, value, From.DEFINITION, line=past.lines(event).process("parameters", rest))
    if record == "measure":
        return _measured(past, event, name, value)
    made = _MADE.get(record)
    if record == "parent":
        return _of_parent(past, event, name, value)
    refs = made(past.before(event), rest) if made else []
    return Fact(name, value, From.EVENTS if refs else From.NOTHING, refs)


def _of_parent(past: Past, event: Event, name: str, value: Json) -> Fact:
    parent = past.events(event.task)[0].event.payload["parent"]
    until = past.known_at(event)
    events = [one.event for one in past.events(parent) if one.recorded_at <= until]
    rest = name.partition(".")[2]
    refs = _entered(events, "") if rest == "state" else _set(events, rest)
    return Fact(name, value, From.EVENTS if refs else From.NOTHING, refs)


def _set(events: Sequence[Event], field: str) -> list[str]:
    """The last event that set a field of the record."""
    name = field.removesuffix("_unit")
    names = {field, name}
    return _last(events, lambda one: any(names & set(one.payload.get(part) or ()) for part in ("set", "fields")))


def _entered(events: Sequence[Event], _rest: str) -> list[str]:
    """The last event that led into another state."""
    return _last(events, entered)


def entered(event: Event) -> bool:
    """Whether an event led its task into another state, or into its first."""
    return leads_to(event) not in (None, event.payload.get("from"))


def _acted(events: Sequence[Event], _rest: str) -> list[str]:
    return _last(events, lambda one: one.type is EventType.TRIGGER_FIRED)


def _started(events: Sequence[Event], _rest: str) -> list[str]:
    return _last(events, lambda one: one.type is EventType.DEADLINE_STARTED)


def _last(events: Sequence[Event], which: Callable[[Event], Any]) -> list[str]:
    return next(([one.ref] for one in reversed(events) if which(one)), [])


_MADE: Mapping[str, Callable[[Sequence[Event], str], list[str]]] = {
    "task": _set,
    "state": _entered,
    "entered_on": _entered,
    "last": _acted,
    "key": _started,
    "start": _started,
    "milestone": _started,
}


def _measured(past: Past, event: Event, name: str, value: Json) -> Fact:
    """A measure with what it was computed of, looked at again in the moment before the event."""
    rest, kind = name.partition(".")[2], past.kind(event.task)
    line = past.lines(event).of(kind, "measures", rest)
    measure = past.edition(event).sheets[kind].body.measures[rest]
    then = past.turn(event)
    if measure.value is None or then is None:
        return Fact(name, value, From.COMPUTED, line=line)
    seen = Situation(then[0], then[1], event.payload.get("form") or {}).evaluate(measure.value)
    parts = facts_of(past, event, saw(seen))
    return Fact(name, value, From.COMPUTED, line=line, parts=parts)


def _called(past: Past, event: Event, name: str, value: Json, function: str, said: Sequence[str]) -> Fact:
    before, kind = past.before(event), past.kind(event.task)
    about, lines = said[0] if said else "", past.lines(event)
    if function in NAMES_DEADLINE:
        return _counted(name, value, _deadlines(before, function, about), lines.of(kind, "deadlines", about))
    if function in NAMES_TRIGGER:
        refs = [one.ref for one in before if one.payload.get("trigger") == about and one.type in ACTS]
        return _counted(name, value, refs, lines.of(kind, "transitions", number_of(past, event, about)))
    if function in NAMES_CHILD:
        return _counted(name, value, _children(before, function, about, kind), lines.of(kind, "children", about))
    milestones = past.edition(event).sheets[kind].body.milestones
    if function == "has_milestone" or (milestones and function in milestones.fields):
        return _counted(name, value, _cell(before, function, about), lines.of(kind, "milestones"))
    return Fact(name, value, From.COMPUTED)


ACTS = frozenset({EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED})


def _counted(name: str, value: Json, refs: Sequence[str], line: Line) -> Fact:
    return Fact(name, value, From.EVENTS if refs else From.NOTHING, refs, line)


def number_of(past: Past, event: Event, trigger: str) -> int:
    """Which of the transitions of its body a trigger is."""
    body = past.edition(event).sheets[past.kind(event.task)].body
    return next((number for number, one in enumerate(body.transitions) if one.trigger == trigger), 0)


_STATUS: Mapping[str, frozenset[str]] = {
    "running": frozenset({"running", "paused"}),
    "met": frozenset({"met", "met_late"}),
    "missed": frozenset({"missed"}),
    "lapsed": frozenset({"lapsed"}),
}


def _deadlines(events: Sequence[Event], function: str, name: str) -> list[str]:
    """The last event of each occurrence that counts; of one that was passed, that by which it was."""
    last: dict[str, Event] = {}
    for event in events:
        occurrence = event.payload.get("occurrence")
        if occurrence and occurrence["name"] == name:
            last[occurrence["key"]] = event
    status = _STATUS.get(function)
    return [event.ref for event in last.values() if status is None or event.payload["occurrence"]["status"] in status]


def _children(events: Sequence[Event], function: str, name: str, kind: str) -> list[str]:
    path = f"{kind}/{name}" if kind else name
    last: dict[str, Event] = {}
    for event in events:
        if event.type in (EventType.CHILD_OPENED, EventType.CHILD_ENDED) and event.payload["kind"] == path:
            last[event.payload["child"]] = event
    wanted = {"open_children": EventType.CHILD_OPENED, "ended_children": EventType.CHILD_ENDED}.get(function)
    return [event.ref for event in last.values() if wanted in (None, event.type)]


def _cell(events: Sequence[Event], column: str, key: str) -> list[str]:
    """The last event that changed the cell of the plan which answers for a key: of the row itself, else of the last
    one before it. `has_milestone` asks for the row alone.
    """
    cells: dict[str, tuple[Json, str]] = {}
    for event in events:
        for row, told in (event.payload.get("milestones") or {}).items():
            value = True if column == "has_milestone" else told.get(column)
            if value is not None and cells.get(row, (None,))[0] != value:
                cells[row] = value, event.ref
    last = max((row for row in cells if row <= key), default=key)
    row = key if key in cells or column == "has_milestone" else last
    return [cells[row][1]] if row in cells else []


def filled_by(act: Event, fact: Fact) -> Fact:
    """A fact that an act further back gave: what its form says, when it was, and of what it speaks."""
    given = fact.name.startswith(("form.", "has(form.")) or fact.name in ("start", "key", "milestone")
    return replace(fact, origin=From.EVENTS, refs=[act.ref]) if given else fact
