"""Every way that an event might have gone: what was tried with what it saw, what did not come about, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.endings import PARENT_ENDED
from engine.events import Event, EventType, Json
from engine.model import Effect
from engine.model.deadlines import MetBy
from workflows.audit.explaining.effects import Path, asked, effects, looked, which
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import ACTS, Fact, From, facts_of, number_of
from workflows.audit.explaining.past import Past


class Verdict(StrEnum):
    """What became of one way that an event might have gone."""

    TAKEN = "taken"
    HELD = "held"
    """A condition of the act itself, which was asked for and held; or of something else that the same act set off."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be decided: an error is never false."""
    NOT_ASKED = "not_asked"
    """Another one held before its turn came."""
    ABSENT = "absent"
    """What would have met the deadline was not done."""
    NOT_COUNTED = "not_counted"
    """It was done, and did not meet this deadline."""


class Leads(StrEnum):
    """What a way leads to."""

    STATE = "state"
    LIGHT = "light"
    TRIGGER = "trigger"
    CHILD = "child"
    NOTICE = "notice"
    PUBLICATION = "publication"
    MEETS = "meets"
    STARTS = "starts"


@dataclass(frozen=True)
class Way:
    """One condition that was tried, or would have been. `guard` is None for what holds where nothing else does; `leads`
    is what it leads to, and its name; None for a condition of the act itself.
    """

    line: Line
    guard: str | None
    verdict: Verdict
    facts: Sequence[Fact] = ()
    again: bool = False
    """Whether it was looked at again now; else it is as the event kept it."""
    leads: tuple[Leads, str] | None = None
    mine: bool = False
    """Whether the event came about by it: then it has to hold when it is looked at again."""


def ways_of(past: Past, event: Event) -> list[Way]:
    """Every way that the event might have gone, in the order of the text: what its cause set off and what not; the
    way that was taken, those that were tried before it and did not hold, with what they saw, and those whose turn did
    not come. Of a deadline that passed: what would have met it.
    """
    match event.type:
        case EventType.SIGNAL_CHANGED:
            return _lights(past, event)
        case EventType.TRIGGER_FIRED | EventType.ACT_CORRECTED if event.payload["trigger"] != PARENT_ENDED:
            return [*_siblings(past, event), *_branches(past, event)]
        case EventType.DEADLINE_MISSED | EventType.DEADLINE_LAPSED:
            return list(_unmet(past, event))
        case EventType.DEADLINE_STARTED:
            return list(_wanted(past, event))
        case _:
            return _siblings(past, event)


def _kept(event: Event) -> dict[str, Mapping[str, Json]]:
    return {one["at"]: one for one in event.payload.get("guards") or ()}


def _lights(past: Past, event: Event) -> list[Way]:
    kind, kept = past.kind(event.task), _kept(event)
    ways = []
    for number, rule in enumerate(past.edition(event).sheets[kind].body.signals):
        line, told = past.lines(event).of(kind, "signals", number), kept.get(f"signals[{number}]")
        ways.append(_way(past, event, line, rule.when, told, (Leads.LIGHT, rule.colour)))
    return ways


def _branches(past: Past, event: Event) -> list[Way]:
    kind, kept = past.kind(event.task), _kept(event)
    number = number_of(past, event, event.payload["trigger"])
    transition = past.edition(event).sheets[kind].body.transitions[number]
    lines, taken, ways = past.lines(event), event.payload.get("branch", 0), []
    if "when" in kept:
        line = lines.of(kind, "transitions", number, "when")
        ways.append(_way(past, event, line, transition.when, kept["when"]))
    for place, branch in enumerate(transition.to):
        if len(transition.to) == 1 and branch.when is None:
            continue  # the only way there is says nothing more than the line of the event
        line, told = lines.of(kind, "transitions", number, "to", place), kept.get(f"to[{place}]")
        leads = Leads.STATE, branch.state
        if place == taken and told is None:
            ways.append(Way(line, branch.when, Verdict.TAKEN, leads=leads))
        else:
            ways.append(_way(past, event, line, branch.when, told, leads))
    return ways


