"""A call to an address that a user named: JSON, signed, under a key that stays the same however often it is sent.

Whoever names an address could make this machine knock at doors inside. So the name is resolved once, all of its
addresses are checked, and the connection goes to the one that was checked; redirects are not followed; what is answered
is read up to a limit and within a time.
"""

from __future__ import annotations

import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from post.addresses import Inside, Network, Resolver, checked, resolve
from workflows.post.values import Answer, Message, NotSent, Sent

PATIENCE = 10.0
"""Seconds for the whole call."""

LARGEST = 64 * 1024
"""Bytes of an answer."""

PORTS = (80, 443)
"""Where a public address may be called; an allowed network may be called anywhere."""

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
            target = _target(message.address)
        except ValueError as error:
            return NotSent(f"address: {error}", final=True)
        try:
            address = checked(target.host, target.port, self.resolver, self.allowed)
            self._may(target, address)
            return self._call(target, address, message)
        except Inside as error:
            return NotSent(f"address: {error}", final=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return NotSent(f"{type(error).__name__}: {error}"[:300])

    def _may(self, target: _Target, address: str) -> None:
        """A public address is called over TLS and at its usual port. Raises Inside."""
        try:
            checked(address, target.port, lambda *_: [address], ())
        except Inside:
            return
        if not target.secure or target.port not in PORTS:
            raise Inside(f"{target.host}:{target.port}: only https at its usual port is called")

    def _call(self, target: _Target, address: str, message: Message) -> Answer:
        """A clock of its own ends a call that answers byte by byte."""
        connection = _Pinned(target, address, self.context, self.patience)
        bell = threading.Timer(self.patience, connection.cut)
        bell.start()
        try:
            body = _body(message)
            connection.request("POST", target.path, body, self._headers(message, body))
            answer = connection.getresponse()
            if len(answer.read(LARGEST + 1)) > LARGEST:
                return _judged(answer.status, " (more than is read)")
            return _judged(answer.status)
        finally:
            bell.cancel()
            connection.close()

    def _headers(self, message: Message, body: bytes) -> Mapping[str, str]:
        told = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.id,
            "User-Agent": "duban",
            "Connection": "close",
        }
        if not self.secret:
            return told
        digest = hmac.new(self.secret.encode(), body, "sha256").hexdigest()
        return {**told, "X-Duban-Signature": f"sha256={digest}"}


@dataclass(frozen=True)
class _Target:
    secure: bool
    host: str
    port: int
    path: str


def _target(url: str) -> _Target:
    """The parts of an address. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("https://HOST/PATH")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address names no user")
    if any(ord(char) <= 32 or ord(char) > 126 for char in url):
        raise ValueError("an address is of plain characters")
    secure = parts.scheme == "https"
    return _Target(secure, parts.hostname, parts.port or (443 if secure else 80), _path(parts))


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _body(message: Message) -> bytes:
    told = {"id": message.id, "subject": message.subject, "text": message.text, **message.facts}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _judged(status: int, note: str = "") -> Answer:
    """A redirect is not followed and never will be."""
    if 200 <= status < 300:
        return Sent(f"HTTP {status}{note}")
    return NotSent(f"HTTP {status}{note}", final=status < 500 and status not in RETRIED)


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name means by now; TLS asks for the name."""

    def __init__(self, target: _Target, address: str, context: ssl.SSLContext, patience: float) -> None:
        super().__init__(target.host, target.port, timeout=patience)
        self._target, self._address, self._context = target, address, context
        self._line: socket.socket | None = None

    def connect(self) -> None:
        self._line = socket.create_connection((self._address, self._target.port), self.timeout)
        self.sock = self._line
        if self._target.secure:
            self.sock = self._context.wrap_socket(self._line, server_hostname=self._target.host)

    def cut(self) -> None:
        """End it from outside."""
        line = self.sock or self._line
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself
                return
