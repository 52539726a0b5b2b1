"""Recurring duties: the forms a definition may write, the days they give, and their keys."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.calendars import Calendar
from engine.every import Every
from engine.period_keys import Cycle, key_of, last_day_of_key, start_of_key
from engine.recurrence import Recurrence, next_period, period_begun, period_of, periods
from engine.steps import explain
from engine.terms import TermError

CN = Calendar.from_mapping(
    yaml.safe_load((Path(__file__).parents[2] / "definitions" / "calendars" / "cn.yaml").read_text(encoding="utf-8"))
)
DAY = timedelta(days=1)


def every(text: str) -> Recurrence:
    """Read the form as it stands in a definition: one line of YAML."""
    return Every.model_validate(yaml.safe_load(text)).recurrence


def dues(text: str, since: str, until: str) -> dict[str, str]:
    found = periods(every(text), CN, date.fromisoformat(since), date.fromisoformat(until))
    return {period.key: period.due_on.isoformat() for period in found}


def test_month_ends_of_2022_rolled_to_the_working_day_before() -> None:
    """31 January is a holiday; 30 April is one too; 31 July and 31 December are a Sunday and a Saturday."""
    assert dues("{month_end: true, from: 2022-02, until: 2022-12, roll: previous}", "2021-01-01", "2024-01-01") == {
        "2022-02": "2022-02-28",
        "2022-03": "2022-03-31",
        "2022-04": "2022-04-29",
        "2022-05": "2022-05-31",
        "2022-06": "2022-06-30",
        "2022-07": "2022-07-29",
        "2022-08": "2022-08-31",
        "2022-09": "2022-09-30",
        "2022-10": "2022-10-31",
        "2022-11": "2022-11-30",
        "2022-12": "2022-12-30",
    }


@pytest.mark.parametrize(
    ("form", "since", "until", "expected"),
    [
        (
            "{day: 20, month: 1, of: quarter, from: 2023-Q2}",
            "2023-01-01",
            "2024-01-31",
            {"2023-Q2": "2023-04-20", "2023-Q3": "2023-07-20", "2023-Q4": "2023-10-20", "2024-Q1": "2024-01-20"},
        ),
        ("{day: 25, of: month}", "2022-12-20", "2023-02-20", {"2022-12": "2022-12-25", "2023-01": "2023-01-25"}),
        ("{day: 25, roll: next}", "2022-12-20", "2023-02-20", {"2022-12": "2022-12-26", "2023-01": "2023-01-28"}),
        (
            "{day: 31, from: 2023-02}",
            "2023-01-01",
            "2023-04-30",
            {"2023-02": "2023-02-28", "2023-03": "2023-03-31", "2023-04": "2023-04-30"},
        ),
        (
            "{weekday: fri, from: 2022-02, until: 2022-02}",
            "2022-01-01",
            "2022-12-31",
            {"2022-W05": "2022-02-04", "2022-W06": "2022-02-11", "2022-W07": "2022-02-18", "2022-W08": "2022-02-25"},
        ),
        (
            "{weekday: fri, from: 2022-W52, roll: previous}",
            "2022-12-01",
            "2023-01-10",
            {"2022-W52": "2022-12-30", "2023-W01": "2023-01-06"},
        ),
        (
            "{days: 10, from: 2023-01-01, until: 2023-01-31}",
            "2023-01-01",
            "2023-12-31",
            {
                "2023-01-01": "2023-01-01",
                "2023-01-11": "2023-01-11",
                "2023-01-21": "2023-01-21",
                "2023-01-31": "2023-01-31",
            },
        ),
        (
            "{weeks: 2, from: 2023-01-02}",
            "2023-01-03",
            "2023-02-01",
            {"2023-01-16": "2023-01-16", "2023-01-30": "2023-01-30"},
        ),
        (
            "{working_days: 5, from: 2023-01-01}",
            "2023-01-01",
            "2023-01-31",
            {
                "2023-01-03": "2023-01-03",
                "2023-01-10": "2023-01-10",
                "2023-01-17": "2023-01-17",
                "2023-01-29": "2023-01-29",
            },
        ),
        ("{working_day: 5, of: month}", "2022-10-01", "2022-11-30", {"2022-10": "2022-10-12", "2022-11": "2022-11-07"}),
        (
            "{working_day: 1, of: week}",
            "2022-10-03",
            "2022-10-16",
            {"2022-W40": "2022-10-08", "2022-W41": "2022-10-10"},
        ),
        (
            "{month_end: true, of: quarter}",
            "2023-01-01",
            "2023-07-01",
            {"2023-Q1": "2023-03-31", "2023-Q2": "2023-06-30"},
        ),
        (
            "{month_end: true, month: 2, of: quarter}",
            "2023-01-01",
            "2023-07-01",
            {"2023-Q1": "2023-02-28", "2023-Q2": "2023-05-31"},
        ),
        (
            "{month_end: true, of: year, from: 2022, until: 2023}",
            "2000-01-01",
            "2050-01-01",
            {"2022": "2022-12-31", "2023": "2023-12-31"},
        ),
        ("{day: 10, month: 6, of: year}", "2023-01-01", "2024-12-31", {"2023": "2023-06-10", "2024": "2024-06-10"}),
        (
            "{day: 5, following: true, from: 2022-12, until: 2023-01}",
            "2022-01-01",
            "2024-01-01",
            {"2022-12": "2023-01-05", "2023-01": "2023-02-05"},
        ),
        (
            "{day: 20, month: 1, of: quarter, following: true, from: 2022-Q4, until: 2022-Q4}",
            "2022-01-01",
            "2024-01-01",
            {"2022-Q4": "2023-01-20"},
        ),
        ("{day: 5, from: 2022-02-15, until: 2022-04-04}", "2022-01-01", "2023-01-01", {"2022-03": "2022-03-05"}),
    ],
)
def test_the_days_and_keys_of_each_form(form: str, since: str, until: str, expected: dict[str, str]) -> None:
    assert dues(form, since, until) == expected


def test_the_next_period_is_the_first_that_is_due_on_the_day_or_later() -> None:
    monthly = every("{month_end: true, from: 2022-02, until: 2022-12, roll: previous}")

    def key_after(text: str) -> str | None:
        period = next_period(monthly, CN, date.fromisoformat(text))
        return None if period is None else period.key

    assert [key_after(text) for text in ("2021-06-01", "2022-04-29", "2022-04-30", "2022-12-30", "2022-12-31")] == [
        "2022-02",
        "2022-04",
        "2022-05",
        "2022-12",
        None,
    ]


def test_a_day_rolled_into_the_next_month_is_still_found_by_its_own_key() -> None:
    """The month of April 2022 ends in a holiday: rolled on, its report is due on 5 May and remains April's."""
    monthly = every("{month_end: true, roll: next}")
    assert next_period(monthly, CN, date(2022, 5, 3)) == period_of(monthly, CN, "2022-04")
    april = period_of(monthly, CN, "2022-04")
    assert april is not None
    assert (april.start, april.end, april.due_on) == (date(2022, 4, 1), date(2022, 4, 30), date(2022, 5, 5))


