"""What the pages need to work: the desk, the people, and the other rooms. Whoever starts the server makes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from secrets import token_bytes
from typing import Any
from zoneinfo import ZoneInfo

from workflows.desk import Desk
from workflows.lists.ports import Lists
from workflows.people.ports import People
from workflows.visitors import zone_of

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
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """Signs what a page carries for a moment; new with each start."""

    @property
    def demo_clock(self) -> datetime | None:
        """What the clock of a demonstration shows, local; None where there is none."""
        return self.desk.clock().astimezone(self._zone) if self.settings.demo and self.desk.virtual else None

    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone_of(self.desk)

    @cached_property
    def _web(self) -> Desk:
        return replace(self.desk, channel="web")

    def at_desk(self, channel: str = "web") -> Desk:
        """A desk for one request: it shares the editions that have been read, and sees the organisation as of now."""
        return replace(self._web, channel=channel)
