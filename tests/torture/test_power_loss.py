"""The power goes: of what was not synced, anything may be missing, and pages may be torn.

The store works on a disk that records what SQLite does to the files. For instants of that record, the files are built
as a power loss might leave them: unsynced writes dropped, a random part of them kept, or kept in part by sectors of
512 bytes. The model takes removing a file to last at once, and a disk to keep what it says it has synced. (A killed
process shows nothing of this: the system keeps what it wrote.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import event

from storage.errors import StoreDamaged
from storage.sql_store import SqlStore
from tests.torture.autopsy import examine, refs
from tests.torture.disk import Disk, Op
from tests.torture.stage import (
    DAY,
    START,
    Wish,
    copied,
    desk_at,
    done,
    founded,
    likely,
    present,
    size,
    url_of,
)
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Outcome, fire
from workflows.office.sweeping import Swept, sweep

SECTOR = 512
IMAGES = size(1_500, 10_000)
ACTS = size(90, 300)

pytestmark = pytest.mark.torture


# -- the record


def told_pragmas(desk: Desk, *pragmas: str) -> None:
    """Let every connection of the desk's store say these too."""
    assert isinstance(desk.store, SqlStore)

    @event.listens_for(desk.store.engine, "connect")
    def tell(connection: dbapi2.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    desk.store.engine.dispose()


def work(desk: Desk, disk: Disk, chance: Random) -> None:
    """Act and sweep, and say to the disk what was acknowledged."""
    clock = desk.clock
    assert isinstance(clock, VirtualClock)
    for n in range(ACTS):
        clock.move(clock.now + timedelta(hours=chance.randrange(1, 60)))
        if n % 9 == 0:
            assert isinstance(sweep(desk), Swept)
            told = [f"{task.id}#{task.seq}" for task in desk.store.tasks()]
        else:
            task = chance.choice([task for task in desk.store.tasks() if not task.ended])
            answer = fire(desk, likely(chance, task, clock.now, f"k{n}"))
            told = [each.ref for each in answer.events] if isinstance(answer, Outcome) else []
        for ref in told:
            disk.told(ref)


def recorded(base: Path, file: Path, *pragmas: str) -> list[Op]:
    """What an office does to its files, with checkpoints more often than usual so that there are some."""
    disk = Disk()
    copied(base, file)
    with disk.beneath():
        desk = desk_at(url_of(file), VirtualClock(START))
        told_pragmas(desk, "wal_autocheckpoint = 120", *pragmas)
        work(desk, disk, Random(7))
        desk.store.close()
    return disk.ops


# -- the images


@dataclass
class Shelf:
    """One file: what a power loss cannot take any more, and what it may."""

    safe: bytearray
    waiting: list[Op] = field(default_factory=list)

    def synced(self) -> None:
        for op in self.waiting:
            applied(self.safe, op)
        self.waiting = []

    def left(self, how: str, chance: Random) -> bytes:
        """What is found after the loss."""
        content = bytearray(self.safe)
        for op in self.waiting if how != "dropped" else ():
            if chance.random() < 0.5:
                continue
            for part in torn(op, chance) if how == "torn" else (op,):
                applied(content, part)
        return bytes(content)


def applied(content: bytearray, op: Op) -> None:
    if op.kind == "truncate":
        del content[op.at :]
        return
    content.extend(bytes(max(0, op.at + len(op.data) - len(content))))
    content[op.at : op.at + len(op.data)] = op.data


def torn(op: Op, chance: Random) -> Iterator[Op]:
    """Some of the sectors of a write, cut where the disk's sectors end."""
    if op.kind != "write":
        yield op
        return
    start, end = op.at, op.at + len(op.data)
    cuts = [start, *range((start // SECTOR + 1) * SECTOR, end, SECTOR), end]
    for left, right in pairwise(cuts):
        if chance.random() < 0.5:
            yield Op("write", op.file, left, op.data[left - start : right - start])


@dataclass
class Image:
    """The files as they are found, and what had been acknowledged by then."""

    how: str
    files: dict[str, bytes]
    told: frozenset[str]

    def lay(self, folder: Path) -> Path:
        for old in folder.iterdir():
            old.unlink()
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder / "duban.db"


def images(base: bytes, ops: list[Op], number: int) -> Iterator[Image]:
    """So many losses at random instants of a record."""
    chance = Random(11)
    instants = sorted(chance.choices(range(1, len(ops) + 1), k=number))
    shelves, told = {"duban.db": Shelf(bytearray(base))}, set[str]()
    for n, op in enumerate(ops, 1):
        if op.kind == "told":
            told.add(op.file)
        else:
            _keep(shelves, op)
        while instants and instants[0] == n:
            instants.pop(0)
            how = chance.choice(["dropped", "subset", "torn"])
            yield Image(how, {name: shelf.left(how, chance) for name, shelf in shelves.items()}, frozenset(told))


def _keep(shelves: dict[str, Shelf], op: Op) -> None:
    shelf = shelves.setdefault(op.file, Shelf(bytearray()))
    match op.kind:
        case "sync":
            shelf.synced()
        case "delete":
            del shelves[op.file]
        case _:
            shelf.waiting.append(op)


# -- what is found


@dataclass
class Loss:
    """What so many images lost, and what was not of one piece."""

    images: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


def looked_at(base: Path, ops: list[Op], folder: Path, number: int) -> Loss:
    """Open each image with the library itself and examine it; every hundredth is worked on too."""
    found = Loss()
    folder.mkdir()
    for image in images(base.read_bytes(), ops, number):
        file = image.lay(folder)
        with closing(dbapi2.connect(file)) as connection:
            ask: Wish = lambda said, ask=connection: ask.execute(said).fetchall()  # type: ignore[misc]  # noqa: E731
            found.wrong += [f"{found.images} ({image.how}): {fault}" for fault in examine(ask)]
            found.lost += not image.told <= refs(ask)
        if found.images % 100 == 0:
            go_on(url_of(file))
        found.images += 1
    return found


def go_on(url: str) -> None:
    """After the loss the office opens as usual and acts."""
    desk = desk_at(url, VirtualClock(START))
    clock = VirtualClock(present(desk) + DAY)
    desk.clock = desk.store._clock = clock  # type: ignore[attr-defined]  # it goes on where the power went
    task = desk.store.task("tiny-01")
    assert task is not None
    done(fire(desk, likely(Random(0), task, clock.now)))
    desk.store.close()


@pytest.fixture
def base(memory: Path) -> Path:
    founded(url_of(memory / "base.db"), 4)
    return memory / "base.db"


def test_no_power_loss_takes_what_was_acknowledged(base: Path, memory: Path) -> None:
    """As the store is shipped: every acknowledged event is in every image, and every image is of one piece."""
    ops = recorded(base, memory / "duban.db")
    assert sum(op.kind == "write" and op.file == "duban.db" for op in ops) > 100, "no checkpoint was recorded"
    found = looked_at(base, ops, memory / "image", IMAGES)
    assert found == Loss(IMAGES, 0, [])


def test_with_a_laxer_setting_it_does(base: Path, memory: Path) -> None:
    """The images can show a loss: with synchronous=NORMAL acknowledged work is lost, though nothing is torn."""
    ops = recorded(base, memory / "duban.db", "synchronous = NORMAL")
    found = looked_at(base, ops, memory / "image", IMAGES // 10)
    assert found.wrong == []
    assert found.lost > 0


def test_a_disk_that_lies_about_syncing_tears(base: Path, memory: Path) -> None:
    """The images can show a tear: with no sync at all, some are damaged or of two minds, and it is told."""
    ops = recorded(base, memory / "duban.db", "synchronous = OFF")
    with pytest.raises((AssertionError, dbapi2.DatabaseError, StoreDamaged)):
        assert looked_at(base, ops, memory / "image", IMAGES).wrong == []
