"""A backtest as a job: other processes find what this one finds, and whoever takes it over goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest

from commands.backtests import opened
from engine.events import Event, iso
from storage.labour import SqlLabour
from tests.jobs.conftest import tools_of
from tests.post.conftest import TEXT, Stage, at
from workflows.authoring import backtesting as backtested
from workflows.authoring import trials
from workflows.authoring.backtesting import Told
from workflows.authoring.draft_backtests import Backtest, Question, keep, kept
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


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The families that are looked at from now on, by their roots."""
    roots: list[str] = []

    def through(draft: Any, calendar: Any, history: Sequence[Event], *more: Any) -> Told:
        roots.append(history[0].task)
        return backtested.through(draft, calendar, history, *more)

    monkeypatch.setattr(trials, "through", through)
    return roots


def test_whoever_takes_it_over_goes_on_in_the_middle_of_a_value(stage: Stage, looked: list[str]) -> None:
    """What was found is not looked for again, and the whole is what it is without a stop."""
    labour, job = asked(stage, "0", "50")
    do(labour, job, tools_of(stage), most=6)  # three tasks under the first value, one or two under the second
    stopped, part = labour.job(job.id), found(stage).part
    assert stopped is not None
    assert stopped.state == "waiting"
    assert 3 < stopped.done < 6
    (first,) = found(stage).results
    assert part is not None
    assert part.result.families == stopped.done - 3
    before, looked[:] = list(looked), []
    do(labour, job, tools_of(stage))
    assert sorted(looked + before[3:]) == sorted(before[:3]), "each once under the second value"
    assert found(stage).part is None
    assert found(stage).results[0] == first
    assert [each.differ for each in found(stage).results] == [0, 3]
    fates = [(each.n, each.subject) for each in labour.fates(job.id)]
    assert fates == [(n + 1, f"{(0, 50)[n // 3]} {n % 3 + 1}-{n % 3 + 1}") for n in range(6)]
    stopped_once = found(stage).results
    whole = ask_backtest(labour, found(stage).question, None)
    assert isinstance(whole, Job)
    do(labour, whole, tools_of(stage))
    assert found(stage).results == stopped_once


def test_a_value_is_tried_anew_where_other_families_come_first_now(stage: Stage, looked: list[str]) -> None:
    labour, job = asked(stage)
    do(labour, job, tools_of(stage), most=2)
    kept_part = found(stage).part
    assert kept_part is not None
    count_before, looked[:] = kept_part.result.families, []
    keep(stage.desk, replace(found(stage), part=replace(kept_part, families="others")))
    do(labour, job, tools_of(stage))
    assert 0 < count_before < 3
    assert len(looked) == len(set(looked)) == 3
    assert found(stage).results[0].families == 3
