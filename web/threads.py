"""How many work at once. Python works on one thing at a time: more threads than keep it busy while some wait for the
disk only take turns, and everybody is answered late.

Who changes something waits in a line of their own, for writers wait for one another (`storage/line.py`): however many
they are, they never have the threads with which pages are made. Nobody waits in it before all that they send is here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import current_default_thread_limiter, run_sync

AT_ONCE, WRITERS = 12, 8
"""Threads that look, and threads that change something, in one process."""


@asynccontextmanager
async def few(_app: object) -> AsyncIterator[None]:
    """While the application is served: so many threads and no more."""
    current_default_thread_limiter().total_tokens = AT_ONCE
    yield


_LINE: RunVar[CapacityLimiter] = RunVar("line")
"""Of whoever changes something: one in each running server, as anyio keeps the threads for all else."""


def _line() -> CapacityLimiter:
    line = _LINE.get(None)
    if line is None:
        _LINE.set(line := CapacityLimiter(WRITERS))
    return line


def in_line(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint, in a thread that it waits for in the line of those who change something."""
    if iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def waiting(**told: Any) -> Any:
        return await run_sync(partial(endpoint, **told), limiter=_line())

    return waiting
