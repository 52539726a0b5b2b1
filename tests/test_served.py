"""`duban serve` as a process: people sign in over HTTP, two servers are one office, and it stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from storage.offices import open_office
from tests.limits import address_of, running
from workflows.people import accounts
from workflows.people.values import By

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")
PASSWORD = "correct horse 8 staple"


@dataclass
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def stopped(self) -> int:
        """With what it exits when it is told to stop."""
        os.kill(self.process.pid, signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def _served(url: str, *words: str) -> Iterator[Served]:
    command = [sys.executable, "-c", "from cli import cli; cli()", "--db", url, "--json", "serve", "--port", "0"]
    out = subprocess.PIPE
    with running([*command, *words], cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL) as process:
        yield Served(process, address_of(process))


def _office(url: str) -> None:
    office = open_office(url, create=True)
    accounts.add_user(office.people, accounts.new_user("li", office.people.now()), By("root"), PASSWORD)
    office.close()


def _sign_in(address: str, client: httpx.Client) -> httpx.Response:
    assert client.get(f"{address}sign-in").status_code == 200
    return client.post(f"{address}sign-in", data={"name": "li", "password": PASSWORD, "after": "/account"})


def _cookie(entered: httpx.Response) -> str:
    assert entered.status_code == 303, entered.text
    return next(each for each in entered.headers.get_list("set-cookie") if "HttpOnly" in each)


@pytest.mark.parametrize("words", [(), ("--https",)])
def test_one_signs_in_at_a_real_server_and_it_stops_cleanly(tmp_path: Path, words: Sequence[str]) -> None:
    """A wrong password is no way in; the cookie is bound to https where that is said; SIGTERM ends it with 0."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    _office(url)
    with _served(url, *words) as server, httpx.Client(timeout=60) as browser:
        wrong = browser.post(f"{server.address}sign-in", data={"name": "li", "password": "wrong horse 8 staple"})
        assert wrong.status_code == 401
        entered = _sign_in(server.address, browser)
        assert entered.headers["location"] == "/account"
        cookie = _cookie(entered)
        assert cookie.startswith("__Host-") is bool(words)
        assert ("Secure" in cookie) is bool(words)
        held = {"cookie": cookie.partition(";")[0]}
        assert httpx.get(f"{server.address}account", headers=held, timeout=60).status_code == 200
        assert httpx.get(f"{server.address}account", timeout=60).status_code == 303
        assert server.stopped() == 0


def test_several_processes_serve_at_one_door(tmp_path: Path) -> None:
    """Whichever answers knows who signed in, and tells the figures of all; one that falls is replaced, and none stays
    behind.
    """
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    _office(url)
    with _served(url, "--processes", "3") as server, httpx.Client(timeout=60) as browser:
        held = {"cookie": _cookie(_sign_in(server.address, browser)).partition(";")[0]}
        mates = _until(lambda: _mates(server), lambda found: len(found) == 2)
        for _ in range(30):
            assert httpx.get(f"{server.address}account", headers=held, timeout=60).status_code == 200
        counted = 'duban_request_seconds_count{method="GET",route="/account",status="200"} 30.0'
        for _ in range(6):
            figures = httpx.get(f"{server.address}metrics", timeout=60).text
            assert counted in figures
            assert "duban_workers 1.0" in figures
        os.kill(mates[0], signal.SIGKILL)
        after = _until(lambda: _mates(server), lambda found: len(found) == 2 and mates[0] not in found)
        assert httpx.get(f"{server.address}account", headers=held, timeout=60).status_code == 200
        assert server.stopped() == 0
    assert not any(_runs(pid) for pid in {*mates, *after})


def test_processes_do_not_outlive_the_first(tmp_path: Path) -> None:
    """It is killed, without a word to the others."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    _office(url)
    with _served(url, "--processes", "2") as server:
        (mate,) = _until(lambda: _mates(server), lambda found: len(found) == 1)
        server.process.kill()
        server.process.wait(30)
        _until(lambda: _runs(mate), lambda runs: not runs)


def _mates(server: Served) -> list[int]:
    """The processes beside the first that serve: those of its children that were spawned to work."""
    threads = Path(f"/proc/{server.process.pid}/task").iterdir()
    children = [pid for each in threads for pid in (each / "children").read_text().split()]
    told = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in children if _runs(int(pid))}
    return [pid for pid, command in told.items() if "spawn_main" in command]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(look: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """What is found as soon as it is enough; what was found last after a minute, which fails."""
    end = time.monotonic() + 60
    while not enough(found := look()):
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


def test_two_servers_on_one_database_are_one_office(founded_postgres: str) -> None:
    """Who signs in at one is known to the other, and signed out at both; each stops by itself."""
    _office(founded_postgres)
    with (
        _served(founded_postgres, "--no-worker") as one,
        _served(founded_postgres) as other,
        httpx.Client(timeout=60) as browser,
    ):
        held = {"cookie": _cookie(_sign_in(one.address, browser)).partition(";")[0]}
        for server in (one, other):
            assert httpx.get(f"{server.address}account", headers=held, timeout=60).status_code == 200
        assert httpx.post(f"{other.address}sign-out", headers=held, timeout=60).status_code == 303
        assert httpx.get(f"{one.address}account", headers=held, timeout=60).status_code == 303
        assert one.stopped() == 0
        assert httpx.get(f"{other.address}health", timeout=60).status_code == 200
        assert other.stopped() == 0
