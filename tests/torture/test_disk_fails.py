"""The disk is full, or fails: a clear word, no half transition, and work goes on when there is room."""

from __future__ import annotations

import resource
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import pytest

from engine.commands import Refusal
from storage import StoreProblem
from storage.errors import StoreFull
from storage.sql_store import SqlStore
from tests.limits import aside
from tests.torture.autopsy import commands, examine, refs
from tests.torture.disk import FULL, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_WRITE, OK, Disk, Op
from tests.torture.stage import HOUR, START, asking, copied, desk_at, founded, likely, present, size, url_of
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire

POINTS = size(120, 2_000)
REACHED = {"write duban.db-wal", "sync duban.db-wal", "write duban.db", "sync duban.db", "delete duban.db-wal"}
"""What has to fail at least once: the log is written, emptied into the database, and removed at the end."""

pytestmark = pytest.mark.torture

ERRORS = {"write": IOERR_WRITE, "sync": IOERR_FSYNC, "truncate": IOERR_TRUNCATE, "delete": IOERR_WRITE}


@pytest.fixture
def base(memory: Path) -> Path:
    founded(url_of(memory / "base.db"), 2)
    return memory / "base.db"


def next_act(desk: Desk, chance: Random, key: str) -> Act:
    clock = desk.clock
    assert isinstance(clock, VirtualClock)
    clock.move(clock.now + timedelta(hours=chance.randrange(1, 60)))
    task = chance.choice([task for task in desk.store.tasks() if not task.ended])
    return likely(chance, task, clock.now, key)


def sound(desk: Desk, acknowledged: set[str], keys: set[str]) -> None:
    """Everything acknowledged is there, and is all there is; nothing is there by half."""
    with asking(desk) as ask:
        assert examine(ask) == []
        assert acknowledged <= refs(ask)
        assert sorted(key for _, key in commands(ask)) == sorted(keys)


def limit_pages(desk: Desk, pages: int) -> None:
    assert isinstance(desk.store, SqlStore)
    with desk.store.engine.begin() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")


def test_a_full_database_says_so_and_goes_on_when_there_is_room(base: Path) -> None:
    """Three times the room runs out in the middle of work: each time StoreFull, nothing by half, then the same act
    under its key is done.
    """
    desk, chance = desk_at(url_of(base), VirtualClock(START)), Random(1)
    acknowledged, keys, times = set[str](), set[str](), 0
    with closing(desk.store):
        for n in range(400):
            if n % 100 == 0 and times < 3:
                limit_pages(desk, 8)
            act = next_act(desk, chance, f"k{n}")
            try:
                answer = fire(desk, act)
            except StoreFull:
                times += 1
                sound(desk, acknowledged, keys)
                limit_pages(desk, 10_000)
                answer = fire(desk, act)
            if isinstance(answer, Outcome):
                acknowledged |= {event.ref for event in answer.events}
                keys.add(f"k{n}")
            if times == 3 and n % 100 == 50:
                break
        sound(desk, acknowledged, keys)
    assert times == 3


def failing(at: int, full: bool, seen: list[Op]) -> Disk:
    """A disk of which the n-th operation and the two after it fail."""

    def fails(op: Op) -> int:
        seen.append(op)
        if not at <= len(seen) < at + 3:
            return OK
        return FULL if full and op.kind == "write" else ERRORS[op.kind]

    return Disk(fails)


@dataclass
class Life:
    """An office that works on, and its files as they lie before its next act: the write-ahead log is kept too."""

    folder: Path
    chance: Random
    now: datetime = START
    answered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tried: Act | None = None
    """The act that was tried last, if it came to that."""

    @property
    def file(self) -> Path:
        """The database that is worked on."""
        return self.folder / "duban.db"

    def restore(self) -> None:
        """Put the files back as they were before the next act."""
        self.tried = None
        copied(self.folder / "before.db", self.file)
        if (log := self.folder / "before.db-wal").exists():
            shutil.copyfile(log, f"{self.file}-wal")

    def keep(self, desk: Desk) -> None:
        """The files of an open desk between two acts, as a machine that stops now would leave them."""
        for tail in ("", "-wal"):
            shutil.copyfile(f"{self.file}{tail}", f"{self.folder / 'before.db'}{tail}")
        self.now = desk.clock()

    def next(self, desk: Desk, chance: Random) -> Act:
        """The next act, under a key of its own."""
        return next_act(desk, chance, f"k{len(self.answered)}")

    def go_on(self) -> None:
        """Do the next act, with a disk that works."""
        self.restore()
        desk = desk_at(url_of(self.file), VirtualClock(self.now))
        with closing(desk.store):
            act = self.next(desk, self.chance)
            self.answered[str(act.key)] = told_of(fire(desk, act))
            self.keep(desk)


