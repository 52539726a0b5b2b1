"""An office under torture: a desk on a real database, people who act at random, and the instruments to compare."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from engine.calendars import Calendar
from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.events import instant
from engine.loading import load
from engine.task import Task
from storage import StoreBusy, StoreProblem, open_store
from workflows.authoring.publishing import Published, publish
from workflows.clock import Clock, VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.rows import Row
from workflows.sources import calendar_named

LARGE = os.environ.get("DUBAN_TORTURE") == "1"

TEXT = (Path(__file__).parents[1] / "engine" / "data" / "tiny.yaml").read_text(encoding="utf-8")
NAME = "tiny@1"
START = datetime(2022, 2, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

UNIT = "水务局"
OFFICE = Actor("li", ("office",))
SECOND = Actor("zhao", ("office",))
LEAD = Actor("wang", ("lead",), (UNIT,))
PLAN = {f"2022-{month:02}": {"planned": str(month * 7)} for month in range(2, 13)}


def size(usual: int, torture: int) -> int:
    """How much is enough: for every run, and for `make torture`."""
    return torture if LARGE else usual


@lru_cache(maxsize=1)
def book() -> tuple[Edition, Calendar]:
    """The process under torture, compiled once in a program; its children inherit it."""
    edition = load(TEXT, f"{NAME}.yaml").edition
    assert edition is not None
    return edition, calendar_named(edition.process.calendar)


def desk_at(url: str, clock: Clock, *, create: bool = False, unsafe: bool = False) -> Desk:
    """A desk whose store and office go by one clock, with the edition compiled already."""
    edition, calendar = book()
    store = open_store(url, create=create, clock=clock, unsafe=unsafe)
    return Desk(store, clock, busy=(StoreBusy,), _editions={NAME: edition}, _bases={NAME: calendar})


def founded(url: str, tasks: int, *, begun: bool = True) -> None:
    """A new database with tasks `tiny-01`, `tiny-02` … of which work has begun."""
    desk = desk_at(url, VirtualClock(START), create=True)
    assert isinstance(publish(desk, TEXT, calendar_named), Published)
    rows = [Row(n, {"title": f"第{n}项", "lead_unit": UNIT}, PLAN) for n in range(1, tasks + 1)]
    found = register(desk, "tiny", rows, OFFICE)
    assert isinstance(found, list), found
    for task in found if begun else ():
        done(fire(desk, Act(task.id, "start_work", {}, OFFICE)))
    desk.store.close()


def done(answer: object) -> Outcome:
    assert isinstance(answer, Outcome), answer
    return answer


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that is gone afterwards, in memory where the system has room for files there.

    What a process has written survives its death anyway, and an image of a disk is no disk: that syncs are waited for
    is looked at in the record of them (`disk.py`).
    """
    shared = Path("/dev/shm")  # noqa: S108  # a folder of this test's own is made there
    with TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def copied(source: Path, target: Path) -> Path:
    """A closed SQLite database under another name, with nothing left beside it of the one that was there."""
    for tail in ("-wal", "-shm", "-journal"):
        Path(f"{target}{tail}").unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return target


def present(desk: Desk) -> datetime:
    """The last instant that the database knows of."""
    known = [instant(task.touched_at) for task in desk.store.tasks()]
    return max([*known, *([desk.swept_until] if desk.swept_until else [])])


def likely(chance: Random, task: Task, now: datetime, key: str | None = None) -> Act:
    """Something that somebody would do to the task now. Some of it is refused, which is as it should be."""
    month = f"2022-{min(now.month if now.year == 2022 else 12, 12):02}"
    percent = {"month": month, "percent": str(chance.randrange(100))}
    report = Act(task.id, "report", percent, LEAD, key=key)
    match task.state:
        case "planned":
            return Act(task.id, "start_work", {}, OFFICE, key=key)
        case "lagging" if chance.random() < 0.6:
            return Act(task.id, "order_rectification", {}, OFFICE, key=key)
        case "rectifying" if chance.random() < 0.3:
            return Act(task.id, "accept_rectification", {}, SECOND, key=key)
        case "escalated" if chance.random() < 0.7:
            child = next((name for name, told in task.children.items() if not told["ended"]), task.id)
            return Act(child, "hold", {}, OFFICE, key=key)
        case "called":
            return Act(task.id, "hold", {}, OFFICE, key=key)
        case _:
            return report


@dataclass
class Tally:
    """What one person was told: refs of acknowledged events by key, and the codes of refusals."""

    done: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    repeated: int = 0

    def note(self, key: str, answer: Outcome | Refusal) -> None:
        if isinstance(answer, Refusal):
            self.refused.append(answer.code)
        else:
            self.done[key] = tuple(event.ref for event in answer.events)
            self.repeated += answer.repeated


def in_the_end(
    desk: Desk, act: Act, *, tries: int = 400, pause: Callable[[], None] = lambda: None
) -> Outcome | Refusal:
    """What a client does whose connection breaks: the same act under the same key, until there is an answer."""
    for _ in range(tries):
        try:
            return fire(desk, act)
        except StoreProblem:
            pause()
    raise AssertionError(f"no answer after {tries} tries: {act}")


Wish = Callable[[str], Sequence[Sequence[Any]]]
"""A question in SQL and its rows."""


@contextmanager
def asking(desk: Desk) -> Iterator[Wish]:
    """Questions put to a desk's database behind the store's back."""
    from storage.sql_store import SqlStore

    assert isinstance(desk.store, SqlStore)
    with desk.store.engine.connect() as connection:
        yield lambda said: connection.exec_driver_sql(said).all()
