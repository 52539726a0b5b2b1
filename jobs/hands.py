"""One job, from its beginning to its end, by one worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from storage.errors import StoreProblem
from workflows.labour.context import Context, GivenBack, Kind, Refused, Tools
from workflows.labour.ports import Lost
from workflows.labour.values import State

LOG = logging.getLogger("duban.jobs")

RETRY = 1.0
"""Seconds between tries to say that a job waits again, while the database is away."""


class Hands:
    """Does jobs in the name of one worker. `stopping` is set when the worker is about to stop."""

    def __init__(self, worker: str, tools: Tools, kinds: Mapping[str, Kind]) -> None:
        self.worker, self.stopping = worker, threading.Event()
        self._tools, self._kinds = tools, kinds

    def do(self, name: str) -> str:
        """Take a job and do it; says how that went. A job that is not waiting (any more) is left alone."""
        try:
            return self._taken(name)
        except Lost:
            return "lost"
        except (GivenBack, StoreProblem) as reason:  # the database went away, or this worker does
            LOG.info("job %s waits again: %s", name, reason)
            return self._back(name)

    def _taken(self, name: str) -> str:
        job = self._tools.labour.begin(name, self.worker)
        if job is None:
            return "not waiting"
        if self.stopping.is_set():  # it was handed over already: only a try that has begun makes room for another
            raise GivenBack
        on = Context(job, self.worker, self._tools, self.stopping.is_set)
        kind = self._kinds.get(job.kind)
        if kind is None:
            self._tools.labour.end(name, self.worker, "failed", {"error": f"no kind {job.kind} here"})
            return "failed"
        return self._done(on, kind)

    def _done(self, on: Context, kind: Kind) -> str:
        labour, name = self._tools.labour, on.job.id
        try:
            result = kind(on)
            on.progress()
        except (Lost, GivenBack, StoreProblem):
            raise
        except Refused as refused:
            labour.end(name, self.worker, "failed", {"refused": refused.told})
            return "failed"
        except Exception as error:
            LOG.exception("job %s of kind %s failed", name, on.job.kind)
            labour.end(name, self.worker, "failed", {"error": f"{type(error).__name__}: {error}"})
            return "failed"
        state: State = "cancelled" if on.cancelled else "done"
        labour.end(name, self.worker, state, result)
        return state

    def _back(self, name: str) -> str:
        """Let it wait again, as soon as the database is there; who stops leaves that to others."""
        while True:
            try:
                self._tools.labour.give_back(name, self.worker)
            except StoreProblem:
                if self.stopping.wait(RETRY):
                    break
            else:
                break
        return "waiting"
