"""A million events of a realistic mix: obeyed one by one, checked link by link, and the board as of a date over them.

The mix is half a year of tasks that report each month, on plan or behind; who is behind is warned, owes a report, is
ordered to rectify and is called to an interview when that is missed too. Seeds are lived, then copied in SQL.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import orjson
from pysqlite3 import dbapi2

from bench.bulk import SEED, Seeds, multiply
from bench.figures import Budget, Figure, median, ratio
from bench.scale import Scale
from bench.scenes import OFFICE, act, at, desk, enter, move, report
from engine.chain import recorded_event, seal
from engine.task import Task, evolve, replay
from workflows.desk import Desk

T = TypeVar("T")

MONTHS = (("2022-02", "2022-02-25"), ("2022-03", "2022-03-30"), ("2022-04", "2022-04-28"), ("2022-05", "2022-05-30"),
          ("2022-06", "2022-06-29"), ("2022-07", "2022-07-28"))  # fmt: skip
AS_OF = "2022-05-20 12:00"


@dataclass(frozen=True, slots=True)
class Line:
    """One recorded event as the store holds it."""

    header: str
    payload: str
    salts: str
    prev: str
    hash: str


def measure(scale: Scale) -> list[Figure]:
    """Replay, chain and board."""
    lived = scale.directory / "lived.db"
    live(lived, scale.seeds)
    streams = _streams(lived)
    lines = [line for stream in streams for line in stream]
    rounds = max(1, scale.events // scale.runs // len(lines))
    copies = max(1, round(scale.events / len(lines)))
    return [_replayed(scale, streams, rounds), _chained(scale, lines, rounds), *_as_of(scale, lived, copies)]


# -- the mix


def live(path: Path, seeds: int) -> int:
    """Let seeds live through their half year; how many events came of it."""
    office = desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True)
    names = [f"m{number:02d}{SEED}" for number in range(seeds)]
    enter(office, names)
    for month, day in MONTHS:
        move(office, f"{day} 16:00")
        for number, name in enumerate(names):
            _monthly(office, name, month, number)
    move(office, "2022-08-05 09:00")
    office.store.close()
    return sum(map(len, _streams(path)))


def _monthly(office: Desk, name: str, month: str, number: int) -> None:
    """One in four is behind in any month; one in twelve is silent."""
    turn = (number + int(month[-2:])) % 12
    task = office.store.task(name)
    assert task is not None
    if turn == 5 or task.state == "escalated":
        return
    report(office, name, month, behind=4 if turn % 4 == 0 else 0)
    if turn == 0 and task.state == "lagging":
        act(office, name, "order_rectification", {"requirement": "加快进度", "deadline": "2022-07-15"}, OFFICE)


def _streams(path: Path) -> list[list[Line]]:
    connection = dbapi2.connect(str(path))
    found: dict[str, list[Line]] = {}
    for stream, *row in connection.execute(
        "SELECT stream, header, payload, salts, prev, hash FROM events"
        " WHERE stream IN (SELECT id FROM tasks) ORDER BY stream, seq"
    ):
        found.setdefault(stream, []).append(Line(*row))
    connection.close()
    return list(found.values())


# -- replay


def _replayed(scale: Scale, streams: Sequence[Sequence[Line]], rounds: int) -> Figure:
    ours, floor, count = _timed(scale, streams, rounds, _obey, _parse)
    _, plain, _ = _timed(scale, streams, max(1, rounds // 5), _nothing, _parse_plainly)
    each = [median(took) / count * 1e6 for took in (ours, floor)]
    standard = median(plain) / max(1, rounds // 5) * rounds / count * 1e6
    note = f"ours {each[0]:.1f} µs an event, floor {each[1]:.1f} µs ({standard:.1f} µs by the standard library's json)"
    name = f"replay of {scale.runs * count:,} events, time over parsing the same text"
    return Figure(name, ratio(ours, floor), "×", Budget("≤", 3), note)


def _nothing(_streams: Sequence[Sequence[Line]]) -> None:
    """Nothing to compare with."""


def _parse_plainly(streams: Sequence[Sequence[Line]]) -> None:
    for stream in streams:
        for line in stream:
            json.loads(line.header)
            json.loads(line.payload)


def _obey(streams: Sequence[Sequence[Line]]) -> None:
    for stream in streams:
        task: Task | None = None
        for line in stream:
            event, _ = recorded_event(line.header, line.payload, line.salts)
            task = evolve(task, event)


def _parse(streams: Sequence[Sequence[Line]]) -> None:
    for stream in streams:
        for line in stream:
            orjson.loads(line.header)
            orjson.loads(line.payload)


# -- the chain


def _chained(scale: Scale, lines: Sequence[Line], rounds: int) -> Figure:
    hashed = [(line, _hashed(line)) for line in lines]
    ours, floor, count = _timed(scale, [hashed], rounds, _verify, _hash)
    note = f"ours {median(ours) / count * 1e6:.1f} µs an event, floor {median(floor) / count * 1e6:.1f} µs"
    name = "the chain alone, time over parsing the same text and hashing the same bytes"
    return Figure(name, ratio(ours, floor), "×", Budget("≤", 1.3), note)


Hashed = tuple[Line, list[bytes]]
"""A recorded event, and the bytes that its digests are made of."""


def _hashed(line: Line) -> list[bytes]:
    pairs = zip(line.salts.split(" "), line.payload.split("\n"), strict=True)
    texts = [(salt + text).encode() for salt, text in pairs]
    digests = b"".join(sha256(text).digest() for text in texts)
    return [*texts, (line.prev + line.header).encode() + digests]


def _verify(streams: Sequence[Sequence[Hashed]]) -> None:
    for line, _ in streams[0]:
        orjson.loads(line.payload)
        if seal(line.prev, line.header, line.payload, line.salts) != line.hash:
            raise ValueError("a chain that we wrote does not hold")


def _hash(streams: Sequence[Sequence[Hashed]]) -> None:
    for line, texts in streams[0]:
        orjson.loads(line.payload)
        for text in texts:
            sha256(text).digest()


def _timed(
    scale: Scale,
    streams: Sequence[Sequence[T]],
    rounds: int,
    ours: Callable[[Sequence[Sequence[T]]], None],
    floor: Callable[[Sequence[Sequence[T]]], None],
) -> tuple[list[float], list[float], int]:
    """Seconds of the processor for each run of ours and of the floor, and the events of a run."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(scale.runs):
        for which, work in enumerate((ours, floor)):
            start = time.process_time()
            for _ in range(rounds):
                work(streams)
            took[which].append(time.process_time() - start)
    return (*took, rounds * sum(map(len, streams)))


