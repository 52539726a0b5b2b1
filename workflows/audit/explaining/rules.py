"""Which lines of its edition an event follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.endings import PARENT_ENDED
from engine.events import Event, EventType
from engine.model import Child
from workflows.audit.explaining.effects import Path, effects, looked, which
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import number_of
from workflows.audit.explaining.past import Past


def lines_of(past: Past, event: Event) -> list[Line]:
    """The lines that say what happened here is to happen, the most telling first; none where a person alone says so."""
    lines, kind = past.lines(event), past.kind(event.task)
    cause = past.find(event.cause)
    found = [
        lines.of(kind if where is None else where, *path)
        for where, path in _paths(past, event, cause.event if cause else None)
    ]
    return list({line.number: line for line in reversed(found)}.values())[::-1]


Place = tuple[str | None, Path]
"""A body (None: that of the event's own task) and a path in it."""


def _paths(past: Past, event: Event, cause: Event | None) -> Iterator[Place]:
    match event.type:
        case EventType.TASK_REGISTERED if cause is None:
            yield None, ("registration",)
        case EventType.TRIGGER_FIRED | EventType.ACT_CORRECTED | EventType.TRIGGER_IGNORED:
            yield from _fired(past, event, cause)
        case EventType.SIGNAL_CHANGED:
            yield None, ("signals", max(len(event.payload["guards"]) - 1, 0))
        case EventType.PUBLICATION_ISSUED | EventType.PUBLICATION_VOIDED:
            yield None, ("publications", event.payload["publication"])
        case EventType.TASK_MIGRATED | EventType.TASK_RESTORED:
            yield "", ("edition",)
        case EventType.VALUES_REDACTED:
            return  # no definition orders it
        case EventType.CHILD_ENDED:
            yield event.payload["kind"], ("states", event.payload["state"])
        case _ if "occurrence" in event.payload:
            yield from _timed(past, event)
        case _:
            yield from _effects(past, event, cause)


def _fired(past: Past, event: Event, cause: Event | None) -> Iterator[Place]:
    trigger = event.payload["trigger"]
    if trigger == PARENT_ENDED:
        yield None, ("on_parent_end",)
        return
    if "deadline" in event.payload:
        yield None, ("deadlines", event.payload["deadline"], "when")
        return
    number = number_of(past, event, trigger)
    if event.type is not EventType.TRIGGER_IGNORED:
        yield None, ("transitions", number, "to", event.payload.get("branch", 0))
    yield None, ("transitions", number)
    if cause is not None:
        yield from _firing(past, event, cause)


def _firing(past: Past, event: Event, cause: Event) -> Iterator[Place]:
    """The line by which a deadline, a child or an act elsewhere fired a trigger here."""
    if "occurrence" in cause.payload:
        key = _FIRES[cause.type]
        yield None, ("deadlines", cause.payload["occurrence"]["name"], key)
    elif cause.type is EventType.CHILD_ENDED:
        body = past.edition(event).sheets[cause.payload["kind"]].body
        assert isinstance(body, Child), "only children end under a parent"
        rules = [number for number, rule in enumerate(body.on_end) if rule.fire == event.payload["trigger"]]
        yield from ((cause.payload["kind"], ("on_end", number)) for number in rules[:1])
    else:
        yield from _effects(past, event, cause)


_FIRES: Mapping[EventType, str] = {
    EventType.DEADLINE_MISSED: "missed",
    EventType.DEADLINE_LAPSED: "lapsed",
    EventType.MISS_EXCUSED: "excused",
}


# -- deadlines


def _timed(past: Past, event: Event) -> Iterator[Place]:
    name = event.payload["occurrence"]["name"]
    body = past.edition(event).sheets[past.kind(event.task)].body
    rule = body.deadlines[name]
    dated = "every" if rule.every is not None else "due"
    told = {EventType.DEADLINE_REMINDED: "remind", EventType.DEADLINE_EXTENDED: "extend"}.get(event.type)
    told = "pause" if event.type in (EventType.DEADLINE_PAUSED, EventType.DEADLINE_RESUMED) else told
    told = "met_by" if event.type in (EventType.DEADLINE_MET, EventType.MISS_EXCUSED) else told
    yield from ((None, ("deadlines", name, key)) for key in (told, dated) if key)
    yield None, ("deadlines", name)


# -- effects


def _effects(past: Past, event: Event, cause: Event | None) -> Iterator[Place]:
    """The effect of the cause that an event is; a reminder's notice stands with its deadline, a child's registration
    with what opened it.
    """
    if cause is None:
        return
    kind = past.kind(cause.task)
    if cause.type is EventType.CHILD_OPENED and event.type is EventType.TASK_REGISTERED:
        yield kind, ("children", event.payload["kind"].rpartition("/")[2])
    elif "occurrence" in cause.payload:
        yield kind, ("deadlines", cause.payload["occurrence"]["name"], "remind")
    else:
        is_it = which(event, kind)
        found = [(path, one) for path, one in effects(past, cause) if is_it(one)]
        held = [path for path, one in found if one.when is None or looked(past, cause, str(one.when))[0] is True]
        yield from ((kind, path) for path in (held or [path for path, _ in found])[:1])
