"""A call to an address that a user named: JSON, signed, under a key that stays the same however often it is sent.

What keeps it from the doors inside stands in `calls`.
"""

from __future__ import annotations

import hmac
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from post.addresses import Inside, Network, Resolver, resolve
from post.calls import PATIENCE, PROBLEMS, Answered, Line, target_of
from workflows.post.values import TOO_LONG, WRONG, Answer, Message, NotSent, Sent

RETRIED = frozenset({408, 425, 429})
"""Answers below 500 that another try may change."""


@dataclass(frozen=True)
class Webhook:
    """`secret` signs the body (`X-Duban-Signature: sha256=` and the HMAC in hexadecimal); without one, no signature.
    `allowed` are networks inside that may be called, also without TLS.
    """

    secret: str = ""
    allowed: Sequence[Network] = ()
    resolver: Resolver = resolve
    patience: float = PATIENCE
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, message: Message) -> Answer:
        """See `workflows.post.ports.Courier`."""
        try:
            target = target_of(message.address)
        except ValueError as error:
            return NotSent(WRONG.en.format(why=error), final=True)
        line, body = Line(self.allowed, self.resolver, self.patience, self.context), _body(message)
        try:
            return _judged(line.post(target, body, self._headers(message, body)))
        except Inside as error:
            return NotSent(WRONG.en.format(why=error), final=True)
        except PROBLEMS as error:
            return NotSent(f"{type(error).__name__}: {error}"[:300])

    def _headers(self, message: Message, body: bytes) -> Mapping[str, str]:
        told = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.id}
        if not self.secret:
            return told
        digest = hmac.new(self.secret.encode(), body, "sha256").hexdigest()
        return {**told, "X-Duban-Signature": f"sha256={digest}"}


def _body(message: Message) -> bytes:
    told = {"id": message.id, "subject": message.subject, "text": message.text, **message.facts}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _judged(answered: Answered) -> Answer:
    """A redirect is not followed and never will be."""
    status = answered.status
    said = TOO_LONG.en.format(status=status) if answered.cut else f"HTTP {status}"
    return Sent(said) if 200 <= status < 300 else NotSent(said, final=status < 500 and status not in RETRIED)
