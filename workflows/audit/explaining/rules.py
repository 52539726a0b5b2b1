"""Which lines of its edition an event follows, and what was tried on the way: the branches and lights that did not
hold with what they saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.endings import PARENT_ENDED
from engine.events import Event, EventType, Json
from engine.facts import Situation, child_kind
from engine.model import Child, Effect
from engine.moves import saw
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, facts_of, number_of
from workflows.audit.explaining.past import Past


class Verdict(StrEnum):
    """What became of one way that an event might have gone."""

    TAKEN = "taken"
    HELD = "held"
    """A condition of the act itself, which was asked for and held."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be decided: an error is never false."""
    NOT_ASKED = "not_asked"
    """Another one held before its turn came."""


@dataclass(frozen=True)
class Way:
    """One condition that was tried, or would have been. `guard` is None for what holds where nothing else does."""

    line: Line
    guard: str | None
    verdict: Verdict
    facts: Sequence[Fact] = ()
    again: bool = False
    """Whether it was looked at again now; else it is as the event kept it."""


Path = tuple[str | int, ...]


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


def effects(past: Past, cause: Event) -> list[tuple[Path, Effect]]:
    """What an act, or a registration, sets off, as written: the effects of its transition and of its branch."""
    body = past.edition(cause).sheets[past.kind(cause.task)].body
    if cause.type is EventType.TASK_REGISTERED:
        return [(("registration", "then", n), one) for n, one in enumerate(body.registration.then)]
    if cause.type is not EventType.TRIGGER_FIRED or cause.payload["trigger"] == PARENT_ENDED:
        return []
    number, branch = number_of(past, cause, cause.payload["trigger"]), cause.payload["branch"]
    transition = body.transitions[number]
    own: list[tuple[Path, Effect]] = [
        (("transitions", number, "then", n), one) for n, one in enumerate(transition.then)
    ]
    way = [(("transitions", number, "to", branch, "then", n), one) for n, one in enumerate(transition.to[branch].then)]
    return [*own, *way]


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
        is_it = _which(event, kind)
        found = [(path, one) for path, one in effects(past, cause) if is_it(one)]
        held = [path for path, one in found if one.when is None or _looked(past, cause, str(one.when))[0] is True]
        yield from ((kind, path) for path in (held or [path for path, _ in found])[:1])


def _which(event: Event, kind: str) -> Callable[[Effect], bool]:
    told = event.payload
    match event.type:
        case EventType.NOTICE_RAISED:
            return lambda one: one.notice == told["notice"] and list(one.to) == [to["role"] for to in told["to"]]
        case EventType.CHILD_OPENED:
            return lambda one: one.open is not None and child_kind(kind, one.open) == told["kind"]
        case EventType.PUBLICATION_ORDERED:
            return lambda one: one.publish == told["publication"]
        case _:
            return lambda one: one.fire == told.get("trigger")


def _looked(past: Past, cause: Event, text: str) -> tuple[Json, list[Fact]]:
    """A condition looked at again in the moment of an act, whose own changes are made."""
    then = past.turn(cause)
    if then is None:
        return None, []
    turn, task = then
    after = {**task.fields, **(cause.payload.get("set") or {})}
    result = Situation(turn, task.with_fields(after), cause.payload.get("form") or {}).evaluate(text)
    facts = facts_of(past, cause, saw(result))
    return (result.value if result.error is None else None), facts


# -- what was tried


def ways_of(past: Past, event: Event) -> list[Way]:
    """Every way that the event might have gone, in the order of the text: the one that was taken, those that were
    tried before it and did not hold, with what they saw, and those whose turn did not come.
    """
    if event.type is EventType.SIGNAL_CHANGED:
        return _lights(past, event)
    if event.type in (EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED) and event.payload["trigger"] != PARENT_ENDED:
        return _branches(past, event)
    return _siblings(past, event)


def _kept(event: Event) -> dict[str, Mapping[str, Json]]:
    return {one["at"]: one for one in event.payload.get("guards") or ()}


def _lights(past: Past, event: Event) -> list[Way]:
    kind, kept = past.kind(event.task), _kept(event)
    rules = past.edition(event).sheets[kind].body.signals
    ways = []
    for number, rule in enumerate(rules):
        line = past.lines(event).of(kind, "signals", number)
        ways.append(_way(past, event, line, rule.when, kept.get(f"signals[{number}]")))
    return ways


def _branches(past: Past, event: Event) -> list[Way]:
    kind, kept = past.kind(event.task), _kept(event)
    number = number_of(past, event, event.payload["trigger"])
    transition = past.edition(event).sheets[kind].body.transitions[number]
    lines, taken, ways = past.lines(event), event.payload.get("branch", 0), []
    if "when" in kept:
        line = lines.of(kind, "transitions", number, "when")
        ways.append(_way(past, event, line, transition.when, kept["when"], own=True))
    for place, branch in enumerate(transition.to):
        if len(transition.to) == 1 and branch.when is None:
            continue  # the only way there is says nothing more than the line of the event
        line, told = lines.of(kind, "transitions", number, "to", place), kept.get(f"to[{place}]")
        if place == taken and told is None:
            ways.append(Way(line, branch.when, Verdict.TAKEN))
        else:
            ways.append(_way(past, event, line, branch.when, told))
    return ways


def _way(
    past: Past, event: Event, line: Line, guard: str | None, told: Mapping[str, Json] | None, *, own: bool = False
) -> Way:
    if told is None:
        return Way(line, guard, Verdict.NOT_ASKED)
    held = Verdict.HELD if own else Verdict.TAKEN
    verdict = Verdict.UNKNOWN if told["error"] else held if told["held"] else Verdict.FAILED
    return Way(line, guard, verdict, facts_of(past, event, told["saw"]))


def _siblings(past: Past, event: Event) -> list[Way]:
    """The conditions of everything that the cause might have set off beside this, looked at again."""
    cause = past.find(event.cause)
    if cause is None or "occurrence" in cause.event.payload or "occurrence" in event.payload:
        return []
    kind, ways = past.kind(cause.event.task), []
    is_it = _which(event, kind)
    for path, one in effects(past, cause.event):
        if one.when is None:
            continue
        held, facts = _looked(past, cause.event, one.when)
        line = past.lines(cause.event).of(kind, *path)
        right = Verdict.TAKEN if is_it(one) else Verdict.HELD
        verdict = Verdict.UNKNOWN if held is None else right if held else Verdict.FAILED
        ways.append(Way(line, one.when, verdict, facts, again=True))
    return ways
