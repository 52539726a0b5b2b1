"""Tasks that come under another edition: rows, wakes, spans and outbox are those of the tasks, in each store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.commands import Refusal
from storage import StoreBusy, open_store
from tests.workflows.conftest import at
from tests.workflows.moving import WANG, applied, approved, done, office, plan_text, until, whole
from workflows.authoring.migrating import take_back
from workflows.clock import VirtualClock
from workflows.desk import SLACK, Desk

pytestmark = pytest.mark.usefixtures("by_migrations")


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    """An office on each kind of store, at nine on 3 April 2023."""
    clock = VirtualClock(at("2023-04-03 09:00"))
    store = open_store(url, create=True, clock=clock)
    yield Desk(store, clock, busy=(StoreBusy,))
    store.close()


def test_moved_and_lived_on(desk: Desk) -> None:
    """What was shown is what is shown; the new rule's day passes, and its consequence goes out."""
    first, second, third = office(desk)
    until(desk, "2023-04-11 09:00")
    migration = approved(desk, plan_text(desk, ("rectification: {policy: keep}", "rectification: {policy: re_anchor}")))
    found = applied(desk, migration)
    assert [(each.task, each.fate, each.state) for each in found.found] == [
        (first, "moved", "rectifying"), (second, "moved", "open"), (third, "moved", "open"),
    ]  # fmt: skip
    whole(desk)
    assert [(row.task, row.state, row.signal) for row in desk.store.board(desk.clock() + SLACK)][:3] == [
        (first, "rectifying", "blue"), (f"{first}.interview.1", "held", None), (second, "open", "green"),
    ]  # fmt: skip
    assert [row.state for row in desk.store.board(at("2023-04-10 09:00")) if row.task == second] == ["lagging"]
    assert desk.store.worklist()[0].last_day == "2023-04-18"
    until(desk, "2023-04-19 09:00")
    assert [parcel.name for parcel in desk.store.parcels()] == ["failed"]
    done(desk, second, "order")
    whole(desk)


def test_taken_back(desk: Desk) -> None:
    """Untouched tasks are shown, wake and are owed as before; the one that has lived on says so."""
    first, second, third = office(desk)
    until(desk, "2023-04-11 09:00")
    owed, due = desk.store.worklist(), desk.store.due(at("2099-01-01 00:00"), 99)
    applied(desk, approved(desk, plan_text(desk, ("{policy: keep}", "{policy: start_anew}"))))
    assert desk.store.worklist() != owed
    done(desk, third, "order")
    back = take_back(desk, "leak-m1", WANG, "改错了")
    assert not isinstance(back, Refusal)
    assert [(each.task, each.fate) for each in back.found] == [
        (first, "went_back"), (second, "went_back"), (third, "cannot"),
    ]  # fmt: skip
    assert back.found[2].refusal is not None
    assert back.found[2].refusal.code == "lived_on"
    assert [row for row in desk.store.worklist() if row.task == first] == owed
    assert set(due) <= set(desk.store.due(at("2099-01-01 00:00"), 99))
    whole(desk)
    until(desk, "2023-05-08 09:00")
    assert [row.state for row in desk.store.board(desk.clock() + SLACK) if row.task == first] == ["escalated"]
    whole(desk)
