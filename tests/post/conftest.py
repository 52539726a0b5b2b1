"""An office with people who are told, a clock that moves when told, and servers that take what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Actor
from storage import StoreBusy
from storage.offices import Office, open_office
from storage.post import SqlPost
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.people.ports import Note
from workflows.people.values import Holding, Unit, User
from workflows.rows import Row
from workflows.sources import calendar_named

TEXT = (Path(__file__).parents[1] / "workflows" / "promises.yaml").read_text(encoding="utf-8")
ZONE = ZoneInfo("Asia/Shanghai")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OFFICE = Actor("li", ("office",))
LEAD = Actor("wang", ("lead",), ("水务局",))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Stage(SimpleNamespace):
    """The desk of an office, its people and its post."""

    desk: Desk
    office: Office
    post: SqlPost

    def move(self, to: datetime) -> None:
        assert isinstance(self.desk.clock, VirtualClock)
        self.desk.clock.move(to)

    def lag(self, title: str = "供水管网改造") -> str:
        """A task of the water bureau whose first report is behind plan: an early warning to lead and office."""
        row = Row(1, {"title": title, "lead_unit": "水务局"}, {"2022-01": {"planned": "50"}})
        entered = register(self.desk, "promises", [row], OFFICE)
        assert isinstance(entered, list), entered
        form = {"month": "2022-01", "percent": "10"}
        done = fire(self.desk, Act(entered[0].id, "report", form, LEAD))
        assert isinstance(done, Outcome), done
        return entered[0].id

    def user(self, name: str, role: str, unit: str | None = None, **more: Any) -> User:
        more = {"language": "zh", "mail": f"{name}@city.example", **more}
        user = User(name, name, created_at=LONG_AGO, **more)
        note = Note("UserPut", "root", {"user": name})
        self.office.people.put_user(user, note)
        self.office.people.put_holding(Holding(name, role, "promises", unit, LONG_AGO), note)
        return user


def stage_at(url: str, text: str = TEXT, now: str = "2022-01-20 09:00") -> Stage:
    clock = VirtualClock(at(now))
    office = open_office(url, create=True, clock=clock)
    desk = Desk(office.store, clock, busy=(StoreBusy,))
    published = publish(desk, text, calendar_named)
    assert isinstance(published, Published), published
    office.people.put_unit(Unit("水务局", "水务局", "bureau", None, LONG_AGO), Note("UnitPut", "root", {}))
    return Stage(desk=desk, office=office, post=SqlPost(office.store.engine))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = stage_at(f"sqlite:///{tmp_path / 'duban.db'}")
    yield made
    made.office.close()
