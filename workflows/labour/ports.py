"""What keeps jobs: the rows are the truth, and whoever runs one only takes it for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine.events import Json
from workflows.labour.values import Fate, Job, Standing, State, Worker


class Labour(Protocol):
    """Jobs, their fates, and the workers who run them. Instants are the database's own clock's, also in a rehearsal."""

    def now(self) -> datetime: ...

    # -- asking

    def ask(self, kind: str, body: Mapping[str, Json], asked_by: str | None, *, name: str | None = None) -> Job:
        """A new job, waiting. Under a `name` that is there already the job of that name is answered, and nothing new
        begins.
        """
        ...

    def ask_one(
        self, kind: str, body: Mapping[str, Json], asked_by: str | None, *, alike: Sequence[str] = ()
    ) -> tuple[Job, bool]:
        """A new job, waiting, and True: unless one of its kind waits or runs whose body has the same under the names
        in `alike`. Then that one, and False: also where two ask in the same instant.
        """
        ...

    def job(self, name: str) -> Job | None: ...

    def jobs(self, *, states: Sequence[State] = (), limit: int = 100, by: str | None = None) -> Sequence[Job]:
        """Jobs in some states (or all), asked for by one account (or by anybody), the latest first."""
        ...

    def fates(self, name: str, *, after: int = 0, limit: int = 1000) -> Sequence[Fate]:
        """The fates of a job's items in their order, from the one after number `after`."""
        ...

    def cancel(self, name: str) -> Job | None:
        """Ask a job to stop: one that waits is cancelled, one that runs stops after the item at hand. One that stands
        is left alone; see `stopping`.
        """
        ...

    def tidy(self, at: datetime, older: timedelta) -> Mapping[str, int]:
        """Forget jobs, sent messages, sessions, keys and unused files that ended so long ago, `at` being the office's
        own time; how many rows of each table went. The record (events, documents, evidence) stays whole.
        """
        ...

    # -- running

    def stand(self, standing: Standing) -> bool:
        """Let a standing job wait again if its time has come; whether it waits now because of this call."""
        ...

    def begin(self, name: str, worker: str) -> Job | None:
        """Take a waiting job; None where it does not wait (any more), or is given up, so many having died of it."""
        ...

    def progress(self, name: str, worker: str, *, total: int | None = None, met: Sequence[Fate] = ()) -> bool:
        """Write how far it is, and the fates that were `met`; whether it should go on. Raises `Lost` where it is not
        this worker's (any more).
        """
        ...

    def end(self, name: str, worker: str, state: State, result: Mapping[str, Json]) -> None:
        """Write how it ended. Raises `Lost`."""
        ...

    def give_back(self, name: str, worker: str) -> None:
        """Let it wait for whoever begins it next, as when this worker stops."""
        ...

    # -- workers

    def seen(self, worker: str, host: str) -> None:
        """A worker is alive."""
        ...

    def leave(self, worker: str) -> None:
        """A worker has stopped; what it still ran waits for another."""
        ...

    def workers(self) -> Sequence[Worker]: ...

    def inherit(self, patience: timedelta, lease: timedelta) -> Sequence[Worker]:
        """Workers of whom nothing was heard for so long, for me alone to take over during the lease. What they ran
        waits again, and is held to be what they died of.
        """
        ...

    # -- health

    def counts(self) -> Mapping[State, int]:
        """Jobs by state, but for those that stand and wait for their next time."""
        ...

    def behind(self, at: datetime) -> float:
        """Seconds that the wake which is due first has waited at an instant; 0 where none is due."""
        ...


class Lost(Exception):
    """The job is not this worker's any more: another took it over. Whoever meets this stops at once."""
