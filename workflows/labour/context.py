"""What a kind of job is given to work with, and what it may say while it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.commands import Refusal
from engine.events import Json
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.signing import Pen
from workflows.clock import monotonic
from workflows.desk import Desk
from workflows.labour.ports import Labour
from workflows.labour.values import Fate, Job
from workflows.people.ports import People
from workflows.post.ports import Courier, Post
from workflows.redaction.ports import Eraser

EVERY = 50
"""Fates that are kept back before they are written, if no second has passed before."""


@dataclass(frozen=True)
class Tools:
    """With what jobs work, for all kinds. `desk` makes one that sees the organisation and the last sweep as of now."""

    desk: Callable[[], Desk]
    people: People
    post: Post
    labour: Labour
    couriers: Mapping[str, Courier]
    chance: Callable[[], float]
    home: str = ""
    """Where the pages stand, as in `https://duban.example.org`, for links in notices; none without it."""
    log: Log | None = None
    """The tree over what was recorded; without it nothing is sealed here."""
    pen: Pen | None = None
    """With what its heads are signed; without a key they are not."""
    eraser: Eraser | None = None
    """What erases for good; without it orders wait for whoever has it."""
    elsewhere: Callable[[], AbstractContextManager[Desk]] | None = None
    """Opens a desk on the same database in another process; without it work is not dealt to several."""


@dataclass
class Context:
    """One job under way."""

    job: Job
    worker: str
    tools: Tools
    stopping: Callable[[], bool] = lambda: False
    """Whether this worker is about to stop."""
    _kept: list[Fate] = field(default_factory=list)
    _written_at: float = field(default_factory=monotonic)
    _cancelled: bool = False

    def progress(self, total: int | None = None) -> None:
        """Write how many items there are, and what became of those done. Raises `Lost`."""
        kept, self._kept = self._kept, []
        self._cancelled = not self.tools.labour.progress(self.job.id, self.worker, total=total, met=kept)
        self._written_at = monotonic()

    def fate(self, n: int, subject: str, fate: Literal["done", "refused", "failed"], detail: str = "") -> None:
        """Say what became of item `n` (from 1). Written some at a time. Raises `Lost`."""
        self._kept.append(Fate(n, subject, fate, detail))
        if len(self._kept) >= EVERY or monotonic() - self._written_at >= 1:
            self.progress()

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants it to stop, as of what was written last."""
        return self._cancelled

    @property
    def go_on(self) -> bool:
        """Whether to take the next item: nobody cancelled it and the worker stays."""
        return not self._cancelled and not self.stopping()


class GivenBack(Exception):
    """The worker stops before the job is over: it waits for another, who goes on where it was left."""


class Refused(Exception):
    """A job's answer is no: it failed, and this is why. Nothing is tried again before somebody does something."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.told: Mapping[str, Json] = {"code": refusal.code, "facts": dict(refusal.facts)}


Kind: TypeAlias = Callable[[Context], Mapping[str, Json]]
"""Does a job of a kind and answers its result. It may be done again from the beginning after a crash."""
