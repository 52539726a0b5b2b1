"""What is not as plain as it looks in a history is marked, and what is plain is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Actor, Opening
from engine.events import EventType, Json
from engine.problems import Language
from storage import open_store
from tests.engine.stage import edition
from tests.workflows.conftest import at
from workflows.audit.history import Entry, history
from workflows.audit.marks import Mark
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import sweep
from workflows.rows import Row
from workflows.sources import calendar_named

OFFICE, LEAD = Actor("li", ("office",)), Actor("wang", ("lead",))
DEFINED: Json = {
    "process": "marks",
    "states": {"open": {"initial": True}, "bad": {}, "done": {"final": True}},
    "transitions": [
        {
            "trigger": "report",
            "from": "any",
            "by": "lead",
            "form": {"seen_on": {"type": "date"}, "told_on": {"type": "date", "personal": True}},
            "to": "stay",
        },
        {"trigger": "warn", "from": "any", "by": "office", "to": "bad", "then": [{"fire": "echo", "on": "task"}]},
        {"trigger": "echo", "from": "any", "by": "system", "to": "stay"},
    ],
    "deadlines": {"answered": {"owed_by": "lead", "starts": "warn", "due": "2 days after start"}},
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two tasks on 10 March 2022; the second was under way before."""
    clock = VirtualClock(at("2022-03-10 09:00"))
    store = open_store(f"sqlite:///{tmp_path}/duban.db", create=True, clock=clock)
    made = Desk(store, clock)
    assert isinstance(publish(made, edition(DEFINED).text, calendar_named), Published)
    rows = [Row(1, {}), Row(2, {}, {}, Opening("bad", {}, "台账"))]
    assert isinstance(register(made, "marks", rows, OFFICE, ids=["new", "old"]), list)
    yield made
    store.close()


def _done(desk: Desk, act: Act) -> list[Entry]:
    """The entries of what an act came to."""
    before = len(desk.store.events(act.task))
    assert isinstance(fire(desk, act), Outcome)
    return _told(desk, act.task)[before:]


def _told(desk: Desk, task: str, lang: Language = "en") -> list[Entry]:
    found = history(desk, task, lang)
    assert isinstance(found, list), found
    return found


def _until(desk: Desk, day: str) -> None:
    sweep(desk, at(day))
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at(day))


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        ("2022-03-09", ["seen_on2022-03-09"], ["seen_on 2022-03-09"]),
        ("2022-03-10", [], []),
        ("2022-03-11", [], []),
    ],
)
def test_a_date_before_the_day_of_the_act_is_marked(desk: Desk, day: str, zh: list[str], en: list[str]) -> None:
    """The act's own form is; a personal date never; nothing else of the act."""
    (act,) = _done(desk, Act("new", "report", {"seen_on": day, "told_on": "2022-03-01"}, LEAD))
    assert list(act.dated_back) == en
    assert act.to_json()["dated_back"] == en
    assert list(_told(desk, "new", "zh")[-1].dated_back) == zh
    assert [each.dated_back for each in _told(desk, "new")[:-1]] == [[]]


def test_a_late_entry_and_what_follows_from_it_are_told_apart(desk: Desk) -> None:
    late = Act("new", "warn", {}, OFFICE, occurred_at=at("2022-03-10 11:00"), reason="来函迟到")
    _until(desk, "2022-03-10 12:00")
    act, *rest = _done(desk, Act("new", "report", {}, LEAD))
    assert (act.mark, rest) == (None, []), "what was done as it happened is plain"
    act, *rest = _done(desk, late)
    assert (act.mark, act.late) == (Mark.LATE, True)
    assert {each.recorded.event.type for each in rest} >= {EventType.DEADLINE_STARTED, EventType.TRIGGER_FIRED}
    assert {each.mark for each in rest} == {Mark.FOLLOWS}
    assert not any(each.late for each in rest)


def test_what_fell_due_while_nobody_looked_is_caught_up(desk: Desk) -> None:
    """And is plain where somebody looked in time."""
    assert {each.mark for each in _done(desk, Act("new", "warn", {}, OFFICE))} == {None}
    _until(desk, "2022-03-20 09:00")
    assert {(each.recorded.event.type, each.mark) for each in _told(desk, "new")[-1:]} == {
        (EventType.DEADLINE_MISSED, Mark.CAUGHT_UP)
    }
    _done(desk, Act("old", "warn", {}, OFFICE))
    _until(desk, "2022-03-23 00:00")
    assert [each.mark for each in _told(desk, "old")[-1:]] == [None]


def test_what_was_so_before_it_was_registered_says_so(desk: Desk) -> None:
    assert [_told(desk, task)[0].mark for task in ("new", "old")] == [None, Mark.OPENING]
