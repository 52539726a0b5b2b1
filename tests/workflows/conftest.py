"""An office in a SQLite file, with a small process published and a clock that moves when told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Actor
from storage import StoreBusy, open_store
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.sources import calendar_named

TEXT = (Path(__file__).parent / "promises.yaml").read_text(encoding="utf-8")
ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Actor("li", ("office",))
LEAD = Actor("wang", ("lead",), ("水务局",))


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    """Makes desks, each on a new database, at nine on 20 January 2022."""
    opened = []

    def make(name: str) -> Desk:
        clock = VirtualClock(at("2022-01-20 09:00"))
        store = open_store(f"sqlite:///{tmp_path / name}.db", create=True, clock=clock)
        opened.append(store)
        desk = Desk(store, clock, busy=(StoreBusy,))
        assert isinstance(publish(desk, TEXT, calendar_named), Published)
        return desk

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def desk(new_desk: Callable[[str], Desk]) -> Desk:
    """A desk with the process published."""
    return new_desk("duban")
