"""An office in which everything happens that can happen to a task and its documents, so that packages have an event of
each type: a clock that stands, goes on, gets more time, is replaced or no longer matters; a miss that a late entry
excuses, a right that lapses, an act that is taken back, a trigger that is not possible, a migration and back.
"""

from __future__ import annotations

from pathlib import Path

from engine.commands import Actor
from engine.events import EventType, Json
from tests.engine.stage import edition
from tests.packaging.mutations import relisted, sealed
from tests.packaging.second import Files, load
from tests.workflows import moving, verified
from tests.workflows.conftest import OFFICE, at
from workflows.authoring.migrating import take_back
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.people import units
from workflows.people.values import By, Unit
from workflows.rows import Row
from workflows.sources import calendar_named

LEAD = Actor("wang", ("lead",))
DEFINED: Json = {
    "process": "various",
    "fields": {"note": {"type": "text"}},
    "states": {"open": {"initial": True}, "noted": {}, "done": {"final": True}},
    "transitions": [
        {"trigger": "begin", "from": "any", "by": "office", "form": {"key": {"type": "text"}}, "to": "stay"},
        {"trigger": "suspend", "from": "any", "by": "office", "to": "stay"},
        {"trigger": "resume", "from": "any", "by": "office", "to": "stay"},
        {"trigger": "grant", "from": "any", "by": "office", "to": "stay"},
        {"trigger": "withdraw", "from": "any", "by": "office", "to": "stay"},
        {"trigger": "report", "from": "any", "by": "lead", "to": "stay"},
        {"trigger": "note", "from": "open", "by": "lead", "form": {"note": {"type": "text"}},
         "set": {"note": "form.note"}, "to": "noted"},
        {"trigger": "correct", "from": "noted", "by": "lead", "to": "previous"},
        {"trigger": "close_right", "from": "done", "by": "system", "to": "stay"},
    ],
    "deadlines": {
        "paused": {"owed_by": "lead", "starts": "begin", "due": "10 working days after start",
                   "pause": [{"by": "suspend", "until": "resume"}], "cancelled_by": "withdraw",
                   "extend": {"by": "grant", "up_to": "5 working days"}, "remind": ["1 working day before"]},
        "keyed": {"owed_by": "lead", "starts": "begin", "key": "form.key", "due": "30 days after start"},
        "reported": {"owed_by": "lead", "starts": "begin", "due": "3 days after start", "met_by": "report"},
        "right": {"open_to": "lead", "starts": "begin", "due": "2 days after start", "lapsed": {"fire": "close_right"}},
    },
}  # fmt: skip


def various(folder: Path) -> Files:
    """Two months with documents, then a week of clocks, then a migration that is taken back; and a tree."""
    from tests.packaging.offices import packaged

    url = f"sqlite:///{folder / 'various.db'}"
    verified.lived(url)
    with verified.at_work(url, verified.TRUE, "2022-03-21 09:00") as (office, desk):
        for name in ("单位0", "单位1"):
            units.found(office.people, Unit(name, name, "bureau", None, desk.clock()), By("root"))
        _clocks(desk)
        moved = _moved(desk)
        packaged(desk, folder / "various")
    assert moved
    return relisted(sealed(load(folder / "various")))


def _clocks(desk: Desk) -> None:
    assert isinstance(publish(desk, edition(DEFINED).text, calendar_named), Published)
    assert isinstance(register(desk, "various", [Row(1, {}), Row(2, {})], OFFICE, ids=["v1", "v2"]), list)
    _done(desk, "2022-03-21 10:00", "begin", OFFICE, key="a")
    _done(desk, "2022-03-22 09:00", "suspend", OFFICE)
    _done(desk, "2022-03-22 11:00", "note", LEAD, note="gone")
    _done(desk, "2022-03-22 12:00", "correct", LEAD)
    _done(desk, "2022-03-23 09:00", "resume", OFFICE)
    _done(desk, "2022-03-24 09:00", "grant", OFFICE)
    _until(desk, "2022-03-26 09:00")  # the report is missed by now, and the right has lapsed
    late = Act("v1", "report", {}, OFFICE_LATE, occurred_at=at("2022-03-23 15:00"), reason="来函迟到")
    assert isinstance(fire(desk, late), Outcome)
    _done(desk, "2022-03-28 09:00", "begin", OFFICE, key="a")
    _done(desk, "2022-03-29 09:00", "withdraw", OFFICE)


OFFICE_LATE = Actor("li", ("office", "lead"))
"""Whoever may enter late, and report."""


def _moved(desk: Desk) -> bool:
    """Tasks came under another edition, and are back."""
    _until(desk, "2023-04-03 09:00")
    moving.office(desk)
    migration = moving.approved(desk, moving.plan_text(desk))
    moving.applied(desk, migration)
    back = take_back(desk, migration, moving.WANG, "看错了")
    return any(one.type is EventType.TASK_RESTORED for one in _events(desk)) and not hasattr(back, "code")


def _events(desk: Desk) -> list[Json]:
    return [one.event for stream in desk.store.streams() for one in desk.store.events(stream)]


def _done(desk: Desk, when: str, trigger: str, who: Actor, **form: str) -> None:
    _until(desk, when)
    outcome = fire(desk, Act("v1", trigger, form, who))
    assert isinstance(outcome, Outcome), outcome


def _until(desk: Desk, when: str) -> None:
    assert isinstance(desk.clock, VirtualClock)
    assert isinstance(sweep(desk, at(when)), Swept)
    desk.clock.move(at(when))
