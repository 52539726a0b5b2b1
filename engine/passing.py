"""What time itself does to an occurrence: it reminds, and it lets a due date pass."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.clock import Clock
from engine.commands import Refused
from engine.effects import raise_notice
from engine.events import Event, EventType, instant, iso
from engine.recurrence import next_period
from engine.settling import CASCADE, ignore, next_after
from engine.task import OPEN, Occurrence
from engine.turn import Pending, Turn


def pass_by(clock: Clock, occurrence: Occurrence, at: datetime, now: datetime) -> None:
    """Whatever an occurrence wakes for at an instant: a reminder, or its due date. `now` is later after an outage."""
    if _reminds(occurrence, at):
        _remind(clock, _reminded(clock, occurrence), occurrence)
    elif occurrence["status"] in OPEN and occurrence["due_at"] and instant(occurrence["due_at"]) <= at:
        clock.turn.due_at = instant(occurrence["due_at"])
        _pass(clock, occurrence, now)


def _remind(clock: Clock, event: Event, occurrence: Occurrence) -> None:
    """Send the notice that goes with a reminder."""
    at = clock.at(occurrence)
    about = {"deadline": clock.name, "key": occurrence["key"], "last_day": occurrence["last_day"]}
    raise_notice(at, clock.rule.notice or "reminder", [clock.rule.role], event, **about)


def _reminds(occurrence: Occurrence, at: datetime) -> bool:
    rungs, due_at = occurrence.get("remind", []), occurrence.get("due_at")
    come = bool(rungs) and instant(rungs[0]) <= at
    return come and (occurrence["status"] == "missed" or due_at is None or rungs[0] < due_at)


def _pass(clock: Clock, occurrence: Occurrence, now: datetime) -> None:
    turn, rule = clock.turn, clock.rule
    event = _skip(clock, occurrence) if _skipped(clock, occurrence, now) else _passed(clock, occurrence)
    fires = rule.missed or rule.lapsed
    if fires is not None and event.type is not EventType.DEADLINE_CANCELLED:
        if _circles(turn, occurrence):
            ignore(turn, Pending(clock.id, fires.fire, event, {}), Refused("cascade", triggers=[fires.fire]))
        else:
            turn.fire_later(clock.id, fires.fire, event)
    if rule.every is not None:
        next_after(clock, occurrence, event)


def _skipped(clock: Clock, occurrence: Occurrence, now: datetime) -> bool:
    """Whether catching up passes an advisory period over: all but the latest, or all that are a day old."""
    rule = clock.rule
    if rule.every is None or rule.catch_up == "each":
        return False
    turn = clock.turn
    zone, due_at = turn.edition.zone, instant(str(occurrence["due_at"]))
    if rule.catch_up == "none":
        return (now - due_at).days >= 1
    later = next_period(rule.every.recurrence, turn.calendar, due_at.astimezone(zone).date())
    return later is not None and later.due_on < now.astimezone(zone).date()


def _circles(turn: Turn, occurrence: Occurrence) -> bool:
    """Whether a deadline that was over when it began passes again and again without any time going by.

    Its miss starts it anew, on its own, through another one or through a child. No trigger of the family is fired so
    often within a second otherwise.
    """
    lasts = instant(str(occurrence["due_at"])) - instant(occurrence["started_at"])
    over = lasts < timedelta(milliseconds=1)
    since = iso(turn.now - timedelta(seconds=1))
    return over and any(
        sum(moment >= since for moment, _ in firings[-CASCADE:]) >= CASCADE
        for task in turn.family.values()
        for firings in task.fired.values()
    )


def _passed(clock: Clock, occurrence: Occurrence) -> Event:
    """Record that the due date passed: a duty is missed and still owed, a right lapses."""
    duty = clock.rule.owed_by is not None
    status = ("missed", EventType.DEADLINE_MISSED) if duty else ("lapsed", EventType.DEADLINE_LAPSED)
    rungs = occurrence.get("remind", []) if duty else []
    passed = {**occurrence, "status": status[0], "passed": duty, "remind": rungs, "units": clock.units()}
    return clock.record(status[1], passed, None)


def _skip(clock: Clock, occurrence: Occurrence) -> Event:
    """Record that an advisory period was passed over in catching up."""
    skipped = {**occurrence, "status": "cancelled", "skipped": True, "remind": []}
    return clock.record(EventType.DEADLINE_CANCELLED, skipped, None, reason="catch-up")


def _reminded(clock: Clock, occurrence: Occurrence) -> Event:
    """Record that a rung of the ladder went out."""
    first, *later = occurrence["remind"]
    sent = [*occurrence.get("reminded", []), first]
    return clock.record(EventType.DEADLINE_REMINDED, {**occurrence, "remind": later, "reminded": sent}, None)
