"""As-of equals what the board showed: a year of the demonstration is lived with late entries in between, what the board
showed is kept on the way, and afterwards the past is asked for those days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Actor
from storage import open_store
from workflows.audit.moments import Moment, task_at
from workflows.authoring.publishing import publish
from workflows.clock import VirtualClock
from workflows.demo.year import live
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
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


@dataclass
class Photo:
    """What the board showed just before `at`."""

    at: datetime
    rows: Sequence[BoardRow]


@dataclass
class Camera:
    """Takes a picture of the board before the first transaction of each instant, when all that there is was recorded
    earlier and nothing that comes is.
    """

    store: Any
    clock: VirtualClock
    photos: list[Photo] = field(default_factory=list)

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
        if not self.photos or at > self.photos[-1].at:
            self.photos.append(Photo(at, self.store.board(at)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


@dataclass
class Lived:
    """The year with its pictures and its late entries."""

    desk: Desk
    photos: Sequence[Photo]
    events: dict[str, Sequence[Recorded]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    clock = VirtualClock(datetime(2022, 1, 1, tzinfo=ZONE))
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('year') / 'duban.db'}", create=True, clock=clock)
    camera = Camera(store, clock)
    desk = Desk(camera, clock)
    publish(desk, (FOLDER / "process.yaml").read_text(encoding="utf-8"), calendar_named)
    left = list(STORY)

    def moved() -> None:
        if store.task(OURS) is None:
            _register(desk)
        while left and clock() >= _at(left[0][0]):
            _enter(desk, *left.pop(0)[1:])

    live(desk, FOLDER, clock, lambda *_: None, moved=moved)
    assert not left, "every late entry was made"
    yield Lived(desk, camera.photos, {name: store.events(name) for name in store.streams()})
    store.close()


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
    for photo in lived.photos:
        assert lived.desk.store.board(photo.at, photo.at) == photo.rows, photo.at


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
