"""Due deadlines among a million open tasks: throughput against the floor, and that the cost follows what is due.

The due tasks stand at random among the others. What falls due is the written report on a lag: it is missed, which fires
a transition, raises a notice and starts what the definition says. First many are due at once; then, day after day, few,
held against the same few in a database that holds nothing else.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

from bench.bulk import SEED, Seeds, multiply
from bench.figures import Budget, Figure, median, ratio
from bench.scale import Scale
from bench.scenes import at, desk, engine_of, enter, move, report
from bench.tape import Step, Tape, attach, play, sqlite_floor
from workflows.desk import Desk
from workflows.office.sweeping import Progress, Swept, sweep

DAYS = (("2022-03-07", "2022-03-14"), ("2022-03-08", "2022-03-15"), ("2022-03-09", "2022-03-16"),
        ("2022-03-10", "2022-03-17"), ("2022-03-11", "2022-03-18"), ("2022-03-14", "2022-03-21"),
        ("2022-03-15", "2022-03-22"), ("2022-03-16", "2022-03-23"))  # fmt: skip
"""For each group the day on which its tasks begin to lag, and the last day of the report: five working days later."""


def measure(scale: Scale) -> list[Figure]:
    """The sweep of many at once, then of few among many against few alone."""
    start = time.perf_counter()
    few = range(1, scale.runs + 2)
    rest = scale.tasks - scale.due - len(few) * scale.due_few
    seeds = {group: _seed(scale, group) for group in range(scale.runs + 2)}
    copies = [Seeds(_seed(scale, None), rest), Seeds(seeds[0], scale.due)]
    large = _database(scale, "large", [*copies, *(Seeds(seeds[group], scale.due_few) for group in few)])
    took = time.perf_counter() - start
    with _opened(large) as both:
        figure = _at_once(scale, both, took)
        among = [_swept(both, group) for group in few[:-1]]
        among_cost = _counted(both, large, few[-1])
    alone, alone_cost = _alone(scale, seeds, few)
    large.unlink()
    return [figure, *_scattered(scale, among, alone), *_costs(among_cost, alone_cost)]


# -- databases


@dataclass
class _Both:
    """A database of ours with its tape, and the floor's connection to its twin."""

    office: Desk
    tape: Tape
    floor: Any


def _twin(path: Path) -> Path:
    return path.with_suffix(".floor")


def _seed(scale: Scale, group: int | None) -> Path:
    """One task under way, and on plan where it is of no group; of a group it lags and has been reminded."""
    path = scale.directory / f"seed-{group}.db"
    lagging, due = ("2022-03-10", DAYS[0][1]) if group is None else DAYS[group]
    office = desk(f"sqlite:///{path}", at("2022-02-21 09:00"), create=True)
    enter(office, [f"g{group}{SEED}"])
    move(office, "2022-02-25 16:00")
    report(office, f"g{group}{SEED}", "2022-02")
    move(office, f"{lagging} 10:00")
    report(office, f"g{group}{SEED}", "2022-03", behind=0 if group is None else 4)
    move(office, f"{due} 12:00")
    office.store.close()
    return path


def _database(scale: Scale, name: str, seeds: Sequence[Seeds]) -> Path:
    path = scale.directory / f"sweep-{name}.db"
    desk(f"sqlite:///{path}", at("2022-02-21 09:00"), create=True).store.close()
    multiply(path, seeds)
    shutil.copy(path, _twin(path))
    return path


@contextmanager
def _opened(path: Path, group: int = 0) -> Iterator[_Both]:
    office, tape = desk(f"sqlite:///{path}", at(f"{DAYS[group][1]} 12:00")), Tape()
    attach(engine_of(office).engine, tape)
    floor = sqlite_floor(_twin(path))
    try:
        yield _Both(office, tape, floor)
    finally:
        floor.close()
        office.store.close()


# -- many at once


