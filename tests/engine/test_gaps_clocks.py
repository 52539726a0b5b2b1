"""Deadlines at their edges, where a small fault would go unseen: what more time means, and what starts when."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands import Decision, Opening, Refusal
from engine.events import EventType
from tests.engine import stage
from tests.engine.life import Life, day, occurrence, open_and_done

# -- more time for a period

PERIODS = open_and_done("""
transitions:
  - {trigger: grant, from: open, by: office, to: stay, form: {until: {type: date, required: true}}}
  - {trigger: lengthen, from: open, by: office, to: stay}
deadlines:
  to_a_day: {owed_by: lead, every: {month_end: true}, extend: {by: grant, up_to: 20 days, to: form.until}}
  by_a_term: {owed_by: lead, every: {month_end: true}, extend: {by: lengthen, up_to: 9 days, amount: "4"}}
""")


def test_the_last_day_granted_to_a_period_is_the_one_that_counts() -> None:
    life = Life(PERIODS)
    life.register(day("2022-06-13"))
    for hour, until in enumerate(("2022-07-05", "2022-07-20", "2022-07-09"), 13):
        life.fire("grant", day("2022-06-13", hour), until=until)
    assert life.dates("to_a_day/2022-06") == ["2022-06-30", "2022-07-05", "2022-07-20", "2022-07-09"]
    refusal = life.tried("grant", day("2022-06-14"), until="2022-07-21")
    assert isinstance(refusal, Refusal)
    asked = {"deadline": "to_a_day", "cap": "20 days", "used": 0, "asked": "2022-07-21"}
    assert (refusal.code, refusal.facts) == ("extension_cap", asked)
    life.sweep(day("2022-07-10"))
    assert life.found("to_a_day/2022-06")["status"] == "missed"


def test_terms_granted_to_a_period_add_up_from_its_own_day() -> None:
    life = Life(PERIODS)
    life.register(day("2022-06-13"))
    life.fire("lengthen", day("2022-06-13", 13))
    life.fire("lengthen", day("2022-06-13", 14))
    assert life.dates("by_a_term/2022-06") == ["2022-06-30", "2022-07-04", "2022-07-08"]
    refusal = life.tried("lengthen", day("2022-06-13", 15))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts["used"], refusal.facts["asked"]) == ("extension_cap", 8, "4 days")


STATED = open_and_done("""
transitions:
  - {trigger: lengthen, from: open, by: office, to: stay}
  - {trigger: grant, from: open, by: office, to: stay, form: {until: {type: date}}}
  - {trigger: once, from: open, by: office, to: stay, when: extensions('until') == 1.0}
deadlines:
  works: {owed_by: lead, starts: registered, due: 9 days after start, extend: {by: lengthen, up_to: 5 working days}}
  monthly: {owed_by: lead, every: {month_end: true}, extend: {by: lengthen, up_to: 5 working days}}
  until:
    owed_by: lead
    starts: registered
    due: 9 days after start
    extend: {by: grant, up_to: 10 days, to: form.until, at_most: 1}
""")


def test_more_time_is_counted_from_the_day_that_an_opening_entry_stated() -> None:
    """1 July is a Friday: five working days more are the 8th; and not later than the 11th, ten days on. What was stated
    is no extension: the one that may be granted still may.
    """
    life = Life(STATED)
    life.register(day("2022-06-13"), opening=Opening("open", {"works": "2022-07-01", "until": "2022-07-01"}))
    life.fire("lengthen", day("2022-06-14"))
    assert life.dates("works/1") == ["2022-07-01", "2022-07-08"]
    assert life.dates("monthly/2022-06") == ["2022-06-30", "2022-07-07"]
    outcome = life.tried("grant", day("2022-06-15"), until="2022-07-12")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "extension_cap"
    life.fire("grant", day("2022-06-15"), until="2022-07-11")
    assert life.dates("until/1") == ["2022-07-01", "2022-07-11"]
    life.fire("once", day("2022-06-16", 9))
    outcome = life.tried("grant", day("2022-06-16"), until="2022-07-11")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "extension_spent"


LADDER = open_and_done("""
transitions:
  - {trigger: lengthen, from: open, by: office, to: stay}
  - {trigger: hold, from: open, by: office, to: stay}
  - {trigger: go_on, from: open, by: office, to: stay}
  - {trigger: again, from: open, by: office, to: stay}
  - {trigger: drop, from: open, by: office, to: stay}
  - {trigger: start, from: open, by: office, to: stay}
  - {trigger: answer, from: open, by: lead, to: stay}
