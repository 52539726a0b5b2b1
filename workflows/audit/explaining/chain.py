"""The steps of an explanation, from an event back to whoever or whatever began it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Event, EventType
from engine.problems import Language
from engine.steps import explain_all, step_from_json
from workflows.audit.explaining.dates import dated_by, extended
from workflows.audit.explaining.lines import Line
from workflows.audit.explaining.origins import Fact, From, entered
from workflows.audit.explaining.past import Past
from workflows.audit.explaining.rules import lines_of
from workflows.audit.explaining.ways import Verdict, Way, ways_of
from workflows.desk import Desk
from workflows.ports import Recorded


@dataclass(frozen=True)
class Reason:
    """One step: an event, what began or caused it, the lines it follows, what was tried, and its date rule by rule."""

    recorded: Recorded
    edition: Edition
    kind: str
    cause: str
    """The event that led here, as `task#seq`; empty where a person, or time alone, began it."""
    calendar: str
    lines: Sequence[Line]
    ways: Sequence[Way]
    date: Sequence[str]
    dated: Sequence[Fact]
    """What the rule of the date read: parameters, fields, what a form said."""

    @property
    def event(self) -> Event:
        """What happened."""
        return self.recorded.event


@dataclass(frozen=True)
class Explanation:
    """Why an event happened: the event first, each further step what led to the one before. `state` says that it was
    asked why the task is in its state; then the first event is the one that led there.
    """

    task: str
    seq: int
    state: bool
    steps: Sequence[Reason]
    past: Past

    def holes(self) -> list[str]:
        """What could not be explained down to a line and the facts; none, unless something is missing."""
        return [hole for step in self.steps for hole in _holes(step)]


def explain(desk: Desk, task: str, seq: int | None, lang: Language) -> Explanation | Refusal:
    """Why the event `seq` of a task happened; without it, why the task is in the state in which it is."""
    past = Past(desk)
    events = past.events(task)
    if not events or desk.store.task(task) is None:
        return Refusal("unknown_task", {"task": task})
    number = next(one.event.seq for one in reversed(events) if entered(one.event)) if seq is None else seq
    if not 0 < number <= len(events):
        return Refusal("unknown_event", {"task": task, "seq": number, "last": len(events)})
    steps = list(_steps(past, f"{task}#{number}", lang))
    return Explanation(task, number, seq is None, steps, past)


def _steps(past: Past, ref: str, lang: Language) -> Iterator[Reason]:
    seen = set[str]()
    while ref and ref not in seen and (recorded := past.find(ref)) is not None:
        seen.add(ref)
        step = _reason(past, recorded, lang)
        yield step
        ref = step.cause


def _reason(past: Past, recorded: Recorded, lang: Language) -> Reason:
    event = recorded.event
    why = (event.payload.get("occurrence") or {}).get("why") or ()
    return Reason(
        recorded=recorded,
        edition=past.edition(event),
        kind=past.kind(event.task),
        cause=event.cause or _dated(past, event),
        calendar=str(past.command(event).get("calendar", "")),
        lines=lines_of(past, event),
        ways=ways_of(past, event),
        date=[*extended(past, event, lang), *explain_all(map(step_from_json, why), lang)],
        dated=dated_by(past, event),
    )


def _dated(past: Past, event: Event) -> str:
    """Where time alone acts: the event by which its occurrence has the date that has come."""
    occurrence = event.payload.get("occurrence")
    if occurrence is None:
        return ""
    same = (
        one
        for one in reversed(past.before(event))
        if (told := one.payload.get("occurrence"))
        and (told["name"], told["key"]) == (occurrence["name"], occurrence["key"])
        and one.type is not EventType.DEADLINE_REMINDED
    )
    return next((one.ref for one in same), "")


def _holes(step: Reason) -> Iterator[str]:
    by_hand = step.event.type in (EventType.TASK_MIGRATED, EventType.TASK_RESTORED)
    if not step.lines and not by_hand:
        yield f"{step.event.ref} follows no line"
    mine = [way for way in step.ways if way.mine]
    if mine and not any(way.verdict is Verdict.TAKEN for way in mine):
        yield f"{step.event.ref} is not what {mine[0].line.place} comes to when it is looked at again"
    facts = [*step.dated, *(fact for way in step.ways for fact in way.facts)]
    yield from (f"{step.event.ref} {fact.name} comes from nowhere" for fact in facts if not known(fact))


def known(fact: Fact) -> bool:
    """Whether it is said where a fact comes from, down to what it was computed of."""
    if not all(map(known, fact.parts)):
        return False
    if fact.origin is From.NOTHING:
        return fact.value in (None, False, "", "0", [], 0)
    if fact.origin is From.EVENTS:
        return bool(fact.refs)
    return fact.origin is not From.DEFINITION or fact.line is not None
