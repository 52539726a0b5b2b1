"""Groups of WeCom, DingTalk and Feishu, by apprise, whose plugins know the fixed hosts of these services.

A user's address is taken for these alone: apprise knows some 170 services, many of which call any host that one likes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from workflows.post.values import CHAT, Answer, Message, NotSent, Sent, channel_of


@dataclass(frozen=True)
class Chats:
    """Sends to `wecombot://KEY`, `dingtalk://TOKEN`, `feishu://TOKEN`, `lark://TOKEN`."""

    def send(self, message: Message) -> Answer:
        """See `workflows.post.ports.Courier`. These services know no identity of a message: a repeat is a repeat."""
        from apprise import Apprise, LogCapture

        # `instantiate` reads one address; `add` would take a list of them, with services of any kind among them
        service: Any = Apprise.instantiate(message.address) if channel_of(message.address) == CHAT else None
        if service is None:
            return NotSent("address: wecombot://KEY, dingtalk://TOKEN, feishu://TOKEN", final=True)
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as captured:  # type: ignore[no-untyped-call]  # apprise's
            accepted = service.notify(body=message.text, title=message.subject)
            said = " ".join(captured.getvalue().split())[:300]
        return Sent() if accepted else NotSent(said or "the service refused")