deadlines:
  works:
    owed_by: lead
    starts: start
    met_by: answer
    due: 6 working days after start
    remind: [4 working days before, 1 working day before]
    extend: {by: lengthen, up_to: 10 working days, amount: "5", before_due: false}
    pause: {by: hold, until: go_on}
    restart_by: again
    cancelled_by: drop
""")


def _ladder() -> Life:
    """Begun on Monday the 13th: due on the 21st, reminders on the 15th and the 20th."""
    life = Life(LADDER)
    life.register(day("2022-06-13", 8))
    life.fire("start", day("2022-06-13", 9))
    return life


def _rungs(life: Life, name: str = "works/1") -> list[str]:
    return [moment[:10] for moment in life.found(name)["remind"]]


def test_a_reminder_that_went_out_does_not_go_out_again_for_the_new_date() -> None:
    life = _ladder()
    assert _rungs(life) == ["2022-06-15", "2022-06-20"]
    life.fire("lengthen", day("2022-06-14"))
    assert _rungs(life) == ["2022-06-22", "2022-06-27"]
    life.fire("lengthen", day("2022-06-22"))
    assert (life.found("works/1")["last_day"], _rungs(life)) == ("2022-07-05", ["2022-07-04"])


def test_a_reminder_tells_whom_and_about_what() -> None:
    life = _ladder()
    life.sweep(day("2022-06-15"))
    reminded, notice = life.events[-2:]
    assert (reminded.type, occurrence(reminded)["reminded"]) == (
        EventType.DEADLINE_REMINDED, ["2022-06-15T01:00:00.000000Z"]
    )  # fmt: skip
    about = {"deadline": "works", "key": "1", "last_day": "2022-06-21"}
    assert notice.payload == {"notice": "reminder", "to": [{"role": "lead", "units": None}], "about": about}
    assert notice.cause == reminded.ref


def test_a_reminder_that_is_still_to_come_comes_though_an_earlier_one_lies_in_the_past_now() -> None:
    life = _ladder()
    life.fire("hold", day("2022-06-16"))
    life.fire("go_on", day("2022-06-17"))
    assert (life.found("works/1")["last_day"], life.found("works/1")["reminded"][0][:10]) == (
        "2022-06-22",
        "2022-06-15",
    )
    assert _rungs(life) == ["2022-06-21"]


def test_a_clock_that_stands_has_no_date_and_reminds_nobody() -> None:
    life = _ladder()
    life.fire("hold", day("2022-06-14"))
    (paused,) = life.told(EventType.DEADLINE_PAUSED)
    names = ("status", "due_at", "last_day", "provisional", "remind", "paused_by")
    assert [occurrence(paused)[name] for name in names] == ["paused", None, None, False, [], [0]]
    assert [step["rule"] for step in occurrence(paused)["why"]] == ["anchor", "paused"]
    life.fire("go_on", day("2022-06-16"))
    assert life.found("works/1")["paused_by"] == []
    assert _rungs(life) == ["2022-06-17", "2022-06-22"]


def test_what_begins_anew_forgets_its_pauses_and_what_was_granted() -> None:
    life = _ladder()
    life.fire("lengthen", day("2022-06-14", 9))
    life.fire("hold", day("2022-06-14", 10))
    life.fire("go_on", day("2022-06-15", 10))
    life.fire("again", day("2022-06-16", 10))
    (moved,) = life.told(EventType.DEADLINE_MOVED)
    anew = occurrence(moved)
    assert (moved.payload["reason"], anew["started_at"]) == ("restarted", "2022-06-16T02:00:00.000000Z")
    assert (anew["status"], anew["pauses"], anew["extensions"], anew["start"]) == ("running", [], [], {})
    assert anew["last_day"] == "2022-06-24"
    life.fire("again", day("2022-06-16", 11))
    assert len(life.told(EventType.DEADLINE_MOVED)) == 2, "though the date is the same"


def test_what_is_cancelled_reminds_nobody_and_may_be_started_anew_under_the_next_number() -> None:
    life = _ladder()
    life.fire("drop", day("2022-06-14", 9))
    (cancelled,) = life.told(EventType.DEADLINE_CANCELLED)
    assert (occurrence(cancelled)["status"], occurrence(cancelled)["remind"]) == ("cancelled", [])
    life.fire("start", day("2022-06-14", 10))
    assert [(one["key"], one["n"]) for one in life.family["t"].deadlines.values()] == [("1", 1), ("2", 2)]


def test_what_begins_anew_while_it_stands_runs() -> None:
    life = _ladder()
    life.fire("hold", day("2022-06-14"))
    life.fire("again", day("2022-06-15"))
    assert occurrence(life.told(EventType.DEADLINE_MOVED)[0])["status"] == "running"


def test_what_was_answered_is_given_no_more_time() -> None:
    life = _ladder()
    life.fire("answer", day("2022-06-14"))
    refusal = life.tried("lengthen", day("2022-06-15"))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("extension_too_late", {"deadline": "works"})


RENEWED = open_and_done("""
transitions:
  - {trigger: ask, from: open, by: office, to: stay, form: {within: {type: integer, required: true}}}
  - {trigger: again, from: open, by: office, to: stay, form: {within: {type: integer, required: true}}}
