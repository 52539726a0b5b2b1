"""As-of equals what the board showed: a year of the demonstration is lived with late entries in between, what the board
showed is kept on the way, and afterwards the past is asked for those days. Kept are the rows from which the live pages
and commands are made, and, as each month ends, the page itself. Afterwards the record is also replayed, and every table
made again from it: they are what was lived, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from cli import cli
from commands.worker import rooms_of
from engine.commands import Actor
from engine.task import Task, evolve
from storage.lists import SqlLists
from storage.offices import Office, open_office
from tests.conftest import database_of
from web.app import make
from web.house import House
from web.visit import cookie_name
from workflows.audit.moments import Moment, task_at
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.demo.year import live
from workflows.desk import Desk
from workflows.lists.ports import Order, Wanted
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.people import accounts, holdings, rights, sessions
from workflows.people.values import EVERYTHING, By, Holding
from workflows.ports import BoardRow, Recorded, Work
from workflows.rows import Row
from workflows.sources import calendar_named

FOLDER = Path(__file__).parents[1] / "definitions" / "dalian-livelihood"
ZONE = ZoneInfo("Asia/Shanghai")
OFFICE, LEAD = Actor("li", ("office",)), Actor("wang", ("lead",), ("市城市管理局",))
OURS = "late-01"
"""A task beside those of the story: what happens to it is always entered some days later."""

CONSENT = {"consent": "市政函〔2022〕9号", "evidence": [{"name": "函.pdf"}]}
TEAM = {"leader": "甲", "department": "处室", "staff": "乙"}
STORY: Sequence[tuple[str, str, str, Actor, dict[str, Any]]] = (
    ("2022-02-02", "", "file_plan", LEAD, {"measures": "推进", "plan": [{"name": "plan.pdf"}], **TEAM}),
    ("2022-02-05", "2022-02-01", "adopt_plan", OFFICE, {}),
    ("2022-04-06", "2022-03-02", "suspend", OFFICE, {"reason": "规划调整", **CONSENT}),
    ("2022-05-10", "2022-04-11", "resume", OFFICE, {}),
    ("2022-07-20", "2022-06-01", "suspend", OFFICE, {"reason": "规划调整", **CONSENT}),
    ("2022-09-08", "2022-08-01", "resume", OFFICE, {}),
)
"""When it is entered, when it happened (nothing: then), what, by whom, with what."""


Face = tuple[Any, ...]
"""A task as a list shows it: state, light, whether it has ended, process, kind, above and beside, title and unit."""


@dataclass
class Photo:
    """What the board showed just before `at`: `live` are the rows of the lists of now, by task."""

    at: datetime
    rows: Sequence[BoardRow]
    live: Mapping[str, Face]


def _live(lists: SqlLists, kinds: Sequence[str]) -> dict[str, Face]:
    """From the table of tasks as they are, which knows nothing of the past."""
    rows = [row for kind in kinds for row in lists.rows(Wanted(EVERYTHING, kind), Order("task"))]
    return {row.task: _face(row) for row in rows}


def _face(row: Any) -> Face:
    return row.state, row.signal, bool(row.ended), row.process, row.kind, row.part_of, row.title, row.unit


@dataclass
class Camera:
    """Takes a picture of the board before the first transaction of each instant, when all that there is was recorded
    earlier and nothing that comes is.
    """

    store: Any
    clock: VirtualClock
    lists: SqlLists
    kinds: Sequence[str]
    page: Callable[[str], str]
    """What somebody sees at an address."""
    photos: list[Photo] = field(default_factory=list)
    pages: dict[date, str] = field(default_factory=dict)
    """The page of the board as it stood when each month had ended."""

    def work(self, roots: Sequence[str]) -> AbstractContextManager[Work]:
        self._look()
        found: AbstractContextManager[Work] = self.store.work(roots)
        return found

    def work_on(self, task: str) -> AbstractContextManager[Work]:
        self._look()
        found: AbstractContextManager[Work] = self.store.work_on(task)
        return found

    def _look(self) -> None:
        at = self.clock() - timedelta(microseconds=1)
        if self.photos and at <= self.photos[-1].at:
            return
        month = _month(self.clock())
        if self.photos and month > _month(self.photos[-1].at + timedelta(microseconds=1)):
            self.pages[month - timedelta(days=1)] = self.page("/board")
        self.photos.append(Photo(at, self.store.board(at), _live(self.lists, self.kinds)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def _month(at: datetime) -> date:
    return at.astimezone(ZONE).date().replace(day=1)


@dataclass
class Lived:
    """The year with its pictures and its late entries."""

    desk: Desk
    camera: Camera
    events: dict[str, Sequence[Recorded]]
    url: str

    @property
    def photos(self) -> Sequence[Photo]:
        return self.camera.photos


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with (
        contextmanager(database_of)(request.getfixturevalue("postgres_url"))
        if request.param == "postgres"
        else (nullcontext(f"sqlite:///{tmp_path_factory.mktemp('year') / 'duban.db'}")) as url
    ):
        yield from _year(url)


def _year(url: str) -> Iterator[Lived]:
    clock = VirtualClock(datetime(2022, 1, 1, tzinfo=ZONE))
    with closing(open_office(url, create=True, clock=clock, unsafe=True)) as office:
        plain = Desk(office.store, clock, people=office.people, papers=office.documents)
        words = (FOLDER / "process.yaml").read_text(encoding="utf-8")
        published = publish(plain, words, calendar_named)
        assert isinstance(published, Published)
        kinds = sorted(plain.book(published.record.name)[0].sheets)
        camera = Camera(office.store, clock, SqlLists(office.store.engine), kinds, _browser(office, plain))
        desk = Desk(camera, clock)
        left = list(STORY)

        def moved() -> None:
            if office.store.task(OURS) is None:
                _register(desk)
            while left and clock() >= _at(left[0][0]):
                _enter(desk, *left.pop(0)[1:])

        live(desk, FOLDER, clock, lambda *_: None, moved=moved)
        assert not left, "every late entry was made"
        streams = {name: office.store.events(name) for name in office.store.streams()}
        yield Lived(desk, camera, streams, url)


def _browser(office: Office, desk: Desk) -> Callable[[str], str]:
    """What a member of the office sees at an address, in English."""
    people, now = office.people, office.people.now()
    accounts.add_user(people, accounts.new_user("li", now), By("root"))
    held = Holding("li", "office", "dalian-livelihood", None, now)
    assert isinstance(holdings.grant(people, held, By("root"), rights.roles(desk)), Holding)
    house = House(desk, people, SqlLists(office.store.engine), desk.papers, *rooms_of(desk))
    client = TestClient(make(house), follow_redirects=False)
    client.cookies.set("duban-lang", "en")

    def seen(address: str) -> str:
        user = people.user("li")
        assert user is not None
        client.cookies.set(cookie_name(house), sessions.begin(people, user, "test"))
        answer = client.get(address)
        assert answer.status_code == 200, address
        return str(answer.text)

    return seen


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=9, tzinfo=ZONE)


def _register(desk: Desk) -> None:
    nodes = {f"2022-{month:02d}": {"target": "节点", "planned": 5 + (month - 2) * 9.5} for month in range(2, 13)}
    fields = {"title": "补录试验", "annual_target": "完成", "lead_unit": LEAD.units[0]}
    assert isinstance(register(desk, "dalian-livelihood", [Row(1, fields, nodes)], OFFICE, ids=[OURS]), list)


def _enter(desk: Desk, day: str, trigger: str, actor: Actor, form: dict[str, Any]) -> None:
    occurred_at, reason = (_at(day), "来函迟到") if day else (None, None)
    done = fire(desk, Act(OURS, trigger, form, actor, occurred_at, reason))
    assert isinstance(done, Outcome), done


def test_known_then_is_what_the_board_showed(lived: Lived) -> None:
    """On every day of the year, for every task: nothing that was entered since has crept in."""
    assert len(lived.photos) > 100
    shown = 0
    for photo in lived.photos:
        then = lived.desk.store.board(photo.at, photo.at)
        assert then == photo.rows, photo.at
        assert {row.task: _face(row) for row in then} == photo.live, photo.at
        shown = max(shown, len(photo.live))
    assert shown > 10


def test_the_page_of_the_past_shows_what_the_page_showed(lived: Lived) -> None:
    """As each month ended: every line of it, less what is owed next, of which the past is not asked. What was entered
    since is on the same page as known now, in the two months that ended in a suspension told later.
    """
    assert len(lived.camera.pages) == 12
    otherwise = 0
    for day, page in lived.camera.pages.items():
        assert len(_cells(page)) > 10
        shown = [cells[: len(cells) - 3] for cells in _cells(page)]
        assert _cells(lived.camera.page(f"/board?at={day}&known=then")) == shown, day
        otherwise += _cells(lived.camera.page(f"/board?at={day}")) != shown
    assert otherwise >= 2
    assert len({str(_cells(page)) for page in lived.camera.pages.values()}) > 8, "something was to be seen"


def _cells(page: str) -> list[list[str]]:
    """The lines of the board, a text for each cell, by task."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [
        re.findall(r"<t[hd](?: (?!class=.pick)[^>]*)?>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr")[1:]
    ]
    return sorted([" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in row] for row in rows)


def test_the_command_says_what_the_board_showed(lived: Lived) -> None:
    """`duban board --at D --known-at D`, for the last moment of each month."""
    for day in lived.camera.pages:
        asked = ("--at", str(day), "--known-at", str(day))
        done = CliRunner().invoke(cli, ["--db", lived.url, "--as", "auditor", "--json", "board", *asked])
        assert done.exit_code == 0, done.output
        ends = datetime.combine(day + timedelta(days=1), time(), ZONE)
        photo = next(each for each in lived.photos if each.at >= ends - timedelta(microseconds=1))
        told = {row["task"]: _face(SimpleNamespace(**row)) for row in json.loads(done.stdout)}
        assert told == photo.live, day


def test_what_was_lived_is_what_the_record_says(lived: Lived) -> None:
    """Replay equals live, rebuilt equals stored: every event is decided again, every table made again from them."""
    done = CliRunner().invoke(cli, ["--db", lived.url, "--as", "auditor", "--json", "verify"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["findings"] == []
    for name, events in lived.events.items():
        task: Task | None = None
        for each in events:
            task = evolve(task, each.event)
        assert task == lived.desk.store.task(name), name


def test_a_table_that_is_otherwise_than_the_record_is_found(lived: Lived) -> None:
    """The same question is no for one light that shines otherwise; then it is put back."""
    engine = create_engine(lived.url)
    task = text("UPDATE tasks SET signal = :light WHERE id = :id")
    (row,) = (row for row in lived.desk.store.board(lived.photos[-1].at) if row.task == OURS)
    for light, code in (("red" if row.signal != "red" else "green", 1), (row.signal, 0)):
        with engine.begin() as connection:
            connection.execute(task, {"light": light, "id": OURS})
        done = CliRunner().invoke(cli, ["--db", lived.url, "--as", "auditor", "--json", "verify"])
        assert done.exit_code == code, done.output
    engine.dispose()


def test_true_then_differs_where_something_was_recorded_later_and_nowhere_else(lived: Lived) -> None:
    """Each difference is of a task about which something of that time was recorded afterwards."""
    otherwise = 0
    for photo in lived.photos:
        now = {row.task: row for row in lived.desk.store.board(photo.at)}
        shown = {row.task: row for row in photo.rows}
        for task in now | shown:
            if now.get(task) != shown.get(task):
                otherwise += 1
                assert _recorded_later(lived, task, photo.at), (task, photo.at)
    assert otherwise > 20


def _recorded_later(lived: Lived, task: str, at: datetime) -> bool:
    return any(each.event.occurred_at <= at < each.recorded_at for each in lived.events[task])


def test_late_entries_are_true_then_and_were_not_known(lived: Lived) -> None:
    """In the days between its happening and its entry each suspension is on the board of now, and was not on that of
    then.
    """
    spans = [(done, entered) for entered, done, trigger, *_ in STORY if trigger == "suspend"]
    looked = 0
    for photo in lived.photos:
        if any(_at(done) < photo.at < _at(entered) for done, entered in spans):
            looked += 1
            (then,) = (row.state for row in photo.rows if row.task == OURS)
            (now,) = (row.state for row in lived.desk.store.board(photo.at) if row.task == OURS)
            assert (then, now) == (then, "suspended"), photo.at
            assert then != "suspended"
    assert looked > 5


def test_the_page_of_a_task_of_the_past_says_what_the_board_of_the_past_says(lived: Lived) -> None:
    """For every task and each fourth picture, by both questions: state, light, and whether it has ended."""
    for photo in lived.photos[::4]:
        for moment in (Moment(photo.at, photo.at), Moment(photo.at)):
            board = {row.task: row for row in lived.desk.store.board(moment.at, moment.known_at)}
            for name, events in lived.events.items():
                task, row = task_at(lived.desk, events, moment), board.get(name)
                found = task and (task.state, task.signal, task.ended)
                assert found == (row and (row.state, row.signal, row.ended)), (name, moment)
