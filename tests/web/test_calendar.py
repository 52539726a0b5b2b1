"""The calendar and its feed: whose days they show, and how long an address of a feed is good."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import icalendar

from tests.web.stage import CITY, LEADS, Stage, at, raise_stage
from web.house import Settings
from workflows.people import accounts
from workflows.people.values import By

HOMES, GAS = "实施10万户老旧小区改造", "实施燃气安全提升工程"


def _day_of(stage: Stage, name: str) -> str:
    (owed,) = stage.house.lists.next_owed([stage.tasks[name]]).values()
    assert owed.last_day is not None
    return owed.last_day


def test_a_month_shows_what_falls_due_in_the_scope_of_its_reader(stage: Stage) -> None:
    """One line for a deadline that several tasks owe; by day each of them; another unit's are not there."""
    day = _day_of(stage, "homes")
    assert " 3 项" in stage.client("li").get(f"/calendar?month={day[:7]}").text
    alone = stage.client("qian").get(f"/calendar?month={day[:7]}").text
    assert GAS in alone
    assert HOMES not in alone
    assert " 2 项" in stage.client("wang").get(f"/calendar?month={day[:7]}").text
    by_day = stage.client("qian").get(f"/calendar?day={day}").text
    assert GAS in by_day
    assert HOMES not in by_day
    assert GAS not in stage.client("nobody").get(f"/calendar?day={day}").text
    assert stage.client("li").get(f"/calendar?day={day}&page={10**30}").status_code == 200


def test_holidays_and_make_up_days_are_marked_and_years_not_announced_too(stage: Stage) -> None:
    """The Spring Festival of 2022, with its two make-up days before it; days beyond the last notice are provisional."""
    text = stage.client("li").get("/calendar?month=2022-01").text
    assert text.count('class="tag mark-work"') == 2
    assert text.count('class="tag mark-off"') >= 3
    assert "暂定" not in text
    assert "暂定" in stage.client("li").get("/calendar?month=2062-01").text
    assert "provisional" in stage.client("li", "en").get("/calendar?month=2062-01").text
    for month in ("2022-13", "x", "9999-12", "0000-00", "2022-02-30"):
        assert stage.client("li").get(f"/calendar?month={month}&day={month}").status_code == 200


def _feed(stage: Stage, user: str) -> str:
    text = stage.client(user).post("/calendar/feed").text
    address = urlsplit(text[text.index("<code>") + 6 : text.index("</code>")])
    assert address.path == "/calendar.ics"
    return f"{address.path}?{address.query}"


def test_a_feeds_address_is_where_the_pages_stand(tmp_path: Path) -> None:
    """As `DUBAN_BASE_URL` says, whatever a request says of its Host; and no page carries that Host."""
    stage = raise_stage(tmp_path, Settings(home="https://duban.example.org/"))
    try:
        made = stage.client("li").post("/calendar/feed", headers={"host": "evil.example"}).text
        assert "https://duban.example.org/calendar.ics?token=" in made
        for path in ("/calendar", "/documents", "/board", "/worklist", "/account"):
            assert "evil.example" not in stage.client("li").get(path, headers={"host": "evil.example"}).text
    finally:
        stage.close()


def test_a_feed_has_the_deadlines_of_its_owners_scope(stage: Stage) -> None:
    """All-day events on the last day, readable by whoever has the address and has not signed in."""
    answer = stage.client().get(_feed(stage, "qian"))
    assert answer.headers["content-type"].startswith("text/calendar")
    events: list[Any] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert {event["summary"].split("：")[1] for event in events} == {GAS}
    assert date.fromisoformat(_day_of(stage, "gas")) in {event["dtstart"].dt for event in events}
    assert len({event["uid"] for event in events}) == len(events)


def test_a_feed_is_sent_anew_only_where_it_has_changed(stage: Stage) -> None:
    """The same content has the same mark."""
    address, browser = _feed(stage, "li"), stage.client()
    tag = browser.get(address).headers["etag"]
    assert browser.get(address, headers={"if-none-match": tag}).status_code == 304
    stage.clock.move(at("2022-01-25 09:00"))
    assert browser.get(address, headers={"if-none-match": tag}).status_code == 304
    lead = {"leader": "甲", "department": "处室", "staff": "乙"}
    stage.act(stage.tasks["gas"], "file_plan", LEADS[CITY], measures="推进", plan=[{"name": "plan.pdf"}], **lead)
    assert browser.get(address, headers={"if-none-match": tag}).status_code == 200


def test_the_address_of_a_feed_opens_nothing_else_and_ends_when_told(stage: Stage) -> None:
    """It is no key of a program; a new one, its end and a closed account make it good for nothing."""
    first = _feed(stage, "qian")
    secret = first.partition("token=")[2]
    browser = stage.client()
    asked = browser.get("/api/v1/tasks", headers={"authorization": f"Bearer {secret}"})
    assert asked.status_code in (401, 403, 404)
    second = _feed(stage, "qian")
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200
    stage.client("qian").post("/calendar/feed/end")
    assert browser.get(second).status_code == 404
    third = _feed(stage, "qian")
    accounts.close_user(stage.office.people, "qian", By("admin"))
    assert browser.get(third).status_code == 404
    assert browser.get("/calendar.ics").status_code == 404
    assert secret not in str(stage.office.people.tokens("qian"))
