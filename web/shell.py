"""Around every request: who sent it is checked by the browser's own word, the answer gets its headers, and a line is
logged.

Cross-site requests are recognised by Fetch metadata (https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site),
in older browsers by Origin; a program that sends neither carries no cookies of anybody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.addresses import is_ours
from web.house import Settings
from web.logs import log

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""What an answer bears that does not say otherwise: nobody keeps what is shown to one person."""

TITLES = {
    "cross_site": "跨站请求被拒绝 / cross-site request refused",
    "too_large": "提交的内容过大 / what was sent is too large",
}
"""Said before it is known who asks, and so in both languages."""

CROSS_SITE = PlainTextResponse(TITLES["cross_site"], 403)
TOO_LARGE = PlainTextResponse(TITLES["too_large"], 413)


def from_elsewhere(method: str, headers: Headers, home: str = "") -> bool:
    """Whether another site's page made the browser send something that may change things. `home` is where the pages
    stand, if that is set.
    """
    if method in SAFE:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and not is_ours(origin, headers.get("host", ""), home)


Observe = Callable[[str, str | None, int, float], None]
"""Told of each request: method, route, status, seconds."""


class Shell:
    """The outermost layer. With `https` browsers are told to come back by it only; no body has more bytes than the
    settings say.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, observe: Observe = lambda *_: None) -> None:
        self.app, self._limit, self._home, self._observe = app, settings.body_limit, settings.home, observe
        self.headers = HEADERS | ({"strict-transport-security": "max-age=31536000"} if settings.https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = uuid4().hex
        told = _Told(scope, send, self.headers.items())
        try:
            await self._answering(scope)(scope, limited(receive, self._limit), told.send)
        finally:
            told.log()
            self._observe(*told.figures())

    def _answering(self, scope: Scope) -> ASGIApp:
        """The application, or what refuses before it is asked."""
        headers = Headers(scope=scope)
        if from_elsewhere(scope["method"], headers, self._home):
            return CROSS_SITE
        length = headers.get("content-length", "0")
        return TOO_LARGE if length.isdecimal() and int(length[:20]) > self._limit else self.app


def limited(receive: Receive, most: int) -> Receive:
    """What is received, up to so many bytes, whatever was said of its length; then `HTTPException`, which is 413."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return receiving


class _Told:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, headers: Iterable[tuple[str, str]]) -> None:
        self._scope, self._send, self._headers = scope, send, headers
        self._began, self._status = time.perf_counter(), 500
        self._instead: bytes | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            self._retell(headers)
            for name, value in self._headers:
                headers.setdefault(name, value)
            if cookie := self._scope["state"].get("cookie"):
                headers.append("set-cookie", cookie)
        elif self._instead is not None:
            message = {"type": message["type"], "body": self._instead, "more_body": False}
        await self._send(message)

    def _retell(self, headers: MutableHeaders) -> None:
        """What is refused around the application, in plain text, is a problem for programs too."""
        code = {403: "cross_site", 413: "too_large"}.get(self._status)
        plain = headers.get("content-type", "").startswith("text/plain")
        if code is None or not plain or not self._scope["path"].startswith("/api/"):
            return
        told = {"type": "about:blank", "title": TITLES[code], "status": self._status, "detail": TITLES[code]}
        told |= {"cure": "", "code": code, "facts": {}, "errors": [], "id": self._scope["state"]["request_id"]}
        self._instead = json.dumps(told, ensure_ascii=False).encode()
        headers["content-type"], headers["content-length"] = "application/problem+json", str(len(self._instead))

    def figures(self) -> tuple[str, str | None, int, float]:
        """What is measured of it."""
        route = getattr(self._scope.get("route"), "path", None)
        return self._scope["method"], route, self._status, time.perf_counter() - self._began

    def log(self) -> None:
        """The route and not the address: neither ids nor what was searched for stand in logs."""
        route, visit = self._scope.get("route"), self._scope["state"].get("visit")
        log.info(
            "request",
            id=self._scope["state"]["request_id"],
            method=self._scope["method"],
            route=getattr(route, "path", None),
            status=self._status,
            ms=round((time.perf_counter() - self._began) * 1000, 1),
            user=visit.person.id if visit is not None and visit.person else None,
        )
