"""A call over HTTP to an address that was checked before: pinned, without redirects, with an end in time and size.

Whoever names an address could make this machine knock at doors inside. So a name is resolved once, all of its
addresses are checked, and the connection goes to the one that was checked; what is answered is read up to a limit and
within a time.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from engine.problems import Spoken
from post.addresses import Inside, Network, Resolver, checked, resolve
from workflows.post.values import NAMES_USER, NO_ADDRESS, NOT_PLAIN, ODD_PORT

PATIENCE = 10.0
"""Seconds for the whole call."""

LARGEST = 64 * 1024
"""Bytes of an answer."""

PORTS = (80, 443)
"""Where a public address may be called; an allowed network may be called anywhere."""

PROBLEMS = (OSError, http.client.HTTPException, ValueError)
"""What a call raises where nobody answers, or not in HTTP."""


@dataclass(frozen=True)
class Answered:
    """What came back: the status and the body, `cut` where there was more than is read."""

    status: int
    body: bytes
    cut: bool = False


@dataclass(frozen=True)
class Target:
    """The parts of an address."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Line:
    """`allowed` are networks inside that may be called, also without TLS. Where what is answered is signed by itself,
    public addresses may be called `plain`ly, too, at any port.
    """

    allowed: Sequence[Network] = ()
    resolver: Resolver = resolve
    patience: float = PATIENCE
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    plain: bool = False

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Call it once. Raises `Inside` for an address that may not be called, and `PROBLEMS`."""
        address = checked(target.host, target.port, self.resolver, self.allowed)
        if not self.plain:
            _may(target, address)
        return self._call(target, address, body, headers)

    def _call(self, target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """A clock of its own ends a call that answers byte by byte."""
        connection = _Pinned(target, address, self.context, self.patience)
        bell = threading.Timer(self.patience, connection.cut)
        bell.start()
        try:
            connection.request("POST", target.path, body, {**headers, "User-Agent": "duban", "Connection": "close"})
            answer = connection.getresponse()
            read = answer.read(LARGEST + 1)
            return Answered(answer.status, read[:LARGEST], len(read) > LARGEST)
        finally:
            bell.cancel()
            connection.close()


def _may(target: Target, address: str) -> None:
    """A public address is called over TLS and at its usual port. Raises Inside."""
    try:
        checked(address, target.port, lambda *_: [address], ())
    except Inside:
        return
    if not target.secure or target.port not in PORTS:
        raise Inside(*ODD_PORT.filled(place=f"{target.host}:{target.port}"))


class NoAddress(Spoken, ValueError):
    """A text is no address that can be called; says why."""


def target_of(url: str) -> Target:
    """The parts of an address. Raises `NoAddress`, and `ValueError` for a port that is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAddress(*NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise NoAddress(*NAMES_USER)
    if any(ord(char) <= 32 or ord(char) > 126 for char in url):
        raise NoAddress(*NOT_PLAIN)
    secure = parts.scheme == "https"
    return Target(secure, parts.hostname, parts.port or (443 if secure else 80), _path(parts))


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name means by now; TLS asks for the name."""

    def __init__(self, target: Target, address: str, context: ssl.SSLContext, patience: float) -> None:
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
