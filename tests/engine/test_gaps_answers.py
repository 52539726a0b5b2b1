"""Answers to deadlines at their edges, where a small fault would go unseen: which occurrence an act answers, and what
an answer, a miss and an excuse leave behind.
"""

from __future__ import annotations

import pytest

from engine.commands import Actor, Decision, Fire, Refusal
from engine.decide import decide
from engine.events import EventType, Json
from tests.engine import stage
from tests.engine.life import CN, Life, day, occurrence, open_and_done

OFFICE = Actor("li", ("office",))


# -- which occurrence an act answers

KEYED = open_and_done("""
transitions:
  - trigger: ask
    from: open
    by: office
    to: stay
    form: {about: {type: text, required: true}, within: {type: integer, default: 10}}
  - {trigger: hold, from: open, by: office, to: stay}
  - {trigger: go_on, from: open, by: office, to: stay}
  - {trigger: answer, from: open, by: lead, to: stay}
deadlines:
  reply:
    owed_by: lead
    starts: ask
    key: form.about
    due: {date: "add(date_of(start), form.within, 'days')"}
    pause: {by: hold, until: go_on}
    met_by: answer
""")


def answered(life: Life) -> list[str]:
    """The keys of what was met, in this order."""
    return [occurrence(event)["key"] for event in life.told(EventType.DEADLINE_MET)]


def test_an_act_answers_what_is_due_first_whatever_was_asked_first() -> None:
    life = Life(KEYED)
    life.register(day("2022-06-13"))
    for hour, (about, within) in enumerate([("water", 10), ("roads", 3), ("parks", 7)], 13):
        life.fire("ask", day("2022-06-13", hour), about=about, within=within)
    for hour in range(9, 12):
        life.fire("answer", day("2022-06-14", hour))
    assert answered(life) == ["roads", "parks", "water"]


def test_what_stands_still_is_answered_after_what_runs() -> None:
    life = Life(KEYED)
    life.register(day("2022-06-13"))
    life.fire("ask", day("2022-06-13", 13), about="water", within=2)
    life.fire("hold", day("2022-06-13", 14))
    assert life.found("reply/water")["due_at"] is None
    life.fire("ask", day("2022-06-13", 15), about="roads", within=20)
    life.fire("answer", day("2022-06-14", 9))
    life.fire("answer", day("2022-06-14", 10))
    assert answered(life) == ["roads", "water"]


def test_of_what_is_over_the_last_one_is_answered_and_nothing_twice() -> None:
    life = Life(KEYED)
    life.register(day("2022-06-13"))
    life.fire("ask", day("2022-06-13", 13), about="water", within=2)
    life.fire("ask", day("2022-06-13", 14), about="roads", within=3)
    life.fire("answer", day("2022-07-01", 9))
    assert answered(life) == ["roads"]
    life.fire("answer", day("2022-07-02", 9))
    life.fire("answer", day("2022-07-03", 9))
    assert answered(life) == ["roads", "water"]


PARTIAL = open_and_done("""
transitions:
  - {trigger: answer, from: open, by: lead, to: stay, form: {complete: {type: boolean}}}
deadlines:
  reply:
    owed_by: lead
    starts: registered
    due: 5 working days after start
    met_by: {trigger: answer, when: form.complete}
""")


def test_an_answer_that_does_not_count_meets_nothing() -> None:
    life = Life(PARTIAL)
    life.register(day("2022-06-13"))
    for hour, complete in enumerate((False, True), 13):
        life.fire("answer", day("2022-06-13", hour), complete=complete)
        assert (life.found("reply/1")["status"] == "met") is complete


# -- what an answer, a miss and an excuse leave behind

REMINDED = open_and_done("""
roles: {lead: {unit: task.unit}}
fields: {unit: {type: unit, required: true}}
transitions:
  - {trigger: answer, from: open, by: office, to: stay}
  - {trigger: deliver, from: open, by: office, to: stay}
  - {trigger: hand_over, from: open, by: office, to: stay, form: {unit: {type: unit}}, set: {unit: form.unit}}
  - {trigger: forgive, from: open, by: system, to: stay}
deadlines:
  duty:
    owed_by: lead
    starts: registered
    due: 2022-06-20
    remind: [3 working days before, 2 working days after]
    met_by: [answer, deliver]
    excused: {fire: forgive}
  right: {open_to: lead, starts: registered, due: 2022-06-20, remind: [2 working days after], met_by: answer}
""")
WATER = {"status": "missed", "passed": True, "units": ["water"]}


