"""Eight processes on the same tasks and the same due deadlines, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.events import EventType
from storage.sql_store import SqlStore
from tests.torture.autopsy import commands, examine, lives, overdue, refs
from tests.torture.crowd import Order, Told, began, crowd, end, keys_of
from tests.torture.stage import Wish, asking, desk_at, founded, size
from workflows.desk import Desk

PEOPLE = 8
ACTS = size(30, 120)

pytestmark = pytest.mark.torture


@pytest.fixture
def opened() -> Iterator[Callable[[Order], Desk]]:
    """Opens desks by an order, and closes them."""
    desks: list[Desk] = []

    def at(order: Order) -> Desk:
        desks.append(desk_at(order.url, order.clock))
        return desks[-1]

    yield at
    for desk in desks:
        desk.store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return str(request.getfixturevalue("founded_postgres"))


def fired_twice(ask: Wish) -> list[object]:
    """Deadlines that ran out, or reminded by one rung, more than once."""
    found: Counter[object] = Counter()
    for life in lives(ask).values():
        for event in life.events:
            if event.type in {EventType.DEADLINE_MISSED, EventType.DEADLINE_REMINDED}:
                told = event.payload["occurrence"]
                rung = len(told.get("reminded", ())) if event.type is EventType.DEADLINE_REMINDED else None
                found[event.task, event.type, told["name"], told["key"], rung] += 1
    return [what for what, times in found.items() if times > 1]


def adds_up(told: list[Told], ask: Wish) -> list[str]:
    """What was told against what is there."""
    wrong = []
    there = refs(ask)
    effects = Counter(key for _, key in commands(ask))
    for each in told:
        for tally, asked in ((each.tally, ACTS), (each.shared, (ACTS + 3) // 4)):
            if len(tally.done) + len(tally.refused) != asked:
                wrong.append(f"{asked} acts, {len(tally.done)} done, {tally.refused} refused")
            wrong += [f"{ref} was lost" for mine in tally.done.values() for ref in mine if ref not in there]
    if set(effects) != keys_of(told):
        wrong.append(f"told of {len(keys_of(told))} acts, found {len(effects)}")
    wrong += [f"{key} took effect {times} times" for key, times in effects.items() if times != 1]
    return wrong


def test_a_crowd_loses_nothing_and_fires_nothing_twice(database: str, opened: Callable[[Order], Desk]) -> None:
    """Each act is done once or refused; the same act under the same key by all eight is done once and told eight
    times; each deadline runs out once, each rung reminds once, none is left; and all is of one piece.
    """
    founded(database, 3)
    order = Order(database, PEOPLE, ACTS, began())
    told = crowd(order)
    until = end(order)
    with asking(opened(order)) as ask:
        assert examine(ask) == []
        assert adds_up(told, ask) == []
        assert fired_twice(ask) == []
        assert overdue(ask, until) == []
        missed = ask(f"SELECT count(*) FROM events WHERE type = '{EventType.DEADLINE_MISSED.value}'")[0][0]  # noqa: S608
    assert missed > 0
    assert sum(each.shared.repeated for each in told) == (PEOPLE - 1) * len(range(0, ACTS, 4))
    assert sum(each.swept.total() for each in told) > 0
    assert not any("clock" in code for each in told for code in each.tally.refused)


def test_either_lock_holds_alone(founded_postgres: str, opened: Callable[[Order], Desk]) -> None:
    """Without the row lock, UNIQUE (stream, seq) still turns the slower one back, and its second try is right."""
    founded(founded_postgres, 3)
    order = Order(founded_postgres, 3, size(6, 50), began(), patient=True, fault="unlocked")
    told = crowd(order)
    with asking(opened(order)) as ask:
        assert examine(ask) == []
        assert set(Counter(key for _, key in commands(ask)).values()) == {1}
        assert {key for _, key in commands(ask)} == keys_of(told)


def test_without_both_locks_the_race_is_seen(founded_postgres: str, opened: Callable[[Order], Desk]) -> None:
    """The crowd can find a loss: neither row lock nor unique numbers, and events stand twice under one number."""
    founded(founded_postgres, 3)
    order = Order(founded_postgres, 4, 60, began(), patient=True, fault="unlocked")
    desk = opened(order)
    assert isinstance(desk.store, SqlStore)
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE events DROP CONSTRAINT events_pkey")
    crowd(order)
    with asking(desk) as ask:
        assert examine(ask) != []
