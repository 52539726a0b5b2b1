"""What starts an occurrence: an act, a period that begins, a row of the plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from engine.asking import given_up
from engine.clock import REGISTERED, Act, Clock
from engine.dues import Due
from engine.edition import texts
from engine.events import Event, EventType, Json
from engine.model.deadlines import Starts
from engine.plans import Unset, compute
from engine.recurrence import Period, next_period

_DAY = timedelta(days=1)


_QUOTED = re.compile(r"'(form\.[a-z0-9_]+)'")
"""A form field whose name is given to a function, as in `date_or('form.until', start)`."""


def starts(clock: Clock, act: Act) -> bool:
    """Whether an act starts the deadline."""
    rule, state = clock.rule, clock.task.state
    if rule.while_ and state not in rule.while_:
        return False
    if rule.starts is not None and _named(rule.starts, act, state):
        return True
    if clock.task.ended and not rule.while_:
        return False
    if clock.name in act.fixed:
        return True
    if rule.starts is not None:
        return rule.starts.registered and (act.trigger == REGISTERED or _asked_again(clock))
    if rule.for_each:
        return True
    came_in = act.came_from not in rule.while_ if rule.while_ else act.trigger == REGISTERED
    return came_in or _asked_again(clock)


def _named(starts: Starts, act: Act, state: str) -> bool:
    """Whether the deadline names what was done, or the state that was entered; so it may start after the end too."""
    return act.trigger in starts.triggers or (act.came_from != state and state in starts.enter)


def left(clock: Clock, act: Act) -> bool:
    """Whether an act led out of the states in which the deadline runs."""
    return bool(clock.rule.while_) and act.came_from in clock.rule.while_ and clock.task.state not in clock.rule.while_


def _asked_again(clock: Clock) -> bool:
    """Whether a later act may start what nothing started yet: a date that was not known, a period not wanted then.

    What counts from its start is not among them: its start is past.
    """
    found = clock.found()
    if clock.rule.every is not None:
        return not clock.open() and not given_up(clock.turn.ledger(clock.task), clock.name)
    return not found and clock.name not in clock.turn.sheet(clock.task).from_start


def start(clock: Clock, act: Act) -> None:
    """Start what an act starts: a period, an occurrence for each row of the plan that has none, or one."""
    if clock.rule.every is not None:
        open_period(clock, clock.turn.today, act.event, act)
    elif clock.rule.for_each:
        for key in sorted(clock.task.milestones):
            if not any(found["key"] == key for found in clock.found()):
                _begin(clock, key, act)
    else:
        _begin(clock, _key(clock, act), act)


def _key(clock: Clock, act: Act) -> str:
    if clock.rule.key is not None:
        return str(compute(clock.at({}, act.form), clock.rule.key))
    return str(len(clock.found()) + 1)


def _begin(clock: Clock, key: str, act: Act) -> None:
    started: dict[str, Any] = {
        "name": clock.name,
        "key": key,
        "started_at": clock.turn.occurred_text,
        "start": given(clock, act.form),
    }
    fixed = act.fixed.get(clock.name)
    if not _wanted(clock, started, act.form) or (not fixed and _began_before(clock, act)):
        return
    if fixed:
        started["extensions"] = [{"to": fixed}]
    try:
        due = clock.due(started)
    except Unset:
        return
    if clock.rule.for_each and due.last_day is not None and due.last_day < clock.turn.today:
        return
    if not clock.rule.for_each:
        _supersede(clock, key, act.event)
    _run(clock, started, due, act.event)


def _began_before(clock: Clock, act: Act) -> bool:
    """Whether the deadline counts from a registration that lies before the opening entry of a task under way: such
    a one runs only where the entry states its day.
    """
    opening, starts = act.event.payload.get("opening"), clock.rule.starts
    return bool(opening and starts and starts.registered) and clock.name in clock.turn.sheet(clock.task).from_start


def given(clock: Clock, form: Mapping[str, Json]) -> dict[str, Json]:
    """The form's values that the date hangs on; a personal one is never among them."""
    if not form or clock.rule.due is None:
        return {}
    sheet = clock.turn.sheet(clock.task)
    found = [text for text in texts(clock.rule.due) if text in sheet.expressions]
    read = {name for text in found for name in sheet.expressions[text].names}
    read |= {name for text in found for name in _QUOTED.findall(text)}
    return {name: value for name, value in form.items() if f"form.{name}" in read}


def _wanted(clock: Clock, started: Mapping[str, Json], form: Mapping[str, Json]) -> bool:
    if clock.rule.when is None:
        return True
    return bool(compute(clock.at(started, form), clock.rule.when))


def _supersede(clock: Clock, key: str, cause: Event) -> None:
    """A new occurrence takes the place of what runs; where the deadline has keys, under the same key."""
    for found in clock.open():
        if clock.rule.key is None or found["key"] == key:
            clock.record(EventType.DEADLINE_SUPERSEDED, {**found, "status": "superseded", "remind": []}, cause)


def _run(clock: Clock, started: Mapping[str, Json], due: Due, cause: Event | None) -> None:
    occurrence = {
        "n": len(clock.task.deadlines) + 1,
        **started,
        "status": "running",
        "duty": clock.rule.owed_by is not None,
        "who": clock.rule.role,
        **clock.dated(started, due),
    }
    clock.record(EventType.DEADLINE_STARTED, occurrence, cause)


def open_period(clock: Clock, after: date, cause: Event | None, act: Act | None = None) -> None:
    """Open the next period's occurrence that is not there yet, if the deadline runs in this state."""
    if (
        clock.rule.every is None
        or clock.task.ended
        or (clock.rule.while_ and clock.task.state not in clock.rule.while_)
        or clock.open()
    ):
        return
    taken = {found["key"] for found in clock.found() if found["status"] != "cancelled"}
    period = next_period(clock.rule.every.recurrence, clock.turn.calendar, after)
    while period is not None and period.key in taken:
        period = next_period(clock.rule.every.recurrence, clock.turn.calendar, period.due_on + _DAY)
    if period is not None:
        run_period(clock, period, cause, act)


def run_period(clock: Clock, period: Period, cause: Event | None, act: Act | None) -> None:
    """Open the occurrence of a period, if it is wanted."""
    started = {"name": clock.name, "key": period.key, "started_at": clock.turn.occurred_text, "start": {}}
    if _wanted(clock, started, act.form if act else {}):
        _run(clock, started, clock.period_due(period), cause)
