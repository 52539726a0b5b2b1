"""Jobs and what became of them: plain values. Instants are aware and UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.events import Json

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OVER = frozenset({"done", "failed", "cancelled"})

MOST_CRASHES = 5
"""How many workers may die in a row of a job that does not go on, before it is taken for the cause and given up."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that was asked for. `total`, `done` and `failed` count its items; `cancel` says that somebody wants it to
    stop. `worker` runs it; `tries` counts how often somebody began to, `crashes` how many died of it since it last
    went on. What comes again and again (the sweep, the post) is one job that stands, whose id is its kind.
    """

    id: str
    kind: str
    asked_by: str | None
    asked_at: datetime
    body: Mapping[str, Json]
    state: State
    total: int = 0
    done: int = 0
    failed: int = 0
    cancel: bool = False
    began_at: datetime | None = None
    ended_at: datetime | None = None
    result: Mapping[str, Json] | None = None
    worker: str | None = None
    tries: int = 0
    crashes: int = 0

    @property
    def standing(self) -> bool:
        """Whether it comes again and again."""
        return self.id == self.kind


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one item of a job: `done`, `refused` with the reason, or `failed`."""

    n: int
    subject: str
    fate: Literal["done", "refused", "failed"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs jobs, and when it was last heard of."""

    id: str
    host: str
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A job that comes again and again, with the seconds from one end to the next beginning."""

    kind: str
    every: float


@dataclass(frozen=True, slots=True)
class Health:
    """What an operator watches. `swept_at` is when a sweep last succeeded by the database's clock; `behind` is how many
    seconds the wake that is due first has waited; `refused` why the last sweep would not run.
    """

    now: datetime
    swept_at: datetime | None
    behind: float
    refused: Mapping[str, Json] | None
    waiting: int
    running: int
    failed: int
    parcels: int
    messages: int
    messages_failed: int
    workers: int