def _kept(occurrence: Json, *more: str) -> dict[str, Json]:
    return {name: occurrence.get(name) for name in ("status", "passed", "units", *more)}


def test_what_is_answered_reminds_nobody_any_more() -> None:
    life = Life(REMINDED)
    life.register(day("2022-06-13"), unit="water")
    assert len(life.found("duty/1")["remind"]) == 2
    life.fire("answer", day("2022-06-14"))
    (duty, right) = (occurrence(event) for event in life.told(EventType.DEADLINE_MET))
    told = {"remind": [], "met_at": "2022-06-14T04:00:00.000000Z"}
    met = {"status": "met", "passed": False, "units": ["water"], **told}
    assert (_kept(duty, *told), _kept(right, *told)) == (met, met)
    assert life.told(EventType.TRIGGER_FIRED)[-1].payload["trigger"] == "answer"


def test_a_reminder_for_this_very_instant_is_late_already() -> None:
    life = Life(REMINDED)
    life.register(day("2022-06-15", 9), unit="water")
    assert life.found("duty/1")["remind"] == ["2022-06-22T01:00:00.000000Z"]


def test_a_duty_that_is_missed_goes_on_reminding_and_a_right_that_has_lapsed_does_not() -> None:
    life = Life(REMINDED)
    life.register(day("2022-06-13"), unit="water")
    life.sweep(day("2022-06-21"))
    (missed,), (lapsed,) = life.told(EventType.DEADLINE_MISSED), life.told(EventType.DEADLINE_LAPSED)
    assert _kept(occurrence(missed), "remind") == {**WATER, "remind": ["2022-06-22T01:00:00.000000Z"]}
    assert _kept(occurrence(lapsed), "remind") == {
        "status": "lapsed",
        "passed": False,
        "units": ["water"],
        "remind": [],
    }
    life.fire("deliver", day("2022-06-21", 13))
    assert _kept(life.found("duty/1"), "remind", "days_late") == {
        **WATER, "status": "met_late", "remind": [], "days_late": 1
    }  # fmt: skip


def test_an_answer_that_was_in_time_and_is_entered_late_excuses_the_miss_of_whoever_owed_it() -> None:
    """The task has gone to another unit since; only a duty's excuse fires something."""
    life = Life(REMINDED)
    life.register(day("2022-06-13"), unit="water")
    life.fire("hand_over", day("2022-06-21"), unit="roads")
    life.sweep(day("2022-06-21", 13))
    late = Fire("t", "answer", {}, OFFICE, day("2022-06-21", 14), day("2022-06-20"), reason="a letter on the way")
    outcome = decide(life.edition, CN, life.family, late)
    assert isinstance(outcome, Decision), outcome
    excused = [event for event in outcome.events if event.type is EventType.MISS_EXCUSED]
    assert [_kept(occurrence(event), "name", "remind") for event in excused] == [
        {"status": "met", "passed": False, "units": ["water"], "name": name, "remind": []} for name in ("duty", "right")
    ]
    fired = [event for event in outcome.events if event.type is EventType.TRIGGER_FIRED]
    assert [(event.payload["trigger"], event.cause) for event in fired[1:]] == [("forgive", excused[0].ref)]


# -- answers to a period that is not there yet

PARKED = stage.edition(
    stage.yaml("""
    states: {parked: {initial: true}, open: {}, done: {final: true}}
    transitions:
      - {trigger: report, from: any, by: lead, to: open, form: {month: {type: month, required: true}}}
      - {trigger: close, from: open, by: office, to: done}
    deadlines:
      monthly: {owed_by: lead, while: open, every: {month_end: true}, met_by: {trigger: report, for: form.month}}
    """)
)