# -- the board


def _as_of(scale: Scale, lived: Path, copies: int) -> list[Figure]:
    path = scale.directory / "board.db"
    desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True).store.close()
    multiply(path, [Seeds(lived, copies)], events=True)
    office = desk(f"sqlite:///{path}", at("2022-08-05 09:00"))
    office.store.board(at(AS_OF))
    whole = [_seconds(lambda: office.store.board(at(AS_OF))) for _ in range(scale.runs)]
    board = office.store.board(at(AS_OF))
    names = random.Random(2).sample([row.task for row in board], min(len(board), 1000))
    one = [_seconds(lambda name=name: _one(office, name)) for name in names]  # type: ignore[misc]  # a default binds the loop's value
    office.store.close()
    path.unlink()
    size = f"{len(board):,} tasks on the board; {copies * sum(map(len, _streams(lived))):,} events in the database"
    return [
        Figure("the board as of a date", median(whole) * 1e3, "ms", Budget("≤", 100), size),
        Figure("one task as of a date", median(one) * 1e3, "ms", Budget("≤", 1), "median of 1,000 tasks at random"),
    ]


def _one(office: Desk, name: str) -> Task:
    """The task at that instant: its stream, up to then, obeyed."""
    until = at(AS_OF)
    return replay(each.event for each in office.store.events(name) if each.event.occurred_at <= until)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
