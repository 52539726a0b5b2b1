"""Several processes that serve one office on one machine: Python works on one core, and a machine has more.

They share one door, on which the system lets them take turns, and one database. Each is begun anew, with nothing of the
first but its door; the first alone has the jobs, and begins another where one fell. What each counts for `/metrics` is
put together in a directory that they share.
"""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.context import SpawnProcess
from typing import Any

LOOK = 1.0
"""Seconds between looks at whether one fell."""

COUNTED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the directory, as `prometheus_client` reads it when it is imported."""

log = logging.getLogger("duban.crew")


@contextmanager
def crew(serve: Callable[..., None], told: tuple[Any, ...], count: int, grace: float) -> Iterator[None]:
    """So many processes beside this one, each of which runs `serve(*told)` until it is told to stop; they have `grace`
    seconds for that. Everything is pickled.
    """
    if count < 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="duban-metrics-") as counted:
        os.environ[COUNTED] = counted
        mates, over = [_begun(serve, told) for _ in range(count)], threading.Event()
        keeper = threading.Thread(target=_kept, args=(mates, over, lambda: _begun(serve, told)), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join(grace)
            _stopped(mates, grace)


def _begun(serve: Callable[..., None], told: tuple[Any, ...]) -> SpawnProcess:
    mate = get_context("spawn").Process(target=_work, args=(serve, told))
    mate.start()
    return mate


def _work(serve: Callable[..., None], told: tuple[Any, ...]) -> None:
    """What a mate does. The first tells it when to stop; if that one is gone without a word, it stops by itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_orphaned, daemon=True).start()
    serve(*told)


def _orphaned() -> None:
    first = parent_process()
    assert first is not None, "a mate is begun by another process"
    first.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _kept(mates: list[SpawnProcess], over: threading.Event, another: Callable[[], SpawnProcess]) -> None:
    """Until it is over: where one fell, there is another."""
    while not over.wait(LOOK):
        for place, mate in enumerate(mates):
            if not mate.is_alive():
                log.error("server_fell exit=%s", mate.exitcode)
                mates[place] = another()


def _stopped(mates: list[SpawnProcess], grace: float) -> None:
    for mate in mates:
        mate.terminate()
    for mate in mates:
        mate.join(grace)
        if mate.is_alive():
            mate.kill()
            mate.join(10)
