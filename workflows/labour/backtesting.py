"""A draft over all of the recorded history, as a job: how far it is is seen, it may be stopped, and what came of it is
kept beside the draft. Whoever takes it over goes on where it was left, also in the middle of a value.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

from engine.commands import Refusal
from engine.events import Json, iso
from workflows.authoring.draft_backtests import TOLD, Backtest, Digest, Part, Question, keep, kept
from workflows.authoring.trial_results import Result
from workflows.authoring.trials import BATCH, Family, Trial, families, run
from workflows.desk import Desk
from workflows.labour.context import Context, GivenBack
from workflows.labour.ports import Labour
from workflows.labour.values import Job

BACKTEST = "backtest"
"""The kind of these jobs."""


def ask_backtest(labour: Labour, question: Question, asked_by: str | None) -> Job | Refusal:
    """Ask for it; refused while another one of the same draft is under way, also where both ask in one instant."""
    job, anew = labour.ask_one(BACKTEST, question.to_json(), asked_by, alike=("draft",))
    return job if anew else Refusal("backtest_under_way", {"draft": question.draft, "by": job.asked_by or ""})


def under_way(labour: Labour, draft: str) -> Job | None:
    """The job that tries a draft now, or is about to."""
    waiting = labour.jobs(states=("waiting", "running"), limit=1000)
    return next((job for job in waiting if job.kind == BACKTEST and job.body["draft"] == draft), None)


class _Stopped(Exception):
    """Somebody cancelled it, or the worker stops."""


@dataclass
class _Ledger:
    """So many families are one item of the job; items told before whoever began it anew are not told again."""

    on: Context
    total: int
    told: int
    before: int = 0

    def begin(self, number: int) -> None:
        """The results of so many values were known already."""
        self.before = number * -(-self.total // BATCH)

    def note(self, value: str, done: int) -> None:
        """So many families were looked at. Raises `_Stopped`."""
        while self.told < self.before + -(-done // BATCH):
            first = (self.told - self.before) * BATCH + 1
            last = min(self.total, first + BATCH - 1)
            self.told += 1
            self.on.fate(self.told, f"{value} {first}-{last}".strip(), "done")
        if not self.on.go_on:
            raise _Stopped


def backtest(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. What was found for the values before a stop stays beside the draft."""
    desk, question = on.tools.desk(), Question(**on.job.body)
    every, trials = families(desk, question.edition().process.process), question.trials
    found = _begun(desk, on.job, question)
    ledger = _Ledger(on, len(every), on.job.done + on.job.failed)
    on.progress(total=len(trials) * -(-len(every) // BATCH))
    try:
        for number, (value, trial) in enumerate(trials):
            ledger.begin(number)
            if number >= len(found.results):
                kept_on = _Keeper(on, desk, found, every, partial(ledger.note, value))
                result = _tried(on, desk, trial, every, kept_on).short(TOLD)
                found = found.also(result, iso(on.tools.labour.now()))
                _keep(on, desk, found)
    except _Stopped:
        on.progress()
        if not on.cancelled:
            raise GivenBack from None
    return {"draft": question.draft, "tried": len(found.results), "of": len(trials)}


def _keep(on: Context, desk: Desk, found: Backtest) -> None:
    """Keep what was found, unless somebody has stopped it: the draft may be gone, and another one have its name. Raises
    `_Stopped`.
    """
    on.progress()
    if on.cancelled:
        raise _Stopped
    keep(desk, found)


@dataclass
class _Keeper:
    """Keeps what came of the value at hand each time that so many families more are done."""

    on: Context
    desk: Desk
    found: Backtest
    every: Sequence[Family]
    note: Callable[[int], None]

    def __post_init__(self) -> None:
        self.digest = Digest(self.every)

    def so_far(self) -> Result | None:
        """What somebody found of it before, where the same families come first again."""
        part = self.found.part
        if part is None or Digest(self.every).of_first(part.result.families) != part.families:
            return None
        return part.result

    def __call__(self, result: Result) -> None:
        """Raises `_Stopped`."""
        if 0 < result.families < len(self.every):
            part = Part(result.short(TOLD), self.digest.of_first(result.families))
            _keep(self.on, self.desk, replace(self.found, part=part))
        self.note(result.families)


def _begun(desk: Desk, job: Job, question: Question) -> Backtest:
    """What whoever had this job before has kept, or nothing yet."""
    there = kept(desk, question.draft)
    if there is not None and there.job == job.id:
        return there
    return Backtest(question, job.id, job.asked_by or "", iso(job.asked_at), ())


def _tried(on: Context, desk: Desk, trial: Trial, every: Sequence[Family], keeper: _Keeper) -> Result:
    """By other processes, where they can be begun here: whoever serves pages has none of the work. A batch is done
    before one of them would have begun.
    """
    if on.tools.elsewhere is None or len(every) <= BATCH:
        return run(lambda: nullcontext(desk), trial, every, processes=1, so_far=keeper.so_far(), progress=keeper)
    many = os.cpu_count()
    return run(on.tools.elsewhere, trial, every, processes=many, so_far=keeper.so_far(), progress=keeper, aside=True)
