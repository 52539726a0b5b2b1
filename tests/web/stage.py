"""A house to visit: the Dalian definition with three tasks in a SQLite file, and a user for each role.

li, zhao   office                    wang    lead of 市住房和城乡建设局     qian   lead of 市城市管理局
sun        partner (市公安局)         zhou    city leader                    wu     auditor       admin   administrator
nobody     signed in, holds nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient

from commands.session import printing
from commands.worker import rooms_of
from engine.calendars import Calendar
from engine.commands import Actor
from engine.edition import Edition
from jobs.hands import Hands
from storage import StoreBusy
from storage.erasing import SqlEraser
from storage.lists import SqlLists
from storage.log import SqlLog
from storage.offices import Office, open_office
from storage.receipts import SqlReceipts
from web.app import make
from web.house import House, Settings
from web.visit import cookie_name
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.labour.context import Tools
from workflows.labour.kinds import KINDS
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.people import accounts, holdings, rights, sessions, units
from workflows.people.values import ADMIN, ANY, AUDITOR, By, Holding, Unit
from workflows.rows import Row
from workflows.sources import calendar_named

ROOT = Path(__file__).resolve().parents[2]
DALIAN = ROOT / "definitions" / "dalian-livelihood" / "process.yaml"
PROCESS = "dalian-livelihood"
ZONE = ZoneInfo("Asia/Shanghai")
HOUSING, CITY, POLICE, LAND = "市住房和城乡建设局", "市城市管理局", "市公安局", "市自然资源局"
OFFICE = Actor("li", ("office",))
LEADS = {HOUSING: Actor("wang", ("lead",), (HOUSING,)), CITY: Actor("qian", ("lead",), (CITY,))}
HOLDERS: Mapping[str, tuple[str, str, str | None]] = {
    "li": ("office", PROCESS, None),
    "zhao": ("office", PROCESS, None),
    "wang": ("lead", PROCESS, HOUSING),
    "qian": ("lead", PROCESS, CITY),
    "sun": ("partner", PROCESS, POLICE),
    "zhou": ("city_leader", PROCESS, None),
    "wu": (AUDITOR, ANY, None),
    "admin": (ADMIN, ANY, None),
}
PASSWORD = "correct horse 8 staple"
"""Of `li`, the only one who signs in by the page."""


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Stage:
    """The house with its clock. `tasks` are the ids: `roads` (housing, with partners), `homes` (housing), `gas`
    (city management).
    """

    office: Office
    clock: VirtualClock
    house: House
    tasks: Mapping[str, str]
    _app: Any = field(default=None)

    @property
    def desk(self) -> Desk:
        """A desk of the command line on the same store."""
        return self.house.at_desk("cli")

    @property
    def app(self) -> Any:
        """The application, made once."""
        if self._app is None:
            self._app = make(self.house)
        return self._app

    def client(self, user: str | None = None, lang: str = "zh") -> TestClient:
        """A browser in which somebody is signed in (nobody, by default). It follows no redirects by itself."""
        client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
        client.cookies.set("duban-lang", lang)
        if user is not None:
            found = self.office.people.user(user)
            assert found is not None
            client.cookies.set(cookie_name(self.house), sessions.begin(self.office.people, found, "test"))
        return client

    def act(self, task: str, trigger: str, actor: Actor, **form: Any) -> Outcome:
        """Do something at the desk, not by the web."""
        done = fire(self.desk, Act(task, trigger, form, actor))
        assert isinstance(done, Outcome), done
        return done

    def work(self) -> None:
        """Do the jobs that wait, as a worker does."""
        tools = Tools(lambda: self.desk, self.office.people, None, self.house.labour, {}, lambda: 0.0)  # type: ignore[arg-type]  # no job here sends anything
        for job in self.house.labour.jobs(states=("waiting",)):
            Hands("worker", tools, KINDS).do(job.id)

    def close(self) -> None:
        """Let go of the database."""
        self.office.close()


@dataclass(frozen=True)
class _Pattern:
    """A house that was made once, before anybody came: its database, its tasks, and what its desk has compiled."""

    folder: TemporaryDirectory[str]
    tasks: Mapping[str, str]
    editions: Mapping[str, Edition]
    bases: Mapping[str, Calendar]


@cache
def _pattern() -> _Pattern:
    folder = TemporaryDirectory(prefix="duban-pattern-")
    office, desk = _opened(Path(folder.name), create=True)
    with closing(office):
        published = publish(desk, DALIAN.read_text(encoding="utf-8"), calendar_named)
        assert isinstance(published, Published), published
        _people(office, desk)
        return _Pattern(folder, _tasks(desk), dict(desk._editions), dict(desk._bases))


def _opened(folder: Path, *, create: bool = False) -> tuple[Office, Desk]:
    """An office in a folder and a desk in it, at nine on 20 January 2022."""
    clock = VirtualClock(at("2022-01-20 09:00"))
    office = open_office(f"sqlite:///{folder / 'duban.db'}", create=create, clock=clock)
    papers, press = printing(office.store)
    return office, Desk(office.store, clock, people=office.people, busy=(StoreBusy,), papers=papers, press=press)


def raise_stage(folder: Path, settings: Settings | None = None) -> Stage:
    """A new house in a folder. It is a copy of one that each process makes once."""
    pattern = _pattern()
    copyfile(Path(pattern.folder.name) / "duban.db", folder / "duban.db")
    office, desk = _opened(folder)
    desk._editions.update(pattern.editions)
    desk._bases.update(pattern.bases)
    house = House(
        desk,
        office.people,
        SqlLists(office.store.engine),
        desk.papers,
        *rooms_of(desk),
        settings=settings or Settings(),
    )
    house.receipts, house.log = SqlReceipts(office.store.engine), SqlLog(office.store.engine)
    house.eraser = SqlEraser(office.store.engine)
    assert isinstance(desk.clock, VirtualClock)
    return Stage(office, desk.clock, house, pattern.tasks)


def _people(office: Office, desk: Desk) -> None:
    people, by, now = office.people, By("admin"), office.people.now()
    for name in (HOUSING, CITY, POLICE, LAND):
        assert isinstance(units.found(people, Unit(name, name, "bureau", None, now), by), Unit)
    known = rights.roles(desk)
    for name in [*HOLDERS, "nobody"]:
        accounts.add_user(people, accounts.new_user(name, now), by, PASSWORD if name == "li" else None)
    for name, (role, process, unit) in HOLDERS.items():
        granted = holdings.grant(people, Holding(name, role, process, unit, now), by, known)
        assert isinstance(granted, Holding), granted


def _tasks(desk: Desk) -> dict[str, str]:
    nodes = {
        f"2022-{month:02d}": {"target": f"{month} 月节点", "planned": 5 + (month - 2) * 9.5} for month in range(2, 13)
    }
    told = [
        ("roads", "实施8条道路改扩建工程", HOUSING, [POLICE, LAND]),
        ("homes", "实施10万户老旧小区改造", HOUSING, []),
        ("gas", "实施燃气安全提升工程", CITY, []),
    ]
    rows = [
        Row(
            number,
            {"title": title, "annual_target": "全部完成", "lead_unit": unit, "cooperating_units": partners},
            nodes,
        )
        for number, (_, title, unit, partners) in enumerate(told, 1)
    ]
    entered = register(desk, PROCESS, rows, OFFICE)
    assert isinstance(entered, list), entered
    return {name: task.id for (name, *_), task in zip(told, entered, strict=True)}


def underway(stage: Stage, name: str = "homes") -> str:
    """A task whose plan has been filed and adopted: it is in progress."""
    task = stage.tasks[name]
    lead = LEADS[CITY if name == "gas" else HOUSING]
    team = {"leader": "甲", "department": "处室", "staff": "乙"}
    stage.act(task, "file_plan", lead, measures="分段推进", plan=[{"name": "plan.pdf"}], **team)
    stage.act(task, "adopt_plan", OFFICE)
    return task
