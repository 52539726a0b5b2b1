"""How long a deadline may run: no date that the engine works out lies outside the span that proofs rely on."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest

from engine import dues
from engine.calendars import Calendar
from engine.dues import Roll
from engine.model.deadlines import Due
from engine.proofs.scales import DAY, Scale, rest, spanned, worked
from engine.proofs.spans import Spans
from engine.terms import Term
from tests.engine.stage import edition
from tests.engine.walks import ZONE, calendar

TERMS = ["0 days", "1 day", "15 days", "3 weeks", "1 month", "3 months", "2 years", "0 working days", "1 working day"]
TERMS += ["5 working days", "20 working days", "60 working days", "90 minutes", "36 hours"]


def minutes(cal: Calendar, since: datetime, until: datetime, *, working: bool) -> float:
    """What a clock reads at an instant that began at another, counted minute by day and not by the scales' tables."""
    first = datetime.combine(since.date(), time(), ZONE)
    total, day = 0.0, since.date()
    while day <= until.date():
        ends = min(until, datetime.combine(day + timedelta(days=1), time(), ZONE))
        here = (ends - datetime.combine(day, time(), ZONE)) / timedelta(minutes=1)
        total += here if not working or cal.is_working(day) else 0
        day += timedelta(days=1)
    return total if first <= until else 0.0


@pytest.mark.parametrize("working", [False, True])
@pytest.mark.parametrize("term", TERMS)
def test_every_date_lies_in_its_span(term: str, *, working: bool) -> None:
    """From any start, rolled or not, the first day counted or not, before a day or by its end, at an hour or not."""
    cn, rng = calendar(), random.Random(term)
    found = edition({"states": {"a": {"initial": True}, "b": {"final": True}}, "transitions": []})
    spans = Spans(found, found.sheets[""], Scale(cn, working))
    for _ in range(60):
        exact = Term.parse(term).exact
        rolls: list[Roll] = ["none", "next", "previous"]
        roll = rng.choice(rolls)
        count_start, including = (False, True) if exact else (rng.random() < 0.3, rng.random() < 0.7)
        at = None if exact or rng.random() < 0.7 else "17:00"
        start = datetime(2018, 1, 1, tzinfo=ZONE) + timedelta(minutes=rng.randrange(8 * 365 * DAY))
        due = dues.plan(
            cn,
            ZONE,
            start,
            [Term.parse(term)],
            roll=roll,
            count_start=count_start,
            including=including,
            at=time.fromisoformat(at) if at else None,
        )
        assert due.due_at is not None
        span = spans.of_term(
            Term.parse(term),
            Due(term=term, after="start", roll=roll, count_start=count_start, including=including, at=at),
        )
        read = minutes(cn, start, max(start, due.due_at.astimezone(ZONE)), working=working)
        began = minutes(cn, start, start, working=working)
        read -= began if span.exact else 0
        assert span.high is not None
        idle = working and not cn.is_working(start.date())  # then it began at the end of the last working day
        assert span.low <= read + (DAY if idle and not span.exact else 0) + 1
        assert read <= span.high + 1, (start, due, span)


def test_what_is_counted_alike_is_exact() -> None:
    """Working days on the scale of working days, calendar days on that of calendar days."""
    cn = calendar()
    assert Scale(cn, working=True).days(Term.parse("15 working days")) == (15, 15)
    assert Scale(cn, working=False).days(Term.parse("15 days")) == (15, 15)


def test_spans_are_met_somewhere_in_the_calendar() -> None:
    """The bounds of five working days are no guess: some stretch is that short, another that long."""
    cn = calendar()
    days = [date(2004, 1, 1) + timedelta(days=number) for number in range(22 * 365)]
    found = [(cn.add_working_days(day, 5) - day).days for day in days]
    assert spanned(cn, 5) == (min(found), max(found))
    counts = [cn.working_days_between(day, day + timedelta(days=30)) for day in days]
    assert worked(cn, 30)[0] <= min(counts)
    assert max(counts) <= worked(cn, 30)[1]
    assert rest(cn) >= max((cn.next_working(day) - day).days for day in days)


@pytest.mark.parametrize(
    ("field", "moves", "sure"),
    [
        ({"required": True, "immutable": True}, False, True),
        ({"required": True}, False, True),
        ({"required": True}, True, False),
        ({}, False, False),
    ],
)
def test_a_day_of_the_record_is_sure_that_no_act_changes(field: dict[str, bool], moves: bool, sure: bool) -> None:
    """Whether it says that it never changes, or no transition does."""
    move = {"trigger": "move", "from": "a", "by": "office", "to": "b", "form": {"to": {"type": "date"}}}
    made = edition(
        {
            "fields": {"day": {"type": "date", **field}},
            "states": {"a": {"initial": True}, "b": {"final": True}},
            "transitions": [move | ({"set": {"day": "form.to"}} if moves else {})],
            "deadlines": {"owe": {"owed_by": "office", "starts": "registered", "due": "10 days after task.day"}},
        }
    )
    rule = made.process.deadlines["owe"].due
    assert rule is not None
    assert Spans(made, made.sheets[""], Scale(calendar(), working=False)).of(rule).sure is sure
