"""A change of a calendar reaches everybody at once: open deadlines follow it, other desks see it, none is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from engine.calendars import Calendar
from engine.commands import Actor, Refusal
from engine.events import EventType
from storage import StoreBusy
from tests.workflows.conftest import LEAD, OFFICE, TEXT, at
from workflows.authoring import calendars
from workflows.authoring.backtest import backtest
from workflows.authoring.calendars import Changed, override, publish_notice, reproject_again
from workflows.authoring.notices import notice_in
from workflows.authoring.publishing import Published, publish
from workflows.calendars import Override, in_force, record
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, fire
from workflows.office.registering import register
from workflows.office.reprojecting import Reprojected, concerned, reproject
from workflows.office.sweeping import Swept, sweep
from workflows.rows import Row
from workflows.sources import calendar_named

ADMIN = Actor("zhao", ("admin",))
CN = calendar_named("cn")


def _day(desk: Desk, day: str, *, working: bool = False, reason: str = "Notice 7", who: Actor = ADMIN) -> Changed:
    made = override(desk, "cn", date.fromisoformat(day), who, calendar_named, working=working, reason=reason)
    assert isinstance(made, Changed), made
    return made


def _task(desk: Desk, title: str = "桥梁") -> str:
    found = register(desk, "promises", [Row(2, {"title": title, "lead_unit": "水务局"}, {}, None)], OFFICE)
    assert isinstance(found, list), found
    return found[0].id


def _last_day(desk: Desk, task: str) -> str:
    found = desk.store.task(task)
    assert found is not None
    return next(str(each["last_day"]) for each in found.deadlines.values() if each["name"] == "monthly_report")


def _beside(desk: Desk) -> Desk:
    """Another desk on the same database, as another process has one."""
    return Desk(desk.store, desk.clock, busy=(StoreBusy,))


def test_a_day_that_is_set_moves_open_deadlines_and_the_history_says_why(desk: Desk) -> None:
    task = _task(desk)
    assert _last_day(desk, task) == "2022-02-28"
    made = _day(desk, "2022-02-28")
    assert [(one.task, one.before, one.after) for one in made.dates.moved] == [(task, "2022-02-28", "2022-02-25")]
    event = desk.store.events(task)[-1].event
    assert (event.type, event.actor, event.payload["because"]) == (EventType.DEADLINE_MOVED, "zhao", "Notice 7")
    assert event.payload["command"]["calendar"] == made.calendar.digest
    assert [row.last_day for row in desk.store.worklist() if row.task == task] == ["2022-02-25"]


def test_time_runs_before_a_calendar_changes(desk: Desk) -> None:
    """What was due before the change is decided by the calendar before it, however late the sweep is."""
    task = _task(desk)
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2022-03-01 09:00"))
    made = _day(desk, "2022-02-28")
    (missed,) = [each.event for each in desk.store.events(task) if each.event.type is EventType.DEADLINE_MISSED]
    assert missed.payload["command"]["calendar"] == CN.digest != made.calendar.digest
    assert missed.payload["occurrence"]["last_day"] == "2022-02-28"
    assert made.dates.moved == []


def test_a_desk_that_stands_open_sees_a_change_at_its_next_command(desk: Desk) -> None:
    other = _beside(desk)
    task = _task(other)
    made = _day(desk, "2022-02-28")
    outcome = fire(other, Act(task, "report", {"month": "2022-02", "percent": "10"}, LEAD))
    assert not isinstance(outcome, Refusal)
    assert outcome.events[0].payload["command"]["calendar"] == made.calendar.digest
    assert other.book("promises@1")[1].digest == made.calendar.digest
    assert _last_day(other, _task(other, "道路")) == "2022-02-25"
    assert isinstance(sweep(_beside(desk)), Swept)


def test_a_copy_of_a_desk_looks_for_itself(desk: Desk) -> None:
    """A request or a job works at one."""
    before = desk.book("promises@1")[1].digest
    made = _day(_beside(desk), "2022-02-28")
    assert desk.book("promises@1")[1].digest == before
    assert replace(desk, channel="web").book("promises@1")[1].digest == made.calendar.digest


def test_of_two_administrators_at_one_instant_none_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking and writing another one writes: the later one looks again, at what there is to change too."""
    other, looked = _beside(desk), [1]

    def swept(on: Desk) -> Swept | Refusal:
        if looked.pop() if looked else False:
            _day(other, "2022-02-09", reason="the other")
        return sweep(on)

    monkeypatch.setattr(calendars, "sweep", swept)
    _day(desk, "2022-02-28", reason="the one")
    assert [each.reason for each in record(desk.store).overrides("cn")] == ["the other", "the one"]


