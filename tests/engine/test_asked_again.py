"""A recurring deadline whose `when` does not hold is asked again as each next period begins, whoever acts or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Actor, Decision, Fire, Register
from engine.decide import advance, decide
from engine.edition import Edition
from engine.events import Event, EventType, iso
from engine.every import Every
from engine.recall import command_of, decided
from engine.recurrence import begins_on, next_start
from engine.task import Family, replay
from engine.wakes import SIGNAL, wakes
from tests.engine import stage
from tests.engine.life import Life
from tests.engine.walks import ZONE, calendar

CN = calendar()
OFFICE = Actor("zhang", ("office",))
NOON = datetime(2022, 6, 10, 12, tzinfo=ZONE)


def _edition(every: str, when: str, more: str = "") -> Edition:
    return stage.edition(
        stage.yaml(f"""
        fields: {{n: {{type: integer}}}}
        states: {{open: {{initial: true}}, shut: {{final: true}}}}
        transitions:
          - {{trigger: count, from: open, by: office, form: {{n: {{type: integer}}}}, set: {{n: form.n}}, to: stay}}
          - {{trigger: drop, from: open, by: office, to: stay}}
          - {{trigger: report, from: open, by: office, to: stay}}
        deadlines:
          report: {{owed_by: lead, while: open, every: {every}, when: "{when}", met_by: report,
                    cancelled_by: drop{more}}}
        """)
    )


def _registered(edition: Edition, at: datetime = NOON) -> Decision:
    outcome = decide(edition, CN, {}, Register("t", "", {}, {}, OFFICE, at))
    assert isinstance(outcome, Decision)
    return outcome


def _runs(edition: Edition, family: Family, until: str) -> dict[str, tuple[str, str]]:
    """By key, what became of each occurrence, and when it started, by the local clock."""
    passed = advance(edition, CN, family, datetime.fromisoformat(until).replace(tzinfo=ZONE)).family["t"]
    return {
        found["key"]: (found["status"], _local(found["started_at"], edition.zone))
        for found in passed.deadlines.values()
    }


def _local(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).isoformat(" ", "minutes")[:16]


def test_a_period_that_becomes_wanted_by_time_alone_opens_when_it_begins() -> None:
    edition = _edition("{month_end: true}", "this_month >= '2022-08'")
    family = _registered(edition).family
    assert family["t"].deadlines == {}
    assert _runs(edition, family, "2022-07-31 23:59") == {}
    assert _runs(edition, family, "2022-08-15") == {"2022-08": ("running", "2022-08-01 00:00")}


def test_the_outcome_does_not_hang_on_how_late_the_sweep_runs() -> None:
    """One sweep after months, and a sweep each day, record the same."""
    edition = _edition("{month_end: true}", "this_month == '2022-08' || this_month >= '2022-11'")
    start = _registered(edition).family
    late = advance(edition, CN, start, NOON + timedelta(days=250))
    family: Family = start
    events: list[Event] = []
    for day in range(251):
        passed = advance(edition, CN, family, NOON + timedelta(days=day))
        family, events = passed.family, [*events, *passed.events]
    assert list(late.events) == events
    assert [found["key"] for found in family["t"].deadlines.values()] == [
        "2022-08",
        "2022-11",
        "2022-12",
        "2023-01",
        "2023-02",
    ]


def test_a_recorded_opening_is_decided_again_from_its_own_command() -> None:
    edition = _edition("{month_end: true}", "this_month >= '2022-08'")
    family = _registered(edition).family
    events = advance(edition, CN, family, NOON + timedelta(days=60)).events
    assert [event.type for event in events] == [EventType.DEADLINE_STARTED]
    (first,) = decided(events)
    again = decide(edition, CN, family, command_of(first))
    assert isinstance(again, Decision)
    assert list(again.events) == list(events)


def test_what_was_cancelled_stays_cancelled_and_what_runs_is_not_asked_for() -> None:
    edition = _edition("{month_end: true}", "has(task.n) && task.n > 0")
    count = decide(
        edition, CN, _registered(edition).family, Fire("t", "count", {"n": 1}, OFFICE, NOON + timedelta(hours=1))
    )
    assert isinstance(count, Decision)
    assert _runs(edition, count.family, "2022-06-30") == {"2022-06": ("running", "2022-06-10 13:00")}
    assert not [wake for wake in wakes(edition, count.family["t"], NOON) if wake.name == SIGNAL]
    drop = decide(edition, CN, count.family, Fire("t", "drop", {}, OFFICE, NOON + timedelta(hours=2)))
    assert isinstance(drop, Decision)
    assert _runs(edition, drop.family, "2022-12-31") == {"2022-06": ("cancelled", "2022-06-10 13:00")}


def test_a_period_passed_over_in_catching_up_is_not_given_up() -> None:
    """June to August are wanted and passed over; September is not; from October on it is wanted again."""
    edition = _edition("{month_end: true}", "this_month != '2022-09'", ", catch_up: none")
    found = _runs(edition, _registered(edition).family, "2022-10-15")
    assert {key: status for key, (status, _) in found.items()} == {
        "2022-06": "cancelled", "2022-07": "cancelled", "2022-08": "cancelled", "2022-10": "running"
    }  # fmt: skip


def test_a_condition_that_cannot_be_decided_is_said_once_for_each_cause() -> None:
    """An error is never false, and asking goes on; but what was said once is not said again each period. Another
    cause is another matter, and so is the same one after a period that could be decided.
    """
    odd = "this_month < '2022-09' ? due('report') > today : 1 / days(today, today) > 0"
    edition = _edition(
        "{month_end: true}", f"this_month < '2022-07' ? false : this_month == '2022-11' ? true : ({odd})"
    )
    events = advance(edition, CN, _registered(edition).family, datetime(2023, 3, 20, tzinfo=ZONE)).events
    said = [event for event in events if event.type is EventType.TRIGGER_IGNORED]
    assert {one.payload["trigger"] for one in said} == {""}
    assert [(one.payload["deadline"], one.payload["code"], _local(iso(one.occurred_at), ZONE)) for one in said] == [
        ("report", "unset", "2022-07-01 00:00"),
        ("report", "guard_error", "2022-09-01 00:00"),
        ("report", "guard_error", "2022-12-01 00:00"),
    ]
    assert replay([*_registered(edition).events, *events]).undecided["report"].startswith("guard_error")


@pytest.mark.parametrize(
    ("every", "day", "begins"),
    [
        ({"month_end": True}, "2022-06-10", "2022-07-01"),
        ({"month_end": True}, "2022-12-31", "2023-01-01"),
        ({"day": 5, "of": "quarter", "month": 1}, "2022-06-30", "2022-07-01"),
        ({"day": 5, "of": "year", "month": 1}, "2022-01-01", "2023-01-01"),
        ({"weekday": "fri"}, "2022-06-06", "2022-06-13"),
        ({"weekday": "fri"}, "2022-06-12", "2022-06-13"),
        ({"days": 10, "from": "2022-06-01"}, "2022-06-01", "2022-06-11"),
        ({"days": 10, "from": "2022-06-01"}, "2022-05-31", "2022-06-01"),
        ({"working_days": 3, "from": "2022-06-01"}, "2022-06-01", "2022-06-02"),
        ({"month_end": True, "until": "2022-06"}, "2022-06-10", None),
    ],
)
def test_the_next_period_begins(every: dict[str, object], day: str, begins: str | None) -> None:
    found = next_start(Every.model_validate(every).recurrence, date.fromisoformat(day))
    assert found == (date.fromisoformat(begins) if begins else None)


def test_periods_of_working_days_begin_where_the_calendar_says() -> None:
    """The third of June is the Dragon Boat Festival, 4 and 5 June a weekend: three working days from the first."""
    rule = Every.model_validate({"working_days": 3, "from": "2022-06-01"}).recurrence
    june = [day for day in range(1, 15) if begins_on(rule, CN, date(2022, 6, day))]
    assert june == [1, 7, 10]
    edition = _edition("{working_days: 3, from: 2022-06-01}", "today >= '2022-06-08'")
    family = _registered(edition, datetime(2022, 6, 2, 12, tzinfo=ZONE)).family
    assert _runs(edition, family, "2022-06-10")["2022-06-10"] == ("running", "2022-06-10 00:00")


@pytest.mark.parametrize(("rule", "trigger"), [("while: open, ", "leave"), ("", "shut")])
def test_nobody_is_asked_outside_the_states_that_count_and_after_the_end(rule: str, trigger: str) -> None:
    edition = stage.edition(
        stage.yaml(f"""
        states: {{open: {{initial: true}}, aside: {{}}, over: {{final: true}}}}
        transitions:
          - {{trigger: leave, from: open, by: office, to: aside}}
          - {{trigger: shut, from: any, by: office, to: over}}
        deadlines:
          report: {{owed_by: lead, {rule}every: {{month_end: true}}, when: "this_month >= '2022-08'", met_by: shut}}
        """)
    )
    family = _registered(edition).family
    assert [wake.name for wake in wakes(edition, family["t"], NOON)] == [SIGNAL]
    left = decide(edition, CN, family, Fire("t", trigger, {}, OFFICE, NOON + timedelta(hours=1)))
    assert isinstance(left, Decision)
    assert wakes(edition, left.family["t"], NOON) == []
    assert _runs(edition, left.family, "2022-09-15") == {}


BEGUN = stage.edition(
    stage.yaml("""
    states: {open: {initial: true}, shut: {final: true}}
    transitions:
      - {trigger: begin, from: open, by: office, to: stay}
      - {trigger: drop, from: open, by: office, to: stay}
    deadlines:
      report: {owed_by: lead, starts: begin, every: {month_end: true}, when: "!(this_month in ['2022-08', '2022-09'])",
               cancelled_by: drop}
    """)
)


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        ([], {}),
        (["begin"], {"2022-06": "missed", "2022-07": "missed", "2022-10": "running"}),
        (["begin", "drop"], {"2022-06": "cancelled"}),
        (["begin", "drop", "begin"], {"2022-06": "missed", "2022-07": "missed", "2022-10": "running"}),
    ],
)
def test_what_an_act_starts_is_asked_again_once_it_was_started_and_until_it_is_cancelled(
    acts: list[str], found: dict[str, str]
) -> None:
    life = Life(BEGUN)
    life.register(NOON)
    for hour, trigger in enumerate(acts, 13):
        life.fire(trigger, NOON.replace(hour=hour))
    life.sweep(datetime(2022, 10, 15, tzinfo=ZONE))
    assert {one["key"]: one["status"] for one in life.family["t"].deadlines.values()} == found
