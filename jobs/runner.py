"""One worker: it says that it lives, looks for work, and takes over what dead ones left.

A job's row is the truth; a workflow of DBOS is its runner, and one that comes late or twice finds the row taken and
does nothing. Whoever asks for a job writes the row and needs no DBOS: the workers look for rows that wait. So a page
or a command starts fast, asking is part of any transaction, and a lost runner's database loses nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from jobs.hands import Hands
from storage import machine
from storage.engines import runner_engine
from storage.errors import StoreProblem
from workflows.clock import monotonic
from workflows.labour.context import Kind, Tools
from workflows.labour.kinds import KINDS, NEEDED, STANDING
from workflows.labour.values import Job, Standing

if TYPE_CHECKING:
    from jobs.library import Library
    from storage.engines import Engine

LOG = logging.getLogger("duban.jobs")


@dataclass(frozen=True)
class Pace:
    """How often things are looked at, in seconds. A worker of whom nothing was heard for `patience` is dead; `grace`
    is how long a worker that stops waits for what it is doing.
    """

    tick: float = 1.0
    alive: float = 3.0
    patience: float = 20.0
    lease: float = 30.0
    grace: float = 15.0
    forget: float = 600.0
    kept: timedelta = timedelta(days=1)


class Runner:
    """A worker that runs; `stop` ends it. Where the database is not this program's any more (`require`), it waits."""

    def __init__(
        self,
        worker: str,
        tools: Tools,
        hands: Hands,
        library: Library,
        standing: Sequence[Standing],
        pace: Pace,
        require: Callable[[], None],
    ) -> None:
        self.worker = worker
        self._tools, self._hands, self._library, self._standing, self._pace = tools, hands, library, standing, pace
        self._require = require
        self._asked: dict[str, str] = {}
        self._next: dict[str, float] = {}
        self._thread = threading.Thread(target=self._live, name="duban-jobs", daemon=True)

    def run(self) -> None:
        """Begin to live."""
        self._seen()
        self._thread.start()

    def stop(self) -> None:
        """Take no more work, let what is under way stop where it may be taken up again, and leave. Whoever looks for
        jobs and does not come back, since the database does not answer, is not waited for longer than `grace`.
        """
        self._hands.stopping.set()
        self._thread.join(self._pace.grace)
        if self._thread.is_alive():
            LOG.warning("looking for jobs does not end: %s stops without it", self.worker)
        self._library.close(self._pace.grace)
        try:
            self._tools.labour.leave(self.worker)
        except StoreProblem:
            LOG.warning("the database is away: others will notice that %s has stopped", self.worker)

    def _live(self) -> None:
        while not self._hands.stopping.wait(self._pace.tick):
            try:
                self._tick()
            except StoreProblem as problem:
                LOG.warning("the jobs wait for the database: %s", problem)
            except Exception:
                LOG.exception("looking for jobs failed")

    def _tick(self) -> None:
        self._require()
        if self._due("alive", self._pace.alive):
            self._seen()
            self._inherit()
        self._stand()
        waiting = self._tools.labour.jobs(states=["waiting"], limit=200)
        self._asked = {job.id: self._enqueued(job) for job in waiting}
        if self._due("forget", self._pace.forget):
            self._library.forget(self._tools.labour.now(), self._pace.kept)

    def _due(self, what: str, every: float) -> bool:
        now = monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True

    def _seen(self) -> None:
        self._tools.labour.seen(self.worker, socket.gethostname())

    def _stand(self) -> None:
        for each in self._standing:
            needed = NEEDED.get(each.kind)
            if needed is None or needed(self._tools):
                self._tools.labour.stand(each)

    def _enqueued(self, job: Job) -> str:
        """Each waiting of a job has an identity of its own, the same for all who see it."""
        identity = f"{job.id}@{job.asked_at.isoformat()}#{job.tries}"
        if self._asked.get(job.id) != identity:
            self._library.enqueue(job.id, identity, short=job.standing)
        return identity

    def _inherit(self) -> None:
        """Take over what the dead left. Who dies here leaves the dead to the next one, when the lease is over."""
        pace = self._pace
        for dead in self._tools.labour.inherit(timedelta(seconds=pace.patience), timedelta(seconds=pace.lease)):
            count = self._library.resume(dead.id)
            self._tools.labour.leave(dead.id)
            LOG.warning("worker %s on %s is silent: %d jobs taken over", dead.id, dead.host, count)


def start(
    engine: Engine,
    tools: Tools,
    *,
    kinds: Mapping[str, Kind] = KINDS,
    standing: Sequence[Standing] = STANDING,
    pace: Pace | None = None,
    name: Callable[[], str] = lambda: f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}",
) -> Runner:
    """Start to run the jobs of the office whose database `engine` speaks to; one worker in a process."""
    from jobs.library import Library

    worker, pace = name(), pace or Pace()
    hands = Hands(worker, tools, kinds)
    own = runner_engine(engine)
    url = (own or engine).url.render_as_string(hide_password=False)
    library = Library(worker, url, own, hands.do, min(1.0, pace.tick))
    runner = Runner(worker, tools, hands, library, standing, pace, lambda: machine.require(engine))
    library.launch()
    runner.run()
    return runner
