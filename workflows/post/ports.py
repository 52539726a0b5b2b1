"""What keeps deliveries, and what carries a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from workflows.post.values import Answer, Bundle, Delivery, Depth, Message, Planned, PostEvent, Told, Waiting


class Post(Protocol):
    """The outbox and its deliveries. Whatever is written here appends to the chained stream `post:<task>` in the same
    transaction.
    """

    def parcels(self, limit: int) -> Sequence[Waiting]:
        """Notices that nobody has planned, the oldest first."""
        ...

    def plan(self, parcel: Waiting, deliveries: Sequence[Planned], told: Sequence[Told]) -> bool:
        """Write the deliveries of a parcel and take it off the outbox, in one transaction; False where another was
        faster, and nothing is written.
        """
        ...

    def claim(self, channels: Sequence[str], at: datetime, lease: timedelta) -> Bundle | None:
        """The message that is due first at `at` and that nobody else is sending, for so long only mine; None where
        there is none. Its attempts are counted here, before it is sent.
        """
        ...

    def sent(self, bundle: Bundle, at: datetime, told: Sequence[Told]) -> None:
        """It was accepted."""
        ...

    def put_off(self, bundle: Bundle, error: str, again_at: datetime | None, told: Sequence[Told]) -> None:
        """It was not accepted: try again then, or never (None)."""
        ...

    def again(self, numbers: Sequence[int], at: datetime, told: Sequence[Told]) -> bool:
        """Let deliveries that were given up wait again; False where none of them was."""
        ...

    def change(self, number: int, planned: Planned | None, told: Told) -> bool:
        """Let a delivery that was not accepted say something else, to another address, or give it up (None); False
        where it is being sent, or was accepted meanwhile.
        """
        ...

    def deliveries(
        self, *, task: str | None = None, recipient: str | None = None, waiting: bool = False
    ) -> Sequence[Delivery]:
        """All of them, or those of a task, or to a person, or those that have not been accepted; in the order of the
        outbox.
        """
        ...

    def told(self, task: str) -> Sequence[PostEvent]:
        """The stream of a task's post."""
        ...

    def due(self, channels: Sequence[str], at: datetime) -> bool:
        """Whether anything is to be planned, or sent by one of these channels."""
        ...

    def depth(self, at: datetime) -> Depth: ...


class Courier(Protocol):
    """Carries messages of one channel. It answers, and raises nothing for what the other side or the net does."""

    def send(self, message: Message) -> Answer: ...
