"""A running server signs what is recorded: as soon as a hundred events wait, and else each minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage.offices import Office, open_office
from tests.test_served import _served, _until
from workflows.audit.sealing.checkpoints import Signer, Verifier, head_of
from workflows.audit.sealing.growing import LONGEST, MOST
from workflows.audit.sealing.keyring import make_key
from workflows.people import accounts
from workflows.people.values import By

ROOM = 25.0
"""Seconds that a busy machine may take beyond the rule: the standing job looks every five."""


@contextmanager
def _signing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Office, str, Verifier]]:
    """An office, the address of a server on it that has a key, and the key."""
    url, key = f"sqlite:///{folder / 'duban.db'}", folder / "seal.key"
    office = open_office(url, create=True)
    _record(office, 1)
    made = make_key(key, "duban.example.org")
    assert isinstance(made, Signer)
    monkeypatch.setenv("DUBAN_SEAL_KEY", str(key))
    with _served(url) as server:
        yield office, server.address, made.verifier
        assert server.stopped() == 0
    office.close()


def _record(office: Office, count: int) -> None:
    """So many events at least: each user who is added is one."""
    now, known = office.people.now(), len(office.people.users())
    for number in range(known, known + count):
        accounts.add_user(office.people, accounts.new_user(f"user{number}", now), By("root"))


def _signed(address: str, who: Verifier) -> int:
    """How many events the last head has; 0 where there is none."""
    answer = httpx.get(f"{address}checkpoint", timeout=30)
    return head_of(answer.text, who).size if answer.status_code == 200 else 0


def _until_signed(address: str, who: Verifier, size: int, within: float) -> float:
    """After how many seconds a head has so many events."""
    began = time.monotonic()
    while (found := _signed(address, who)) < size:
        assert time.monotonic() - began < within, f"{found} of {size} signed after {within} s"
        time.sleep(0.3)
    return time.monotonic() - began


def _size(office: Office) -> int:
    """How many events are recorded."""
    with office.store.engine.begin() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one())


@pytest.mark.timeout(240)
def test_a_running_server_signs_each_hundred_events_and_each_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hundred long before the minute is over; fewer than that when it is, and not much before or after."""
    with _signing(tmp_path, monkeypatch) as (office, address, who):
        _until_signed(address, who, _size(office), LONGEST.total_seconds() + ROOM)
        _record(office, MOST + 20)
        took = _until_signed(address, who, _size(office) - MOST, ROOM)
        assert took < LONGEST.total_seconds() / 2
        _until_signed(address, who, _size(office), LONGEST.total_seconds() + ROOM)
        _record(office, 1)
        quick = _signed(address, who) >= _size(office)
        took = _until_signed(address, who, _size(office), LONGEST.total_seconds() + ROOM)
        assert not quick
        assert took > LONGEST.total_seconds() / 4


@pytest.mark.timeout(120)
def test_a_running_server_without_a_key_signs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is the key that signs above: here the tree grows, and no head comes of it."""
    monkeypatch.delenv("DUBAN_SEAL_KEY", raising=False)
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    office = open_office(url, create=True)
    _record(office, 1)
    office.close()
    with _served(url) as server:
        told = _until(
            lambda: httpx.get(f"{server.address}health/ready", timeout=30).json(), lambda found: found["sealed"] > 0
        )
        assert told["signed"] == 0
        assert httpx.get(f"{server.address}checkpoint", timeout=30).status_code == 404