@dataclass
class _Paces:
    """A sweep batch by batch: ours is timed, then the floor does the same; its time is not ours."""

    both: _Both
    start: float = field(default_factory=time.perf_counter)
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def take(self, _done: Swept) -> None:
        """Called after each batch."""
        self.ours.append(time.perf_counter() - self.start)
        self.bare.append(play(self.both.floor, self.both.tape.taken()))
        self.start = time.perf_counter()

    def slices(self, runs: int) -> tuple[list[float], list[float]]:
        """Seconds of ours and of the floor for each of so many parts of the sweep, a batch at least."""
        runs = min(runs, len(self.ours))
        cuts = [len(self.ours) * number // runs for number in range(runs + 1)]
        parts = [slice(*cut) for cut in pairwise(cuts)]
        return [sum(self.ours[part]) for part in parts], [sum(self.bare[part]) for part in parts]


def _sweep(both: _Both, group: int, progress: Progress | None = None) -> Swept:
    """Let the day end on which a group is due, with the tape on."""
    midnight = at(f"{DAYS[group][1]} 00:00") + timedelta(days=1)
    with both.tape.rolling():
        done = sweep(both.office, midnight, progress=progress)
    assert isinstance(done, Swept), done
    return done


def _at_once(scale: Scale, both: _Both, took: float) -> Figure:
    paces = _Paces(both)
    done = _sweep(both, 0, paces.take)
    assert done.families == scale.due, done
    play(both.floor, both.tape.taken())
    ours, bare = paces.slices(scale.runs)
    each = scale.runs * 1e6 / scale.due
    note = (
        f"ours {sum(ours):,.0f} s, {median(ours) * each:,.0f} µs each; floor {sum(bare):,.0f} s, "
        f"{median(bare) * each:,.0f} µs each; {done.events / done.families:.1f} events each; "
        f"the databases were made in {took:,.0f} s"
    )
    name = f"sweep of {scale.due:,} due among {scale.tasks:,} open tasks, share of the floor's throughput"
    return Figure(name, ratio(bare, ours), "×", Budget("≥", 0.25), note)


# -- few among many, and alone


def _swept(both: _Both, group: int) -> tuple[float, float]:
    """Seconds of ours and of the floor for the sweep of one group."""
    paces = _Paces(both)
    done = _sweep(both, group, paces.take)
    paces.take(done)
    return sum(paces.ours), sum(paces.bare)


def _alone(
    scale: Scale, seeds: dict[int, Path], few: Sequence[int]
) -> tuple[list[tuple[float, float]], tuple[int, int]]:
    """The same groups, each in a database of its own; the last is counted."""
    times, cost = [], (0, 0)
    for group in few:
        path = _database(scale, f"alone-{group}", [Seeds(seeds[group], scale.due_few)])
        with _opened(path, group) as both:
            if group == few[-1]:
                cost = _counted(both, path, group)
            else:
                times.append(_swept(both, group))
    return times, cost


def _counted(both: _Both, path: Path, group: int) -> tuple[int, int]:
    """Statements of a sweep, and the steps that SQLite's machine takes for them."""
    _sweep(both, group)
    steps = both.tape.taken()
    both.floor.close()
    return len(steps), _machine_steps(_twin(path), steps)


def _machine_steps(path: Path, steps: Sequence[Step]) -> int:
    """A row that is looked at costs at least one instruction of SQLite's machine, so that they bound the rows."""
    connection, total = apsw.Connection(str(path)), 0

    def profiled(told: Any) -> None:
        nonlocal total
        total += told["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]

    connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, profiled)
    cursor = connection.cursor()
    for kind, statement, parameters in steps:
        if kind == "executemany":
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement or "COMMIT", parameters).fetchall()
    connection.close()
    return total


Pairs = Sequence[tuple[float, float]]


def _scattered(scale: Scale, among: Pairs, alone: Pairs) -> list[Figure]:
    ours = ratio([pair[0] for pair in among], [pair[0] for pair in alone])
    floor = ratio([pair[1] for pair in among], [pair[1] for pair in alone])
    name = f"sweep of {scale.due_few:,} due among {scale.tasks:,} over among {scale.due_few:,}: time, over the floor's"
    note = f"ours {ours:.2f} times as long, floor {floor:.2f} times; ours {median([p[0] for p in among]):.1f} s"
    return [Figure(name, ours / floor, "×", Budget("≤", 1.2), note)]


def _costs(among: tuple[int, int], alone: tuple[int, int]) -> list[Figure]:
    return [
        Figure("the same: statements", among[0] / alone[0], "×", Budget("≤", 1.2), f"{among[0]:,} and {alone[0]:,}"),
        Figure("the same: instructions of SQLite's machine, which bound the rows examined", among[1] / alone[1], "×",
               Budget("≤", 1.2), f"{among[1]:,} and {alone[1]:,}"),
    ]  # fmt: skip
