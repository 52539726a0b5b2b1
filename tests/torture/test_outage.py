"""It does not matter when the sweep runs, nor what a clock says that cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.commands import Refusal
from engine.events import EventType, iso
from tests.torture.autopsy import examine, lives
from tests.torture.stage import (
    DAY,
    HOUR,
    LEAD,
    OFFICE,
    START,
    Tally,
    asking,
    copied,
    desk_at,
    done,
    founded,
    likely,
    size,
    url_of,
)
from workflows.clock import JUMP, VirtualClock, Watch
from workflows.desk import LAST_SWEEP, Desk
from workflows.office.firing import Act, fire
from workflows.office.sweeping import Swept, sweep

TASKS = size(200, 1_000)
HISTORIES = size(40, 300)

pytestmark = pytest.mark.torture


# -- outages


def states(desk: Desk) -> list[dict[str, Any]]:
    """All that is left of a run, less the moments at which decisions were taken."""
    return [{**task.to_json(), "touched_at": ""} for task in desk.store.tasks()]


def told(desk: Desk) -> dict[str, list[Any]]:
    """Every event of every stream as it was decided: all but when it was recorded."""
    with asking(desk) as ask:
        assert examine(ask) == []
        return {name: life.events for name, life in lives(ask).items()}


def owed(desk: Desk) -> list[Any]:
    return list(desk.store.worklist())


def acts(count: int) -> list[tuple[datetime, Act]]:
    """What people do over a month: reports in time and between the due time and the next sweep, orders, acceptances."""
    chance = Random(3)
    found = []
    for n in range(count):
        name = f"tiny-{chance.randrange(1, TASKS + 1):02}"
        at = START + timedelta(days=20, minutes=chance.randrange(30 * 24 * 60))
        report = Act(name, "report", {"month": "2022-02", "percent": str(chance.randrange(12))}, LEAD)
        order = Act(name, "order_rectification", {}, OFFICE)
        found += [(at, report), (at + HOUR * 5, order)] if n % 2 else [(at, report)]
    return sorted(found, key=lambda pair: (pair[0], pair[1].task))


def lived(file: Path, sweeps: list[datetime]) -> Desk:
    """A month of the same acts, with sweeps at these instants and one at the end."""
    desk = desk_at(url_of(file), VirtualClock(START))
    clock = desk.clock
    assert isinstance(clock, VirtualClock)
    plan: list[tuple[datetime, Act | None]] = [*acts(size(60, 600)), *((at, None) for at in sweeps)]
    for at, act in sorted(plan, key=lambda pair: (pair[0], pair[1] is not None)):
        clock.move(at)
        if act is None:
            assert isinstance(sweep(desk), Swept)
        else:
            fire(desk, act)
    assert isinstance(sweep(desk, START + 55 * DAY), Swept)
    return desk


def test_an_outage_changes_nothing_but_when_it_was_recorded(memory: Path) -> None:
    """The same acts on two hundred tasks, swept daily, at odd times, or once after thirty days: the same tasks, the
    same events with the same instants, the same deadlines open.
    """
    founded(url_of(memory / "base.db"), TASKS)
    chance = Random(5)
    ways = {
        "daily": [START + n * DAY for n in range(20, 55)],
        "odd": [START + timedelta(minutes=chance.randrange(20 * 1440, 55 * 1440)) for _ in range(8)],
        "once": [],
    }
    desks = {way: lived(copied(memory / "base.db", memory / f"{way}.db"), at) for way, at in ways.items()}
    first = desks["daily"]
    kinds = {event.type for events in told(first).values() for event in events}
    assert {EventType.DEADLINE_MISSED, EventType.DEADLINE_REMINDED, EventType.CHILD_OPENED} <= kinds
    for desk in desks.values():
        assert told(desk) == told(first)
        assert states(desk) == states(first)
        assert owed(desk) == owed(first)
    for desk in desks.values():
        desk.store.close()


def escalated(desk: Desk) -> str:
    """Bring the only task to an interview; returns the interview."""
    assert isinstance(desk.clock, VirtualClock)
    for days, act in (
        (20, Act("tiny-01", "report", {"month": "2022-02", "percent": "1"}, LEAD)),
        (20, Act("tiny-01", "order_rectification", {}, OFFICE)),
    ):
        desk.clock.move(START + days * DAY)
        done(fire(desk, act))
    assert isinstance(sweep(desk, START + 40 * DAY), Swept)
    (task,) = [task for task in desk.store.tasks() if task.id == "tiny-01"]
    assert task.state == "escalated"
    return next(iter(task.children))


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_child_that_ends_around_its_parents_deadline_ends_the_same(memory: Path, hours: int) -> None:
    """An hour before, at, and an hour after the parent's due time: swept hourly or only at the end, one outcome."""
    found = []
    for way in ("hourly", "late"):
        founded(url_of(memory / f"{way}.db"), 1)
        desk = desk_at(url_of(memory / f"{way}.db"), VirtualClock(START))
        child = escalated(desk)
        due = next(each.due_at for each in desk.store.worklist() if each.name == "monthly_report" and each.due_at)
        due = max(due, START + 41 * DAY)
        held = due + hours * HOUR
        steps = [due + n * HOUR for n in range(-4, 5)] if way == "hourly" else []
        clock = desk.clock
        assert isinstance(clock, VirtualClock)
        for at in sorted([*steps, held]):
            clock.move(at)
            if at == held:
                fire(desk, Act(child, "hold", {}, OFFICE))
            if at in steps:
                sweep(desk)
        sweep(desk, due + 2 * DAY)
        found.append((told(desk), states(desk)))
        desk.store.close()
    assert found[0] == found[1]


