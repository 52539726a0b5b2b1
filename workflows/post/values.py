"""Deliveries and messages: plain values. Instants are aware and UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.events import Json
from engine.problems import Text
from workflows.ports import Parcel

State = Literal["waiting", "sent", "failed"]
"""Of a delivery: it waits for its time or for another try; it was accepted; it was given up."""

STREAM = "post:"
"""Begins the name of the stream of a task's deliveries, which happen at the time of the wall in a rehearsal too."""

MAIL = "mail"
WEBHOOK = "webhook"
CHAT = "chat"
"""The ways a message goes: by SMTP, to a webhook, to a group of WeCom, DingTalk or Feishu."""

CHATS = ("wecombot", "dingtalk", "feishu", "lark")
"""Schemes of addresses that are chats; anything else that looks like an address of the web is a webhook."""

SCHEMES = ("https", "http", *CHATS)
"""With what an address of a channel begins."""


def channel_of(address: str) -> str | None:
    """Which way an address of a user's `channels` is served, or None where it is none that we know."""
    scheme, parted, rest = address.strip().partition("://")
    if not parted or not rest:
        return None
    if scheme in ("https", "http"):
        return WEBHOOK
    return CHAT if scheme in CHATS else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that nobody has planned yet, with its place in the outbox."""

    id: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery to be: who is told by which channel, what it says, and from when it may be sent. What waits for the
    same `opening` goes out as one message.
    """

    recipient: str
    channel: str
    address: str
    subject: str
    text: str
    message_id: str
    next_at: datetime
    opening: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one recipient by one channel, as it is kept."""

    id: int
    task: str
    seq: int
    notice: str
    recipient: str
    channel: str
    address: str
    opening: datetime | None
    subject: str
    text: str
    message_id: str
    state: State
    attempts: int
    next_at: datetime
    sent_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Deliveries that go out as one message, claimed by one worker until its lease is over; never empty."""

    deliveries: Sequence[Delivery]

    @property
    def first(self) -> Delivery:
        """The one by which the message is known."""
        return self.deliveries[0]


@dataclass(frozen=True, slots=True)
class Message:
    """What a courier carries. `id` is the same however often it is sent: the Message-ID of a mail, the
    Idempotency-Key of a call.
    """

    id: str
    address: str
    subject: str
    text: str
    facts: Mapping[str, Json]
    """For programs: which tasks and notices it is about."""


@dataclass(frozen=True, slots=True)
class Sent:
    """It was accepted; `note` is what the other side answered."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It was not accepted, or nobody knows. `final` where another try cannot help."""

    reason: str
    final: bool = False


Answer = Sent | NotSent

WRONG = Text("地址不能用：{why}", "address: {why}")
NO_ADDRESS = Text("应如 https://主机/路径", "https://HOST/PATH")
NAMES_USER = Text("地址里不能写用户", "an address names no user")
NOT_PLAIN = Text("地址只能用半角字符", "an address is of plain characters")
INSIDE = Text("{host} 的地址 {address} 在内网", "{host} is {address}, which is inside")
ODD_PORT = Text("{place}：只呼叫 https 的默认端口", "{place}: only https at its usual port is called")
_CHATS = "wecombot://KEY, dingtalk://TOKEN, dingtalk://SECRET@TOKEN, feishu://TOKEN, feishu://SECRET@TOKEN"
NO_CHAT = Text(f"应写成 {_CHATS}", _CHATS)
UNREADABLE = Text("HTTP 200，答复读不出来", "HTTP 200, and nothing that can be read")
TOO_LONG = Text("HTTP {status}，答复过长", "HTTP {status} (more than is read)")
"""Why a message was not taken, in words of ours. The record keeps the English, and is read by the same table."""

SAYINGS = (
    *(WRONG.filled(why=each) for each in (NO_ADDRESS, NAMES_USER, NOT_PLAIN, INSIDE, ODD_PORT, NO_CHAT)),
    UNREADABLE,
    TOO_LONG,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the stream of a task's post records."""

    task: str
    type: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class PostEvent:
    """An event of that stream as it stands."""

    task: str
    type: str
    recorded_at: datetime
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Depth:
    """What the post has before it: parcels nobody planned, deliveries that wait, those given up, and the instant
    since which the oldest one that is due waits.
    """

    parcels: int
    waiting: int
    failed: int
    oldest: datetime | None
