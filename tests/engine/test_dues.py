"""The due of one deadline: the dates of four published procedures, pauses, clocks that change, and a naive oracle."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendars import Calendar
from engine.counting import Pause
from engine.dues import Due, Roll, days_late, earliest, latest, on_date, plan, start_of
from engine.steps import explain, explain_all, step_from_json, step_to_json
from engine.terms import Term, TermError, Unit, add_months


def load(name: str) -> Calendar:
    path = Path(__file__).parents[2] / "definitions" / "calendars" / f"{name}.yaml"
    return Calendar.from_mapping(yaml.safe_load(path.read_text(encoding="utf-8")))


CN, US, PLAIN = load("cn"), load("us-federal"), load("plain")
SHANGHAI, CHICAGO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Chicago")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def terms(text: str) -> list[Term]:
    return [Term.parse(part) for part in text.replace("WD", "working days").split("+")]


def pause(since: str, until: str | None, zone: ZoneInfo = SHANGHAI) -> Pause:
    """A pause between days, each at some hour of office time."""
    return Pause(local(f"{since} 10:30", zone), None if until is None else local(f"{until} 16:45", zone))


# -- the four procedures: information disclosure, hotline, accident investigation, abatement

DISCLOSURE: list[tuple[str, str, str, list[tuple[str, str]], str, str | None]] = [
    ("ask correction", "2022-01-17", "7 WD", [], "2022-01-26", None),
    ("reply", "2022-01-17", "20 WD", [], "2022-02-17", "2022-02-14"),
    ("reply, extended", "2022-01-17", "20 WD+20 WD", [], "2022-03-17", "2022-03-14"),
    ("ask correction", "2022-09-26", "7 WD", [], "2022-10-10", "2022-10-05"),
    ("reply", "2022-09-26", "20 WD", [], "2022-10-27", "2022-10-24"),
    ("correction", "2022-10-09", "10 WD", [], "2022-10-21", None),
    ("reply, restarted", "2022-10-20", "20 WD", [], "2022-11-17", None),
    ("reply, restarted late", "2022-10-25", "20 WD", [], "2022-11-22", None),
    ("reply, no pause", "2026-02-05", "20 WD", [], "2026-03-11", "2026-03-05"),
    ("third party", "2026-02-12", "15 WD", [], "2026-03-11", "2026-03-05"),
    ("co-producer", "2026-02-25", "15 WD", [], "2026-03-17", "2026-03-18"),
    (
        "reply, two pauses",
        "2026-02-05",
        "20 WD",
        [("2026-02-11", "2026-03-04"), ("2026-02-25", "2026-03-17")],
        "2026-04-09",
        "2026-04-08",
    ),
    ("reply, no pause", "2023-09-15", "20 WD", [], "2023-10-19", "2023-10-13"),
    ("third party", "2023-09-20", "15 WD", [], "2023-10-17", "2023-10-11"),
    ("reply, one pause", "2023-09-15", "20 WD", [("2023-09-20", "2023-10-17")], "2023-11-09", None),
    ("reply, pause, extended", "2023-09-15", "20 WD+20 WD", [("2023-09-20", "2023-10-17")], "2023-12-07", None),
    ("mail on a working Saturday", "2026-02-14", "20 WD", [], "2026-03-20", "2026-03-13"),
]

HOTLINE: list[tuple[str, str, str, list[tuple[str, str]], str, str | None]] = [
    ("reply", "2022-04-22", "5 WD", [], "2022-04-28", "2022-04-29"),
    ("second handling", "2022-04-29", "5 WD", [], "2022-05-10", "2022-05-06"),
    ("reply", "2023-06-21", "5 WD", [], "2023-06-29", "2023-06-28"),
    ("legal limit", "2023-06-21", "60 days", [], "2023-08-21", None),
    ("grade 1", "2023-10-07", "5 WD", [], "2023-10-12", "2023-10-13"),
    ("reply", "2026-02-13", "5 WD", [], "2026-02-27", "2026-02-20"),
    ("grade 1", "2026-02-28", "5 WD", [], "2026-03-06", None),
    ("grade 2", "2026-03-09", "5 WD", [], "2026-03-16", None),
    ("grade 3", "2026-03-17", "5 WD", [], "2026-03-24", None),
    ("reply", "2022-12-26", "5 WD", [], "2023-01-03", "2023-01-02"),
    ("second handling", "2023-01-03", "5 WD", [], "2023-01-10", None),
    ("grade 1", "2023-01-18", "5 WD", [], "2023-01-30", "2023-01-25"),
]


@pytest.mark.parametrize(("what", "start", "budget", "stops", "due", "by_the_plain_week"), DISCLOSURE + HOTLINE)
def test_disclosure_and_hotline_dates(
    what: str,
    start: str,
    budget: str,
    stops: list[tuple[str, str]],
    due: str,
    by_the_plain_week: str | None,
) -> None:
    """Each date by the official calendar; and Monday-to-Friday counting differs exactly where it is said to."""
    pauses = [pause(*stop) for stop in stops]
    found = plan(CN, SHANGHAI, day(start), terms(budget), pauses=pauses, roll="next")
    assert found.last_day == day(due), what
    assert found.due_at == start_of(day(due) + DAY, SHANGHAI)
    assert not found.provisional
    if by_the_plain_week:
        assert plan(PLAIN, SHANGHAI, day(start), terms(budget), pauses=pauses).last_day == day(by_the_plain_week)


def test_other_readings_of_a_pause_give_other_dates() -> None:
    """Ignoring a pause, and counting an overlap twice, would show: the vectors can tell them apart."""
    stops = [pause("2026-02-11", "2026-03-04"), pause("2026-02-25", "2026-03-17")]
    due = plan(CN, SHANGHAI, day("2026-02-05"), terms("20 WD"), pauses=stops)
    assert [step.facts["skipped"] for step in due.why if step.rule == "pause"] == [11, 9]
    twice = CN.add_working_days(
        day("2026-02-05"),
        20
        + sum(
            CN.working_days_between(*span)
            for span in [(day("2026-02-11"), day("2026-03-04")), (day("2026-02-25"), day("2026-03-17"))]
        ),
    )
    assert twice == day("2026-04-17")
    assert due.last_day == day("2026-04-09")


ACCIDENT = [
    ("investigation report", "2023-04-28", "60 days", "next", None, "2023-06-27"),
    ("casualty window", "2023-04-28", "30 days", "none", None, "2023-05-28"),
    ("report, expert time out", "2023-04-28", "60 days", "next", ("2023-05-15", "2023-06-14"), "2023-07-27"),
    ("report, extended", "2023-04-28", "60 days+60 days", "next", ("2023-05-15", "2023-06-14"), "2023-09-25"),
    ("extended, pause ignored", "2023-04-28", "60 days+60 days", "next", None, "2023-08-28"),
    ("reply", "2023-09-20", "15 days", "next", None, "2023-10-07"),
    ("reply, no roll", "2023-09-20", "15 days", "none", None, "2023-10-05"),
    ("fire window", "2022-01-28", "7 days", "none", None, "2022-02-04"),
    ("report", "2022-01-28", "60 days", "next", None, "2022-03-29"),
    ("reply", "2022-03-25", "15 days", "next", None, "2022-04-11"),
    ("reply, no roll", "2022-03-25", "15 days", "none", None, "2022-04-09"),
    ("window", "2026-09-26", "30 days", "none", None, "2026-10-26"),
    ("report", "2026-09-26", "60 days", "next", None, "2026-11-25"),
    ("reply, extra-major", "2026-11-20", "30 days", "next", None, "2026-12-21"),
    ("reply, no roll", "2026-11-20", "30 days", "none", None, "2026-12-20"),
    ("report", "2022-08-02", "60 days", "next", None, "2022-10-08"),
    ("report, no roll", "2022-08-02", "60 days", "none", None, "2022-10-01"),
    ("report, extended", "2022-08-02", "60 days+60 days", "next", None, "2022-11-30"),
    ("report, extended in parts", "2022-08-02", "60 days+40 days+20 days", "next", None, "2022-11-30"),
]


@pytest.mark.parametrize(("what", "start", "budget", "roll", "stop", "due"), ACCIDENT)
def test_accident_investigation_dates(
    what: str,
    start: str,
    budget: str,
    roll: Roll,
    stop: tuple[str, str] | None,
    due: str,
) -> None:
    pauses = [pause(*stop)] if stop else []
    assert plan(CN, SHANGHAI, day(start), terms(budget), pauses=pauses, roll=roll).last_day == day(due), what


@pytest.mark.parametrize(
    ("start", "budget", "limit"),
    [
        ("2023-04-28 22:58", "1 hour", "2023-04-28 23:58"),
        ("2023-04-28 23:40", "2 hours", "2023-04-29 01:40"),
        ("2022-01-28 14:20", "1 hour", "2022-01-28 15:20"),
        ("2022-01-28 15:21", "2 hours", "2022-01-28 17:21"),
        ("2026-09-26 04:05", "2 hours", "2026-09-26 06:05"),
        ("2026-09-26 05:50", "2 hours", "2026-09-26 07:50"),
        ("2026-09-26 07:30", "2 hours", "2026-09-26 09:30"),
    ],
)
def test_accident_reports_run_to_the_minute_and_exactly_on_the_limit_is_in_time(
    start: str,
    budget: str,
    limit: str,
) -> None:
    due = plan(CN, SHANGHAI, local(start), terms(budget))
    assert due.due_at == local(limit) + TICK
    assert due.last_day == day(limit)
    assert plan(CN, SHANGHAI, local(start), terms(budget), including=False).due_at == local(limit)


def test_a_term_past_the_published_calendar_is_marked_provisional() -> None:
    """The sixtieth day of the reply is 2027-01-19, of which no notice says whether it is worked."""
    due = plan(CN, SHANGHAI, day("2026-11-20"), terms("30 days+30 days"), roll="next")
    assert due.last_day == day("2027-01-19")
    assert due.provisional
    assert due.why[-1].facts["known_until"] == "2026-12-31"
    assert "暂定" in explain(due.why[-1], "zh")
    assert "provisional" in explain(due.why[-1], "en")


def test_a_published_calendar_makes_a_provisional_date_firm_and_may_move_it() -> None:
    published = CN.with_overrides({day("2027-01-19"): False}, last_known=day("2027-12-31"))
    due = plan(published, SHANGHAI, day("2026-11-20"), terms("30 days+30 days"), roll="next")
    assert (due.last_day, due.provisional) == (day("2027-01-20"), False)


def test_calendar_days_without_rolling_ask_no_calendar_and_are_firm() -> None:
    assert not plan(CN, SHANGHAI, day("2026-12-20"), terms("30 days")).provisional
    assert plan(CN, SHANGHAI, day("2026-12-20"), terms("10 WD")).provisional
    assert not plan(CN, SHANGHAI, day("2026-12-20"), terms("5 WD")).provisional
    assert plan(CN, SHANGHAI, day("2003-12-30"), terms("5 WD")).provisional
    assert plan(CN, SHANGHAI, day("2026-12-20"), [*terms("10 days"), *terms("5 WD")]).provisional


def test_of_several_dates_one_that_is_provisional_makes_the_choice_provisional() -> None:
    firm = plan(CN, SHANGHAI, day("2026-12-20"), terms("30 days"))
    unsure = plan(CN, SHANGHAI, day("2026-12-20"), terms("10 WD"))
    for choose in (latest, earliest):
        assert choose([firm, unsure]).provisional
        assert not choose([firm, firm]).provisional


def test_hours_that_end_at_midnight_end_on_the_day_before_where_the_limit_itself_is_too_late() -> None:
    """As any due does: what is due by an instant is due on the day that holds the instant before it."""
    limit = plan(CN, SHANGHAI, local("2022-06-13 00:00"), terms("24 hours"), including=False)
    assert (limit.due_at, limit.last_day) == (local("2022-06-14 00:00"), day("2022-06-13"))
    within = plan(CN, SHANGHAI, local("2022-06-13 00:00"), terms("24 hours"))
    assert within.last_day == day("2022-06-14")


ABATEMENT = [
    ("2026-06-01", "15 WD", "2026-06-23"),
    ("2026-06-01", "3 WD", "2026-06-04"),
    ("2026-07-02", "10 days", "2026-07-12"),
    ("2026-07-02", "1 WD", "2026-07-06"),
    ("2026-07-31", "10 days", "2026-08-10"),
    ("2026-07-31", "1 WD", "2026-08-03"),
    ("2026-09-30", "10 days", "2026-10-10"),
    ("2026-09-30", "1 WD", "2026-10-01"),
    ("2026-12-24", "1 WD", "2026-12-28"),
    ("2026-12-28", "10 WD", "2027-01-12"),
    ("2026-12-28", "15 WD", "2027-01-20"),
    ("2026-12-24", "10 days", "2027-01-03"),
    ("2027-03-31", "10 days", "2027-04-10"),
    ("2026-05-29", "1 WD", "2026-06-01"),
    ("2026-06-03", "10 WD", "2026-06-17"),
    ("2026-06-03", "15 WD", "2026-06-25"),
    ("2026-06-25", "3 WD", "2026-06-30"),
    ("2026-08-14", "10 days", "2026-08-24"),
    ("2026-10-27", "15 WD", "2026-11-18"),
    ("2027-03-01", "120 days", "2027-06-29"),
    ("2027-03-01", "25 days", "2027-03-26"),
    ("2027-03-24", "30 days", "2027-04-23"),
    ("2027-06-29", "10 days", "2027-07-09"),
    ("2026-05-23", "1 WD", "2026-05-26"),
    ("2026-11-25", "1 WD", "2026-11-27"),
    ("2026-10-09", "1 WD", "2026-10-13"),
    ("2027-06-17", "1 WD", "2027-06-21"),
    ("2027-12-23", "1 WD", "2027-12-27"),
    ("2027-12-30", "1 WD", "2028-01-03"),
]


@pytest.mark.parametrize(("start", "budget", "due"), ABATEMENT)
def test_abatement_dates(start: str, budget: str, due: str) -> None:
    found = plan(US, CHICAGO, day(start), terms(budget))
    assert found.last_day == day(due)
    assert found.provisional == (due > "2027-12-31")


@pytest.mark.parametrize(
    ("start", "budget", "plain"),
    [
        ("2026-06-01", "15 WD", "2026-06-22"),
        ("2026-06-03", "15 WD", "2026-06-24"),
        ("2026-10-27", "15 WD", "2026-11-17"),
    ],
)
def test_abatement_dates_differ_without_the_federal_holidays(start: str, budget: str, plain: str) -> None:
    assert plan(PLAIN, CHICAGO, day(start), terms(budget)).last_day == day(plain)


def test_an_act_at_ten_to_midnight_in_chicago_is_in_time_though_utc_has_turned() -> None:
    due = plan(US, CHICAGO, day("2026-07-02"), terms("10 days"))
    assert due.due_at is not None
    assert datetime(2026, 7, 13, 4, 50, tzinfo=UTC) < due.due_at == datetime(2026, 7, 13, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        (["2026-07-02", "2026-06-26"], "2026-07-02"),
        (["2026-07-02", "2026-07-31"], "2026-07-31"),
        (["2026-07-02", "2026-07-31", "2026-09-30"], "2026-09-30"),
        (["2027-06-15", "2027-06-29"], "2027-06-29"),
    ],
)
def test_the_abatement_date_is_the_latest_of_its_dates(days: list[str], chosen: str) -> None:
    dues = [on_date(US, CHICAGO, day(text)) for text in days]
    assert latest(dues).last_day == day(chosen)
    assert earliest(dues).last_day == min(map(day, days))
    assert latest(dues).why[-1].facts["candidates"] == days
    assert chosen in explain(latest(dues).why[-1], "en")


# -- pauses


def test_an_open_pause_leaves_no_due_and_says_so() -> None:
    due = plan(CN, SHANGHAI, day("2022-01-17"), terms("20 WD"), pauses=[pause("2022-01-20", None)])
    assert (due.due_at, due.last_day) == (None, None)
    assert "2022-01-20" in explain(due.why[-1], "zh")


@pytest.mark.parametrize("budget", ["20 WD", "10 days", "1 month", "5 days+3 WD"])
def test_a_pause_after_the_last_counted_day_or_before_the_start_changes_nothing(budget: str) -> None:
    plain = plan(CN, SHANGHAI, day("2022-03-01"), terms(budget))
    assert plain.last_day is not None
    for stop in [
        pause(str(plain.last_day), None),
        pause(str(plain.last_day + DAY), None),
        pause("2022-02-01", "2022-03-01"),
    ]:
        assert plan(CN, SHANGHAI, day("2022-03-01"), terms(budget), pauses=[stop]) == plain


def test_hours_leave_out_the_exact_stretch_of_a_pause() -> None:
    stops = [
        Pause(local("2022-03-01 10:00"), local("2022-03-01 10:45")),
        Pause(local("2022-03-01 10:30"), local("2022-03-01 11:15")),
    ]
    due = plan(CN, SHANGHAI, local("2022-03-01 09:30"), terms("1 hour"), pauses=stops)
    assert due.due_at == local("2022-03-01 11:45") + TICK
    open_pause = Pause(local("2022-03-01 10:00"))
    assert plan(CN, SHANGHAI, local("2022-03-01 09:30"), terms("1 hour"), pauses=[open_pause]).due_at is None
    assert plan(CN, SHANGHAI, local("2022-03-01 09:00"), terms("1 hour"), pauses=[open_pause]).due_at is not None


def test_the_days_of_a_pause_are_local_days() -> None:
    """16:30 UTC on the 15th is already the 16th in Shanghai."""
    stop = Pause(datetime(2023, 5, 15, 16, 30, tzinfo=UTC), local("2023-05-20 12:00"))
    due = plan(CN, SHANGHAI, day("2023-05-10"), terms("30 days"), pauses=[stop])
    assert due.last_day == day("2023-06-09") + 4 * DAY


def test_days_lost_in_a_term_of_months_are_added_at_its_end() -> None:
    due = plan(CN, SHANGHAI, day("2024-01-31"), terms("1 month"), pauses=[pause("2024-02-05", "2024-02-15")])
    assert due.last_day == day("2024-03-10")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(2022, 1, 2, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)),
        (datetime(2022, 1, 2), None),  # noqa: DTZ001 - an instant without a zone is the fault under test
    ],
)
def test_a_pause_that_ends_before_it_begins_or_has_no_zone_is_refused(since: datetime, until: datetime | None) -> None:
    with pytest.raises(TermError):
        Pause(since, until)


# -- how a count starts and ends


@pytest.mark.parametrize(
    ("start", "budget", "due"),
    [
        ("2022-03-01", "1 day", "2022-03-01"),
        ("2022-03-01", "5 WD", "2022-03-07"),
        ("2022-03-05", "1 WD", "2022-03-07"),
        ("2022-03-01", "1 month", "2022-03-31"),
        ("2022-01-15", "1 month", "2022-02-14"),
        ("2022-01-31", "1 month", "2022-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2022-03-01", "2 weeks", "2022-03-14"),
    ],
)
def test_the_start_day_may_count_as_the_first(start: str, budget: str, due: str) -> None:
    assert plan(CN, SHANGHAI, day(start), terms(budget), count_start=True).last_day == day(due)


@pytest.mark.parametrize(
    ("start", "budget", "due"),
    [
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2024-01-31", "1 month+1 month", "2024-03-31"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-28", "1 day", "2024-02-29"),
        ("2022-12-31", "1 quarter", "2023-03-31"),
        ("2022-10-10", "2 weeks+3 days", "2022-10-27"),
        ("2022-03-01", "10 days+5 WD", "2022-03-18"),
        ("2022-03-01", "5 WD+10 days", "2022-03-18"),
        ("2022-03-01", "0 days", "2022-03-01"),
        ("2022-10-01", "0 WD", "2022-10-01"),
        ("2023-02-28", "1 year+1 month", "2024-03-28"),
    ],
)
def test_terms_in_a_row_clamp_merge_and_follow_one_another(start: str, budget: str, due: str) -> None:
    assert plan(CN, SHANGHAI, day(start), terms(budget)).last_day == day(due)


def test_a_clamped_month_says_so() -> None:
    due = plan(CN, SHANGHAI, day("2023-01-31"), terms("1 month"))
    assert [step.rule for step in due.why] == ["anchor", "clamped", "term"]


def test_a_day_may_end_at_an_hour_which_is_itself_too_late() -> None:
    due = on_date(CN, SHANGHAI, day("2023-09-30"), at=time(17))
    assert due.due_at == local("2023-09-30 17:00")
    assert due.last_day == day("2023-09-30")
    assert plan(CN, SHANGHAI, day("2023-09-20"), terms("10 days"), at=time(17)).due_at == local("2023-09-30 17:00")


@pytest.mark.parametrize(
    ("including", "roll", "last"),
    [
        (True, "none", "2023-09-30"),
        (False, "none", "2023-09-29"),
        (True, "next", "2023-10-07"),
        (True, "previous", "2023-09-28"),
        (False, "previous", "2023-09-28"),
        (False, "next", "2023-10-07"),
    ],
)
def test_a_fixed_date_is_kept_as_written_or_rolled_or_meant_as_before(including: bool, roll: Roll, last: str) -> None:
    due = on_date(CN, SHANGHAI, day("2023-09-30"), including=including, roll=roll)
    assert due.last_day == day(last)
    assert due.due_at == start_of(day(last) + DAY, SHANGHAI)


def test_hours_roll_only_when_told_and_keep_their_time_of_day() -> None:
    start = local("2022-09-30 23:00")
    assert plan(CN, SHANGHAI, start, terms("2 hours")).last_day == day("2022-10-01")
    assert plan(CN, SHANGHAI, start, terms("2 hours"), roll="next").due_at == local("2022-10-08 01:00") + TICK


def test_hours_without_an_instant_to_start_from_are_refused() -> None:
    """A day has no minute to start from; and an hour limit cannot end at another hour."""
    with pytest.raises(TermError, match="day without a time"):
        plan(CN, SHANGHAI, day("2022-03-01"), terms("2 hours"))
    with pytest.raises(TermError, match="day without a time"):
        plan(CN, SHANGHAI, local("2022-03-01 10:00"), terms("2 days+2 hours"))
    with pytest.raises(TermError, match="stated time"):
        plan(CN, SHANGHAI, local("2022-03-01 10:00"), terms("2 hours"), at=time(17))
    with pytest.raises(TermError, match="no time zone"):
        plan(CN, SHANGHAI, datetime(2022, 3, 1), terms("2 days"))  # noqa: DTZ001 - the fault under test


def test_days_after_hours_start_from_the_local_day_that_the_hours_reach() -> None:
    assert plan(CN, SHANGHAI, local("2022-03-01 23:00"), terms("2 hours+1 day")).last_day == day("2022-03-03")


# -- clocks that change


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (
            datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
            2,
            "2026-03-08 04:30",
        ),  # 01:30 CST, the hour from 2 to 3 does not exist
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), 2, "2026-11-01 01:30"),  # 00:30 CDT: 01:30 comes twice
    ],
)
def test_hours_are_real_hours_across_a_change_of_the_clock(start: datetime, hours: int, due: str) -> None:
    found = plan(US, CHICAGO, start, [Term(hours, Unit.HOURS)]).due_at
    assert found == start + timedelta(hours=hours) + TICK
    assert found.astimezone(CHICAGO).strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("last", "offset", "length"),
    [
        ("2026-03-08", 5, 23),
        ("2026-11-01", 6, 25),
        ("2026-07-01", 5, 24),
    ],
)
def test_a_day_in_chicago_ends_at_its_own_midnight(last: str, offset: int, length: int) -> None:
    end = on_date(US, CHICAGO, day(last)).due_at
    assert end == datetime.combine(day(last) + DAY, time(offset), UTC)
    assert end - start_of(day(last), CHICAGO) == timedelta(hours=length)


@pytest.mark.parametrize(
    ("last", "utc_hour"),
    [
        ("1988-04-16", 16),
        ("1988-04-17", 15),
        ("1988-09-10", 15),
        ("1988-09-11", 16),
    ],
)
def test_a_day_in_shanghai_in_1988_ends_by_the_summer_time_of_then(last: str, utc_hour: int) -> None:
    assert on_date(CN, SHANGHAI, day(last)).due_at == datetime.combine(day(last), time(utc_hour), UTC)


def test_a_midnight_that_a_clock_change_skips_is_the_instant_of_the_change() -> None:
    assert start_of(day("2018-11-04"), ZoneInfo("America/Sao_Paulo")) == datetime(2018, 11, 4, 3, tzinfo=UTC)


# -- lateness and reminders


@pytest.mark.parametrize(
    ("last", "on", "unit", "late"),
    [
        ("2023-12-07", "2023-12-11", Unit.WORKING_DAYS, 2),
        ("2023-12-07", "2023-12-11", Unit.DAYS, 4),
        ("2023-12-07", "2023-12-07", Unit.DAYS, 0),
        ("2023-12-07", "2023-12-01", Unit.WORKING_DAYS, 0),
        ("2023-09-28", "2023-10-06", Unit.WORKING_DAYS, 0),
        ("2023-09-28", "2023-10-08", Unit.WORKING_DAYS, 2),
    ],
)
def test_days_late_in_working_and_calendar_days(last: str, on: str, unit: Unit, late: int) -> None:
    assert days_late(CN, day(last), day(on), unit) == late


def test_a_certificate_two_days_after_a_sunday_is_two_days_late() -> None:
    assert days_late(US, day("2026-07-12"), day("2026-07-14"), Unit.DAYS) == 2


def test_the_latest_of_several_waits_for_a_paused_one_and_the_earliest_does_not() -> None:
    fixed = on_date(CN, SHANGHAI, day("2022-03-01"))
    paused = plan(CN, SHANGHAI, day("2022-01-17"), terms("20 WD"), pauses=[pause("2022-01-20", None)])
    assert latest([fixed, paused]).due_at is None
    assert earliest([fixed, paused]).last_day == day("2022-03-01")
    assert earliest([paused]).due_at is None
    assert "中止中" in explain(latest([fixed, paused]).why[-1], "zh")


# -- why


def test_the_reasons_of_a_date_are_told_in_both_languages() -> None:
    due = plan(CN, SHANGHAI, day("2022-01-17"), terms("20 WD"))
    assert explain(due.why[1], "en") == (
        "20 working days from 2022-01-17, not counting it, to 2022-02-17; not working: 2022-01-31 to 2022-02-04; "
        "make-up days counted: 2022-01-29 to 2022-01-30"
    )
    assert explain(due.why[1], "zh") == (
        "自 2022-01-17（不含当日）起 20个工作日，至 2022-02-17；其间因节假日不计：2022-01-31至2022-02-04；"
        "计入调休上班日：2022-01-29至2022-01-30"
    )


def everything_that_explains() -> list[Due]:
    stops = [pause("2026-02-11", "2026-03-04")]
    start = local("2026-12-01 23:00")
    return [
        plan(CN, SHANGHAI, day("2026-02-05"), terms("20 WD"), pauses=stops, including=False, at=time(17)),
        plan(CN, SHANGHAI, day("2026-01-31"), terms("1 month"), roll="next"),
        plan(CN, SHANGHAI, day("2026-12-20"), terms("20 WD"), count_start=True),
        plan(CN, SHANGHAI, start, terms("90 minutes"), pauses=[Pause(start, start + timedelta(hours=1))], roll="next"),
        plan(CN, SHANGHAI, start, terms("2 hours"), pauses=[Pause(start)]),
        on_date(CN, SHANGHAI, day("2026-10-03"), roll="previous"),
        latest([on_date(CN, SHANGHAI, day("2026-10-03")), on_date(CN, SHANGHAI, day("2026-10-09"))]),
        earliest([on_date(CN, SHANGHAI, day("2026-10-03"))]),
    ]


def test_every_step_survives_json_and_is_explained_in_both_languages() -> None:
    for due in everything_that_explains():
        for step in due.why:
            assert step_from_json(json.loads(json.dumps(step_to_json(step)))) == step
        chinese, english = explain_all(due.why, "zh"), explain_all(due.why, "en")
        assert len(chinese) == len(english) == len(due.why)
        assert all(any("一" <= letter <= "鿿" for letter in sentence) for sentence in chinese)
        assert all(sentence.isascii() for sentence in english)


def test_every_rule_of_a_due_occurs_among_the_explained_ones() -> None:
    rules = {step.rule for due in everything_that_explains() for step in due.why}
    assert rules == {
        "anchor",
        "fixed",
        "term",
        "pause",
        "paused",
        "clamped",
        "exclusive",
        "rolled",
        "at",
        "provisional",
        "latest_of",
        "earliest_of",
    }


# -- against a naive walk, one day at a time

some_days = st.dates(date(2021, 6, 1), date(2026, 6, 1))


@st.composite
def stops_near(draw: st.DrawFn) -> tuple[date, list[tuple[date, date | None]]]:
    start = draw(some_days)
    offsets = draw(st.lists(st.tuples(st.integers(-5, 50), st.integers(0, 25)), max_size=4))
    stops: list[tuple[date, date | None]] = [(start + DAY * since, start + DAY * (since + n)) for since, n in offsets]
    if draw(st.integers(0, 4)) == 0:
        stops.append((start + DAY * draw(st.integers(0, 80)), None))
    return start, stops


def naive_end(
    start: date,
    amount: int,
    stops: list[tuple[date, date | None]],
    *,
    working: bool,
    count_start: bool,
) -> date | None:
    """Walk day by day, counting each that is worked (if working days are meant) and in no pause (since, until]."""
    today, left = (start - DAY if count_start else start), amount
    while left:
        today += DAY
        if today > start + 400 * DAY:
            return None
        paused = any(since < today and (until is None or today <= until) for since, until in stops)
        left -= not paused and (CN.is_working(today) or not working)
    return today


@given(stops_near(), st.integers(1, 45), st.booleans(), st.booleans(), st.sampled_from(["none", "next", "previous"]))
@settings(deadline=None, max_examples=300)
def test_days_with_pauses_equal_a_walk_day_by_day(
    case: tuple[date, list[tuple[date, date | None]]],
    amount: int,
    working: bool,
    count_start: bool,
    roll: Roll,
) -> None:
    start, stops = case
    end = naive_end(start, amount, stops, working=working, count_start=count_start)
    while end is not None and roll != "none" and not CN.is_working(end):
        end += DAY if roll == "next" else -DAY
    pauses = [
        pause(str(since), None if until is None else str(until))
        if since != until
        else Pause(local(f"{since} 09:00"), local(f"{since} 10:00"))
        for since, until in stops
    ]
    term = Term(amount, Unit.WORKING_DAYS if working else Unit.DAYS)
    due = plan(CN, SHANGHAI, start, [term], pauses=pauses, count_start=count_start, roll=roll)
    assert due.last_day == end
    assert due.due_at == (None if end is None else start_of(end + DAY, SHANGHAI))


@given(some_days, st.lists(st.integers(0, 30), min_size=1, max_size=4), st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS]))
@settings(deadline=None)
def test_extensions_make_one_longer_term(start: date, parts: list[int], unit: Unit) -> None:
    together = plan(CN, SHANGHAI, start, [Term(sum(parts), unit)], roll="next")
    assert plan(CN, SHANGHAI, start, [Term(part, unit) for part in parts], roll="next") == together


@given(some_days, st.integers(1, 30), st.sampled_from([Unit.MONTHS, Unit.QUARTERS, Unit.YEARS]))
def test_months_clamp_and_never_overshoot(start: date, amount: int, unit: Unit) -> None:
    months = amount * {Unit.MONTHS: 1, Unit.QUARTERS: 3, Unit.YEARS: 12}[unit]
    due = plan(PLAIN, SHANGHAI, start, [Term(amount, unit)])
    assert due.last_day == add_months(start, months)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=4), st.integers(1, 240))
def test_minutes_with_pauses_equal_a_walk_minute_by_minute(stops: list[tuple[int, int]], amount: int) -> None:
    start = local("2022-03-01 09:00")
    minute = timedelta(minutes=1)
    pauses = [Pause(start + minute * since, start + minute * (since + length)) for since, length in stops]
    now, left = 0, amount
    while left:
        left -= not any(since <= now < since + length for since, length in stops)
        now += 1
    assert plan(CN, SHANGHAI, start, [Term(amount, Unit.MINUTES)], pauses=pauses).due_at == start + minute * now + TICK