def test_how_far_time_has_run_never_goes_back(memory: Path) -> None:
    """A slower sweep that began earlier, in another process, leaves the later one's note as it is."""
    founded(url_of(memory / "duban.db"), 1)
    slow, fast = (desk_at(url_of(memory / "duban.db"), VirtualClock(START)) for _ in range(2))
    for desk, days in ((slow, 0), (fast, 5), (slow, 3)):
        assert isinstance(sweep(desk, START + days * DAY), Swept)
    assert slow.store.note(LAST_SWEEP) == iso(START + 5 * DAY)
    for desk in (slow, fast):
        desk.store.close()


# -- clocks


@dataclass
class Times:
    """True time, and what the clock on the wall says of it."""

    now: datetime = START
    wrong: timedelta = timedelta(0)

    def wall(self) -> datetime:
        return self.now + self.wrong

    def monotonic(self) -> float:
        return (self.now - START).total_seconds()


Watching = Callable[[Times], Callable[[], datetime]]


def guarded(times: Times) -> Callable[[], datetime]:
    """The clock of the product."""
    return Watch(times.wall, times.monotonic)


def naive(times: Times) -> Callable[[], datetime]:
    """The wall, believed."""
    return times.wall


def steps(chance: Random) -> Iterator[tuple[timedelta, timedelta]]:
    """How true time goes on, and how wrong the wall is then: now and then by a day back or up to a year ahead."""
    for _ in range(12):
        jumped = chance.random() < 0.4
        wrong = timedelta(hours=chance.choice([-24, -1, 1, 5, 24, 24 * 30, 24 * 365])) if jumped else timedelta(0)
        yield timedelta(hours=chance.randrange(1, 100)), wrong + timedelta(seconds=chance.randrange(-60, 60))


def restarted(desk: Desk, watching: Watching, times: Times) -> Desk:
    return Desk(desk.store, watching(times), busy=desk.busy, _editions=desk._editions, _bases=desk._bases)


def history(file: Path, seed: int, watching: Watching) -> list[str]:
    """Sweep and act under a clock that jumps, starting anew once it is right again; returns what fired early."""
    chance, times = Random(seed), Times()
    desk = desk_at(url_of(file), times.wall)
    with closing(desk.store):
        desk = restarted(desk, watching, times)
        early, tally = [], Tally()
        for forward, wrong in steps(chance):
            times.now, times.wrong = times.now + forward, wrong
            answer = sweep(desk, accept_gap=True)
            task = desk.store.task("tiny-01")
            assert task is not None
            act = fire(desk, likely(chance, task, times.now))
            if abs(wrong) > JUMP and watching is guarded:
                assert isinstance(answer, Refusal)
                assert isinstance(act, Refusal)
                tally.refused.append(answer.code)
            early += fired_early(desk, times)
            if desk.untrusted() is not None:
                times.wrong = timedelta(0)
                desk = restarted(desk, watching, times)
        if watching is guarded:
            assert caught_up(desk, times)
    return early


def fired_early(desk: Desk, times: Times) -> list[str]:
    """What time caused before it had come, by more than the guard lets pass."""
    with asking(desk) as ask:
        events = [event for life in lives(ask).values() for event in life.events if event.due_at]
    return [event.ref for event in events if event.due_at and event.due_at > times.now + JUMP]


def caught_up(desk: Desk, times: Times) -> bool:
    """Once the clock is right again, all that is due has run."""
    times.now, times.wrong = times.now + HOUR, timedelta(0)
    right = restarted(desk, guarded, times)
    assert isinstance(sweep(right, accept_gap=True), Swept)
    return not right.store.due(times.now, 10)


def test_a_clock_that_jumps_fires_nothing_early(memory: Path) -> None:
    """Histories with jumps from a day back to a year ahead: while the wall is wrong neither sweep nor people are
    answered, no deadline runs out early, and when the clock is right again everything due is done.
    """
    founded(url_of(memory / "base.db"), 2)
    for seed in range(HISTORIES):
        assert history(copied(memory / "base.db", memory / "duban.db"), seed, guarded) == []


def test_a_clock_that_is_believed_does(memory: Path) -> None:
    """The histories can show it: without the guard deadlines run out early."""
    founded(url_of(memory / "base.db"), 2)
    files = (copied(memory / "base.db", memory / "duban.db") for _ in range(HISTORIES))
    assert any(history(file, seed, naive) for seed, file in enumerate(files))
