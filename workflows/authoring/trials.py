"""A draft over the recorded history of a whole office: every family, on all cores, with progress, resumable.

Families know nothing of one another, so that each is looked at by itself and the results are added up. What has been
looked at is kept in a file, one batch a line: a run that was stopped goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from engine.calendars import Calendar
from engine.decide import Units
from engine.dues import start_of
from engine.edition import Edition
from engine.events import Event, iso
from engine.loading import load
from workflows.authoring.backtesting import Period, Told, through
from workflows.authoring.reach import Reach, reach
from workflows.authoring.trial_results import Result, plain, read
from workflows.desk import Desk, uncollected
from workflows.erased.filling import history_filled
from workflows.kept import keep, results_in
from workflows.ports import Recorded
from workflows.sources import calendar_named
from workflows.spread import spread

Opener: TypeAlias = Callable[[], AbstractContextManager[Desk]]
"""Opens a desk of its own on the database, in whichever process it is called."""

BATCH = 25
"""So many families are handed to a process at once: a second's work or so."""

Family: TypeAlias = Sequence[str]
"""The ids of a root and of its descendants."""


@dataclass(frozen=True)
class Trial:
    """What is tried: the text of a draft, with other values of parameters `given`, over a period."""

    text: str
    period: Period
    given: Mapping[str, str] = field(default_factory=dict)

    def edition(self) -> Edition:
        """The draft, compiled. It has been loaded once before, so that it has no problems."""
        edition = load(self.text, "draft.yaml", self.given).edition
        assert edition is not None, "a trial is made of a draft that loads"
        return edition


def period_of(draft: Edition, now: datetime, since: date | None, until: date | None) -> Period:
    """From the beginning of a day to the end of another, in the draft's own zone; by default all there is, until `now`.
    Raises `ValueError` where nothing lies between them.
    """
    first = datetime(1970, 1, 1, tzinfo=UTC)
    if since and since > first.date():  # the first days that dates know are no instants everywhere
        first = start_of(since, draft.zone)
    over = until is not None and until < now.astimezone(draft.zone).date()
    last = start_of(until + timedelta(days=1), draft.zone) if until is not None and over else now
    if first >= last:
        raise ValueError(f"nothing lies between {since} and {until}, which has to be before {now}")
    return Period(first, last)


def lived_until(desk: Desk) -> datetime:
    """Until when there is history: time was let run as far as that."""
    return min(desk.clock(), desk.swept_until or desk.clock())


def families(desk: Desk, process: str) -> list[Family]:
    """Every family of a process: roots with all their descendants, in the order of their ids."""
    found: dict[str, list[str]] = {}
    for task in desk.store.tasks(process=process):
        found.setdefault(task.root, []).append(task.id)
    return [sorted(found[root]) for root in sorted(found)]


def run(
    opener: Opener,
    trial: Trial,
    every: Sequence[Family],
    *,
    processes: int | None = None,
    kept: Path | None = None,
    so_far: Result | None = None,
    progress: Callable[[Result], None] = lambda _: None,
    aside: bool = False,
) -> Result:
    """Try a draft over these families. `kept` is the file of what has been looked at; `so_far` is what came of the
    first of them, which are not looked at again; `progress` is told what came of all that are done; `aside` leaves this
    process to others (`spread`). Raises `Otherwise` where the file is of another trial, and `Fallen`.
    """
    result, done = so_far or Result(), _done(kept, trial) if kept else {}
    waiting = [family for family in every[result.families :] if family[0] not in done]
    for told in done.values():
        result.add(told)
    progress(result)
    batches = [waiting[at : at + BATCH] for at in range(0, len(waiting), BATCH)]
    count = processes or os.cpu_count() or 1
    with closing(spread(partial(_begin, opener, trial), _Bench.look, batches, count, aside=aside)) as looked:
        for batch in looked:
            for told in batch:
                result.add(told)
            if kept is not None:
                keep(kept, map(plain, batch))
            progress(result)
    result.differing.sort(key=lambda told: told.root)
    return result


@dataclass
class _Bench:
    """What one process has open."""

    desk: Desk
    trial: Trial
    draft: Edition
    calendar: Calendar
    units: Units
    _reaches: dict[str, Reach | None] = field(default_factory=dict)

    def look(self, batch: Sequence[Family]) -> Sequence[Told]:
        """Look at some families."""
        with uncollected():
            return [self._look_at(family) for family in batch]

    def _look_at(self, family: Family) -> Told:
        lived = [_lived(self.desk, self.desk.store.events(task)) for task in family]
        history = [event for events, _ in lived for event in events]
        period, versions = self.trial.period, self.desk.version_of
        told = through(self.draft, self.calendar, history, period, self.units, versions, self._reach)
        erased = sum(count for _, count in lived)
        return replace(told, erased=erased) if erased else told

    def _reach(self, digest: str) -> Reach | None:
        """How far the draft reaches into what was decided by an edition; None where that is not known."""
        if digest not in self._reaches:
            names = {record.digest: record.name for record in self.desk.store.editions()}
            known = digest in names
            self._reaches[digest] = reach(self.desk.book(names[digest])[0], self.draft) if known else None
        return self._reaches[digest]


def _begin(opener: Opener, trial: Trial, stack: ExitStack) -> _Bench:
    """The bench of a process."""
    draft, desk = trial.edition(), stack.enter_context(opener())
    return _Bench(desk, trial, draft, calendar_named(draft.process.calendar), dict(desk.units))


def _lived(desk: Desk, recorded: Sequence[Recorded]) -> tuple[list[Event], int]:
    """What happened to a task, with fitting values for what was erased."""
    kind = str(recorded[0].event.payload["kind"])
    return history_filled(recorded, lambda event: desk.book(event.edition)[0].sheets[kind])


# -- what is kept


def _heading(trial: Trial) -> dict[str, Any]:
    return {
        "draft": trial.edition().digest,
        "given": dict(trial.given),
        "since": iso(trial.period.since),
        "until": iso(trial.period.until),
    }


def _done(file: Path, trial: Trial) -> dict[str, Told]:
    """What the file holds, by root."""
    return {told.root: told for told in map(read, results_in(file, _heading(trial)))}
