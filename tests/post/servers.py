"""A real SMTP server and a real HTTP endpoint on loopback, which fail where they are told to."""

from __future__ import annotations

import asyncio
import socket
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.limits import PATIENCE, later, listening
from tests.post.certificates import Certificate

ACCEPTED, NOTHING = "250 OK", ""


@dataclass
class Mailbox:
    """What arrived, in order. `faults` are taken one by one, each by one message; then all is well."""

    faults: list[str] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    """Names and passwords that were shown, and whether over TLS."""
    port: int = 0

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def fault(self) -> str:
        return self.faults.pop(0) if self.faults else ""

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        fault, line = self.fault(), server.transport
        assert isinstance(line, asyncio.Transport)
        if fault == "drop before":
            line.close()
            return NOTHING
        if fault[:1] in ("4", "5"):
            return f"{fault[:3]} not now"
        if fault == "slow":
            await asyncio.sleep(3)
            return "451 too slow"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        if fault == "drop after":
            line.close()
        if fault == "reset":
            taken = line.get_extra_info("socket")
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            line.abort()
        return ACCEPTED


@contextmanager
def mail_server(
    *faults: str, tls: Certificate | None = None, at_once: bool = False, password: str = ""
) -> Iterator[Mailbox]:
    """With a certificate it speaks TLS, `at_once` or by STARTTLS and then nothing before it; with a `password` it wants
    that.
    """
    box, loop = Mailbox(list(faults)), asyncio.new_event_loop()

    def authenticate(
        _server: SMTP, session: Session, _envelope: Envelope, _how: str, shown: LoginPassword
    ) -> AuthResult:
        box.logins.append((shown.login.decode(), shown.password.decode(), at_once or session.ssl is not None))
        return AuthResult(success=shown.password.decode() == password, handled=False)

    def speaks() -> SMTP:
        upgrade = tls.context if tls and not at_once else None
        wants: dict[str, Any] = {"authenticator": authenticate, "auth_required": True} if password else {}
        with warnings.catch_warnings():  # a password without STARTTLS is meant where TLS is there from the start
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                box,
                hostname="localhost",
                loop=loop,
                tls_context=upgrade,
                require_starttls=upgrade is not None,
                auth_require_tls=not at_once,
                **wants,
            )

    context = tls.context if tls and at_once else None
    server = loop.run_until_complete(loop.create_server(speaks, "127.0.0.1", 0, ssl=context))
    box.port = server.sockets[0].getsockname()[1]
    serving = later(loop.run_forever)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_hung_up(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        serving.result(PATIENCE)
        loop.close()


async def _hung_up() -> None:
    """Whoever still talks is cut off."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass
class Endpoint:
    """A webhook's other side: one effect for each key, however often it is called."""

    faults: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def http_server(*faults: str) -> Iterator[Endpoint]:
    end = Endpoint(list(faults))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = end.faults.pop(0) if end.faults else ""
            end.calls.append({"headers": dict(self.headers), "body": body, "path": self.path})
            if fault == "drop before":
                self.connection.close()
                return
            if fault[:3].isdigit():
                self.send_response(int(fault[:3]))
                self.send_header("Location", f"http://127.0.0.1:{end.port}/elsewhere")
                self.end_headers()
                return
            key = str(self.headers["Idempotency-Key"])
            if key not in end.seen:
                end.seen.add(key)
                end.effects[key] += 1
            if fault == "drop after":
                self.connection.close()
                return
            if fault == "slow":
                time.sleep(3)
            self.send_response(200)
            self.end_headers()
            size = 200 if fault == "endless" else 1
            for _ in range(size):
                self.wfile.write(b"k" * 1024)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a dropped connection is meant
    end.port = server.server_address[1]
    with listening(server):
        yield end
