"""Time at its edges, where a small fault would go unseen: what it passes over, cannot do, and what is no circle."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Decision, Refusal, TimePassed
from engine.decide import decide
from engine.events import EventType, iso
from tests.engine.life import CN, Life, day, occurrence, open_and_done
from tests.engine.walks import ZONE

# -- how an instant is written


def test_the_two_instants_of_an_hour_that_comes_twice_are_written_apart() -> None:
    """Local times are equal to Python whichever of the two they mean, so that no writing may be remembered for them."""
    first = datetime(2022, 11, 6, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    written = [iso(first), iso(first.replace(fold=1)), iso(first)]
    assert written == ["2022-11-06T05:30:00.000000Z", "2022-11-06T06:30:00.000000Z", "2022-11-06T05:30:00.000000Z"]


# -- what catching up passes over

HINTS = open_and_done("""
transitions: [{trigger: tell, from: open, by: office, to: stay}]
deadlines:
  none: {owed_by: lead, every: {month_end: true}, catch_up: none}
  latest: {owed_by: lead, every: {month_end: true}, catch_up: latest}
  once: {owed_by: lead, starts: registered, due: 2022-06-30, catch_up: none}
""")


@pytest.mark.parametrize(
    ("looked", "found"),
    [
        ("2022-07-01 23:59", {"none/2022-06": "missed", "latest/2022-06": "missed"}),
        ("2022-07-02 00:00", {"none/2022-06": "cancelled", "latest/2022-06": "missed"}),
        ("2022-07-31 23:59", {"none/2022-06": "cancelled", "latest/2022-06": "missed"}),
        ("2022-08-01 00:00", {"none/2022-07": "missed", "latest/2022-06": "cancelled", "latest/2022-07": "missed"}),
    ],
)
def test_what_is_a_day_old_or_not_the_latest_is_passed_over(looked: str, found: dict[str, str]) -> None:
    life = Life(HINTS)
    life.register(day("2022-06-13"))
    life.sweep(datetime.fromisoformat(looked).replace(tzinfo=ZONE))
    assert {name: life.found(name)["status"] for name in found} == found
    assert life.found("once/1")["status"] == "missed", "what does not come again is never passed over"
    skipped = [occurrence(event) for event in life.told(EventType.DEADLINE_CANCELLED)]
    assert all(one["skipped"] and one["remind"] == [] for one in skipped)


# -- what time cannot do, and what it does at the same instant

PRESSED = open_and_done("""
transitions:
  - {trigger: tell, from: open, by: office, to: stay, then: [{open: question}]}
  - {trigger: overdue, from: any, by: system, to: stay, then: [{fire: press, on: question}]}
  - {trigger: end, from: open, by: office, to: done}
deadlines:
  works: {owed_by: lead, starts: registered, due: 2022-06-30, missed: {fire: overdue}}
children:
  question:
    on_parent_end: keep
    fields: {pressed: {type: boolean, default: false}}
    states: {open: {initial: true}, read: {}, over: {final: true}}
    transitions:
      - {trigger: read, from: open, by: lead, to: read}
      - {trigger: press, from: open, by: system, to: stay, set: {pressed: "true"}}
      - {trigger: finish, from: any, by: lead, to: over}
    deadlines:
      report: {owed_by: lead, every: {month_end: true}, when: "this_month >= '2022-07'", met_by: finish}
""")


def test_what_a_child_cannot_do_is_said_in_its_history_with_the_reason() -> None:
    """The parent's duty is missed and presses the question, which was read and cannot be pressed any more."""
    life = Life(PRESSED)
    life.register(day("2022-06-13", 8))
    life.fire("tell", day("2022-06-13", 9))
    life.fire("read", day("2022-06-13", 10), task="t.question.1")
    life.sweep(day("2022-07-02"))
    (said,) = life.told(EventType.TRIGGER_IGNORED)
    assert (said.task, said.payload["trigger"], said.payload["code"]) == ("t.question.1", "press", "wrong_state")
    assert said.payload["facts"]["state"] == "read"
    assert said.cause == life.told(EventType.TRIGGER_FIRED)[-1].ref
    assert said.occurred_at == datetime(2022, 7, 1, tzinfo=ZONE)
    (begun,) = [one for one in life.told(EventType.DEADLINE_STARTED) if one.task == "t.question.1"]
    assert (occurrence(begun)["key"], begun.occurred_at) == ("2022-07", said.occurred_at), "though time had come by"


