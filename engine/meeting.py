"""What meets an occurrence, in time or late, and what turns out to have been no miss."""

from __future__ import annotations

from datetime import date, timedelta

from engine import dues
from engine.clock import Act, Clock
from engine.events import Event, EventType, instant
from engine.facts import Situation
from engine.model.deadlines import MetBy
from engine.plans import compute
from engine.recurrence import period_of
from engine.starting import open_period, run_period
from engine.task import OPEN, Occurrence
from engine.terms import Unit

_DAY = timedelta(days=1)


def meet(clock: Clock, way: MetBy, act: Act) -> None:
    """Let an act meet the occurrence that it answers, in time or late."""
    at = clock.at({}, act.form)
    if way.when is not None and not compute(at, way.when):
        return
    occurrence = _answered(clock, way, at, act.event)
    if occurrence is None:
        return
    day = str(compute(at, way.at)) if way.at else None
    if _in_time(clock, occurrence, day):
        _met_in_time(clock, occurrence, act.event)
    elif occurrence["status"] != "lapsed":
        _met_late(clock, occurrence, day, act.event)
    if clock.rule.every is not None:
        open_period(clock, clock.turn.today, act.event)


def _answered(clock: Clock, way: MetBy, at: Situation, cause: Event) -> Occurrence | None:
    """The occurrence that an act answers: the one with the key it names, else an open one, else what is still
    owed.
    """
    if way.for_ is not None:
        return _keyed(clock, str(compute(at, way.for_)), cause)
    waiting = clock.open() or [found for found in clock.found() if found["status"] in ("missed", "lapsed")][-1:]
    return min(waiting, key=lambda found: found.get("due_at") or "9", default=None)


def _keyed(clock: Clock, key: str, cause: Event) -> Occurrence | None:
    found = [known for known in clock.found() if known["key"] == key and known["status"] in (*OPEN, "missed", "lapsed")]
    if clock.rule.every is None or any(known["key"] == key for known in clock.found()):
        return found[-1] if found else None
    period = period_of(clock.rule.every.recurrence, clock.turn.calendar, key)
    if period is None or period.due_on < clock.turn.today:
        return None
    run_period(clock, period, cause, None)
    return next((known for known in clock.open() if known["key"] == key), None)


def _in_time(clock: Clock, occurrence: Occurrence, day: str | None) -> bool:
    due_at = occurrence.get("due_at")
    if due_at is None:
        return True
    return clock.turn.occurred_text < due_at if day is None else day <= str(occurrence["last_day"])


def _met_in_time(clock: Clock, occurrence: Occurrence, cause: Event) -> None:
    excused = occurrence["status"] in ("missed", "lapsed")
    met = {**occurrence, "status": "met", "passed": False, "met_at": clock.turn.occurred_text, "remind": []}
    if not excused:
        met["units"] = clock.units()
    event = clock.record(EventType.MISS_EXCUSED if excused else EventType.DEADLINE_MET, met, cause)
    if excused and clock.rule.excused is not None:
        clock.turn.fire_later(clock.id, clock.rule.excused.fire, event)


def _met_late(clock: Clock, occurrence: Occurrence, day: str | None, cause: Event) -> None:
    on = date.fromisoformat(day) if day else clock.turn.occurred_at.astimezone(clock.turn.edition.zone).date()
    last = date.fromisoformat(str(occurrence["last_day"]))
    late = {
        "days_late": dues.days_late(clock.turn.calendar, last, on, Unit.DAYS),
        "working_days_late": dues.days_late(clock.turn.calendar, last, on),
    }
    due_at = instant(str(occurrence["due_at"]))
    if day is None and due_at < dues.start_of(last + _DAY, clock.turn.edition.zone):
        late["minutes_late"] = dues.minutes_late(due_at, clock.turn.occurred_at)
    met = {**occurrence, "status": "met_late", "met_at": clock.turn.occurred_text, "remind": [], **late}
    clock.record(EventType.DEADLINE_MET, met, cause)
