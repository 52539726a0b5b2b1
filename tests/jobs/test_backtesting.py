"""A backtest as a job: other processes find what this one finds, and whoever takes it over goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest

from commands.backtests import opened
from engine.events import iso
from storage.labour import SqlLabour
from tests.jobs.conftest import tools_of
from tests.post.conftest import TEXT, Stage, at
from workflows.authoring import trials
from workflows.authoring.draft_backtests import Backtest, Question, kept
from workflows.authoring.trial_results import Result
from workflows.authoring.trials import Family, Opener, Trial
from workflows.labour import backtesting, context
from workflows.labour.backtesting import ask_backtest
from workflows.labour.context import Context, GivenBack, Tools
from workflows.labour.kinds import KINDS
from workflows.labour.values import Job

DRAFT = TEXT.replace(
    "roles:", "parameters:\n  slack: {zh: 容差, en: Slack, type: percent, value: 0}\nroles:", 1
).replace("form.percent < planned(form.month)", "form.percent < planned(form.month) - param.slack")


@pytest.fixture(autouse=True)
def one_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (trials, backtesting):
        monkeypatch.setattr(room, "BATCH", 1)
    monkeypatch.setattr(context, "EVERY", 1)


def asked(stage: Stage, *values: str) -> tuple[SqlLabour, Job]:
    """Three tasks that lag, under a draft that tolerates more."""
    assert DRAFT.count("slack") == 2
    for title in ("供水管网改造", "桥", "路"):
        stage.lag(title)
    stage.move(at("2022-02-20 09:00"))
    since, until = iso(at("2022-01-01 00:00")), iso(stage.desk.clock())
    question = Question("promises", DRAFT, since, until, "slack" if values else "", values)
    labour = SqlLabour(stage.office.store.engine)
    job = ask_backtest(labour, question, None)
    assert isinstance(job, Job), job
    return labour, job


def do(labour: SqlLabour, job: Job, tools: Tools, most: int = 99) -> None:
    """A worker does it, until it has looked so often whether to go on."""
    worker, looks = f"worker-{most}", count()
    begun = labour.begin(job.id, worker)
    assert begun is not None
    try:
        result = KINDS["backtest"](Context(begun, worker, tools, lambda: next(looks) >= most))
    except GivenBack:
        labour.give_back(job.id, worker)
        return
    labour.end(job.id, worker, "done", result)


def found(stage: Stage) -> Backtest:
    there = kept(stage.desk, "promises")
    assert there is not None
    return there


def test_other_processes_find_what_this_one_finds(stage: Stage) -> None:
    labour, job = asked(stage)
    do(labour, job, tools_of(stage))
    here = found(stage).results
    assert [each.differ for each in here] == [0]
    assert stage.office.store.engine.url.database
    again = ask_backtest(labour, replace(found(stage).question, text=DRAFT.replace("value: 0}", "value: 50}")), None)
    assert isinstance(again, Job)
    elsewhere = replace(tools_of(stage), elsewhere=partial(opened, str(stage.office.store.engine.url)))
    do(labour, again, elsewhere)
    by_others = found(stage).results
    assert [each.differ for each in by_others] == [3]
    third = ask_backtest(labour, found(stage).question, None)
    assert isinstance(third, Job)
    do(labour, third, tools_of(stage))
    assert found(stage).results == by_others


def test_whoever_takes_it_over_goes_on_with_the_value_at_hand(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    labour, job = asked(stage, "0", "50")
    do(labour, job, tools_of(stage), most=6)  # three tasks under the first value, one or two under the second
    stopped = labour.job(job.id)
    assert stopped is not None
    assert stopped.state == "waiting"
    assert 3 < stopped.done < 6
    (first,) = found(stage).results
    tried: list[str] = []

    def run(opener: Opener, trial: Trial, every: Sequence[Family], **more: Any) -> Result:
        tried.append(trial.given["slack"])
        return trials.run(opener, trial, every, **more)

    monkeypatch.setattr(backtesting, "run", run)
    do(labour, job, tools_of(stage))
    assert tried == ["50"], "what was found is not looked for again"
    assert found(stage).results[0] == first
    assert [each.differ for each in found(stage).results] == [0, 3]
    fates = [(each.n, each.subject) for each in labour.fates(job.id)]
    assert fates == [(n + 1, f"{(0, 50)[n // 3]} {n % 3 + 1}-{n % 3 + 1}") for n in range(6)]