def test_who_sets_what_another_has_just_set_is_told_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other, looked = _beside(desk), [1]

    def swept(on: Desk) -> Swept | Refusal:
        if looked.pop() if looked else False:
            _day(other, "2022-02-28", reason="the other")
        return sweep(on)

    monkeypatch.setattr(calendars, "sweep", swept)
    answer = override(desk, "cn", date(2022, 2, 28), ADMIN, calendar_named, working=False, reason="the one")
    assert isinstance(answer, Refusal)
    assert (answer.code, len(record(desk.store).overrides("cn"))) == ("calendar_closed", 1)


# -- official notices


def _notice(year: int, closed: list[str], **more: object) -> bytes:
    days = ", ".join(closed)
    told = {"calendar": "cn", "edition": str(year), "week": "[mon, tue, wed, thu, fri]", **more}
    head = "\n".join(f"{name}: {value}" for name, value in told.items())
    return f"{head}\nknown: {{from: {year}-01-01, until: {year}-12-31}}\nclosed: [{days}]\n".encode()


def _read(text: bytes) -> Calendar:
    found = notice_in(text, "notice.yaml")
    assert isinstance(found, Calendar), found
    return found


def _published(desk: Desk, text: bytes) -> Changed | Refusal:
    return publish_notice(desk, "cn", _read(text), ADMIN, calendar_named, reason="国办发明电")


def test_a_notice_moves_the_horizon_and_leaves_the_other_years_as_they_are(desk: Desk) -> None:
    made = _published(desk, _notice(2027, ["2027-01-01", "2027-02-08..2027-02-12"]))
    assert isinstance(made, Changed)
    assert (made.calendar.last_known, made.calendar.first_known) == (date(2027, 12, 31), CN.first_known)
    assert not made.calendar.is_working(date(2027, 2, 9))
    assert not made.calendar.is_working(date(2022, 2, 2))
    assert made.calendar.label(date(2022, 2, 2)) == CN.label(date(2022, 2, 2))
    assert desk.book("promises@1")[1] == made.calendar
    assert desk.store.calendar(made.calendar.digest) is not None


def test_a_provisional_deadline_becomes_sure_or_moves_by_the_notice(desk: Desk) -> None:
    endless = TEXT.replace('edition: "1"', 'edition: "2"').replace("until: 2022-12, ", "")
    assert isinstance(publish(desk, endless, calendar_named), Published)
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2027-01-05 09:00"))
    task = _task(desk)
    assert [row.provisional for row in desk.store.worklist() if row.task == task and row.name == "monthly_report"]
    made = _published(desk, _notice(2027, ["2027-01-01", "2027-01-29"]))
    assert isinstance(made, Changed)
    assert _moves(made, task)
    assert not any(row.provisional for row in desk.store.worklist() if row.task == task)


def _moves(made: Changed, task: str) -> bool:
    return any(one.task == task and not one.provisional for one in made.dates.moved)


def test_days_that_were_set_one_by_one_stand_over_a_notice_and_are_named(desk: Desk) -> None:
    _day(desk, "2022-10-10", reason="台风")
    text = _notice(2022, ["2022-01-03"])
    made = _published(desk, text)
    assert isinstance(made, Changed)
    assert [each.reason for each in made.over] == ["台风"]
    assert not made.calendar.is_working(date(2022, 10, 10))
    assert made.calendar.is_working(date(2022, 10, 3))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_notice(2028, ["2028-01-03"]), "calendar_gap"),
        (_notice(1999, ["1999-01-01"]), "calendar_gap"),
        (_notice(2027, [], calendar="plain"), "calendar_other"),
        (_notice(2027, [], week="[mon, tue, wed, thu, fri, sat]"), "calendar_other"),
    ],
)
def test_a_notice_that_does_not_fit_is_refused(desk: Desk, text: bytes, code: str) -> None:
    answer = _published(desk, text)
    assert isinstance(answer, Refusal)
    assert (answer.code, record(desk.store).changes) == (code, {})


