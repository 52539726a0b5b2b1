"""A crowd: processes that act and sweep at the same time on the same tasks, by one clock that runs fast.

They are forked from a process of their own, warm and with one thread, so that no test runner is forked.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from random import Random

from engine.commands import Refusal
from engine.events import EventType
from storage import StoreProblem, transactions
from storage.sql import POSTGRES
from tests.limits import LONG, PATIENCE, alone, aside
from tests.torture.stage import LEAD, START, Tally, book, desk_at, in_the_end, likely
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.sweeping import DAMAGED, Swept, sweep

DAYS_PER_SECOND = 60


@dataclass(frozen=True, slots=True)
class Order:
    """What everyone in a crowd does, and how often."""

    url: str
    people: int
    acts: int
    began: float
    """The monotonic second at which the clock stood at the start."""
    patient: bool = False
    """Whether they repeat what was not answered, however long it takes."""
    fault: str = ""
    unsafe: bool = False
    days_per_second: float = DAYS_PER_SECOND

    def clock(self) -> datetime:
        """The present, the same for all of them: the system's monotonic clock, sped up."""
        return START + timedelta(days=(time.monotonic() - self.began) * self.days_per_second)


@dataclass
class Told:
    """What one of them was told."""

    tally: Tally = field(default_factory=Tally)
    shared: Tally = field(default_factory=Tally)
    swept: Counter[EventType] = field(default_factory=Counter)
    unanswered: int = 0
    """How often an answer did not come and the act was repeated under its key."""


def unlocked() -> None:
    """Take away the row lock of PostgreSQL."""
    assert vars(transactions)["POSTGRES"] is POSTGRES, "the lock is not where it is taken away"
    vars(transactions)["POSTGRES"] = replace(POSTGRES, lock=None, lock_of=None)


FAULTS: dict[str, Callable[[], None]] = {"": lambda: None, "unlocked": unlocked}


def work(order: Order, number: int) -> Told:
    """Act on any task, act as all others do under the same key, sweep."""
    FAULTS[order.fault]()
    desk, chance, told = opened(order), Random(number), Told()
    for n in range(order.acts):
        if n % 6 == 0:
            sweep_once(desk, order, told)
        if n % 4 == 0:
            key = f"shared-{n}"
            act = Act(f"tiny-0{n % 3 + 1}", "report", {"month": "2022-03", "percent": str(n % 100)}, LEAD, key=key)
            told.shared.note(key, answered(desk, act, order, told))
        key = f"{number}-{n}"
        act = some_act(desk, chance, order, key)
        told.tally.note(key, answered(desk, act, order, told))
    desk.store.close()
    return told


def opened(order: Order) -> Desk:
    while True:
        try:
            return desk_at(order.url, order.clock, unsafe=order.unsafe)
        except StoreProblem:
            assert order.patient
            time.sleep(0.05)


def some_act(desk: Desk, chance: Random, order: Order, key: str) -> Act:
    while True:
        try:
            task = chance.choice([task for task in desk.store.tasks() if not task.ended])
            return likely(chance, task, order.clock(), key)
        except StoreProblem:
            assert order.patient
            time.sleep(0.05)


def answered(desk: Desk, act: Act, order: Order, told: Told) -> Outcome | Refusal:
    if not order.patient:
        return fire(desk, act)

    def wait() -> None:
        told.unanswered += 1
        time.sleep(0.05)

    return in_the_end(desk, act, pause=wait)


def sweep_once(desk: Desk, order: Order, told: Told) -> None:
    try:
        done = sweep(desk, accept_gap=True, batch=2)
    except StoreProblem:
        assert order.patient
        return
    if isinstance(done, Swept):
        told.swept.update(done.kinds)


def one(order: Order, number: int, answer: Connection) -> None:
    """Who meets with damage stops. Where a fault is planted that is what was to be seen, else it is a failure."""
    try:
        answer.send(work(order, number))
    except DAMAGED:
        if not order.fault:
            raise
        answer.send(Told())


def lead(order: Order, answer: Connection) -> None:
    """Fork the crowd from here, and collect what each was told."""
    book()
    alone()
    fork = get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(order.people)]
    crowd = [fork.Process(target=one, args=(order, n, its)) for n, (_, its) in enumerate(pipes)]
    for person in crowd:
        person.start()
    for _, its in pipes:
        its.close()
    told = []
    for number, (mine, _) in enumerate(pipes):
        assert mine.poll(LONG), f"number {number} of the crowd did not come back"
        told.append(mine.recv())
    answer.send(told)
    for person in crowd:
        person.join(PATIENCE)


def crowd(order: Order, meanwhile: Callable[[Callable[[], bool]], None] = lambda _busy: None) -> list[Told]:
    """What each of a crowd was told. `meanwhile` is called with a question: are they still at work?"""
    with aside(lead, order) as leader:
        meanwhile(leader.busy)
        found: list[Told] = leader.answer()
    return found


def began() -> float:
    """The present second of the system's monotonic clock, which all processes share."""
    return time.monotonic()


def keys_of(told: list[Told]) -> set[str]:
    """The keys under which somebody was told that something was done."""
    return {key for each in told for tally in (each.tally, each.shared) for key in tally.done}


def end(order: Order) -> datetime:
    """A last sweep when all have gone, by the same clock; returns its instant."""
    with closing((desk := desk_at(order.url, order.clock, unsafe=order.unsafe)).store):
        done = sweep(desk, accept_gap=True)
        assert isinstance(done, Swept), done
        return done.until
