"""What broke once in the office: one damaged family that stopped time for all of them."""

from __future__ import annotations

import pytest

from engine.commands import Refusal
from storage.sql_store import SqlStore
from tests.workflows.conftest import OFFICE, at
from workflows.desk import Desk
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.rows import Row
from workflows.sayings import say


def _report(desk: Desk, name: str) -> str:
    task = desk.store.task(name)
    assert task is not None
    return task.deadlines["monthly_report/2022-02"]["status"]


def test_a_damaged_family_does_not_stop_time_for_the_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with its cause, nothing of it is written, and those before and after it are swept."""
    rows = [Row(number, {"title": title, "lead_unit": "水务局"}) for number, title in enumerate("甲乙丙")]
    entered = register(desk, "promises", rows, OFFICE)
    assert isinstance(entered, list)
    first, damaged, last = (task.id for task in entered)
    pin = desk.store.task(damaged)
    book = Desk.book
    calls: list[str] = []

    def lost(desk: Desk, name: str) -> object:
        calls.append(name)
        if len(calls) == 2:
            raise LookupError(f"{name} is gone")
        return book(desk, name)

    monkeypatch.setattr(Desk, "book", lost)
    swept = sweep(desk, at("2022-03-05 09:00"))
    monkeypatch.undo()
    assert isinstance(swept, Swept)
    assert [each.facts["task"] for each in swept.stuck] == [damaged]
    assert "promises@1 is gone" in say(swept.stuck[0], None, "en")
    assert desk.store.task(damaged) == pin
    assert [_report(desk, name) for name in (first, last)] == ["missed", "missed"]
    again = sweep(desk, at("2022-03-05 10:00"))
    assert not isinstance(again, Refusal)
    assert not again.stuck
    assert _report(desk, damaged) == "missed"


DAMAGES = {
    "a snapshot that is no JSON": "UPDATE tasks SET snapshot = substr(snapshot, 2) WHERE id = ?",
    "a snapshot with an unknown field": "UPDATE tasks SET snapshot = '{\"x\":1,' || substr(snapshot, 2) WHERE id = ?",
    "a snapshot of bytes that are no text": "UPDATE tasks SET snapshot = CAST(X'FF' || snapshot AS TEXT) WHERE id = ?",
    "a snapshot of another version": "UPDATE tasks SET version = version + 1 WHERE id = ?",
    "an edition that is not there": "UPDATE tasks SET snapshot = replace(snapshot, '@1', '@9') WHERE id = ?",
    "a root that is not there": "UPDATE tasks SET root = 'nobody' WHERE id = ?",
}
"""What may become of a family in the database behind the program's back."""


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_family_that_cannot_be_read_does_not_stop_time_for_the_others(desk: Desk, damage: str) -> None:
    """Whatever stands in the database instead of it: it is named, and those before and after it are swept."""
    rows = [Row(number, {"title": title, "lead_unit": "水务局"}) for number, title in enumerate("甲乙丙")]
    entered = register(desk, "promises", rows, OFFICE)
    assert isinstance(entered, list)
    first, damaged, last = (task.id for task in entered)
    assert isinstance(desk.store, SqlStore)
    with desk.store.engine.begin() as connection:
        assert connection.exec_driver_sql(damage, (damaged,)).rowcount == 1
    swept = sweep(desk, at("2022-03-05 09:00"))
    assert isinstance(swept, Swept)
    assert [each.facts["task"] for each in swept.stuck] == [damaged]
    assert [_report(desk, name) for name in (first, last)] == ["missed", "missed"]
