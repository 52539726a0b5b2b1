"""Around every request: who sent it is checked by the browser's own word, the answer gets its headers, and a line is
logged.

Cross-site requests are recognised by Fetch metadata (https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site),
in older browsers by Origin; a program that sends neither carries no cookies of anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
}

CROSS_SITE = PlainTextResponse("跨站请求被拒绝 / cross-site request refused", 403)


def from_elsewhere(method: str, headers: Headers) -> bool:
    """Whether another site's page made the browser send something that may change things."""
    if method in SAFE:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


Observe = Callable[[str, str | None, int, float], None]
"""Told of each request: method, route, status, seconds."""


class Shell:
    """The outermost layer. `https` tells browsers to come back by it only."""

    def __init__(self, app: ASGIApp, *, https: bool, observe: Observe = lambda *_: None) -> None:
        self.app, self._observe = app, observe
        self.headers = HEADERS | ({"strict-transport-security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = uuid4().hex
        told = _Told(scope, send, self.headers.items())
        elsewhere = from_elsewhere(scope["method"], Headers(scope=scope))
        try:
            await (CROSS_SITE if elsewhere else self.app)(scope, receive, told.send)
        finally:
            told.log()
            self._observe(*told.figures())


class _Told:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, headers: Iterable[tuple[str, str]]) -> None:
        self._scope, self._send, self._headers = scope, send, headers
        self._began, self._status = time.perf_counter(), 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers:
                headers.setdefault(name, value)
            if cookie := self._scope["state"].get("cookie"):
                headers.append("set-cookie", cookie)
        await self._send(message)

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
