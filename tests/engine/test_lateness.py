"""Lateness as it is recorded: by the minute where something falls due within a day, and to the units whose it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.commands import Actor, Fire, Refusal, Register
from engine.decide import advance, decide
from engine.dues import minutes_late
from engine.task import Family, Occurrence
from tests.engine.walks import ZONE, calendar, edition_of

EDITION = edition_of("""
process: calls
edition: "1"
title: {zh: 来电, en: Calls}
timezone: Asia/Shanghai
calendar: cn
roles: {office: {zh: 督考办, en: Office}, lead: {zh: 牵头单位, en: Lead unit, unit: task.lead_unit}}
fields: {lead_unit: {type: unit, required: true, zh: 牵头单位, en: Lead unit}}
states: {open: {zh: 办理, en: Open, initial: true}, over: {zh: 办结, en: Over, final: true}}
transitions:
  - {trigger: answer, zh: 答复, en: Answer, from: open, by: lead, to: stay}
  - {trigger: stop, zh: 中止, en: Stop, from: open, by: office, to: stay}
  - {trigger: go_on, zh: 恢复, en: Go on, from: open, by: office, to: stay}
  - {trigger: close, zh: 办结, en: Close, from: open, by: office, to: over}
  - trigger: hand_over
    zh: 移交
    en: Hand over
    from: open
    by: office
    form: {lead_unit: {type: unit, required: true, zh: 牵头单位, en: Lead unit}}
    set: {lead_unit: form.lead_unit}
    to: stay
deadlines:
  first_word: {zh: 首答, en: First word, owed_by: lead, starts: registered, due: 2 hours after start, met_by: answer}
  result: {zh: 结果, en: Result, owed_by: lead, starts: registered, due: 1 day after start, met_by: answer}
  opinion: {zh: 意见, en: Opinion, owed_by: office, starts: registered, due: 3 days after start, met_by: close,
            pause: {by: stop, until: go_on}}
  closing: {zh: 办结, en: Closing, owed_by: office, starts: registered, due: {term: 1 day, after: start, at: "17:00"},
            met_by: close}
""")
OFFICE = Actor("li", ("office",))
WATER, ROADS = (Actor(unit, ("lead",), (unit,)) for unit in ("water", "roads"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def story(*acts: tuple[str, str, Actor, dict[str, str]]) -> dict[str, Occurrence]:
    """The deadlines of a task registered at nine for the water company, after these acts."""
    start = local("2022-03-01 09:00")
    made = decide(EDITION, calendar(), {}, Register("t", "", {"lead_unit": "water"}, {}, OFFICE, start))
    assert not isinstance(made, Refusal)
    family: Family = made.family
    for at, trigger, actor, form in acts:
        family = advance(EDITION, calendar(), family, local(at)).family
        decision = decide(EDITION, calendar(), family, Fire("t", trigger, form, actor, local(at)))
        assert not isinstance(decision, Refusal), decision
        family = decision.family
    return {name.partition("/")[0]: found for name, found in family["t"].deadlines.items()}


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (86_400, 1_440)])
def test_every_minute_begun_is_a_minute_late(seconds: int, minutes: int) -> None:
    due_at = datetime(2022, 3, 1, tzinfo=UTC)
    assert minutes_late(due_at, due_at + timedelta(seconds=seconds)) == minutes


def test_exactly_on_a_limit_in_hours_is_in_time() -> None:
    assert story(("2022-03-01 11:00", "answer", WATER, {}))["first_word"]["status"] == "met"


def test_what_falls_due_within_a_day_is_late_by_the_minute() -> None:
    """A term in hours and a day that ends at a stated time both say how many minutes; the day alone would say none."""
    found = story(("2022-03-01 11:01", "answer", WATER, {}))["first_word"]
    assert (found["status"], found["minutes_late"], found["days_late"]) == ("met_late", 1, 0)
    found = story(("2022-03-02 17:05", "close", OFFICE, {}))["closing"]
    assert (found["status"], found["minutes_late"]) == ("met_late", 5)


def test_what_is_due_by_the_end_of_a_day_is_late_by_the_day_alone() -> None:
    found = story(("2022-03-03 00:01", "answer", WATER, {}))["result"]
    assert (found["status"], found["days_late"], "minutes_late" in found) == ("met_late", 1, False)


def test_what_a_unit_missed_stays_with_it_when_the_task_goes_to_another() -> None:
    handed = ("2022-03-01 12:00", "hand_over", OFFICE, {"lead_unit": "roads"})
    found = story(handed, ("2022-03-01 13:00", "answer", ROADS, {}))
    assert (found["first_word"]["status"], found["first_word"]["units"]) == ("met_late", ["water"])
    assert (found["result"]["status"], found["result"]["units"]) == ("met", ["roads"])


@pytest.mark.parametrize(("stopped", "status"), [("2022-03-03 10:00", "paused"), ("2022-03-04 10:00", "missed")])
def test_a_pause_that_leaves_no_day_to_take_out_does_not_put_off_the_miss(stopped: str, status: str) -> None:
    """Stopped before its last day the count stands; on the last day the term is used up, and passes at midnight."""
    found = story((stopped, "stop", OFFICE, {}), ("2022-03-05 09:00", "answer", WATER, {}))["opinion"]
    assert found["status"] == status


def test_a_role_without_a_unit_leaves_no_unit() -> None:
    assert story(("2022-03-02 16:00", "close", OFFICE, {}))["closing"]["units"] is None
