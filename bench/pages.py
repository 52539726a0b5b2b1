"""Pages over a large office: the board at ten thousand tasks, and a worklist of a thousand, through the application.

Server time: from a request that arrives until its answer has been sent, in this process; the network and the browser
are not in it. Reading is what is measured, so one visitor at a time asks.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bench.figures import Budget, Figure, median
from bench.scale import Scale
from bench.scenes import OFFICE, PLANNED, PROCESS, at, desk
from engine.commands import Opening
from storage.lists import SqlLists
from storage.people import SqlPeople
from storage.sql_store import SqlStore
from web.app import make
from web.garbage import put_aside
from web.house import House, Settings
from web.visit import cookie_name
from workflows.desk import Desk
from workflows.office.registering import register
from workflows.people import accounts, holdings, rights, sessions, units
from workflows.people.values import By, Holding, Unit
from workflows.rows import Row

WITHIN = Budget("≤", 100, "ms")
UNITS, CATEGORIES, OWED = 40, 15, 1_000
HEAVY = f"市第{UNITS}局"
"""The unit that owes a thousand things."""

BATCH = 500

BOARDS = {
    "the board": "/board",
    "its last page": "/board?page=99999",
    "filtered by unit, sorted by title": "/board?unit=市第7局&sort=title",
    "grouped by unit": "/board?group=unit",
    "searched": "/board?q=改造",
    "as cards": "/board?show=cards",
    "on a wall": "/board/wall",
    "the calendar of a month": "/calendar?month=2022-02",
}


def measure(scale: Scale) -> list[Figure]:
    """Every page that has to be quick at this size, 95 of 100 times."""
    office, seen = office_of(scale, scale.board), min(OWED, scale.board)
    asked = [
        *((f"{name}, {scale.board:,} tasks", "li", path) for name, path in BOARDS.items()),
        (f"the worklist, {seen:,} items", "wang", "/worklist"),
        (f"a unit's board, {seen:,} tasks", "wang", "/board"),
    ]
    figures = [_figure(f"{name}, p95", _asked(office, user, path, scale.asks)) for name, user, path in asked]
    office.store.close()
    return figures


class Bench:
    """An office with many tasks, and its application."""

    def __init__(self, house: House, store: SqlStore) -> None:
        self.house, self.store, self.app = house, store, make(house)

    def cookie(self, user: str) -> str:
        """Somebody signed in."""
        found = self.house.people.user(user)
        assert found is not None
        return f"{cookie_name(self.house)}={sessions.begin(self.house.people, found, 'bench')}; duban-lang=zh"


def office_of(scale: Scale, count: int) -> Bench:
    """An office with so many tasks under way, its people, and its application."""
    made = desk(f"sqlite:///{scale.directory / 'pages.db'}", at("2022-02-25 16:00"), create=True)
    assert isinstance(made.store, SqlStore)
    _people(made, SqlPeople(made.store.engine, made.clock))
    for start in range(0, count, BATCH):
        rows = [_row(number, count) for number in range(start, min(start + BATCH, count))]
        answer = register(made, PROCESS, rows, OFFICE)
        assert isinstance(answer, list), answer
    people, lists = SqlPeople(made.store.engine, made.clock), SqlLists(made.store.engine)
    shared = Desk(made.store, made.clock, people=people)
    office = Bench(House(shared, people, lists, settings=Settings()), made.store)
    put_aside(office.house)
    return office


def _row(number: int, count: int) -> Row:
    """A task under way; the first thousand are the heavy unit's."""
    unit = HEAVY if number < min(OWED, count) else f"市第{number % (UNITS - 1) + 1}局"
    fields = {
        "title": f"项目 {number} 改造工程",
        "annual_target": "惠及十万户居民",
        "lead_unit": unit,
        "category": f"工程 {number % CATEGORIES}",
    }
    plan = {month: {"target": "按期完成节点", "planned": planned} for month, planned in PLANNED.items()}
    return Row(number + 1, fields, plan, Opening("in_progress"))


def _people(made: Desk, people: SqlPeople) -> None:
    by, now = By("admin"), people.now() - timedelta(days=1)
    for name in {HEAVY, *(f"市第{number}局" for number in range(1, UNITS))}:
        units.found(people, Unit(name, name, "bureau", None, now), by)
    for user, role, unit in (("li", "office", None), ("wang", "lead", HEAVY)):
        accounts.add_user(people, accounts.new_user(user, now), by)
        granted = holdings.grant(people, Holding(user, role, PROCESS, unit, now), by, rights.roles(made))
        assert isinstance(granted, Holding), granted


@dataclass(frozen=True, slots=True)
class Took:
    """One request: seconds by the clock, and seconds of the processor in all threads."""

    wall: float
    work: float


def _asked(office: Bench, user: str, path: str, asks: int) -> list[Took]:
    """A page asked for again and again by one person. The first two times warm everything up."""
    cookie = office.cookie(user)

    async def all_of_them() -> list[Took]:
        return [await _once(office.app, path, cookie) for _ in range(asks + 2)]

    return asyncio.run(all_of_them())[2:]


def _figure(name: str, took: list[Took]) -> Figure:
    """The time that 95 of 100 answers did not exceed; the note says what it takes of the processor."""
    walls = sorted(each.wall for each in took)
    late = walls[max(0, -(-len(walls) * 95 // 100) - 1)]
    note = (
        f"median {median(walls) * 1000:.0f} ms, {median([each.work for each in took]) * 1000:.0f} ms of the processor"
    )
    return Figure(name, late * 1000, "ms", WITHIN, note)


async def _once(app: Any, path: str, cookie: str) -> Took:
    """One request, straight into the application."""
    told, query = path.partition("?")[0], path.partition("?")[2]
    headers = [(b"host", b"bench"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": told,
        "raw_path": told.encode(), "query_string": _encoded(query), "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("bench", 80), "root_path": "", "state": {},
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    start, work = time.perf_counter(), time.process_time()
    await app(scope, receive, send)
    took = Took(time.perf_counter() - start, time.process_time() - work)
    assert sent[0]["status"] == 200, (path, sent[0]["status"])
    return took


def _encoded(query: str) -> bytes:
    return quote(query, safe="=&").encode()
