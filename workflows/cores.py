"""Work that falls into batches which know nothing of one another, done on several cores at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")

AHEAD = 2
"""So many batches are handed to each other process before it asks: it never waits for one."""


def spread(
    batches: Sequence[Batch],
    here: Callable[[Batch], Result],
    there: Callable[[Batch], Result],
    begin: tuple[Callable[..., None], tuple[Any, ...]],
    processes: int,
) -> Iterator[Result]:
    """What comes of each batch, in their order, by so many processes. This one is among them, and works while the
    others start: by `here`, they by `there`, a function of a module, once they have begun by `begin` and its arguments.
    """
    if processes == 1 or len(batches) < 2:
        yield from map(here, batches)
        return
    # spawned, not forked: whoever calls may hold a connection, which two processes must not share
    others = processes - 1
    pool = ProcessPoolExecutor(others, get_context("spawn"), initializer=begin[0], initargs=begin[1])
    try:
        waiting = deque[Future[Result]]()
        for batch in batches:
            handed = sum(not each.done() for each in waiting)
            waiting.append(pool.submit(there, batch) if handed < AHEAD * others else _done(here(batch)))
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _done(result: Result) -> Future[Result]:
    done = Future[Result]()
    done.set_result(result)
    return done
