"""Work dealt to all cores: each process sets up its bench once and takes one batch after another.

Processes are spawned, not forked: whoever calls may hold a connection, which two processes must not share. One that
falls, or from which nothing comes for long, ends the work with an error; what was done stays in the file of results
(`workflows.kept`), from which the next run goes on.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

from engine.problems import Spoken, Text

B = TypeVar("B")
T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""So many batches are handed to each other process that has set up its bench before it asks: it never waits for one."""
PATIENCE = 1800.0
"""Seconds after which a batch, a second's work or so, is not waited for any more."""


class Fallen(Spoken, RuntimeError):
    """A process fell, or does not answer; `text` says which."""


def _fell() -> Fallen:
    return Fallen("一个工作进程意外退出", "a process that was at work fell")


def spread(
    begin: Callable[[ExitStack], B],
    look: Callable[[B, T], R],
    batches: Sequence[T],
    processes: int,
    patience: float = PATIENCE,
    mine: B | None = None,
    *,
    aside: bool = False,
) -> Generator[R, None, None]:
    """What `look(bench, batch)` finds for each batch, in their order, by so many processes. This one is among them, and
    works while the others start. `begin` sets up a bench, for as long as the stack stays open; `mine` is that of this
    process, where there is one already. For several processes both are functions that pickle knows. Raises `Fallen`.

    `aside` is for whoever answers others meanwhile: all of it is done by other processes, which give way to this one
    and end when it says so, not when a terminal does.
    """
    with ExitStack() as stack:
        if aside:
            yield from _elsewhere(begin, look, batches, processes, patience)
            return
        here = begin(stack) if mine is None else mine
        if processes == 1 or len(batches) < 2:
            yield from (look(here, each) for each in batches)
            return
        others = processes - 1
        pool = ProcessPoolExecutor(others, get_context("spawn"), initializer=_begin, initargs=(begin, look))
        there, waiting = pool.submit(_there), deque[Future[R]]()
        try:
            for batch in batches:
                handed = sum(not each.done() for each in waiting) if there.done() else AHEAD * others
                waiting.append(pool.submit(_look, batch) if handed < AHEAD * others else _done(look(here, batch)))
                while waiting and waiting[0].done():
                    yield waiting.popleft().result(0)
            while waiting:
                yield _answer(waiting.popleft(), pool, patience)
        except BrokenProcessPool as error:
            raise _fell() from error
        finally:
            if not there.done():
                _kill(pool)  # all was done before it had started
            pool.shutdown(cancel_futures=True)


def _elsewhere(
    begin: Callable[[ExitStack], B],
    look: Callable[[B, T], R],
    batches: Sequence[T],
    processes: int,
    patience: float,
) -> Iterator[R]:
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin_aside, initargs=(begin, look))
    try:
        waiting = deque[Future[R]]()
        for batch in batches:
            waiting.append(pool.submit(_look, batch))
            if len(waiting) > AHEAD * processes:
                yield _answer(waiting.popleft(), pool, patience)
        while waiting:
            yield _answer(waiting.popleft(), pool, patience)
    except BrokenProcessPool as error:
        raise _fell() from error
    finally:
        pool.shutdown(cancel_futures=True)


def beside(work: Callable[[], R]) -> Future[R]:
    """What a thread of this process finds meanwhile, to be asked of `awaited`: for what waits for a database and leaves
    Python to others. The program does not wait for it to end.
    """
    found = Future[R]()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is asked for
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    return found


_THREAD, _PROCESS = Text("线程", "thread"), Text("工作进程", "process")


def awaited(found: Future[R], patience: float = PATIENCE, by: Text = _THREAD) -> R:
    """What was done beside, when all else is done. Raises what it raised, and `Fallen` where it does not come."""
    try:
        return found.result(patience)
    except TimeoutError as error:
        if found.done():  # the work itself said so
            raise
        raise Fallen(
            f"一个{by.zh} {patience:.0f} 秒没有结果", f"nothing came from a {by.en} for {patience:.0f} s"
        ) from error


def _done(result: R) -> Future[R]:
    done = Future[R]()
    done.set_result(result)
    return done


def _answer(found: Future[R], pool: ProcessPoolExecutor, patience: float) -> R:
    try:
        return awaited(found, patience, _PROCESS)
    except Fallen:
        if not found.done():
            _kill(pool)
        raise


def _kill(pool: ProcessPoolExecutor) -> None:
    for each in list((pool._processes or {}).values()):  # noqa: SLF001 - Python 3.14 has `kill_workers`
        each.kill()


_BENCH: list[tuple[ExitStack, Any, Callable[[Any, Any], Any]]] = []


def _begin(begin: Callable[[ExitStack], Any], look: Callable[[Any, Any], Any]) -> None:
    """Set up the bench of this process, for as long as it lives: no longer than the one that began it, which may be
    killed without a word.
    """
    Thread(target=_orphaned, daemon=True).start()
    stack = ExitStack()
    _BENCH[:] = [(stack, begin(stack), look)]


def _orphaned() -> None:
    first = parent_process()
    assert first is not None, "it is begun by another process"
    while first.is_alive():
        first.join(60)
    os._exit(1)


def _begin_aside(begin: Callable[[ExitStack], Any], look: Callable[[Any, Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    _begin(begin, look)


def _there() -> None:
    """Answered by a process that has set up its bench."""


def _look(batch: Any) -> Any:
    ((_, mine, look),) = _BENCH
    return look(mine, batch)
