"""Backtesting: the recorded commands of a family put to an edition again, and what comes out compared with what was
recorded.

Over its own history an edition reproduces every event byte for byte, recorded times and hashes aside. That is the
invariant which keeps live work, rehearsal, replay and backtest one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.calendars import Calendar
from engine.chain import canonical
from engine.commands import Decision, Refusal
from engine.decide import Units, decide
from engine.edition import Edition
from engine.events import Event, EventType, iso
from engine.problems import Spoken
from engine.recall import Editions, command_of, decided
from engine.task import Family, evolve

OFFICE = (EventType.PUBLICATION_ISSUED, EventType.PUBLICATION_VOIDED, EventType.VALUES_REDACTED)
"""What the office recorded as facts; no definition decides them."""

Calendars: TypeAlias = Callable[[str], Calendar | None]
"""Finds a version of a working calendar by its digest."""


@dataclass(frozen=True)
class Divergence:
    """The first place at which an edition would have decided otherwise: the recorded events, and what it says
    instead.
    """

    recorded: Sequence[Event]
    decided: Sequence[Event] | Refusal


def backtest(
    edition: Edition,
    calendar: Calendar,
    events: Iterable[Event],
    units: Units | None = None,
    versions: Calendars | None = None,
    editions: Editions | None = None,
) -> Divergence | None:
    """Put one family's recorded commands to an edition. None where every event comes out the same.

    What the office issued is a fact, not a decision: it is taken as it was recorded. So is a change of the working
    calendar: each command is decided by the version that was in force then, which `versions` finds by the digest that
    the command names; `calendar` is the one where that is not known. Where tasks came under another edition, what
    follows is decided by the one that the command names, which `editions` finds by its digest. Raises `LookupError`
    where it is not at hand.
    """
    history = list(events)
    decisions = by_decision(history)
    family: Family = {}
    for first in decided(history):
        recorded = decisions[first.ref]
        if first.type in OFFICE:
            if first.task in family:  # a child that has ended is no longer in it
                family = {**family, first.task: evolve(family[first.task], first)}
            continue
        then = versions(first.payload["command"]["calendar"]) if versions else None
        if first.type in (EventType.TASK_MIGRATED, EventType.TASK_RESTORED):
            edition = _named(editions, first)
        outcome = decide(edition, then or calendar, family, command_of(first, editions), units)
        if not isinstance(outcome, Decision):
            return Divergence(recorded, outcome)
        if _bytes(outcome.events) != _bytes(recorded):
            return Divergence(recorded, outcome.events)
        family = {task.id: task for task in outcome.family.values() if not task.ended or task.parent is None}
    return None


def _named(editions: Editions | None, first: Event) -> Edition:
    """The edition under which a family comes. Raises `LookupError` where it is not at hand."""
    digest = first.payload["command"]["edition"]
    found = editions(digest) if editions else None
    if found is None:
        raise LookupError(f"{first.ref} comes under the edition {digest}, which is not at hand")
    return found


class Astray(Spoken, ValueError):
    """An event belongs to no decision; says which."""


def by_decision(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events of each decision by the name of its first event: every other one names a cause within it."""
    found: dict[str, list[Event]] = {}
    belongs: dict[str, str] = {}
    waiting = sorted(events, key=lambda event: (event.task, event.seq))
    while waiting:
        later = []
        for event in waiting:
            ref = event.ref
            home = ref if event.payload.get("command") else belongs.get(event.cause)
            if home is None:
                later.append(event)
            else:
                belongs[ref] = home
                found.setdefault(home, []).append(event)
        if len(later) == len(waiting):
            raise Astray(
                f"{later[0].ref} 所称的原因 {later[0].cause} 不存在",
                f"{later[0].ref} names a cause that is not there: {later[0].cause}",
            )
        waiting = later
    return found


def _bytes(events: Iterable[Event]) -> list[str]:
    """Events as canonical text, in an order that does not hang on how they were collected."""
    ordered = sorted(events, key=lambda event: (event.task, event.seq))
    return [canonical(_plain(event)) for event in ordered]


def _plain(event: Event) -> dict[str, object]:
    due_at = iso(event.due_at) if event.due_at else None
    head = [event.type.value, event.task, event.seq, iso(event.occurred_at), due_at, event.actor, event.cause]
    return {"head": [*head, event.edition], "payload": dict(event.payload)}
