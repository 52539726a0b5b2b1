"""Terms are read as people write them, in both languages, and added to days with months clamped."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import Calendar
from engine.terms import Term, TermError, Unit, add, month_end, subtract

CN = Calendar.from_mapping(
    yaml.safe_load((Path(__file__).parents[2] / "definitions" / "calendars" / "cn.yaml").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("10 working days", 10, Unit.WORKING_DAYS),
        ("1 working day", 1, Unit.WORKING_DAYS),
        ("10 working_days", 10, Unit.WORKING_DAYS),
        ("60 days", 60, Unit.DAYS),
        ("1 Day", 1, Unit.DAYS),
        ("30 calendar days", 30, Unit.DAYS),
        ("2 hours", 2, Unit.HOURS),
        ("90 minutes", 90, Unit.MINUTES),
        ("2 weeks", 2, Unit.WEEKS),
        ("3 months", 3, Unit.MONTHS),
        ("1 quarter", 1, Unit.QUARTERS),
        ("1 year", 1, Unit.YEARS),
        ("10个工作日", 10, Unit.WORKING_DAYS),
        ("10 个工作日", 10, Unit.WORKING_DAYS),
        ("5工作日", 5, Unit.WORKING_DAYS),
        ("30日", 30, Unit.DAYS),
        ("30天", 30, Unit.DAYS),
        ("15个自然日", 15, Unit.DAYS),
        ("3个月", 3, Unit.MONTHS),
        ("2小时", 2, Unit.HOURS),
        ("30分钟", 30, Unit.MINUTES),
        ("1年", 1, Unit.YEARS),
        ("2周", 2, Unit.WEEKS),
        ("1个季度", 1, Unit.QUARTERS),
        ("２０个工作日", 20, Unit.WORKING_DAYS),
        ("0 days", 0, Unit.DAYS),
    ],
)
def test_a_term_is_read_as_people_write_it(text: str, amount: int, unit: Unit) -> None:
    assert Term.parse(text) == Term(amount, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ten days",
        "days",
        "10",
        "-1 days",
        "1.5 hours",
        "10 workdays",
        "3月",
        "2季度",
        "10 days before",
        "101 years",
        "999999999999 minutes",
        f"{'9' * 5000} working days",
    ],
)
def test_what_is_no_term_is_refused_with_a_cure_in_both_languages(text: str) -> None:
    """Months and quarters need their 个: 3月 is March, not three months."""
    with pytest.raises(TermError) as caught:
        Term.parse(text)
    assert all(caught.value.message[lang] and caught.value.cure[lang] for lang in ("zh", "en"))


@given(st.integers(0, 100), st.sampled_from(Unit))
def test_the_canonical_text_of_a_term_parses_back_in_both_languages(amount: int, unit: Unit) -> None:
    term = Term(amount, unit)
    assert Term.parse(str(term)) == term
    assert Term.parse(term.text("zh")) == term
    assert term.text("en") == str(term)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2023-01-31", "1 month", "2023-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-29", "4 years", "2028-02-29"),
        ("2023-11-30", "1 quarter", "2024-02-29"),
        ("2022-12-15", "2 months", "2023-02-15"),
        ("2024-02-28", "1 day", "2024-02-29"),
        ("2022-12-31", "2 weeks", "2023-01-14"),
        ("2022-01-17", "20 working days", "2022-02-17"),
        ("2022-10-01", "0 working days", "2022-10-01"),
    ],
)
def test_adding_a_term_to_a_day(start: str, text: str, end: str) -> None:
    assert add(CN, date.fromisoformat(start), Term.parse(text)) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2024-03-31", "1 month", "2024-02-29"),
        ("2023-01-10", "1 month", "2022-12-10"),
        ("2022-02-17", "20 working days", "2022-01-17"),
        ("2022-02-07", "3 working days", "2022-01-28"),
        ("2024-03-01", "1 day", "2024-02-29"),
    ],
)
def test_subtracting_a_term_from_a_day(start: str, text: str, end: str) -> None:
    assert subtract(CN, date.fromisoformat(start), Term.parse(text)) == date.fromisoformat(end)


def test_hours_are_not_added_to_a_day() -> None:
    with pytest.raises(TermError, match="cannot be added to a day"):
        add(CN, date(2022, 1, 1), Term.parse("2 hours"))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_adding_months_lands_in_that_month_on_the_same_day_or_its_end(day: date, months: int) -> None:
    landed = add(CN, day, Term(months, Unit.MONTHS))
    assert (landed.year - day.year) * 12 + landed.month - day.month == months
    assert landed.day == day.day or (landed == month_end(landed) and landed.day < day.day)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_the_day_after_a_months_end_is_a_first(day: date) -> None:
    assert (month_end(day) + timedelta(days=1)).day == 1
    assert month_end(day).month == day.month