def told_of(answer: Outcome | Refusal) -> tuple[str, ...]:
    """The events that were acknowledged; none where the act was refused."""
    return tuple(event.ref for event in answer.events) if isinstance(answer, Outcome) else ()


@pytest.mark.parametrize("full", [True, False])
def test_no_failing_write_or_sync_leaves_anything_by_half(base: Path, memory: Path, *, full: bool) -> None:
    """Of each act in a life the first write, sync, truncation or removal fails, then the second, and so on to its
    last, the emptying of the log included where it has grown long enough. The command fails with a problem that has a
    cure (StoreFull where there is no room), or was not touched; after opening anew its repetition under the key is
    done exactly once, whether or not the failed one had reached the disk.
    """
    shutil.copyfile(base, memory / "before.db")
    life, told, hit = Life(memory, Random(int(full))), set[type](), list[str]()
    while len(hit) < POINTS:
        for point in count(1):
            life.restore()
            seen: list[Op] = []
            if not was_reached(life, point, full, seen, told):
                break
            hit.append(f"{seen[point - 1].kind} {seen[point - 1].file}")
            finish(life)
        life.go_on()
    assert told == ({StoreFull, StoreProblem} if full else {StoreProblem})
    assert set(hit) >= REACHED


def was_reached(life: Life, point: int, full: bool, seen: list[Op], told: set[type]) -> bool:
    """Try the next act on a disk that fails; whether it came so far. At the first act closing the files counts too."""
    with failing(point, full, seen).beneath():
        try:
            desk = desk_at(url_of(life.file), VirtualClock(life.now))
            with closing(desk.store):
                life.tried = life.next(desk, again(life.chance))
                fire(desk, life.tried)
                acted = len(seen)
        except StoreProblem as problem:
            told.add(type(problem))
            return True
    return (acted if life.answered else len(seen)) >= point


def again(chance: Random) -> Random:
    """The same chances once more."""
    same = Random()
    same.setstate(chance.getstate())
    return same


def finish(life: Life) -> None:
    """Open anew, later, and repeat the act under its key: it is done once, and everything is sound."""
    desk = desk_at(url_of(life.file), VirtualClock(life.now))
    with closing(desk.store):
        act = life.tried or life.next(desk, again(life.chance))
        clock = VirtualClock(present(desk) + HOUR)
        desk.clock = desk.store._clock = clock  # type: ignore[attr-defined]  # it goes on after the failure
        answered = {**life.answered, str(act.key): told_of(fire(desk, act))}
        done = {key for key, refs in answered.items() if refs}
        sound(desk, {ref for mine in answered.values() for ref in mine}, done)


def confined(file: str, answer: Connection) -> None:
    """Work where the system lets no file grow beyond a size, until it says no; then with room again."""
    desk, chance = desk_at(url_of(Path(file)), VirtualClock(START)), Random(2)
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, room[1]))
    keys, problem = set[str](), ""
    with closing(desk.store):
        for n in range(300):
            act = next_act(desk, chance, f"k{n}")
            try:
                done = fire(desk, act)
            except StoreProblem as found:
                problem = str(found)
                sound(desk, set(), keys)
                resource.setrlimit(resource.RLIMIT_FSIZE, room)
                done = fire(desk, act)
            if isinstance(done, Outcome):
                keys.add(f"k{n}")
            if problem:
                break
        sound(desk, set(), keys)
    answer.send((problem, len(keys)))


def test_a_limit_of_the_system_is_met_and_overcome(base: Path) -> None:
    """A real write of the kernel fails in the middle of a transaction, in a process of its own."""
    with aside(confined, str(base)) as process:
        problem, acts = process.answer()
    assert "disk" in problem
    assert acts > 5
