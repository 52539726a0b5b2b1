"""A client that does not finish its request is not waited for.

Whoever opens connections and says a few words on each would have them all: a server has so many, and waits for ever.
Here the head of a request has its time and its length, and in a body there is no long silence. What the office itself
takes its time for is not counted: a client that is not read from cannot send.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD, SILENCE = 20.0, 60.0
"""Seconds for the whole head of a request, from the connection or from its first byte on; and between two pieces of a
body."""

LONGEST = 128 * 1024
"""Bytes of a head. A browser sends some two thousand."""


class Patient(HttpToolsProtocol):
    """The protocol of uvicorn, which waits for nobody too long."""

    _waits: TimerHandle | None = None
    _in_head, _length = True, 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody came, and has said nothing yet."""
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows it so
        self._wait(HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What they said; a head that goes on and on is refused."""
        super().data_received(data)
        self._length = self._length + len(data) if self._in_head else 0
        if self._length > LONGEST and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """The first byte of a request: on a connection that was kept, its time begins here."""
        super().on_message_begin()
        self._in_head = True
        self._wait(HEAD)

    def on_headers_complete(self) -> None:
        """What is asked for is known."""
        super().on_headers_complete()
        self._in_head = False
        self._wait(SILENCE)

    def on_body(self, body: bytes) -> None:
        """A piece of what is sent."""
        super().on_body(body)
        self._wait(SILENCE)

    def on_message_complete(self) -> None:
        """All was said; the answer takes as long as it takes."""
        super().on_message_complete()
        self._wait(None)

    def _wait(self, seconds: float | None) -> None:
        if self._waits is not None:
            self._waits.cancel()
        self._waits = self.loop.call_later(seconds, self._spent) if seconds is not None else None

    def _spent(self) -> None:
        if self.flow.read_paused:  # they may be sending, and we do not look
            self._wait(SILENCE)
            return
        self.transport.close()