@pytest.mark.parametrize("key", ["2022-01", "2023-01", "2022-13", "2022", "2022-Q1", "2022-02-28", "", "January"])
def test_a_key_outside_the_bounds_or_of_another_kind_names_no_period(key: str) -> None:
    assert period_of(every("{month_end: true, from: 2022-02, until: 2022-12}"), CN, key) is None


def test_a_date_between_two_occurrences_is_no_key() -> None:
    tenth = every("{days: 10, from: 2023-01-01}")
    found = period_of(tenth, CN, "2023-01-11")
    assert found is not None
    assert (found.start, found.end) == (date(2023, 1, 11), date(2023, 1, 20))
    assert period_of(tenth, CN, "2023-01-12") is None
    assert period_of(tenth, CN, "2022-12-22") is None


@pytest.mark.parametrize(("key", "due"), [("2022-06-10", "2022-06-13"), ("2022-06-13", "2022-06-13")])
def test_a_period_of_working_days_that_was_begun_is_the_nearest_one_by_a_calendar_that_was_changed(
    key: str, due: str
) -> None:
    """Every third working day was 1, 7, 10 and 15 June; with the 8th off 1, 7 and 13. Of two as near the later."""
    third = every("{working_days: 3, from: 2022-06-01}")
    assert [period.key for period in periods(third, CN, date(2022, 6, 1), date(2022, 6, 15))] == [
        "2022-06-01", "2022-06-07", "2022-06-10", "2022-06-15"
    ]  # fmt: skip
    found = period_begun(third, CN.with_overrides({date(2022, 6, 8): False}), key)
    assert (found.key, found.due_on.isoformat()) == (key, due)


