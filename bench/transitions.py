"""One durable transition on SQLite: a monthly report, one commit each, against its floor and against DBOS."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Budget, Figure, median, ratio
from bench.scale import Scale
from bench.scenes import at, desk, engine_of, enter, report
from bench.tape import Tape, attach, play, sqlite_floor

REPORTING = "2022-02-25 16:00"


def measure(scale: Scale) -> list[Figure]:
    """Ours in transitions a second over the floor's, and over DBOS's durable steps on the same disk."""
    ours_at, floor_at = scale.directory / "transitions.db", scale.directory / "transitions-floor.db"
    _prepare(ours_at, scale)
    shutil.copy(ours_at, floor_at)
    office, tape, floor = desk(f"sqlite:///{ours_at}", at(REPORTING)), Tape(), sqlite_floor(floor_at)
    attach(engine_of(office).engine, tape)
    report(office, "task-warm", "2022-02")
    ours, ours_cpu, bare, whole, steps = [], [], [], [], []
    for run in range(scale.runs):
        start, cpu = time.perf_counter(), time.process_time()
        with tape.rolling():
            for number in range(scale.transitions):
                report(office, f"task-{run}-{number}", "2022-02")
        ours.append(time.perf_counter() - start)
        ours_cpu.append(time.process_time() - cpu)
        bare.append(play(floor, tape.taken()))
        dbos = _dbos(scale, run)
        whole.append(dbos["workflow"])
        steps.append(dbos["step"])
    floor.close()
    office.store.close()
    count, each = scale.transitions, 1e6 / scale.transitions
    return [
        Figure("one transition on SQLite, share of the floor's throughput", ratio(bare, ours), "×", Budget("≥", 0.5),
               f"ours {median(ours) * each:,.0f} µs, of which processor {median(ours_cpu) * each:,.0f} µs; "
               f"floor {median(bare) * each:,.0f} µs"),
        Figure("one transition on SQLite, throughput over a DBOS workflow with a transaction step",
               ratio(whole, [o / count for o in ours]), "×", Budget("≥", 3), f"DBOS {median(whole) * 1e6:,.0f} µs"),
        Figure("the same over one more transaction step of a DBOS workflow that already runs",
               ratio(steps, [o / count for o in ours]), "×", None, f"DBOS {median(steps) * 1e6:,.0f} µs"),
    ]  # fmt: skip


def _prepare(path: Path, scale: Scale) -> None:
    office = desk(f"sqlite:///{path}", at("2022-02-21 09:00"), create=True)
    enter(office, ["task-warm", *(f"task-{run}-{n}" for run in range(scale.runs) for n in range(scale.transitions))])
    office.store.close()


def _dbos(scale: Scale, run: int) -> dict[str, float]:
    """Seconds for one workflow with one transaction step, and for one more such step, in a process of its own."""
    place = scale.directory / f"dbos-{run}"
    place.mkdir()
    command = [sys.executable, "-m", "bench.dbos_steps", str(place), str(scale.transitions)]
    done = subprocess.run(command, check=True, timeout=600, capture_output=True, text=True)  # noqa: S603 - our own program
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
