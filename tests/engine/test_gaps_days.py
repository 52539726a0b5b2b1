"""Terms and dues at their edges: how long a term is, which neighbours merge, what a floor and a roll leave behind."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.counting import merged
from engine.dues import plan
from engine.terms import Term, TermError, Unit
from tests.engine.walks import calendar

CN = calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("unit", "most"),
    [
        (Unit.MINUTES, 36525 * 24 * 60),
        (Unit.HOURS, 36525 * 24),
        (Unit.DAYS, 36525),
        (Unit.WORKING_DAYS, 36525),
        (Unit.WEEKS, 5218),
        (Unit.MONTHS, 1200),
        (Unit.QUARTERS, 400),
        (Unit.YEARS, 100),
    ],
)
def test_a_term_is_a_century_at_most(unit: Unit, most: int) -> None:
    assert Term(most, unit).amount == most
    assert Term(0, unit).amount == 0
    for amount in (most + 1, -1):
        with pytest.raises(TermError):
            Term(amount, unit)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("1 hour + 30 minutes", "90 minutes"),
        ("30 minutes + 45 minutes", "75 minutes"),
        ("1 hour + 2 hours", "3 hours"),
        ("1 week + 2 weeks", "3 weeks"),
        ("1 week + 2 days", "9 days"),
        ("2 quarters + 1 month", "7 months"),
        ("1 year + 1 quarter", "15 months"),
        ("1 year + 2 years", "3 years"),
        ("60 working days + 60 working days", "120 working days"),
        ("1 day + 2 working days + 3 days", "1 day + 2 working days + 3 days"),
    ],
)
def test_neighbouring_terms_merge_in_their_own_unit_or_the_finer_one(parts: str, whole: str) -> None:
    budget = tuple(Term.parse(part) for part in parts.split(" + "))
    assert " + ".join(map(str, merged(budget))) == whole


def test_hours_that_roll_past_the_published_calendar_say_that_they_are_provisional() -> None:
    start = datetime(CN.last_known.year + 1, 3, 1, 6, tzinfo=UTC)
    rolled = plan(CN, SHANGHAI, start, [Term(3, Unit.HOURS)], roll="next")
    assert (rolled.provisional, rolled.why[-1].rule) == (True, "provisional")
    fixed = plan(CN, SHANGHAI, start, [Term(3, Unit.HOURS)])
    assert (fixed.provisional, "provisional" in [step.rule for step in fixed.why]) == (False, False)