def test_a_rolled_or_clamped_day_says_why_and_a_day_past_the_horizon_is_provisional() -> None:
    february = period_of(every("{day: 31, roll: previous}"), CN, "2026-02")
    beyond = period_of(every("{day: 25, roll: next}"), CN, "2027-04")
    assert february is not None
    assert beyond is not None
    assert [step.rule for step in february.why] == ["period", "clamped"]
    assert [step.rule for step in beyond.why] == ["period", "rolled", "provisional"]
    assert (february.provisional, beyond.provisional) == (False, True)
    assert "2027-04" in explain(beyond.why[0], "zh")
    assert "2027-04" in explain(beyond.why[0], "en")
    whole = period_of(every("{day: 30}"), CN, "2026-04")
    assert whole is not None
    assert [step.rule for step in whole.why] == ["period"], "a month that is just long enough clamps nothing"
    plain = period_of(every("{day: 25}"), CN, "2027-04")
    assert plain is not None
    assert not plain.provisional


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("{}", "one kind of day"),
        ("{day: 5, month_end: true}", "one kind of day"),
        ("{days: 10}", "first day"),
        ("{days: 10, from: 2023-01-01, of: month}", "no period around"),
        ("{weekday: fri, of: month}", "in a week"),
        ("{day: 5, of: week}", "no days of the month"),
        ("{month_end: true, of: week}", "no days of the month"),
        ("{day: 5, month: 4, of: quarter}", "no month 4"),
        ("{day: 5, month: 1}", "no month 1"),
        ("{day: 5, of: quarter}", "which month"),
        ("{working_day: 3, month: 1, of: quarter}", "no month 1"),
        ("{day: 5, from: 2023, until: 2022-12}", "after until"),
        ("{day: 5, from: 2023-13}", "not a period"),
        ("{day: 5, from: soon}", "not a period"),
    ],
)
def test_forms_that_make_no_sense_are_refused_with_a_cure_in_both_languages(form: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        every(form)
    error: Any = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(error, TermError)
    assert error.message["zh"]
    assert error.cure["zh"]


@pytest.mark.parametrize(
    "form",
    [
        "{day: 32}",
        "{day: 0}",
        "{weekday: friday}",
        "{days: 0, from: 2023-01-01}",
        "{day: 5, every: month}",
        "{day: 5, roll: back}",
    ],
)
def test_unknown_words_and_numbers_out_of_range_are_refused(form: str) -> None:
    with pytest.raises(ValidationError):
        every(form)


FORMS = [
    "{month_end: true, roll: next}",
    "{month_end: true, roll: previous}",
    "{day: 1, roll: previous}",
    "{day: 20, month: 1, of: quarter, following: true, roll: next}",
    "{weekday: sun, roll: next}",
    "{weekday: mon, roll: previous}",
    "{days: 3, from: 2021-11-05, until: 2023-03, roll: next}",
    "{working_days: 4, from: 2021-11-06}",
    "{working_day: 5}",
    "{day: 3, following: true, from: 2022-02, until: 2023-01}",
    "{day: 29, month: 2, of: year, roll: next}",
    "{days: 1, from: 2022-01-01, roll: next}",
]


@given(st.sampled_from(FORMS), st.dates(date(2021, 6, 1), date(2024, 6, 1)), st.integers(0, 200))
@settings(deadline=None, max_examples=200)
def test_periods_are_ordered_found_by_key_and_equal_a_search_over_all(form: str, since: date, length: int) -> None:
    """A narrow window holds exactly those occurrences of a wide one that are due in it."""
    recurrence, until = every(form), since + DAY * length
    wide = periods(recurrence, CN, date(2021, 1, 1), date(2025, 12, 31))
    found = periods(recurrence, CN, since, until)
    assert found == tuple(period for period in wide if since <= period.due_on <= until)
    assert [period.due_on for period in wide] == sorted(period.due_on for period in wide)
    assert all(period_of(recurrence, CN, period.key) == period for period in found)
    assert next_period(recurrence, CN, since) == next((p for p in wide if p.due_on >= since), None) or until.year > 2024


@given(
    st.sampled_from(["{month_end: true}", "{day: 5, of: month}", "{weekday: wed}", "{month_end: true, of: quarter}"])
)
@settings(deadline=None, max_examples=8)
def test_periods_follow_one_another_without_gap_or_overlap(form: str) -> None:
    found = periods(every(form), CN, date(2020, 1, 1), date(2025, 1, 1))
    assert all(before.end + DAY == after.start for before, after in pairwise(found))


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.sampled_from([Cycle.WEEK, Cycle.DAYS]))
def test_a_key_reads_back_to_its_first_day(day: date, cycle: Cycle) -> None:
    start = day - DAY * day.weekday() if cycle is Cycle.WEEK else day
    assert start_of_key(cycle, key_of(cycle, start)) == start


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2022-02", "2022-02-01", "2022-02-28"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2022", "2022-01-01", "2022-12-31"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2022-02-05", "2022-02-05", "2022-02-05"),
    ],
)
def test_a_key_covers_its_days(key: str, first: str, last: str) -> None:
    assert start_of_key(None, key) == date.fromisoformat(first)
    assert last_day_of_key(key) == date.fromisoformat(last)


@pytest.mark.parametrize("key", ["2022-13", "2022-W54", "2021-W53", "2022-Q5", "0000", "2022-02-30", "22-02"])
def test_what_names_no_period_has_no_days(key: str) -> None:
    assert start_of_key(None, key) is None
    assert last_day_of_key(key) is None


def test_the_schema_of_the_form_speaks_the_language_of_definitions() -> None:
    schema = Every.model_json_schema()
    assert "from" in schema["properties"]
    assert schema["additionalProperties"] is False
