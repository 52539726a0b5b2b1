"""Time runs before people, and the same way however late the sweep is: outages, midnights, zones, and the horizon."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.calendars import Calendar
from engine.chain import canonical, header
from engine.commands import Actor
from engine.decide import advance
from engine.events import Event, EventType, instant
from engine.task import Occurrence
from tests.engine import stage
from tests.engine.life import Life
from tests.engine.walks import ZONE, Walk, calendar, edition_of, random_process, text_of

CN, PLAIN = calendar(), calendar("plain")
MANY = 300 if os.environ.get("DUBAN_TORTURE") else 60

pytestmark = pytest.mark.torture
OFFICE = Actor("zhang", ("office", "lead"))
OPEN_AND_DONE = {"open": {"initial": True}, "done": {"final": True}}
TICK = timedelta(microseconds=1)


def _bytes(events: list[Event]) -> list[str]:
    return [header(event, "-") + canonical(dict(event.payload)) for event in events]


# -- catch-up equals no outage


@pytest.mark.parametrize("seed", range(MANY))
def test_thirty_days_down_then_one_sweep_equal_thirty_days_of_sweeps(seed: int) -> None:
    """On random walks: the same tasks and the same events, byte for byte, however the sweeps are spread."""
    rng = Random(seed)
    walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
    for _ in range(12):
        walk.step()
    end = walk.now + timedelta(days=30)
    down, daily, odd = (Life(walk.edition, CN, walk.family) for _ in range(3))
    down.sweep(end)
    for day in range(1, 31):
        daily.sweep(walk.now + timedelta(days=day))
    for moment in sorted(walk.now + timedelta(seconds=rng.randint(0, 30 * 86400)) for _ in range(9)):
        odd.sweep(moment)
    odd.sweep(end)
    assert _bytes(down.events) == _bytes(daily.events) == _bytes(odd.events)
    assert dict(down.family) == dict(daily.family) == dict(odd.family)


def test_outages_on_random_walks_bring_misses_reminders_and_the_ends_of_children() -> None:
    """The property above is no use where nothing happens while the system is down."""
    kinds = set()
    for seed in range(30):
        rng = Random(seed)
        walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
        for _ in range(12):
            walk.step()
        kinds |= {event.type for event in advance(walk.edition, CN, walk.family, walk.now + timedelta(days=30)).events}
    wanted = {EventType.DEADLINE_MISSED, EventType.DEADLINE_REMINDED, EventType.DEADLINE_LAPSED, EventType.CHILD_ENDED}
    assert wanted <= kinds


# -- around the moment at which something is due

REPORT = stage.edition(
    {
        "states": {**OPEN_AND_DONE, "late": {}},
        "transitions": stage.yaml(
            """
            - {trigger: report, from: any, by: lead, to: stay}
            - {trigger: miss, from: open, by: system, to: late}
            """
        ),
        "deadlines": stage.yaml(
            "report: {owed_by: lead, starts: registered, due: 3 days after start, met_by: report, missed: {fire: miss}}"
        ),
    }
)
START = datetime(2022, 6, 13, 9, tzinfo=ZONE)
DUE = datetime(2022, 6, 17, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("at", "status", "state"),
    [
        (DUE - TICK, "met", "open"),
        (DUE, "met_late", "late"),
        (DUE + TICK, "met_late", "late"),
        (DUE + timedelta(hours=5), "met_late", "late"),
    ],
)
@pytest.mark.parametrize("swept", [True, False])
def test_a_report_between_the_due_time_and_the_sweep_is_as_late_as_after_it(
    at: datetime, status: str, state: str, swept: bool
) -> None:
    """A command exactly at the due instant is late; whether the sweep has come already makes no difference."""
    life = Life(REPORT)
    life.register(START)
    if swept:
        life.sweep(at)
    life.fire("report", at)
    assert (life.found("report/1")["status"], life.family["t"].state) == (status, state)
    missed = [event.occurred_at for event in life.events if event.type is EventType.DEADLINE_MISSED]
    assert missed == ([DUE] if status == "met_late" else [])


FAMILY = stage.edition(
    {
        "states": OPEN_AND_DONE,
        "transitions": stage.yaml(
            """
            - {trigger: begin, from: open, by: lead, to: stay}
            - {trigger: ask, from: open, by: lead, to: stay, then: [{open: asked}]}
            - {trigger: answered, from: open, by: system, to: stay}
            """
        ),
        "deadlines": stage.yaml(
            """
            answer: {owed_by: lead, starts: ask, due: 6 days after start, met_by: answered}
            standing: {owed_by: lead, starts: begin, due: 10 days after start, pause: {while_open: asked}}
            other: {owed_by: lead, starts: ask, due: 4 days after start}
            another: {owed_by: lead, starts: ask, due: 4 days after start}
            and_one_more: {owed_by: lead, starts: ask, due: 4 days after start}
            """
        ),
        "children": stage.yaml(
            """
            asked:
              cancelled: dropped
              on_end: {wait_for: all, fire: answered}
              states: {open: {initial: true}, silent: {final: true}, dropped: {final: true}}
              transitions: [{trigger: fall_silent, from: open, by: system, to: silent}]
              deadlines:
                say: {owed_by: lead, starts: registered, due: 4 days after start, missed: {fire: fall_silent}}
            """
        ),
    }
)


@pytest.mark.parametrize("days", [5, 60])
def test_a_child_that_ends_before_its_parent_s_deadline_meets_it_at_its_own_instant(days: int) -> None:
    """However late the sweep: the child falls silent at its time, which answers its parent before that is due."""
    life = Life(FAMILY)
    life.register(START)
    life.fire("begin", START + TICK)
    life.fire("ask", START + timedelta(hours=1))
    life.sweep(START + timedelta(days=days))
    answer = life.found("answer/1")
    assert answer["status"] == "met"
    assert instant(answer["met_at"]) - datetime(2022, 6, 18, tzinfo=ZONE) < timedelta(milliseconds=1)


def test_a_pause_that_ends_at_midnight_does_not_hang_on_what_else_is_due_then() -> None:
    """The child lapses as 18 June begins, with three other deadlines: the clock stood 14 to 17 June, four days."""
    life = Life(FAMILY)
    life.register(START)
    life.fire("begin", START + TICK)
    life.fire("ask", START + timedelta(hours=1))
    life.sweep(START + timedelta(days=6))
    assert [life.found(f"{name}/1")["status"] for name in ("other", "another", "and_one_more")] == ["missed"] * 3
    standing = life.found("standing/1")
    assert (standing["status"], standing["last_day"]) == ("running", "2022-06-27")


# -- zones


def _counted(zone: str, due: Any, at: datetime, cn: Calendar = PLAIN) -> Occurrence:
    edition = stage.edition(
        {
            "timezone": zone,
            "calendar": cn.name,
            "states": OPEN_AND_DONE,
            "deadlines": {"d": {"owed_by": "lead", "starts": "registered", "due": due}},
        }
    )
    life = Life(edition, cn)
    life.register(at)
    return life.found("d/1")


@pytest.mark.parametrize(
    ("zone", "due", "at", "last_day", "due_at"),
    [
        # summer time begins on 13 March and ends on 6 November 2022: the days have 23 and 25 hours
        ("America/Chicago", "1 day after start", "2022-03-12 12:00", "2022-03-13", "2022-03-14 05:00"),
        ("America/Chicago", "1 day after start", "2022-11-05 12:00", "2022-11-06", "2022-11-07 06:00"),
        ("America/Chicago", "24 hours after start", "2022-03-12 12:00", "2022-03-13", "2022-03-13 18:00"),
        # late in the evening in Chicago it is the next day in UTC
        ("America/Chicago", "1 working day after start", "2022-06-16 23:30", "2022-06-17", "2022-06-18 05:00"),
        ("America/Chicago", "1 working day after start", "2022-06-17 04:30+00:00", "2022-06-17", "2022-06-18 05:00"),
        # Apia left 30 December 2011 out: what ends with the 29th ends as the 31st begins
        ("Pacific/Apia", "0 days after start", "2011-12-29 12:00", "2011-12-29", "2011-12-30 10:00"),
        ("Pacific/Apia", "1 day after start", "2011-12-29 12:00", "2011-12-30", "2011-12-30 10:00"),
        ("Pacific/Apia", "2 days after start", "2011-12-29 12:00", "2011-12-31", "2011-12-31 10:00"),
        ("Pacific/Apia", "1 month after start", "2024-01-31 01:00", "2024-02-29", "2024-02-29 11:00"),
        # month ends and leap days
        ("Asia/Shanghai", "1 month after start", "2023-01-31 09:00", "2023-02-28", "2023-02-28 16:00"),
        ("Asia/Shanghai", "4 years after start", "2024-02-29 09:00", "2028-02-29", "2028-02-29 16:00"),
        ("Asia/Shanghai", "1 year after start", "2024-02-29 09:00", "2025-02-28", "2025-02-28 16:00"),
        ("Asia/Shanghai", "13 months after start", "2022-12-31 09:00", "2024-01-31", "2024-01-31 16:00"),
    ],
)
def test_a_day_is_over_when_it_is_over_where_the_process_lives(
    zone: str, due: str, at: str, last_day: str, due_at: str
) -> None:
    moment = datetime.fromisoformat(at)
    found = _counted(zone, due, moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
    assert found["last_day"] == last_day
    exact = instant(str(found["due_at"])) - timedelta(microseconds=1 if "hours" in due else 0)
    assert exact == datetime.fromisoformat(due_at).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["America/Chicago", "Pacific/Apia", "Asia/Shanghai"])
def test_each_month_of_a_leap_year_ends_once(zone: str) -> None:
    """Twelve month ends, each at its own local midnight, none twice, in any zone."""
    edition = stage.edition(
        {
            "timezone": zone,
            "calendar": "plain",
            "states": OPEN_AND_DONE,
            "deadlines": {"m": {"owed_by": "lead", "while": "open", "every": {"month_end": True}}},
        }
    )
    life = Life(edition, PLAIN)
    life.register(datetime(2024, 1, 1, tzinfo=edition.zone))
    life.sweep(datetime(2025, 1, 1, tzinfo=edition.zone))
    missed = [event for event in life.events if event.type is EventType.DEADLINE_MISSED]
    days = [event.occurred_at.astimezone(edition.zone) for event in missed]
    assert [(day.month, day.day, day.hour) for day in days] == [(month, 1, 0) for month in (*range(2, 13), 1)]
    assert missed[1].payload["occurrence"]["last_day"] == "2024-02-29"


# -- beyond the last published year


@pytest.mark.parametrize(
    ("due", "day", "provisional"),
    [
        ("10 working days after start", 1, False),
        ("10 working days after start", 28, True),
        ("10 days after start", 28, False),
        ({"term": "10 days", "after": "start", "roll": "next"}, 28, True),
    ],
)
def test_what_hangs_on_days_that_no_notice_covers_is_provisional(due: Any, day: int, provisional: bool) -> None:
    """Calendar days are sure; working days and rolling beyond the horizon are not, and the date says so and why."""
    found = _counted("Asia/Shanghai", due, datetime(CN.last_known.year, 12, day, 9, tzinfo=ZONE), CN)
    assert found["provisional"] is provisional
    assert any(step["rule"] == "provisional" for step in found["why"]) is provisional
