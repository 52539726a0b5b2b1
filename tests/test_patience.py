"""Nobody holds the door by standing in it: half requests, heads without end and silent bodies are not waited for."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn

from commands import patience
from commands.patience import Patient

PATIENCE = 20.0
"""Seconds after which a test gives up."""

BODY = 300_000


async def app(scope: dict[str, object], receive: Callable[..., object], send: Callable[..., object]) -> None:
    """Reads all that is sent, slowly where it is asked to, and says how much it was."""
    size, slow = 0, scope["path"] == "/slow"
    while True:
        if slow and size:
            await asyncio.sleep(1.2)  # longer than anybody may be silent: the office is busy, and nothing is read
            slow = False
        message = await receive()  # type: ignore[misc]
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})  # type: ignore[misc]
    await send({"type": "http.response.body", "body": f"{size:06}".encode()})  # type: ignore[misc]


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server that waits for half a second."""
    monkeypatch.setattr(patience, "HEAD", 0.5)
    monkeypatch.setattr(patience, "SILENCE", 0.5)
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Patient, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield door.getsockname()
    server.should_exit = True
    thread.join(PATIENCE)
    assert not thread.is_alive()


def _said(address: tuple[str, int], *pieces: bytes, pause: float = 0.0) -> bytes:
    """What is answered until the connection ends."""
    with socket.create_connection(address, PATIENCE) as there:
        there.settimeout(PATIENCE)
        for piece in pieces:
            try:
                there.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(pause)
        return _rest(there)


def _rest(there: socket.socket) -> bytes:
    got = b""
    try:
        while piece := there.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [(), (b"GE",), (GET,), (GET, *[b"X: a\r\n"] * 20), (POST % 9, b"123")],
    ids=["nothing", "a word", "half a head", "a line now and then", "half a body"],
)
def test_who_does_not_finish_is_not_waited_for(address: tuple[str, int], pieces: tuple[bytes, ...]) -> None:
    began = time.monotonic()
    assert not _said(address, *pieces, pause=0.1).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < PATIENCE / 2


def test_a_kept_connection_has_the_same_time_for_its_next_request(address: tuple[str, int]) -> None:
    with socket.create_connection(address, PATIENCE) as there:
        there.settimeout(PATIENCE)
        there.sendall(GET + b"\r\n")
        assert there.recv(65536).startswith(b"HTTP/1.1 200")
        time.sleep(1)
        there.sendall(GET + b"\r\n")
        assert there.recv(65536).startswith(b"HTTP/1.1 200"), "an idle one is kept as long as uvicorn keeps it"
        there.sendall(GET)
        assert _rest(there) == b""


def test_a_head_without_end_is_refused(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast it comes; one that is long and ends is read."""
    monkeypatch.setattr(patience, "HEAD", 2 * PATIENCE)
    began = time.monotonic()
    lines = [b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(1000)]
    assert not _said(address, GET, *lines).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < PATIENCE / 2
    long = GET + b"X: " + b"a" * (patience.LONGEST // 2) + b"\r\nConnection: close\r\n\r\n"
    assert _said(address, long).startswith(b"HTTP/1.1 200")


def test_a_large_body_and_a_busy_office_are_waited_for(address: tuple[str, int]) -> None:
    """Pieces that come, however slowly, and a body that nobody reads for a while."""
    slowly = [b"a" * 100] * 12
    assert _said(address, POST % 1200, *slowly, pause=0.1).endswith(b"001200")
    asked = (POST % BODY).replace(b"POST /", b"POST /slow")
    assert _said(address, asked, b"a" * BODY).endswith(b"%06d" % BODY)
