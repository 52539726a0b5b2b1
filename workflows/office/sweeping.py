"""The sweep: time runs for every task for which it has something to say, and for no other.

Roots are found by the index on the next wake, locked in the order of their ids and written in bulk, a batch to a
transaction. Each wake is decided at its own instant, so that it does not matter how late the sweep is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.commands import Refusal
from engine.decide import advance
from engine.events import Event, EventType, instant, iso
from engine.reasons import reason_of
from engine.task import BrokenStream
from engine.turn import Over
from workflows.changes import changes, parcels
from workflows.clock import GAP, VirtualClock
from workflows.desk import CLOCK, LAST_SWEEP, Desk
from workflows.office.cadences import issue_due
from workflows.office.publications import Issued, issue_ordered
from workflows.ports import Change, Parcel, Work

BATCH = 200
"""Families to a transaction."""


@dataclass
class Swept:
    """What a sweep did: families for which time ran, and the events that came of it, by type."""

    until: datetime
    families: int = 0
    kinds: Counter[EventType] = field(default_factory=Counter)
    issued: list[Issued | Refusal] = field(default_factory=list)
    """Publications that the cadences and the events of this sweep asked for, or why one could not be made."""
    stuck: list[Refusal] = field(default_factory=list)
    """Families that are damaged, or that this program cannot decide: their time stands, that of the others runs."""

    @property
    def events(self) -> int:
        """How many events it wrote."""
        return self.kinds.total()

    def to_json(self) -> dict[str, object]:
        """The counts, and the publications by number."""
        return {
            "until": iso(self.until),
            "families": self.families,
            "events": self.events,
            "missed": self.kinds[EventType.DEADLINE_MISSED],
            "lapsed": self.kinds[EventType.DEADLINE_LAPSED],
            "reminded": self.kinds[EventType.DEADLINE_REMINDED],
            "notices": self.kinds[EventType.NOTICE_RAISED],
            "issued": [each.to_json() for each in self.issued if isinstance(each, Issued)],
            "failed": [dict(each.facts) for each in self.issued if isinstance(each, Refusal)],
            "stuck": [dict(each.facts) for each in self.stuck],
        }


Progress = Callable[[Swept], None]


def sweep(
    desk: Desk,
    until: datetime | None = None,
    *,
    batch: int = BATCH,
    accept_gap: bool = False,
    progress: Progress | None = None,
) -> Swept | Refusal:
    """Let time run for everything that is due by `until` (now, unless said otherwise), then issue what is due.

    On a virtual clock `until` moves the clock; a live one refuses an instant that has not come yet. Refuses a clock
    that jumped or went back, and after a long silence until `accept_gap` says that the clock is right.
    """
    refusal = _moved(desk, until) or desk.untrusted() or _gap(desk, accepted=accept_gap)
    if refusal is not None:
        return refusal
    done = Swept(until or desk.clock())
    _families(desk, done, batch, progress or _silent)
    done.issued += issue_due(desk, done.until)
    _note(desk, done.until)
    return done


def catch_up(desk: Desk, root: str) -> int:
    """Let time run for one family until now, as a sweep would; how many events came of it."""
    if desk.untrusted() is not None:
        return 0
    made = desk.persist(lambda: _batch(desk, [root], desk.clock()))
    issue_ordered(desk, made.orders)
    return made.kinds.total()


def _silent(_swept: Swept) -> None:
    """Nobody watches."""


def _moved(desk: Desk, until: datetime | None) -> Refusal | None:
    """Move a virtual clock on; an instant in the future of any other is refused."""
    if until is None:
        return None
    if isinstance(desk.clock, VirtualClock) and until > desk.clock():
        desk.clock.move(until)
        desk.store.set_note(CLOCK, iso(until))
        return None
    refusal = desk.untrusted()
    if refusal is None and until > desk.clock():
        return Refusal("sweep_ahead", {"until": iso(until), "now": iso(desk.clock())})
    return refusal


def past(desk: Desk, until: datetime) -> Refusal | None:
    """The refusal of an instant until which time has run already, so that nothing would happen."""
    reached = max(filter(None, (desk.swept_until, desk.clock() if desk.virtual else None)), default=None)
    if reached is None or until >= reached:
        return None
    return Refusal("sweep_past", {"until": iso(until), "now": iso(reached)})


def _gap(desk: Desk, *, accepted: bool) -> Refusal | None:
    last = desk.swept_until
    if last is None or desk.virtual or accepted or desk.clock() - last <= GAP:
        return None
    return Refusal("gap", {"last": iso(last), "days": (desk.clock() - last).days})


def _families(desk: Desk, done: Swept, batch: int, progress: Progress) -> None:
    """Batch by batch. A root that is due again after its time has run is left alone, and the others are reached."""
    seen: set[str] = set()
    again = 0
    while True:
        found = desk.store.due(done.until, batch + again)
        roots = sorted(root for root in found if root not in seen)
        if not roots:
            return
        again = len(found) - len(roots)
        made = desk.persist(lambda roots=roots: _batch(desk, roots, done.until))  # type: ignore[misc]  # a default binds the loop's value
        seen.update(roots)
        done.stuck += made.stuck
        done.families += len(roots) - len(made.stuck)
        done.kinds.update(made.kinds)
        done.issued += issue_ordered(desk, made.orders)
        progress(done)


@dataclass
class _Made:
    """What one transaction did."""

    kinds: Counter[EventType] = field(default_factory=Counter)
    orders: list[Event] = field(default_factory=list)
    stuck: list[Refusal] = field(default_factory=list)


DAMAGED = (AssertionError, BrokenStream, LookupError, ArithmeticError, TypeError, ValueError)
"""How a damaged family shows. What the store says of itself is none of them: then the batch is tried again."""


HANDFUL = 20
"""Families that are written by one call: more of them would not stay in the processor's own memory until then."""


def _batch(desk: Desk, roots: Sequence[str], until: datetime) -> _Made:
    made, units = _Made(), desk.units
    with desk.work(roots) as work:
        for start in range(0, len(roots), HANDFUL):
            found: list[Change] = []
            sent: list[Parcel] = []
            for root in roots[start : start + HANDFUL]:
                try:
                    mine, parcel = _family(desk, work, units, root, until)
                except DAMAGED as error:
                    told = {"task": root, "error": reason_of(error).both}
                    made.stuck.append(Refusal("family_stuck", told))
                    continue
                found += mine
                sent += parcel
            work.save(found, sent)
            _count(made, found)
    return made


def _count(made: _Made, found: Sequence[Change]) -> None:
    events = [event for change in found for event in change.events]
    made.kinds.update(event.type for event in events)
    made.orders += [event for event in events if event.type is EventType.PUBLICATION_ORDERED]


def _family(
    desk: Desk, work: Work, units: Mapping[str, Over], root: str, until: datetime
) -> tuple[list[Change], list[Parcel]]:
    before = work.families[root]
    edition, calendar = desk.book(before[root].edition)
    passed = advance(edition, calendar, before, until, units, desk.quiet(before))
    mine = changes(edition, before, passed.family, passed.events, until)
    return mine, parcels(edition, passed.family, passed.events)


def _note(desk: Desk, until: datetime) -> None:
    """Keep until when time has run, which never goes back, and where a virtual clock stands."""
    if desk.virtual:
        desk.store.set_note(CLOCK, iso(desk.clock()))
    note = desk.store.note(LAST_SWEEP)  # another process may have swept further than this desk knows
    last = instant(note) if note else until
    if note is None or until > last:
        desk.store.set_note(LAST_SWEEP, iso(until))
    desk.__dict__["swept_until"] = max(until, last)
