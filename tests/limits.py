"""Limits for whatever a test waits for: what does not come in time is ended, and the error says what it was.

Processes are begun anew and lead a group of their own, which is killed as a whole; threads are daemons, so that one
that is stuck keeps nobody from going on. `test_waits.py` finds whoever waits without a limit.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from socketserver import BaseServer
from threading import Thread, Timer
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds for what takes a moment on a machine with nothing else to do."""
LONG = 600.0
"""Seconds for what takes a minute there."""


# -- threads


def later(work: Callable[[], T]) -> Future[T]:
    """Begin some work in a thread; ask for its `result(seconds)`."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


def at_once(*works: Callable[[], T], seconds: float = PATIENCE) -> list[T]:
    """Do all of it at the same time, in a thread each. Raises what the first of them raises, and TimeoutError."""
    return [each.result(seconds) for each in [later(work) for work in works]]


@contextmanager
def listening(server: BaseServer) -> Iterator[None]:
    """A server of this process answers meanwhile."""
    serving = later(lambda: server.serve_forever(poll_interval=0.02))
    try:
        yield
    finally:
        at_once(server.shutdown)
        server.server_close()
        serving.result(PATIENCE)


# -- processes that answer


@dataclass(frozen=True)
class Aside:
    """A process that works on something and answers once."""

    process: SpawnProcess
    pipe: Connection
    what: str
    seconds: float

    def busy(self) -> bool:
        """Whether it is still at work."""
        return self.process.is_alive() and not self.pipe.poll()

    def answer(self) -> Any:
        """What it answers, when it has ended in order."""
        assert self.pipe.poll(self.seconds), f"{self.what} was not done in {self.seconds:.0f} s; see where it stands"
        with suppress(EOFError):
            found = self.pipe.recv()
            self.process.join(self.seconds)
        assert self.process.exitcode == 0, f"{self.what} ended with {self.process.exitcode}"
        return found


@contextmanager
def aside(target: Callable[..., None], *given: object, seconds: float = LONG) -> Iterator[Aside]:
    """Call `target(*given, pipe)` in a fresh process with one thread, which sends its answer through the pipe. In the
    end the process and its children are gone; where it did not answer, all of them tell where they stand.
    """
    fresh = get_context("spawn")
    mine, its = fresh.Pipe(duplex=False)
    process = fresh.Process(target=_led, args=(target, given, its))
    process.start()
    its.close()
    try:
        yield Aside(process, mine, target.__name__, seconds)
    finally:
        if process.is_alive():
            _killed(process.pid or 0, told=not mine.poll())
        process.kill()
        process.join(PATIENCE)
        mine.close()


def _led(target: Callable[..., None], given: Sequence[object], answer: Connection) -> None:
    os.setpgid(0, 0)
    faulthandler.register(signal.SIGUSR2)
    target(*given, answer)


def alone() -> None:
    """For whoever forks: this process has one thread. What another one has locked would stay locked in the fork."""
    tasks = Path("/proc/self/task")
    assert not tasks.is_dir() or len(list(tasks.iterdir())) == 1, "a process with threads must not be forked"


def _killed(group: int, *, told: bool) -> None:
    with suppress(ProcessLookupError):
        if told:
            os.killpg(group, signal.SIGUSR2)
            time.sleep(0.5)
        os.killpg(group, signal.SIGKILL)


# -- programs


@contextmanager
def running(command: Sequence[str | Path], **told: Any) -> Iterator[subprocess.Popen[str]]:
    """A program that runs meanwhile. In the end it and its children are gone; who wants it to stop in order sees to
    that before.
    """
    process = subprocess.Popen(command, start_new_session=True, text=True, **told)
    try:
        yield process
    finally:
        _killed(process.pid, told=False)
        process.wait(PATIENCE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def address_of(server: subprocess.Popen[str], seconds: float = PATIENCE) -> str:
    """The address that a server prints when it listens."""
    assert server.stdout is not None, "a server is read from"
    said, late = "", Timer(seconds, server.kill)
    late.start()
    try:
        for line in server.stdout:
            said += line
            if found := re.search(r"https?://[^\s\"/]+/", said):
                return found[0]
    finally:
        late.cancel()
    raise AssertionError(f"no server listens after {seconds:.0f} s: {said}")
