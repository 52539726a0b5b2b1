"""DBOS, and all that one has to know about it.

* Values are plain JSON (`PORTABLE`): by default they would be pickled.
* The application's version is pinned: work that carries another one would wait for ever after an upgrade.
* What a dead process ran stays pending until somebody calls `resume_workflows`.
* Its management calls open transactions of their own: none is made inside one of ours.
* Rows are never removed by themselves: `forget` does it.
* On SQLite it writes a file of its own (`storage.engines.runner_engine`), through the same library as ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowSerializationFormat

from workflows.clock import pause

if TYPE_CHECKING:
    from storage.engines import Engine

SHORT, LONG = "duban-short", "duban-long"
"""Standing jobs have a queue of their own, so that no long one keeps time or the post waiting."""

AT_ONCE = {SHORT: 3, LONG: 2}
"""Jobs that one worker does at a time."""

PENDING, OVER = "PENDING", ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
MOST = 1000

SETTLED = 0.2
"""Seconds in which what is just being handed over has begun, and DBOS has noted what just ended."""


class Library:
    """One in a process: DBOS itself is one. `do` takes the name of a job."""

    def __init__(self, worker: str, url: str, engine: Engine | None, do: Callable[[str], str], polling: float) -> None:
        logging.getLogger("dbos").setLevel(logging.ERROR)
        config: DBOSConfig = {
            "name": "duban",
            "application_version": "duban",
            "executor_id": worker,
            "system_database_url": url,
            "log_level": "ERROR",
            "use_listen_notify": False,
            "run_migrations": True,
        }
        if engine is not None:
            config["system_database_engine"] = engine
        DBOS(config=config)
        self._polling = polling
        self._under_way: set[str] = set()
        self._run: Any = self._workflow(lambda name: self._done(do, name))

    def _done(self, do: Callable[[str], str], name: str) -> str:
        self._under_way.add(name)
        try:
            return do(name)
        finally:
            self._under_way.discard(name)

    @staticmethod
    def _workflow(do: Callable[[str], str]) -> Any:
        """The workflow is one step: what it did is in our rows, and a step that is done again finds that out there."""

        @DBOS.step(name="job")
        def step(name: str) -> str:
            return do(name)

        @DBOS.workflow(name="job", serialization_type=WorkflowSerializationFormat.PORTABLE)
        def run(name: str) -> str:
            return step(name)

        return run

    def launch(self) -> None:
        """Begin to take work."""
        DBOS.launch()
        for name, count in AT_ONCE.items():
            DBOS.register_queue(
                name, worker_concurrency=count, polling_interval_sec=self._polling, on_conflict="always_update"
            )

    def enqueue(self, name: str, identity: str, *, short: bool) -> None:
        """Have a job done; under the same identity once, whoever else asks for it."""
        with SetWorkflowID(identity):
            DBOS.enqueue_workflow(SHORT if short else LONG, self._run, name)

    def resume(self, dead: str) -> int:
        """Let the living do what a dead worker left; how much that was."""
        left = DBOS.list_workflows(status=PENDING, executor_id=dead, load_input=False, load_output=False)
        names = [each.workflow_id for each in left]
        if names:
            DBOS.resume_workflows(names, queue_name=LONG)
        return len(names)

    def forget(self, now: datetime, age: timedelta) -> int:
        """Remove what has been over for so long."""
        before = (now - age).isoformat()
        done: Sequence[Any] = DBOS.list_workflows(
            status=OVER, completed_before=before, limit=MOST, load_input=False, load_output=False
        )
        if done:
            DBOS.delete_workflows([each.workflow_id for each in done])
        return len(done)

    def close(self, patience: float) -> None:
        """Take no more, wait so long for what is under way, and let go. DBOS looks once a second whether anything still
        is, and not before the first has passed: where nothing is, it is not asked to.
        """
        pause(SETTLED)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=int(patience) if self._under_way else 0)
