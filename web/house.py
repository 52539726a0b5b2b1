"""What the pages need to work: the desk, the people, and the other rooms. Whoever starts the server makes it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.once import once
from storage.errors import StoreProblem
from web.seal import seal_of
from workflows.audit.readings import Readings
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.values import MAIN, Checkpoint
from workflows.authoring.loaded import Texts
from workflows.authoring.prover import Prover
from workflows.clock import monotonic
from workflows.demo.visitors import zone_of
from workflows.desk import Desk
from workflows.labour.alarm import Outage, outage
from workflows.lists.ports import Lists
from workflows.people.ports import People
from workflows.redaction.ports import Eraser

LOOK, WATCH = 1.0, 10.0
"""Seconds between looks at the schema, and at whether time runs."""

FILE_LIMIT = 25 * 1024 * 1024
"""The largest file that is taken as evidence, in bytes."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """A provider of OpenID Connect: who it is, and who we are to it. `label` is what its button says."""

    issuer: str
    client_id: str
    client_secret: str
    label: str = "OpenID Connect"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server is set up. With `https` cookies are bound to it; a `demo` lets a person move the clock."""

    https: bool = False
    demo: bool = False
    oidc: Oidc | None = None
    home: str = ""
    """Where the pages stand (`DUBAN_BASE_URL`); nothing where that is not set."""
    file_limit: int = FILE_LIMIT
    body_limit: int = 6 * FILE_LIMIT
    """The largest body of a request, in bytes."""


@dataclass
class House:
    """The desk, the people, and the other rooms: papers, post, labour, where they are there."""

    desk: Desk
    people: People
    lists: Lists
    papers: Any = None
    post: Any = None
    labour: Any = None
    settings: Settings = field(default_factory=Settings)
    receipts: Any = None
    """Keeps which child a code of the public is for."""
    eraser: Eraser | None = None
    """Erases personal values for good, where the database can."""
    log: Log | None = None
    """The tree over what was recorded."""
    require: Callable[[], None] = lambda: None
    """Raises a `StoreProblem` where the database is not this program's (any more)."""
    size: Callable[[], int] = lambda: 0
    """The size of the database in bytes."""
    database: str = ""
    """Which database it is, with its version and schema."""
    readings: Readings = field(default_factory=Readings)
    """Records what auditors and administrators read."""
    texts: Texts = field(default_factory=Texts)
    """The texts that are being written, loaded once for all that is asked of them."""
    _looked: float = field(default=float("-inf"), repr=False)
    _watched: float = field(default=float("-inf"), repr=False)
    _outage: Outage | None = field(default=None, repr=False)

    @once
    def secret(self) -> bytes:
        """Signs what a page carries for a moment, whichever server of this office made the page."""
        return seal_of(self.desk.store)

    @once
    def prover(self) -> Prover:
        """Proves drafts beside the pages."""
        return Prover()

    def last_head(self, tree: str = MAIN) -> Checkpoint | None:
        """The head of a tree that was signed last; None where none was, or where no log is kept."""
        return self.log.checkpoint(tree) if self.log is not None else None

    def fence(self) -> None:
        """Nobody works on a database that was upgraded under a running server. Looked at once a second; raises a
        `StoreProblem`.
        """
        if monotonic() >= self._looked + LOOK:
            self.require()
            self._looked = monotonic()

    def outage(self) -> Outage | None:
        """Whether time stands, as of some seconds ago."""
        if self.labour is None or self.settings.demo:
            return None
        if monotonic() >= self._watched + WATCH:
            self._watched = monotonic()
            with suppress(StoreProblem):  # the page says so itself
                self._outage = outage(self.at_desk(), self.labour)
        return self._outage

    @property
    def demo_clock(self) -> datetime | None:
        """What the clock of a demonstration shows, local; None where there is none."""
        return self.desk.clock().astimezone(self._zone) if self.settings.demo and self.desk.virtual else None

    @once
    def _zone(self) -> ZoneInfo:
        return zone_of(self.desk)

    @once
    def _web(self) -> Desk:
        return replace(self.desk, channel="web")

    def at_desk(self, channel: str = "web") -> Desk:
        """A desk for one request: it shares the editions that have been read, and sees the organisation as of now."""
        return replace(self._web, channel=channel, vouched=set())
