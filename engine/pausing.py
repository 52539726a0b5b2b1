"""What stands still, goes on, and moves: pauses, and dates that hang on something that changed."""

from __future__ import annotations

from typing import Any

from engine.clock import Clock
from engine.events import Event, EventType
from engine.facts import child_kind
from engine.model.deadlines import Pause
from engine.task import Occurrence


def pause_or_resume(clock: Clock, cause: Event, trigger: str = "") -> None:
    """Stop the clock while any rule to pause holds, and let it go on afterwards. `paused_by` keeps which
    triggers did.
    """
    for found in clock.open() if clock.rule.pause else ():
        on = _toggled(clock, found.get("paused_by", []), trigger)
        noted: dict[str, Any] = {**found, "paused_by": on}
        standing = any(_holds(clock, number, pause, on) for number, pause in enumerate(clock.rule.pause))
        if standing and found["status"] == "running":
            since = [*found.get("pauses", []), [clock.turn.occurred_text, None]]
            clock.plan(EventType.DEADLINE_PAUSED, {**noted, "status": "paused", "pauses": since}, cause)
        elif not standing and found["status"] == "paused":
            *past, (began, _) = found["pauses"]
            stretches = [*past, [began, max(str(began), clock.turn.occurred_text)]]
            clock.plan(EventType.DEADLINE_RESUMED, {**noted, "status": "running", "pauses": stretches}, cause)
        elif on != found.get("paused_by", []):
            clock.record(EventType.DEADLINE_MOVED, noted, cause, reason="another pause")


def _toggled(clock: Clock, on: list[int], trigger: str) -> list[int]:
    if trigger not in clock.turn.sheet(clock.task).heeds[clock.name].triggers:
        return on
    rules = list(enumerate(clock.rule.pause))
    started = {number for number, pause in rules if trigger in pause.by}
    ended = {number for number, pause in rules if trigger in pause.until}
    return sorted((set(on) | started) - (ended - started))


def _holds(clock: Clock, number: int, pause: Pause, on: list[int]) -> bool:
    if pause.while_open is not None:
        kind = child_kind(clock.task.kind, pause.while_open)
        return any(child["kind"] == kind and not child["ended"] for child in clock.task.children.values())
    return clock.task.state in pause.in_ or number in on


def move(clock: Clock, cause: Event) -> None:
    """Work the date out anew where it hangs on something that may have changed; no event if it has not."""
    turn = clock.turn
    if clock.name not in turn.sheet(clock.task).moving:
        return
    unmoved = turn.ledgers.unmoved
    for found in clock.open():
        if found["status"] != "running":
            continue
        at, on, count = (clock.id, clock.name, found["key"]), _hangs_on(clock, found), len(turn.events)
        if on is not None and unmoved.get(at) == on:
            continue
        clock.plan(EventType.DEADLINE_MOVED, dict(found), cause, only_if_changed=True, reason="anchor moved")
        if on is not None and len(turn.events) == count:
            unmoved[at] = on


def _hangs_on(clock: Clock, found: Occurrence) -> Any:
    """All that a date hangs on, to tell whether it is the same; None where that is too much to say."""
    turn, task = clock.turn, clock.task
    fields = turn.sheet(task).hangs.get(clock.name)
    if fields is None:
        return None
    values = [task.fields.get(name) for name in fields]
    return found, values, task.milestones, turn.calendar.digest, turn.edition.digest