def test_a_child_that_its_parent_touches_at_midnight_is_asked_for_what_begins_that_day() -> None:
    """Its report is wanted from July on; the parent's miss presses it in the very instant in which July begins."""
    life = Life(PRESSED)
    life.register(day("2022-06-13", 8))
    life.fire("tell", day("2022-06-13", 9))
    life.sweep(day("2022-07-02"))
    assert life.family["t.question.1"].fields["pressed"] is True
    assert [one.payload["undo"] for one in life.told(EventType.TRIGGER_FIRED)[-2:]] == ["none", "none"]
    (begun,) = [one for one in life.told(EventType.DEADLINE_STARTED) if one.task == "t.question.1"]
    assert (occurrence(begun)["key"], begun.occurred_at.date()) == ("2022-07", day("2022-06-30").date())


def test_time_says_nothing_to_a_task_or_an_occurrence_that_is_not_there() -> None:
    """So it may be under a draft, when somebody's history is decided again by it."""
    life = Life(PRESSED)
    life.register(day("2022-06-13"))
    strangers = [
        ("t", "strange", "2022-07-02"),
        ("strange", "works", "2022-07-02"),
        ("strange", "@signal", "2022-07-02"),
    ]
    for task, name, on in [*strangers, ("t", "@signal", "2022-07-02"), ("t", "works", "2022-06-20")]:
        passed = TimePassed(task, name, "1", day(on), day(on), day(on))
        assert decide(life.edition, CN, life.family, passed) == Decision((), life.family), (task, name)


# -- what goes in circles, and what only looks like it

OFTEN = open_and_done("""
transitions:
  - {trigger: silent, from: any, by: system, to: stay}
  - {trigger: ask, from: open, by: office, to: stay}
deadlines:
  daily: {owed_by: lead, every: {days: 1, from: 2022-01-01}, missed: {fire: silent}}
  at_once: {owed_by: lead, starts: ask, due: 0 hours after start, missed: {fire: silent}}
""")


def test_a_task_that_time_has_moved_a_hundred_times_is_no_circle() -> None:
    """What is over when it starts is missed at once, and fires; only a hundred times in one moment are a circle."""
    life = Life(OFTEN)
    life.register(day("2022-01-01"))
    life.sweep(day("2022-05-01"))
    assert len(life.family["t"].fired["silent"]) == 120
    life.fire("ask", day("2022-05-01", 13))
    life.sweep(day("2022-05-01", 14))
    assert len(life.family["t"].fired["silent"]) == 121
    assert life.told(EventType.TRIGGER_IGNORED) == []


COUNTDOWN = open_and_done("""
fields: {n: {type: integer, default: 0}}
transitions:
  - trigger: begin
    from: open
    by: office
    to: stay
    form: {n: {type: integer}}
    set: {n: form.n}
    then: [{fire: count, on: task}]
  - trigger: count
    from: open
    by: system
    to: stay
    set: {n: task.n - 1.0}
    then: [{fire: count, on: task, when: task.n > 0.0}]
""")


@pytest.mark.parametrize(("n", "code"), [(100, None), (101, "cascade")])
def test_an_act_may_set_off_a_hundred_triggers_and_no_more(n: int, code: str | None) -> None:
    life = Life(COUNTDOWN)
    life.register(day("2022-06-13"))
    outcome = life.tried("begin", day("2022-06-13", 13), n=n)
    assert (outcome.code if isinstance(outcome, Refusal) else None) == code
    if isinstance(outcome, Decision):
        assert outcome.family["t"].fields["n"] == 0
