"""The instrument that finds torn transitions finds each kind of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from storage.sql_store import SqlStore
from tests.torture.autopsy import examine
from tests.torture.stage import START, asking, desk_at, done, founded, likely, url_of
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import fire


@pytest.fixture
def desk(memory: Path) -> Iterator[Desk]:
    """A task with some history."""
    founded(url_of(memory / "duban.db"), 1)
    clock = VirtualClock(START)
    desk = desk_at(url_of(memory / "duban.db"), clock)
    chance = Random(4)
    for n in range(20):
        clock.move(clock.now + timedelta(days=4))
        task = desk.store.task("tiny-01")
        assert task is not None
        done(fire(desk, likely(chance, task, clock.now, f"k{n}")))
    yield desk
    desk.store.close()


def test_a_sound_database_has_no_fault(desk: Desk) -> None:
    with asking(desk) as ask:
        assert examine(ask) == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events WHERE stream = 'tiny-01') AND stream = 'tiny-01'",
        "DELETE FROM events WHERE stream = 'tiny-01' AND seq = 3",
        "UPDATE events SET payload = replace(payload, '第1项', '第2项')",
        "UPDATE events SET prev = hash WHERE seq = 5",
        "UPDATE events SET actor = 'zhao' WHERE seq = 2",
        "UPDATE events SET actor = 'zhao' WHERE stream = 'editions'",
        "UPDATE events SET payload = replace(payload, 'tiny@1', 'tiny@2') WHERE stream = 'editions'",
        "UPDATE events SET recorded_at = recorded_at - 1 WHERE seq = 4",
        "UPDATE tasks SET version = version - 1",
        "UPDATE tasks SET state = 'done'",
        "UPDATE tasks SET snapshot = replace(snapshot, '第1项', '第2项')",
        "UPDATE tasks SET span_seq = span_seq - 1",
        "DELETE FROM tasks WHERE id = 'tiny-01'",
        "DELETE FROM deadlines WHERE name = 'monthly_report'",
        "DELETE FROM deadlines WHERE name = '@signal'",
        "UPDATE deadlines SET due_at = due_at + 1 WHERE name = 'monthly_report'",
        "DELETE FROM spans WHERE seq = (SELECT max(seq) FROM spans)",
        "UPDATE spans SET state = 'done' WHERE seq = (SELECT min(seq) FROM spans)",
        "DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)",
        "INSERT INTO outbox (task, seq, kind, name, body) SELECT task, seq, kind, name, body FROM outbox LIMIT 1",
        "UPDATE keys SET answer = replace(answer, 'tiny-01#', 'tiny-01#9') WHERE key = 'k3'",
    ],
)
def test_no_damage_escapes(desk: Desk, damage: str) -> None:
    """One row changed, removed or doubled in any table is named."""
    assert isinstance(desk.store, SqlStore)
    with desk.store.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        changed = connection.exec_driver_sql(damage).rowcount
        assert changed > 0
        with_faults = examine(lambda said: connection.exec_driver_sql(said).all())
        connection.rollback()
    assert with_faults