@pytest.mark.parametrize(
    ("on", "month", "found"),
    [
        ("2022-06-30", "2022-06", {"2022-06": "met", "2022-07": "running"}),
        ("2022-07-01", "2022-06", {"2022-07": "running"}),
        ("2022-06-29", "2022-08", {"2022-08": "met", "2022-06": "running"}),
    ],
)
def test_the_act_that_brings_a_task_back_answers_a_period_up_to_its_last_day(
    on: str, month: str, found: dict[str, str]
) -> None:
    life = Life(PARKED)
    life.register(day("2022-06-13"))
    life.fire("report", day(on), month=month)
    assert {one["key"]: one["status"] for one in life.family["t"].deadlines.values()} == found


def test_a_period_is_answered_once_and_the_next_one_goes_on() -> None:
    life = Life(PARKED)
    life.register(day("2022-06-13"))
    for hour in (9, 10, 11):
        life.fire("report", day("2022-06-20", hour), month="2022-06")
    assert answered(life) == ["2022-06"]
    life.sweep(day("2022-08-15"))
    life.fire("report", day("2022-08-16"), month="2022-07")
    assert answered(life) == ["2022-06", "2022-07"]
    assert life.found("monthly/2022-07")["status"] == "met_late"
    assert life.found("monthly/2022-08")["status"] == "running"


# -- rights that come again

RIGHTS = open_and_done("""
transitions:
  - {trigger: decide, from: open, by: office, to: stay}
  - {trigger: appeal, from: open, by: lead, to: stay}
deadlines: {appeal: {open_to: lead, starts: decide, due: 3 days after start, met_by: appeal}}
""")


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([("decide", "2022-06-13"), ("decide", "2022-06-20"), ("appeal", "2022-06-21")], None),
        ([("decide", "2022-06-13"), ("appeal", "2022-06-14"), ("decide", "2022-06-20")], "right_lapsed"),
    ],
    ids=["the first lapsed, the last was used", "the first was used, the last lapsed"],
)
def test_the_last_right_given_is_the_one_that_has_lapsed_or_not(acts: list[tuple[str, str]], code: str | None) -> None:
    life = Life(RIGHTS)
    life.register(day("2022-06-12"))
    for trigger, on in acts:
        life.fire(trigger, day(on))
    outcome = life.tried("appeal", day("2022-06-30"))
    assert (outcome.code if isinstance(outcome, Refusal) else None) == code


NAMED = open_and_done("""
transitions:
  - {trigger: decide, from: open, by: office, to: stay, form: {about: {type: text}}}
  - {trigger: appeal, from: open, by: office, to: stay, form: {about: {type: text}}}
deadlines:
  appeal:
    open_to: office
    starts: decide
    key: form.about
    due: 3 days after start
    met_by: {trigger: appeal, for: form.about}
""")


def test_an_appeal_that_was_in_time_and_is_entered_late_is_for_the_decision_that_it_names() -> None:
    life = Life(NAMED)
    life.register(day("2022-06-13"))
    for hour, about in ((13, "water"), (14, "roads")):
        life.fire("decide", day("2022-06-13", hour), about=about)
    life.sweep(day("2022-06-20"))
    late = Fire("t", "appeal", {"about": "water"}, OFFICE, day("2022-06-20", 13), day("2022-06-16"), reason="on paper")
    outcome = decide(life.edition, CN, life.family, late)
    assert isinstance(outcome, Decision), outcome
    assert [(one.type, occurrence(one)["key"]) for one in outcome.events[1:]] == [(EventType.MISS_EXCUSED, "water")]


def test_what_names_no_decision_that_there_was_answers_none() -> None:
    life = Life(NAMED)
    life.register(day("2022-06-13"))
    life.fire("decide", day("2022-06-13", 13), about="water")
    life.fire("appeal", day("2022-06-13", 14), about="parks")
    assert answered(life) == []


# -- dates that stay where they are


def test_an_act_moves_no_date_that_hangs_on_nothing_but_its_start() -> None:
    """A calendar that was changed since moves it, with the reason, when it is projected anew; not a stranger's act."""
    life = Life(PARTIAL)
    life.register(day("2022-06-13"))
    life.cn = CN.with_overrides({day("2022-06-16").date(): False})
    life.fire("answer", day("2022-06-13", 13), complete=False)
    assert life.dates("reply/1") == ["2022-06-20"]
