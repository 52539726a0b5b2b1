"""The couriers that an operator's settings allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from post.addresses import networks
from post.chats import Chats
from post.mail import Mail
from post.webhook import Webhook
from workflows.post.ports import Courier
from workflows.post.values import CHAT, MAIL, WEBHOOK, Message, Sent

MAIL_SETTING = "DUBAN_MAIL"
"""The mail server: smtps://USER:PASSWORD@HOST:PORT?from=ADDRESS (or smtp, smtp+starttls). Without it mail waits."""

SECRET_SETTING = "DUBAN_WEBHOOK_SECRET"  # noqa: S105 - the name of a setting
"""What signs the bodies of webhooks."""

ALLOW_SETTING = "DUBAN_WEBHOOK_ALLOW"
"""Networks inside that webhooks may call, with commas: 10.1.0.0/16,192.168.5.7/32."""


def couriers(settings: Mapping[str, str], clock: Callable[[], datetime]) -> dict[str, Courier]:
    """By channel, from the settings (the process's environment), with the wall's clock. Raises `BadSetting` for one
    that cannot be read.
    """
    allowed = networks(settings.get(ALLOW_SETTING, "").split(","))
    found: dict[str, Courier] = {
        WEBHOOK: Webhook(settings.get(SECRET_SETTING, ""), allowed),
        CHAT: Chats(clock),
    }
    if settings.get(MAIL_SETTING):
        found[MAIL] = Mail.at(settings[MAIL_SETTING])
    return found


class Nowhere:
    """The courier of a rehearsal: nothing leaves the house, and that is what is recorded."""

    def send(self, _message: Message) -> Sent:
        """Keep it."""
        return Sent("rehearsal: nothing was sent")


def nowhere() -> dict[str, Courier]:
    """Couriers for a rehearsal."""
    return dict.fromkeys((MAIL, WEBHOOK, CHAT), Nowhere())
