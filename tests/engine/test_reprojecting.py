"""After a change of the working calendar: what runs gets the date that it has by it, and says why."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.calendars import Calendar
from engine.commands import Actor, Decision, Fire, Refusal, Register, Reproject
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import EventType
from engine.every import Every
from engine.recall import command_of
from engine.recurrence import period_begun
from engine.reprojecting import REASON
from engine.task import Family, Occurrence
from tests.engine import stage
from tests.engine.walks import ZONE, Walk, calendar, edition_of, random_process, text_of
from workflows.authoring.backtest import backtest

CN = calendar()
OFFICE, ADMIN = Actor("zhang", ("office",)), Actor("zhao", ("admin",))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _edition(deadlines: str) -> Edition:
    return stage.edition(
        stage.yaml(f"""
        states: {{open: {{initial: true}}, shut: {{final: true}}}}
        signals: [{{green: true}}]
        transitions:
          - {{trigger: answer, from: open, by: office, to: stay}}
          - {{trigger: halt, from: open, by: office, to: stay}}
          - {{trigger: go, from: open, by: office, to: stay}}
        deadlines:
          {deadlines}
        """)
    )


REPLY = _edition(
    "reply: {owed_by: lead, starts: registered, due: 10 working days after start, met_by: answer,"
    " remind: [3 working days before], pause: {by: halt, until: go}}"
)
FIXED = _edition("reply: {owed_by: lead, starts: registered, due: 2022-06-20, met_by: answer}")


def _registered(edition: Edition, on: str, by: Calendar = CN) -> Family:
    outcome = decide(edition, by, {}, Register("t", "", {}, {}, OFFICE, _at(on)))
    assert isinstance(outcome, Decision)
    return outcome.family


def _fired(edition: Edition, family: Family, trigger: str, at: str) -> Family:
    outcome = decide(edition, CN, family, Fire("t", trigger, {}, OFFICE, _at(at)))
    assert isinstance(outcome, Decision)
    return outcome.family


def _reprojected(edition: Edition, family: Family, by: Calendar, at: str, reason: str = "Notice 7") -> Decision:
    passed = advance(edition, CN, family, _at(at)).family
    outcome = decide(edition, by, passed, Reproject("t", reason, ADMIN, present(passed, _at(at))))
    assert isinstance(outcome, Decision)
    return outcome


def _one(family: Family) -> Occurrence:
    (found,) = family["t"].deadlines.values()
    return found


def _off(*days: str) -> Calendar:
    return CN.with_overrides({date.fromisoformat(day): False for day in days}, label="Notice 7")


def test_a_day_within_the_term_moves_the_date_and_its_reminder_and_says_why() -> None:
    family = _registered(REPLY, "2022-06-06T09:00")
    assert _one(family)["last_day"] == "2022-06-20"
    made = _reprojected(REPLY, family, _off("2022-06-10"), "2022-06-07T10:00")
    (event,) = made.events
    assert (event.type, event.actor, event.payload["reason"]) == (EventType.DEADLINE_MOVED, "zhao", REASON)
    assert event.payload["because"] == "Notice 7"
    told = event.payload["command"]
    assert (told["do"], told["reason"], told["calendar"]) == ("reproject", "Notice 7", _off("2022-06-10").digest)
    moved = _one(made.family)
    assert (moved["last_day"], moved["due_at"]) == ("2022-06-21", "2022-06-21T16:00:00.000000Z")
    assert [moment[:10] for moment in moved["remind"]] == ["2022-06-16"]
    assert moved["why"] != _one(family)["why"]
    assert command_of(event) == Reproject("t", "Notice 7", ADMIN, _at("2022-06-07T10:00"))


@pytest.mark.parametrize(
    ("edition", "by"),
    [
        (REPLY, CN),
        (REPLY, _off("2022-06-27")),
        (REPLY, _off("2022-06-03")),
        (FIXED, _off("2022-06-10", "2022-06-20")),
    ],
    ids=["the same calendar", "a later day", "a day before it began", "a date that asks no calendar"],
)
def test_where_no_date_is_another_nothing_is_said(edition: Edition, by: Calendar) -> None:
    family = _registered(edition, "2022-06-06T09:00")
    assert _reprojected(edition, family, by, "2022-06-07T10:00").events == ()


def test_doing_it_again_finds_nothing_to_do() -> None:
    made = _reprojected(REPLY, _registered(REPLY, "2022-06-06T09:00"), _off("2022-06-10"), "2022-06-07T10:00")
    again = decide(REPLY, _off("2022-06-10"), made.family, Reproject("t", "Notice 7", ADMIN, _at("2022-06-08T10:00")))
    assert isinstance(again, Decision)
    assert again.events == ()


def test_a_reminder_alone_may_move() -> None:
    """The day of rest is counted no more by the term, which it does not lie in, but a reminder stood on it."""
    edition = _edition(
        "reply: {owed_by: lead, starts: registered, due: 2022-06-20, met_by: answer, remind: [6 days before]}"
    )
    made = _reprojected(edition, _registered(edition, "2022-06-06T09:00"), _off("2022-06-14"), "2022-06-07T10:00")
    moved = _one(made.family)
    assert (moved["last_day"], [moment[:10] for moment in moved["remind"]]) == ("2022-06-20", ["2022-06-13"])


def test_a_reminder_that_went_out_does_not_go_out_again() -> None:
    family = _registered(REPLY, "2022-06-06T09:00")
    made = _reprojected(REPLY, family, _off("2022-06-17"), "2022-06-16T10:00")
    assert (_one(made.family)["last_day"], _one(made.family)["remind"]) == ("2022-06-21", [])
    assert len(_one(made.family)["reminded"]) == 1


def test_a_notice_makes_a_provisional_date_sure_where_it_does_not_move_it() -> None:
    family = _registered(REPLY, "2026-12-28T09:00")
    assert _one(family)["provisional"]
    notice = replace(CN.with_overrides({date(2027, 2, 15): False}, last_known=date(2027, 12, 31)))
    made = _reprojected(REPLY, family, notice, "2026-12-29T10:00")
    moved = _one(made.family)
    assert (moved["last_day"], moved["provisional"]) == (_one(family)["last_day"], False)
    assert len(made.events) == 1
    new_year = CN.with_overrides({date(2027, 1, 1): False}, last_known=date(2027, 12, 31))
    assert _one(_reprojected(REPLY, family, new_year, "2026-12-29T10:00").family)["last_day"] == "2027-01-12"


@pytest.mark.parametrize(("now", "last_day"), [("2022-06-17T10:00", "2022-06-17"), ("2022-06-18T00:00", "2022-06-20")])
def test_who_could_not_know_of_an_earlier_day_keeps_the_one_they_had(now: str, last_day: str) -> None:
    """A Saturday that is worked after all makes the date come a working day sooner; once that is over, it stands."""
    worked = CN.with_overrides({date(2022, 6, 11): True})
    made = _reprojected(REPLY, _registered(REPLY, "2022-06-06T09:00"), worked, now)
    assert (_one(made.family)["last_day"], _one(made.family)["status"]) == (last_day, "running")


def test_what_stands_still_goes_on_by_the_new_days() -> None:
    """While the clock stands there is no date; when it goes on, all of its days are counted by the calendar then."""
    family = _fired(REPLY, _registered(REPLY, "2022-06-06T09:00"), "halt", "2022-06-07T09:00")
    made = _reprojected(REPLY, family, _off("2022-06-17"), "2022-06-08T10:00")
    assert made.events == ()
    outcome = decide(REPLY, _off("2022-06-17"), made.family, Fire("t", "go", {}, OFFICE, _at("2022-06-09T09:00")))
    assert isinstance(outcome, Decision)
    assert _one(outcome.family)["last_day"] == "2022-06-23"


@pytest.mark.parametrize("trigger", ["answer", None], ids=["met", "missed"])
def test_what_is_over_stays_as_it_was(trigger: str | None) -> None:
    family = _registered(REPLY, "2022-06-06T09:00")
    if trigger:
        family = _fired(REPLY, family, trigger, "2022-06-07T09:00")
    assert _reprojected(REPLY, family, _off("2022-06-10"), "2022-06-30T10:00").events == ()


def test_a_period_is_due_by_the_new_days_and_keeps_its_key() -> None:
    edition = _edition("report: {owed_by: lead, every: {month_end: true, roll: previous}, met_by: answer}")
    family = _registered(edition, "2022-06-06T09:00")
    moved = _one(_reprojected(edition, family, _off("2022-06-30"), "2022-06-07T10:00").family)
    assert (moved["key"], moved["last_day"]) == ("2022-06", "2022-06-29")


@pytest.mark.parametrize(
    ("every", "key", "change", "due_on"),
    [
        ("{working_days: 1, from: 2022-06-06}", "2022-06-14", {"2022-06-14": False}, "2022-06-15"),
        ("{working_days: 5, from: 2022-06-06}", "2022-06-13", {"2022-06-09": False}, "2022-06-14"),
        ("{working_days: 5, from: 2022-06-06}", "2022-06-13", {"2022-06-11": True}, "2022-06-11"),
        ("{working_days: 5, from: 2022-06-06}", "2022-06-13", {"2022-06-20": False}, "2022-06-13"),
        ("{working_day: 5, until: 2022-06-07}", "2022-06", {"2022-06-02": False}, "2022-06-09"),
    ],
)
def test_a_period_that_began_is_there_whatever_the_calendar_says_since(
    every: str, key: str, change: dict[str, bool], due_on: str
) -> None:
    """Its first day may be none on which a period begins by now, and its day may lie beyond the end."""
    recurrence = Every.model_validate(stage.yaml(every)).recurrence
    by = CN.with_overrides({date.fromisoformat(day): worked for day, worked in change.items()})
    found = period_begun(recurrence, by, key)
    assert (found.key, found.due_on.isoformat()) == (key, due_on)


def test_all_of_a_family_is_one_decision() -> None:
    """The first event carries the command; the others are caused by it, and all say why."""
    edition = stage.edition(
        stage.yaml("""
        states: {open: {initial: true}, shut: {final: true}}
        transitions:
          - {trigger: call, from: open, by: office, to: stay, then: [{open: talk}]}
        deadlines:
          a: {owed_by: lead, starts: registered, due: 10 working days after start}
          b: {owed_by: lead, starts: registered, due: 9 working days after start}
        children:
          talk:
            on_parent_end: keep
            states: {called: {initial: true}, held: {final: true}}
            transitions: [{trigger: hold, from: called, by: office, to: held}]
            deadlines: {c: {owed_by: lead, starts: registered, due: 8 working days after start}}
        """)
    )
    family = _fired(edition, _registered(edition, "2022-06-06T09:00"), "call", "2022-06-06T10:00")
    made = _reprojected(edition, family, _off("2022-06-10"), "2022-06-07T10:00")
    first, *others = made.events
    assert [event.task for event in made.events] == ["t", "t", "t.talk.1"]
    assert "command" in first.payload
    assert {event.cause for event in others} == {first.ref}
    assert {event.payload["because"] for event in made.events} == {"Notice 7"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Reproject("u", "Notice 7", ADMIN, _at("2022-06-07T10:00")), "unknown_task"),
        (Reproject("t", "Notice\0 7", ADMIN, _at("2022-06-07T10:00")), "unkept_text"),
        (Reproject("t", "Notice 7", Actor("z\0"), _at("2022-06-07T10:00")), "unkept_text"),
    ],
)
def test_what_cannot_be_is_refused(command: Reproject, code: str) -> None:
    outcome = decide(REPLY, CN, _registered(REPLY, "2022-06-06T09:00"), command)
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


@pytest.mark.parametrize("seed", range(30))
def test_a_history_with_changes_of_the_calendar_in_it_is_reproduced_exactly(seed: int) -> None:
    """Each command is decided again by the calendar that its record names. By the last one alone it would not be."""
    rng = random.Random(seed)
    walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
    versions: dict[str, Calendar] = {CN.digest: CN}
    for _ in range(12):
        walk.step()
        _change(walk, rng)
        versions[walk.cn.digest] = walk.cn
    assert backtest(walk.edition, CN, walk.events, versions=versions.get) is None
    if any(event.payload.get("reason") == REASON for event in walk.events):
        assert backtest(walk.edition, CN, walk.events) is not None


def _change(walk: Walk, rng: random.Random) -> None:
    day = walk.now.date() + timedelta(days=rng.randint(-2, 15))
    walk.cn = walk.cn.with_overrides({day: not walk.cn.is_working(day)})
    command = Reproject("r", "notice", ADMIN, present(walk.family, walk.now))
    for expected in (None, ()):  # the second time there is nothing to do
        outcome: Any = decide(walk.edition, walk.cn, walk.family, command)
        assert isinstance(outcome, Decision)
        assert expected is None or outcome.events == expected
        walk.events.extend(outcome.events)
        walk.family = outcome.family
        command = replace(command, at=present(walk.family, walk.now))


def test_the_walks_move_dates_by_the_calendar() -> None:
    moved = 0
    for seed in range(30):
        rng = random.Random(seed)
        walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
        for _ in range(12):
            walk.step()
            _change(walk, rng)
        moved += sum(event.payload.get("reason") == REASON for event in walk.events)
    assert moved > 10