deadlines:
  reply: {owed_by: lead, starts: ask, due: {date: "add(date_of(start), form.within, 'days')"}, restart_by: again}
""")


def test_what_begins_anew_counts_by_what_is_said_then() -> None:
    life = Life(RENEWED)
    life.register(day("2022-06-13", 8))
    life.fire("ask", day("2022-06-13"), within=5)
    life.fire("again", day("2022-06-14"), within=9)
    assert life.dates("reply/1") == ["2022-06-18", "2022-06-23"]
    assert life.found("reply/1")["start"] == {"within": 9}


def test_of_several_misses_the_last_one_is_given_more_time_and_runs_again() -> None:
    life = _ladder()
    life.sweep(day("2022-06-22"))
    life.fire("start", day("2022-06-22", 13))
    life.sweep(day("2022-07-01"))
    life.fire("lengthen", day("2022-07-01", 13))
    assert [one["status"] for one in life.family["t"].deadlines.values()] == ["missed", "running"]
    assert life.found("works/2")["last_day"] == "2022-07-07"


# -- dates that cannot be worked out

DATED = open_and_done("""
fields: {word: {type: text}}
transitions: [{trigger: begin, from: open, by: office, to: stay}]
deadlines: {works: {owed_by: lead, starts: begin, due: {date: month_end(task.word)}}}
""")


@pytest.mark.parametrize(("fields", "code"), [({"word": "soon"}, "guard_error"), ({}, None)])
def test_a_date_that_is_wrong_is_refused_and_one_that_is_not_there_yet_waits(
    fields: dict[str, Any], code: str | None
) -> None:
    life = Life(DATED)
    life.register(day("2022-06-13"), **fields)
    outcome = life.tried("begin", day("2022-06-13", 13))
    assert (outcome.code if isinstance(outcome, Refusal) else None) == code
    if isinstance(outcome, Decision):
        assert [event.type for event in outcome.events] == [EventType.TRIGGER_FIRED]


# -- what starts a deadline

STARTS = stage.edition(
    stage.yaml("""
    fields: {ready: {type: boolean, default: false}}
    states: {open: {initial: true}, aside: {}, done: {final: true}, shut: {final: true}}
    transitions:
      - {trigger: put_aside, from: open, by: office, to: aside}
      - {trigger: close, from: any, by: office, to: done}
      - {trigger: shut, from: any, by: office, to: shut}
      - {trigger: prepare, from: [done, shut], by: office, to: stay, set: {ready: "true"}}
      - {trigger: archive, from: [done, shut], by: office, to: stay}
    deadlines:
      file: {owed_by: office, starts: {triggers: [archive], enter: [done, aside]}, due: 5 days after start}
      store: {owed_by: office, starts: {registered: true, enter: [aside]}, when: task.ready, due: 2022-12-31}
      named: {owed_by: office, starts: archive, due: 5 days after start}
      kept: {owed_by: office, while: done, due: 5 days after start}
    """)
)


@pytest.mark.parametrize(
    ("acts", "begun"),
    [
        (["put_aside"], {"file/1": "running"}),
        (["close"], {"file/1": "cancelled", "kept/1": "running"}),
        (["shut"], {}),
        (["shut", "archive"], {"file/1": "running", "named/1": "running"}),
        (["close", "prepare"], {"file/1": "cancelled", "kept/1": "running"}),
        (["shut", "prepare"], {}),
        (["put_aside", "shut", "prepare"], {"file/1": "cancelled"}),
    ],
)
def test_after_the_end_starts_only_what_names_the_act_or_the_state(acts: list[str], begun: dict[str, str]) -> None:
    """What names the state entered may start then and there, but ends with the task; `while` names it for good."""
    life = Life(STARTS)
    life.register(day("2022-06-13", 8))
    for hour, trigger in enumerate(acts, 9):
        life.fire(trigger, day("2022-06-13", hour))
    assert {name: found["status"] for name, found in life.family["t"].deadlines.items()} == begun


HOURS = open_and_done("""
fields: {term: {type: text, default: 2 hours}}
transitions:
  - {trigger: tell, from: open, by: office, to: stay, form: {term: {type: text}}, set: {term: form.term}}