def _way(
    past: Past,
    event: Event,
    line: Line,
    guard: str | None,
    told: Mapping[str, Json] | None,
    leads: tuple[Leads, str] | None = None,
) -> Way:
    if told is None:
        return Way(line, guard, Verdict.NOT_ASKED, leads=leads)
    held = Verdict.HELD if leads is None else Verdict.TAKEN
    verdict = Verdict.UNKNOWN if told["error"] else held if told["held"] else Verdict.FAILED
    return Way(line, guard, verdict, facts_of(past, event, told["saw"]), leads=leads)


# -- what the same cause set off


def _siblings(past: Past, event: Event) -> list[Way]:
    """The conditions of everything that the cause might have set off, this and what stands beside it, looked at
    again.
    """
    cause = past.find(event.cause)
    if cause is None or "occurrence" in cause.event.payload or "occurrence" in event.payload:
        return []
    kind, ways = past.kind(cause.event.task), []
    is_it, found = which(event, kind), effects(past, cause.event)
    anyway = any(one.when is None and is_it(one) for _, one in found)
    for path, one in found:
        if one.when is None:
            continue
        held, facts = looked(past, cause.event, one.when)
        line = past.lines(cause.event).of(kind, *path)
        right = Verdict.TAKEN if is_it(one) else Verdict.HELD
        verdict = Verdict.UNKNOWN if held is None else right if held else Verdict.FAILED
        mine = is_it(one) and not anyway
        ways.append(Way(line, one.when, verdict, facts, again=True, leads=_leads(one), mine=mine))
    return ways


def _leads(one: Effect) -> tuple[Leads, str]:
    told = {
        Leads.TRIGGER: one.fire,
        Leads.CHILD: one.open,
        Leads.NOTICE: one.notice,
        Leads.PUBLICATION: one.publish,
    }
    return next((leads, name) for leads, name in told.items() if name is not None)


# -- deadlines


def _wanted(past: Past, event: Event) -> Iterator[Way]:
    """The condition under which a deadline starts, looked at again."""
    occurrence, kind, cause = event.payload["occurrence"], past.kind(event.task), past.find(event.cause)
    name = occurrence["name"]
    rule = past.edition(event).sheets[kind].body.deadlines[name]
    if rule.when is not None and cause is not None:
        form = cause.event.payload.get("form") or {}
        held, facts = asked(past, event, cause.event, rule.when, form, occurrence)
        verdict = Verdict.UNKNOWN if held is None else Verdict.TAKEN if held else Verdict.FAILED
        line = past.lines(event).of(kind, "deadlines", name, "when")
        yield Way(line, rule.when, verdict, facts, again=True, leads=(Leads.STARTS, name), mine=True)


def _unmet(past: Past, event: Event) -> Iterator[Way]:
    """What would have met a deadline that passed: it was not done, or what was done did not count."""
    occurrence, kind, before = event.payload["occurrence"], past.kind(event.task), past.before(event)
    began = past.started(event)
    since = began.seq if began is not None else 0
    path: Path = ("deadlines", occurrence["name"], "met_by")
    for number, one in enumerate(past.edition(event).sheets[kind].body.deadlines[occurrence["name"]].met_by):
        done = [each.ref for each in before[since:] if each.type in ACTS and each.payload["trigger"] == one.trigger]
        fact = Fact(one.trigger, str(len(done)), From.EVENTS if done else From.NOTHING, done)
        verdict = Verdict.NOT_COUNTED if done else Verdict.ABSENT
        line = past.lines(event).of(kind, *path, number)
        yield Way(line, _said(one), verdict, [fact] if done else (), leads=(Leads.MEETS, one.trigger))


def _said(one: MetBy) -> str:
    """What meets a deadline, as it is written."""
    told = (("for", one.for_), ("when", one.when), ("at", one.at))
    return ", ".join([one.trigger, *(f"{word}: {text}" for word, text in told if text is not None)])
