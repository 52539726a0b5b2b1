"""Somebody who looks whether time runs: beside the pages and beside the jobs, so that it is seen by either when the
other is dead.
"""

from __future__ import annotations

import logging
import os
import socket
import threading

from storage.errors import StoreProblem
from workflows.labour.alarm import watch
from workflows.labour.context import Tools

LOG = logging.getLogger("duban.jobs")

EVERY = 30.0
"""Seconds between looks."""


GRACE = 15.0
"""How many seconds a look may take that is under way when nobody looks any more."""


class Watcher:
    """Looks again and again until it is stopped."""

    def __init__(self, tools: Tools, every: float = EVERY) -> None:
        self.name = f"watcher-{socket.gethostname()}-{os.getpid()}"
        self._tools, self._every = tools, every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="duban-watcher", daemon=True)

    def start(self) -> Watcher:
        """Begin to look."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(GRACE)
        if self._thread.is_alive():
            LOG.warning("a look whether time runs does not end: it is not waited for")

    def _live(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                watch(self._tools, self.name)
            except StoreProblem as problem:
                LOG.warning("the watcher waits for the database: %s", problem)
            except Exception:
                LOG.exception("looking whether time runs failed")