deadlines: {works: {owed_by: lead, starts: registered, due: task.term after start}}
""")


def test_a_date_that_moves_within_its_day_moves() -> None:
    life = Life(HOURS)
    life.register(day("2022-06-13", 9))
    life.fire("tell", day("2022-06-13", 10), term="5 hours")
    (moved,) = life.told(EventType.DEADLINE_MOVED)
    assert (occurrence(moved)["last_day"], moved.payload["reason"]) == ("2022-06-13", "anchor moved")


def test_a_term_that_leads_past_all_dates_is_refused_with_its_rule() -> None:
    life = Life(HOURS)
    life.register(day("2022-06-13", 9))
    refusal = life.tried("tell", day("2022-06-13", 10), term="9999999 days")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts["guard"]) == ("computed", "task.term")
    assert "out of range" in refusal.facts["en"]


WAITING = open_and_done("""
fields: {by: {type: date}, n: {type: integer}}
transitions:
  - trigger: tell
    from: open
    by: office
    to: stay
    form: {by: {type: date}, n: {type: integer}}
    set: {by: form.by, n: form.n}
deadlines:
  works: {owed_by: lead, starts: registered, due: task.by}
  counted: {owed_by: lead, starts: registered, due: {date: "add(date_of(start), task.n, 'days')"}}
""")


def test_a_later_act_starts_what_waits_for_a_date_once_and_nothing_that_counts_from_a_start_that_is_past() -> None:
    life = Life(WAITING)
    life.register(day("2022-06-13", 8))
    assert life.told(EventType.DEADLINE_STARTED) == []
    for hour, by in enumerate(("2022-07-01", "2022-07-08"), 9):
        life.fire("tell", day("2022-06-13", hour), by=by, n=3)
    assert life.dates("works/1") == ["2022-07-01", "2022-07-08"]
    assert set(life.family["t"].deadlines) == {"works/1"}
