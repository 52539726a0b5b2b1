"""What broke once: time that was refused, time that never ended, and values that no arithmetic could take."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.calendars import Calendar
from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event, EventType
from engine.task import Family
from tests.engine import stage
from tests.engine.walks import ZONE, calendar

CN: Calendar = calendar()
START = datetime(2022, 6, 13, 9, tzinfo=ZONE)
OFFICE = Actor("zhang", ("office", "lead"))


def _edition(transitions: str, deadlines: str, **more: Any) -> Edition:
    return stage.edition(
        {
            "fields": {"on": {"type": "date"}, "n": {"type": "decimal"}, "words": {"type": "text"}},
            "states": {"open": {"initial": True}, "late": {}, "done": {"final": True}},
            "transitions": stage.yaml(transitions),
            "deadlines": stage.yaml(deadlines),
            **more,
        }
    )


def _lived(edition: Edition, days: float, **fields: Any) -> tuple[Family, list[Event]]:
    """A task after so many days of nobody doing anything."""
    entered = decide(edition, CN, {}, Register("t", "", fields, {}, OFFICE, START))
    assert isinstance(entered, Decision), entered
    passed = advance(edition, CN, entered.family, START + timedelta(days=days))
    return passed.family, [*entered.events, *passed.events]


def _fire(edition: Edition, family: Family, trigger: str, days: float, **form: Any) -> Decision | Refusal:
    now = START + timedelta(days=days)
    family = advance(edition, CN, family, now).family
    return decide(edition, CN, family, Fire("t", trigger, form, OFFICE, present(family, now)))


# -- time is never refused

MISS = "- {trigger: miss, from: any, by: system, to: late%s}"
DUTY = "d: {owed_by: lead, starts: registered, due: 2 days after start, missed: {fire: miss}}\n"
TALK = {
    "on_parent_end": "block",
    "states": {"open": {"initial": True}, "held": {"final": True}},
    "transitions": stage.yaml("[{trigger: hold, from: open, by: office, to: held}]"),
}


@pytest.mark.parametrize(
    ("transitions", "deadlines", "more", "fields", "code"),
    [
        (MISS % ", set: {on: \"add(task.on, 1, 'days')\"}", "", {}, {}, "unset"),
        (MISS % ", set: {n: 1 / task.n}", "", {}, {"n": 0}, "guard_error"),
        (MISS % ", then: [{fire: miss, on: task, when: task.n > 3}]", "", {}, {}, "unset"),
        (MISS % ", then: [{fire: miss, on: task}]", "", {}, {}, "cascade"),
        (MISS % "", "e: {owed_by: lead, starts: miss, due: 1 day after start, when: task.n > 3}", {}, {}, "unset"),
        (MISS % "", "e: {owed_by: lead, starts: miss, due: 2 days after start, key: task.words}", {}, {}, "unset"),
        (MISS % "", "e: {owed_by: lead, starts: miss, due: task.words after start}", {}, {"words": "soon"}, "computed"),
        (
            MISS % "",
            "e: {owed_by: lead, starts: registered, due: 1 day after start, extend: {by: miss, up_to: 3 days}}",
            {},
            {},
            "extension_too_late",
        ),
        (
            "- {trigger: miss, from: any, by: system, to: done}",
            "",
            {"children": {"talk": TALK}, "registration": {"by": "office", "then": [{"open": "talk"}]}},
            {},
            "children_open",
        ),
    ],
)  # fmt: skip
def test_what_a_missed_deadline_cannot_set_off_is_said_and_time_goes_on(
    transitions: str, deadlines: str, more: dict[str, Any], fields: dict[str, Any], code: str
) -> None:
    """Nothing of the failed trigger stays, its cause is recorded, and the miss itself stands."""
    family, events = _lived(_edition(transitions, DUTY + deadlines, **more), 10, **fields)
    ignored = [event for event in events if event.type is EventType.TRIGGER_IGNORED]
    assert [(one.payload["trigger"], one.payload["code"]) for one in ignored] == [("miss", code)]
    assert family["t"].state == "open"
    assert family["t"].deadlines["d/1"]["status"] == "missed"
    assert "miss" not in family["t"].fired


def test_a_next_period_that_cannot_be_decided_is_said_in_the_history() -> None:
    """A recurrence whose `when` fails as time opens the next period stops the sweep of nobody. Said once, not daily."""
    when = "today < '2022-06-15' || task.n > 3"
    report = f'r: {{owed_by: lead, while: open, every: {{days: 1, from: 2022-01-01}}, when: "{when}"}}'
    _, events = _lived(_edition("- {trigger: tell, from: any, by: office, to: stay}", report), 9)
    ignored = [event.payload for event in events if event.type is EventType.TRIGGER_IGNORED]
    assert [(one["deadline"], one["code"]) for one in ignored] == [("r", "unset")]


# -- time ends

AGAIN = "- {trigger: again, from: any, by: system, to: stay%s}"
CHILD = {
    "cancelled": "over",
    "on_end": {"fire": "again", "wait_for": "all"},
    "states": {"open": {"initial": True}, "over": {"final": True}},
    "transitions": stage.yaml("[{trigger: shut, from: open, by: system, to: over}]"),
    "deadlines": stage.yaml("k: {owed_by: lead, starts: registered, due: parent.on, missed: {fire: shut}}"),
}


@pytest.mark.parametrize(
    ("transitions", "deadlines", "more"),
    [
        (AGAIN % "", "d: {owed_by: lead, starts: [registered, again], due: task.on, missed: {fire: again}}", {}),
        (
            AGAIN % "",
            "d: {owed_by: lead, starts: [registered, again], due: 0 hours after start, missed: {fire: again}}",
            {},
        ),
        (
            AGAIN % "",
            ("d: {owed_by: lead, starts: registered, due: 1 day after start, missed: {fire: again},"
            " extend: {by: again, to: task.on, up_to: 5 days, before_due: false}}"),
            {},
        ),
        (
            AGAIN % "" + "\n- {trigger: other, from: any, by: system, to: stay}",
            ("d: {owed_by: lead, starts: [registered, again], due: task.on, missed: {fire: other}}\n"
            "e: {owed_by: lead, starts: other, due: task.on, missed: {fire: again}}"),
            {},
        ),
        (
            AGAIN % ", then: [{open: talk}]",
            "d: {owed_by: lead, starts: registered, due: 1 day after start, missed: {fire: again}}",
            {"children": {"talk": CHILD}},
        ),
    ],
    ids=["a past date", "no time at all", "extended into the past", "two in a ring", "through a child"],
)  # fmt: skip
def test_a_deadline_that_is_over_when_it_starts_does_not_miss_itself_for_ever(
    transitions: str, deadlines: str, more: dict[str, Any]
) -> None:
    """It is stopped after a hundred rounds in one moment, and the history says so; no extension is into the past."""
    _, events = _lived(_edition(transitions, deadlines, **more), 10, on="2022-01-01")
    told = Counter(event.type for event in events)
    assert told[EventType.DEADLINE_MISSED] <= 205
    said = {event.payload["code"] for event in events if event.type is EventType.TRIGGER_IGNORED}
    assert said == {"extension_over" if "extend" in deadlines else "cascade"}


# -- arithmetic that leads nowhere

ASK = """
- {trigger: ask, from: any, by: office, to: stay, form: {term: {type: text}}}
- {trigger: grant, from: any, by: office, to: stay, form: {more: {type: decimal}}}
"""
ANSWER = """
a:
  owed_by: lead
  starts: ask
  due: form.term after start
  extend: {by: grant, amount: form.more, up_to: 9 days}
