"""More time for an occurrence: extensions within a cap, and the count begun anew."""

from __future__ import annotations

from datetime import date, datetime

from engine.clock import Act, Clock
from engine.commands import Refused
from engine.events import EventType, Json
from engine.facts import Situation
from engine.plans import anchor_of, compute, reckoning, term_of
from engine.starting import given
from engine.task import Occurrence, grants
from engine.terms import Term, add


def extend(clock: Clock, act: Act) -> None:
    """Give more time. Raises `Refused` where it is too late, too much, too often, or over already."""
    rule = clock.rule.extend
    assert rule is not None, "asked only where the deadline says how it is extended"
    owed = clock.open() or ([] if rule.before_due else [x for x in clock.found() if x["status"] == "missed"])
    if not owed:
        raise Refused("extension_too_late", deadline=clock.name)
    occurrence = owed[-1]
    granted = occurrence.get("extensions", [])
    if rule.at_most is not None and len(grants(occurrence)) >= rule.at_most:
        raise Refused("extension_spent", deadline=clock.name, at_most=rule.at_most)
    at = clock.at(occurrence, act.form)
    cap = term_of(at, rule.up_to)
    grant = _until(clock, at, rule.to, cap, occurrence) if rule.to else _more(clock, at, rule.amount, cap, granted)
    longer = {**occurrence, "extensions": [*granted, grant]}
    if occurrence["status"] == "missed":
        longer["status"] = "running"
    planned = clock.planned(longer)
    if planned["due_at"] is not None and planned["due_at"] <= clock.turn.now_text:
        raise Refused("extension_over", deadline=clock.name, last_day=planned["last_day"])
    clock.record(EventType.DEADLINE_EXTENDED, planned, act.event)


def _more(clock: Clock, at: Situation, amount: str | None, cap: Term, granted: list[Json]) -> Json:
    asked = cap
    if amount:
        with reckoning(amount):
            asked = Term(int(float(compute(at, amount))), cap.unit)
    used = sum(Term.parse(grant["term"]).amount for grant in granted if "term" in grant)
    if used + asked.amount > cap.amount:
        raise Refused("extension_cap", deadline=clock.name, cap=str(cap), used=used, asked=str(asked))
    return {"term": str(asked)}


def _until(clock: Clock, at: Situation, to: str, cap: Term, occurrence: Occurrence) -> Json:
    granted = occurrence.get("extensions", [])
    first = next((grant["first"] for grant in granted if "first" in grant), occurrence.get("last_day"))
    with reckoning(to):
        day = anchor_of(at, to)
        new = at.local_day(day) if isinstance(day, datetime) else day
        limit = add(clock.turn.calendar, date.fromisoformat(str(first)), cap)
    if new > limit:
        raise Refused("extension_cap", deadline=clock.name, cap=str(cap), used=0, asked=new.isoformat())
    return {"to": new.isoformat(), "first": first}


def restart(clock: Clock, act: Act) -> None:
    """Let the count begin anew; pauses and extensions are forgotten."""
    for found in clock.open():
        again = {
            **{name: value for name, value in found.items() if name != "kept"},
            "started_at": clock.turn.occurred_text,
            "start": given(clock, act.form),
            "status": "running",
            "pauses": [],
            "extensions": [],
        }
        clock.plan(EventType.DEADLINE_MOVED, again, act.event, reason="restarted")
