"""Victims and their executioner: offices that are killed at any instant, and what is found afterwards.

It all happens in a process of its own, warm and with one thread, from which victims are forked: no test runner, no
connection and no lock is inherited. A victim acknowledges each transition over a pipe after its commit.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from storage.sql_work import SqlWork
from tests.limits import LONG, alone, aside
from tests.torture.autopsy import commands, examine, refs, seals
from tests.torture.stage import START, asking, copied, desk_at, founded, in_memory, likely, present, url_of
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Outcome, fire
from workflows.office.sweeping import sweep

PATIENCE = 0.012
"""Seconds that a victim lives at most after its first acknowledgement."""

BIRTH = 0.035
"""Seconds that one in five lives at most after its birth: it is killed while it opens, recovers or begins."""

LIVES = 25
"""Victims that work on one database after another, before it is begun anew."""


@dataclass
class Findings:
    """What the executioner saw."""

    kills: int = 0
    acknowledged: int = 0
    in_flight: int = 0
    """Acts that were kept and of which nobody was told."""
    wrong: list[str] = field(default_factory=list)


# -- the victim


def tell(pipe: int, said: Any) -> None:
    os.write(pipe, json.dumps(said).encode() + b"\n")


def live(url: str, pipe: int, seed: int, fault: str) -> NoReturn:
    """Work until killed."""
    chance = Random(seed)
    FAULTS[fault](pipe)
    desk = desk_at(url, VirtualClock(START))
    clock = VirtualClock(present(desk))
    desk.clock = desk.store._clock = clock  # type: ignore[attr-defined]  # it goes on where the one before was killed
    for n in count():
        clock.move(clock.now + timedelta(hours=chance.randrange(1, 60)))
        if chance.random() < 0.15:
            sweep(desk)
            tell(pipe, {"refs": [f"{task.id}#{task.seq}" for task in desk.store.tasks()]})
        else:
            act_once(desk, chance, f"{seed}-{n}", pipe)
    raise AssertionError("a victim works for ever")


def act_once(desk: Desk, chance: Random, key: str, pipe: int) -> None:
    task = chance.choice([task for task in desk.store.tasks() if not task.ended])
    answer = fire(desk, likely(chance, task, desk.clock(), key))
    if isinstance(answer, Outcome):
        tell(pipe, {"key": key, "refs": [event.ref for event in answer.events]})


# -- faults to plant in a victim


def sound(_pipe: int) -> None:
    """The product as it is."""


def in_two_transactions(_pipe: int) -> None:
    """Events in one transaction, all that follows from them in a second."""

    def write(work: SqlWork, batch: Any) -> None:
        work._many(work._sql.events, batch.events)
        work._cursor.execute("COMMIT")
        work._cursor.execute("BEGIN IMMEDIATE")
        batch.events = []
        whole(work, batch)

    whole = SqlWork._write
    setattr(SqlWork, "_write", write)  # noqa: B010  # planted


def acknowledged_too_early(pipe: int) -> None:
    """The answer goes out before the commit."""

    def remember(work: SqlWork, actor: str, key: str, request: str, answer: Any) -> None:
        tell(pipe, {"key": key, "refs": answer["events"]})
        kept(work, actor, key, request, answer)

    kept = SqlWork.remember
    setattr(SqlWork, "remember", remember)  # noqa: B010  # planted


FAULTS: dict[str, Callable[[int], None]] = {
    each.__name__: each for each in (sound, in_two_transactions, acknowledged_too_early)
}


# -- the executioner


def execute(url: str, seed: int, fault: str) -> list[dict[str, Any]]:
    """Fork a victim, kill it after a while, and return what it told."""
    chance = Random(seed)
    begun = chance.random() < 0.8
    mine, its = os.pipe()
    victim = os.fork()
    if victim == 0:
        with suppress(BaseException):
            live(url, its, seed, fault)
        os._exit(1)
    os.close(its)
    with os.fdopen(mine, "rb") as told:
        first = told.readline() if begun else b""
        time.sleep(chance.uniform(0, PATIENCE if begun else BIRTH))
        os.kill(victim, signal.SIGKILL)
        text = first + told.read()
    _, status = os.waitpid(victim, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, f"victim {seed} ended by itself"
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def inspect(url: str, told: list[dict[str, Any]], seed: int, before: dict[str, str], found: Findings) -> dict[str, str]:
    """Compare what was told with what is there. Returns the seals of all events."""
    desk = desk_at(url, VirtualClock(START))
    with asking(desk) as ask:
        found.wrong += [f"{seed}: {fault}" for fault in examine(ask)]
        there = refs(ask)
        found.wrong += [f"{seed}: {ref} was lost" for said in told for ref in said.get("refs", []) if ref not in there]
        kept = {key for _, key in commands(ask) if key.startswith(f"{seed}-")}
        after = seals(ask)
    desk.store.close()
    acknowledged = {said["key"] for said in told if "key" in said}
    if len(kept - acknowledged) > 1:
        found.wrong.append(f"{seed}: {sorted(kept - acknowledged)} were kept, and one at most was under way")
    found.wrong += [f"{seed}: {ref} changed" for ref, seal in before.items() if after.get(ref) != seal]
    found.kills += 1
    found.acknowledged += len(acknowledged)
    found.in_flight += len(kept - acknowledged)
    return after


def warm_up(file: Path) -> None:
    """Do once what victims will do, so that they inherit it done; and let forks share what lives on."""
    desk, chance = desk_at(url_of(file), VirtualClock(START + timedelta(days=40))), Random(0)
    with Path(os.devnull).open("wb") as nobody:
        for n in range(20):
            act_once(desk, chance, str(n), nobody.fileno())
    sweep(desk)
    desk.store.close()
    gc.collect()
    gc.freeze()


def execute_many(folder: str, kills: int, fault: str, answer: Connection) -> None:
    """Kill until the number is reached or something is wrong."""
    base = Path(folder) / "base.db"
    founded(url_of(base), 4)
    warm_up(copied(base, Path(folder) / "warm.db"))
    alone()
    found = Findings()
    before: dict[str, str] = {}
    file = Path(folder) / "duban.db"
    for seed in range(kills):
        if seed % LIVES == 0:
            copied(base, file)
            before = {}
        told = execute(url_of(file), seed, fault)
        before = inspect(url_of(file), told, seed, before, found)
        if found.wrong:
            break
    answer.send(found)


def executions(kills: int, fault: str = "sound") -> Findings:
    """What is found after so many kills, or up to the first at which something is wrong."""
    with in_memory() as folder, aside(execute_many, str(folder), kills, fault, seconds=LONG + kills) as executioner:
        found: Findings = executioner.answer()
    return found