"""


@pytest.mark.parametrize("term", ["soon", "-5 days", "99999 years", "2 fortnights"])
def test_a_term_that_is_none_is_refused_with_its_cause(term: str) -> None:
    """It was a crash: what a person wrote is answered, never thrown."""
    edition = _edition(ASK, ANSWER)
    answer = _fire(edition, _lived(edition, 0)[0], "ask", 1, term=term)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["guard"]) == ("computed", "form.term")


@pytest.mark.parametrize("more", ["-5", "99999999999999999"])
def test_an_extension_by_less_than_nothing_or_by_more_than_a_century_is_refused(more: str) -> None:
    """Neither is a term."""
    edition = _edition(ASK, ANSWER)
    asked = _fire(edition, _lived(edition, 0)[0], "ask", 1, term="5 days")
    assert isinstance(asked, Decision)
    answer = _fire(edition, asked.family, "grant", 2, more=more)
    assert isinstance(answer, Refusal)
    assert answer.code == "computed"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "a\x00b"),
        ("text", "\ud800"),
        ("units", ["水务局", "\udcff"]),
        ("files", [{"name": "a.pdf", "note": "\udcff"}]),
        ("date", "9999-12-31"),
        ("date", "0001-01-01"),
        ("month", "9999-12"),
        ("month", "0000-01"),
        ("instant", "0001-01-01"),
        ("instant", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_a_value_that_no_store_keeps_and_no_calendar_reaches_is_refused(kind: str, value: Any) -> None:
    """Badly encoded bytes, null characters and the ends of time were crashes, some only when they were written."""
    ask = f"- {{trigger: ask, from: any, by: office, to: stay, form: {{x: {{type: {kind}}}}}}}"
    edition = _edition(ask, "m: {owed_by: lead, while: open, every: {month_end: true}, met_by: ask}")
    answer = _fire(edition, _lived(edition, 0)[0], "ask", 1, x=value)
    assert isinstance(answer, Refusal)
    assert (answer.code, [each["field"] for each in answer.facts["problems"]]) == ("form", ["x"])