def test_the_same_notice_is_entered_once_and_only_by_an_administrator(desk: Desk) -> None:
    text = _notice(2027, ["2027-01-01"])
    assert isinstance(_published(desk, text), Changed)
    again = _published(desk, text)
    assert isinstance(again, Refusal)
    assert again.code == "calendar_same"
    other = publish_notice(desk, "cn", _read(text), OFFICE, calendar_named, reason="r")
    assert isinstance(other, Refusal)
    assert other.code == "calendar_not_admin"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[1, 2]",
        b"7",
        b"calendar: cn",
        b"a: [",
        _notice(2027, ["someday"]),
        b"calendar: cn\nknown: 1\nweek: 2\nedition: 3",
    ],
)
def test_a_file_that_is_no_calendar_is_told_what_is_wrong(text: bytes) -> None:
    found = notice_in(text, "notice.yaml")
    assert isinstance(found, list)
    assert all(problem.message.zh and problem.message.en for problem in found)


# -- after an interruption, and for an auditor


def test_where_it_was_interrupted_it_goes_on_and_does_nothing_twice(desk: Desk) -> None:
    tasks = [_task(desk, title) for title in ("桥梁", "道路", "学校")]
    made = override(
        desk, "cn", date(2022, 2, 28), ADMIN, calendar_named, working=False, reason="r", progress=lambda _: False
    )
    assert isinstance(made, Changed)
    assert (made.dates.total, made.dates.families, len(made.dates.moved)) == (3, 1, 1)
    rest = reproject_again(desk, "cn", ADMIN, calendar_named)
    assert isinstance(rest, Reprojected)
    assert [one.task for one in rest.moved] == tasks[1:]
    again = reproject_again(desk, "cn", ADMIN, calendar_named)
    assert isinstance(again, Reprojected)
    assert (again.families, again.moved) == (3, [])
    assert isinstance(reproject_again(desk, "cn", OFFICE, calendar_named), Refusal)
    assert isinstance(reproject_again(desk, "mars", ADMIN, calendar_named), Refusal)


def test_only_families_under_the_calendar_with_something_open_are_looked_at(desk: Desk) -> None:
    task = _task(desk)
    assert (concerned(desk, "cn"), concerned(desk, "us-federal")) == ([task], [])
    for act in (Act(task, "report", {"month": "2022-02", "percent": "100"}, LEAD), Act(task, "close", {}, OFFICE)):
        assert not isinstance(fire(desk, act), Refusal)
    assert concerned(desk, "cn") == []


def test_a_damaged_family_stands_in_nobody_s_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (_task(desk, title) for title in ("桥梁", "道路"))
    real = desk.persist

    def persist(attempt: Callable[[], object]) -> object:
        if not broken:
            broken.append(1)
            raise AssertionError("damaged")
        return real(attempt)

    broken: list[int] = []
    monkeypatch.setattr(desk, "persist", persist)
    done = reproject(desk, "cn", ADMIN, "r")
    assert isinstance(done, Reprojected)
    assert [each.facts["task"] for each in done.stuck] == [first]
    assert (done.families, second) == (2, second)


def test_a_kept_history_with_a_change_in_its_middle_is_reproduced_exactly(desk: Desk) -> None:
    """Each decision by the version of the calendar that its record names, as the database keeps it."""
    task = _task(desk)
    assert not isinstance(fire(desk, Act(task, "report", {"month": "2022-01", "percent": "5"}, LEAD)), Refusal)
    _day(desk, "2022-02-28")
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at("2022-03-02 09:00"))
    assert isinstance(sweep(desk), Swept)
    _day(desk, "2022-03-31")
    events = [each.event for each in desk.store.events(task)]
    edition, last = desk.book("promises@1")
    used = {event.payload["command"]["calendar"] for event in events if "command" in event.payload}
    assert len(used) == 3
    assert backtest(edition, last, events, versions=desk.version_of) is None
    assert backtest(edition, last, events) is not None


def test_what_is_on_record_is_what_is_in_force(desk: Desk) -> None:
    made = _day(desk, "2022-02-28")
    assert isinstance(made.change, Override)
    assert in_force(desk.store, CN) == made.calendar
    assert desk.version_of("none") is None
