"""Workers are processes: one that is killed in the middle is replaced by another, and nothing happens twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.labour import SqlLabour
from tests.jobs.conftest import over, until
from tests.limits import running
from tests.post.conftest import LEAD, OFFICE, Stage, stage_at
from workflows.desk import CLOCK, PURPOSE
from workflows.labour.bulk import ask_bulk
from workflows.labour.values import Job
from workflows.office.registering import register
from workflows.rows import Row

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shared(founded_postgres: str) -> Iterator[Stage]:
    """A rehearsal on a server, so that its clock stands still in each process."""
    made = stage_at(founded_postgres)
    made.desk.store.set_note(PURPOSE, "rehearsal")
    made.desk.store.set_note(CLOCK, made.desk.clock().isoformat())
    made.user("wang", "lead", "水务局")
    yield made
    made.office.close()


Spawn = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def spawn(founded_postgres: str) -> Iterator[Spawn]:
    """Starts workers, each a process."""
    pace = ("--sweep-every", "0.5", "--post-every", "0.2", "--patience", "2")
    command = [sys.executable, "cli.py", "--db", founded_postgres, "--lang", "en", "worker", *pace]
    quiet = subprocess.DEVNULL
    with ExitStack() as workers:
        yield lambda: workers.enter_context(running(command, cwd=ROOT, stdout=quiet, stderr=quiet))


def reports(stage: Stage, count: int) -> tuple[SqlLabour, Job, list[str]]:
    """A job that reports for so many tasks; each report is late, so that the unit is told of each."""
    fields = [{"title": f"项目{n}", "lead_unit": "水务局"} for n in range(count)]
    plan = {"2022-01": {"planned": "50"}}
    entered = register(stage.desk, "promises", [Row(n, each, plan) for n, each in enumerate(fields, 1)], OFFICE)
    assert isinstance(entered, list)
    names, labour = [task.id for task in entered], SqlLabour(stage.office.store.engine)
    job = ask_bulk(labour, names, "report", {"month": "2022-01", "percent": "10"}, [LEAD])
    assert isinstance(job, Job)
    return labour, job, names


def test_another_worker_takes_over_from_one_that_is_killed(shared: Stage, spawn: Spawn) -> None:
    """Kill -9 in the middle of a job: every task was acted on once, its fate stands once, its notice is sent once."""
    labour, job, names = reports(shared, 250)
    workers = {process.pid: process for process in (spawn(), spawn())}

    def halfway() -> Job | None:
        found = labour.job(job.id)
        return found if found is not None and found.state == "running" and found.done >= 50 else None

    found = until(halfway, 40)
    assert found.worker is not None
    victim = next(pid for pid in workers if f"-{pid}-" in found.worker)
    os.kill(victim, signal.SIGKILL)
    killed = labour.job(job.id)
    assert killed is not None
    assert killed.done < 250, "it was not in the middle"
    done = over(labour, job.id)
    assert (done.state, done.total, done.done, done.failed, done.tries) == ("done", 250, 250, 0, 2)
    assert [each.n for each in labour.fates(job.id)] == list(range(1, 251))
    lengths = {len(shared.desk.store.events(name)) for name in names}
    assert len(lengths) == 1, "a task was acted on twice, or not at all"
    until(lambda: len(shared.post.deliveries()) == 250 and not shared.post.deliveries(waiting=True), 90)
    sent = [each for name in names for each in shared.post.told(name) if each.type == "Delivered"]
    assert len(sent) == 250
    living = next(process for pid, process in workers.items() if pid != victim)
    living.send_signal(signal.SIGTERM)
    assert living.wait(timeout=20) == 0
    assert until(lambda: not labour.workers())
