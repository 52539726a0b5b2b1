"""People, units and roles as the API answers them, and the notices on their way to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from web.api.answers.shape import Instant, Page, Shape, TaskId


class HoldingShape(Shape):
    """Somebody holds a role from–to."""

    id: int
    user: str
    role: str
    process: str = Field(description='"" holds for every process that has the role.')
    unit: str | None
    valid_from: Instant
    valid_to: Instant | None = Field(description="The first instant after it.")
    deputy_for: str | None


class HoldingPage(Page):
    """Holdings."""

    items: Sequence[HoldingShape]


class UserShape(Shape):
    """Somebody with an account."""

    user: str
    name: str
    language: Literal["zh", "en"]
    active: bool
    mail: str | None
    created_at: Instant


class UserPage(Page):
    """Users, by name."""

    items: Sequence[UserShape]


class MeShape(Shape):
    """Who asks."""

    user: str
    name: str
    language: Literal["zh", "en"]
    scopes: Sequence[str] | None = Field(description="What the token may be used for; null in a session.")
    holdings: Sequence[HoldingShape]


class UnitShape(Shape):
    """A unit of the organisation."""

    unit: str
    title: str
    title_en: str | None
    level: str
    over: str | None
    valid_from: Instant
    valid_to: Instant | None
    successor: str | None = Field(description="The unit that took its open work over.")


class UnitPage(Page):
    """Units."""

    items: Sequence[UnitShape]


class DeliveryShape(Shape):
    """A notice on its way to one recipient. Addresses and texts are not shown."""

    id: int
    task: TaskId
    notice: str
    recipient: str
    channel: str
    state: Literal["waiting", "sent", "failed"]
    attempts: int
    next_at: Instant
    sent_at: Instant | None
    message_id: str


class DeliveryPage(Page):
    """Deliveries, in the order of the outbox."""

    items: Sequence[DeliveryShape]
