"""Calendars say which days are worked, how far that is known, and count quickly and exactly."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar_data import CalendarError
from engine.calendars import Calendar

ROOT = Path(__file__).parents[2]


def load(name: str) -> Calendar:
    text = (ROOT / "definitions" / "calendars" / f"{name}.yaml").read_text(encoding="utf-8")
    return Calendar.from_mapping(yaml.safe_load(text))


CN, US, PLAIN = load("cn"), load("us-federal"), load("plain")
DAY = timedelta(days=1)


def days_of(year: int, month: int | None = None) -> list[date]:
    days = [date(year, 1, 1) + DAY * number for number in range(366)]
    return [day for day in days if day.year == year and month in {None, day.month}]


def span(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + DAY * number for number in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("year", "total", "by_month"),
    [
        (2022, 249, [21, 16, 23, 21, 20, 21, 21, 23, 21, 18, 22, 22]),
        (2023, 249, [18, 20, 23, 20, 21, 21, 21, 23, 20, 19, 22, 21]),
        (2026, 248, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
    ],
)
def test_chinese_working_days_by_month_match_the_official_notices(year: int, total: int, by_month: list[int]) -> None:
    assert [sum(map(CN.is_working, days_of(year, month))) for month in range(1, 13)] == by_month
    assert CN.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == total


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2022-01-01", "2022-01-03"),
        ("2022-01-31", "2022-02-06"),
        ("2022-04-03", "2022-04-05"),
        ("2022-04-30", "2022-05-04"),
        ("2022-06-03", "2022-06-05"),
        ("2022-09-10", "2022-09-12"),
        ("2022-10-01", "2022-10-07"),
        ("2022-12-31", "2023-01-02"),
        ("2023-01-21", "2023-01-27"),
        ("2023-04-05", "2023-04-05"),
        ("2023-04-29", "2023-05-03"),
        ("2023-06-22", "2023-06-24"),
        ("2023-09-29", "2023-10-06"),
        ("2023-12-30", "2024-01-01"),
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
)
def test_chinese_holidays_are_closed(first: str, last: str) -> None:
    assert not any(map(CN.is_working, span(first, last)))


@pytest.mark.parametrize(
    "day",
    [
        "2022-01-29",
        "2022-01-30",
        "2022-04-02",
        "2022-04-24",
        "2022-05-07",
        "2022-10-08",
        "2022-10-09",
        "2023-01-28",
        "2023-01-29",
        "2023-04-23",
        "2023-05-06",
        "2023-06-25",
        "2023-10-07",
        "2023-10-08",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ],
)
def test_chinese_make_up_days_are_worked_though_they_are_weekend_days(day: str) -> None:
    made_up = date.fromisoformat(day)
    assert made_up.weekday() >= 5
    assert CN.is_working(made_up)


def test_the_chinese_file_agrees_with_the_library_on_every_day_it_knows() -> None:
    for day in span("2004-01-01", "2026-12-31"):
        assert CN.is_working(day) == chinese_calendar.is_workday(day), day


def test_the_chinese_file_is_what_the_tool_writes() -> None:
    """Nobody has edited the generated file by hand; and the check can fail."""
    tool, path = str(ROOT / "tools" / "make_calendar.py"), str(ROOT / "definitions" / "calendars" / "cn.yaml")
    assert subprocess.run([sys.executable, tool, "--check", path], check=False, timeout=300).returncode == 0
    other = subprocess.run([sys.executable, tool, "--check", tool], check=False, timeout=300, capture_output=True)
    assert other.returncode == 1


def test_every_chinese_exception_has_a_name_in_both_languages() -> None:
    assert all(CN.label(day, lang) for day in CN.exceptions for lang in ("zh", "en"))
    assert CN.label(date(2022, 1, 31)) == "春节"
    assert CN.label(date(2022, 10, 8), "en") == "National Day"
    assert CN.label(date(2022, 3, 1)) is None


def test_american_observed_holidays_are_closed_and_the_holiday_itself_is_an_ordinary_weekend_day() -> None:
    assert not US.is_working(date(2026, 7, 3))
    assert US.exceptions.get(date(2026, 7, 4)) is None
    assert [sum(map(US.is_working, days_of(year))) for year in (2026, 2027)] == [261 - 11, 261 - 12]


def test_beyond_the_horizon_the_week_decides_and_the_day_is_provisional() -> None:
    assert not CN.is_provisional(date(2026, 12, 31))
    assert CN.is_provisional(date(2027, 1, 1))
    assert CN.is_working(date(2027, 1, 1))
    assert CN.is_provisional(date(2003, 12, 31))
    assert not PLAIN.is_provisional(date(2027, 1, 1))


calendars = st.sampled_from([CN, US, PLAIN])
some_days = st.dates(date(2003, 6, 1), date(2028, 6, 1))


def naive_add(calendar: Calendar, day: date, count: int) -> date:
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= calendar.is_working(day)
    return day


@given(calendars, some_days, st.integers(-70, 70))
@settings(deadline=None)
def test_adding_working_days_equals_walking_day_by_day(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.add_working_days(day, count) == naive_add(calendar, day, count)


@given(calendars, some_days, st.integers(0, 400))
@settings(deadline=None)
def test_counting_equals_asking_each_day(calendar: Calendar, day: date, length: int) -> None:
    end = day + DAY * length
    asked = sum(calendar.is_working(day + DAY * number) for number in range(1, length + 1))
    assert calendar.working_days_between(day, end) == asked
    assert calendar.working_days_between(end, day) == -asked


@given(calendars, some_days)
@settings(deadline=None)
def test_the_next_and_previous_working_days_are_the_nearest(calendar: Calendar, day: date) -> None:
    later, sooner = calendar.next_working(day), calendar.previous_working(day)
    assert calendar.is_working(later)
    assert calendar.is_working(sooner)
    assert sooner <= day <= later
    assert not any(calendar.is_working(sooner + DAY * n) for n in range(1, (later - sooner).days) if later != sooner)


def test_a_week_of_one_working_day_is_counted_too() -> None:
    week = (False,) * 6 + (True,)
    sundays = Calendar("sundays", "1", week, {date(2024, 3, 3): False}, date(2024, 1, 1), date(2024, 12, 31))
    assert sundays.add_working_days(date(2024, 2, 25), 2) == date(2024, 3, 17)
    assert sundays.add_working_days(date(2024, 3, 10), -2) == date(2024, 2, 18)


def test_exceptions_inside_a_span_are_listed_for_the_explanation() -> None:
    assert CN.closed_weekdays(date(2022, 1, 17), date(2022, 2, 17)) == span("2022-01-31", "2022-02-04")
    assert CN.make_up_days(date(2022, 1, 17), date(2022, 2, 17)) == span("2022-01-29", "2022-01-30")


@pytest.mark.parametrize("calendar", [CN, US, PLAIN])
def test_a_calendar_survives_its_own_data(calendar: Calendar) -> None:
    again = Calendar.from_mapping(calendar.to_mapping())
    assert again == calendar
    assert again.digest == calendar.digest
    assert len(calendar.digest) == 64


def test_an_override_gives_a_new_calendar_with_a_new_digest_and_leaves_the_old_one_alone() -> None:
    before = CN.digest
    changed = CN.with_overrides({date(2027, 1, 1): False}, last_known=date(2027, 12, 31))
    assert not changed.is_working(date(2027, 1, 1))
    assert not changed.is_provisional(date(2027, 1, 4))
    assert changed.digest != before
    assert CN.is_working(date(2027, 1, 1))
    assert CN.digest == before
    assert changed.next_working(date(2027, 1, 1)) == date(2027, 1, 4)
    assert CN.with_overrides({}) is CN


def test_a_digest_changes_with_a_single_day() -> None:
    one, other = (CN.with_overrides({date(2026, 12, number): False}) for number in (30, 31))
    assert one.digest != other.digest


GOOD = {"calendar": "x", "edition": "1", "week": ["mon"], "known": {"from": "2024-01-01", "until": "2024-12-31"}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weeks": []}, "unknown key"),
        ({"week": []}, "no working day"),
        ({"week": ["monday"]}, "unknown weekday"),
        ({"closed": {"2024-02-30": "x"}}, "not a date"),
        ({"known": {"from": "2025-01-01", "until": "2024-01-01"}}, "after"),
        ({"closed": {"2024-05-01": "x"}, "working": {"2024-04-30..2024-05-02": "y"}}, "listed twice"),
    ],
)
def test_bad_calendar_data_is_refused_with_a_cause_and_a_cure(change: dict[str, object], said: str) -> None:
    with pytest.raises(CalendarError, match=said) as caught:
        Calendar.from_mapping({**GOOD, **change})
    assert caught.value.message["zh"]
    assert all(caught.value.cure[lang] for lang in ("zh", "en"))


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CalendarError, match="lacks known"):
        Calendar.from_mapping({key: value for key, value in GOOD.items() if key != "known"})


def test_holidays_may_be_listed_without_names() -> None:
    calendar = Calendar.from_mapping({**GOOD, "closed": ["2024-01-01", "2024-01-08..2024-01-15"]})
    assert calendar.next_working(date(2024, 1, 1)) == date(2024, 1, 22)


def test_a_calendar_may_be_published_for_a_single_day() -> None:
    day = date(2022, 6, 13)
    one = Calendar("one", "1", (True,) * 7, {}, first_known=day, last_known=day)
    assert [one.is_provisional(day + timedelta(days=n)) for n in (-1, 0, 1)] == [True, False, True]


def test_a_notice_holds_within_its_span_and_what_was_known_holds_around_it() -> None:
    """A day that was closed and that the notice does not name is an ordinary day again."""
    old = Calendar.from_mapping({**GOOD, "closed": ["2024-01-08", "2024-03-04", "2024-06-03"], "working": []})
    told = {**GOOD, "known": {"from": "2024-03-01", "until": "2024-03-31"}, "closed": ["2024-03-11"], "working": []}
    days = [date(2024, 1, 8), date(2024, 3, 4), date(2024, 3, 11), date(2024, 6, 3)]
    assert [old.is_working(day) for day in days] == [False, False, True, False]
    new = old.with_notice(Calendar.from_mapping(told))
    assert [new.is_working(day) for day in days] == [False, True, False, False]
    assert (new.first_known, new.last_known) == (old.first_known, old.last_known)
