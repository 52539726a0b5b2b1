"""An office whose jobs are run here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import jobs
from storage.labour import SqlLabour
from tests.post.conftest import Stage, stage_at
from workflows.labour.context import Kind, Tools
from workflows.labour.kinds import KINDS
from workflows.labour.ports import Labour
from workflows.labour.values import OVER, Job, Standing
from workflows.post.values import Message, Sent

QUICK = jobs.Pace(tick=0.1, alive=0.2, patience=2.0, lease=5.0, grace=5.0)


class Heard:
    """A courier that takes everything."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> Sent:
        self.messages.append(message)
        return Sent()


def tools_of(stage: Stage, **more: Any) -> Tools:
    return Tools(
        desk=lambda: replace(stage.desk, channel="job"),
        people=stage.office.people,
        post=stage.post,
        labour=SqlLabour(stage.office.store.engine),
        couriers=more.pop("couriers", {"mail": Heard()}),
        chance=lambda: 0.0,
    )


def until(holds: Callable[[], Any], patience: float = 60.0) -> Any:
    """Wait for something to be so."""
    end = time.monotonic() + patience
    while not (found := holds()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.03)
    return found


def over(labour: Labour, name: str) -> Job:
    """The job when it has ended."""

    def ended() -> Job | None:
        job = labour.job(name)
        return job if job is not None and job.state in OVER else None

    found = until(ended)
    assert isinstance(found, Job)
    return found


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = stage_at(f"sqlite:///{tmp_path / 'duban.db'}")
    yield made
    made.office.close()


Started = Callable[..., jobs.Runner]


@pytest.fixture
def started(stage: Stage) -> Iterator[Started]:
    """Starts a worker in this process; it is stopped after the test."""
    running: list[jobs.Runner] = []

    def start(tools: Tools, standing: tuple[Standing, ...] = (), **kinds: Kind) -> jobs.Runner:
        engine = stage.office.store.engine
        runner = jobs.start(engine, tools, kinds={**KINDS, **kinds}, standing=standing, pace=QUICK)
        running.append(runner)
        return runner

    yield start
    for runner in running:
        runner.stop()
