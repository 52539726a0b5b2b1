"""The calendar: what falls due and what was issued, by day, with holidays and make-up days; and a feed of it."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import Response

from engine.calendars import Calendar
from engine.commands import Refusal
from engine.titles import Titles
from web.access import PERSON, PUBLIC, Routes
from web.addresses import absolute
from web.visit import Here, NotHere, Visit
from workflows.lists.ports import DueDay, DueRow, IssuedRow
from workflows.people import rights, tokens
from workflows.people.ports import TokenRow
from workflows.people.values import User

routes = Routes()

SHOWN = 5
"""How many deadlines a day of the month shows before the rest is counted."""

SIZE, LAST = 100, 1_000_000
"""Rows of a page, and the last page: databases count no further than they can."""

FEED_SIZE = 2_000
"""How many entries a feed has at most."""

BACK, AHEAD = timedelta(days=31), timedelta(days=366)
"""Which days a feed has, from today."""


@dataclass
class Day:
    """A day of the month as it is shown. `mark` is `off` for a holiday, `work` for a make-up day."""

    day: date
    inside: bool
    today: bool
    working: bool
    mark: str
    label: str
    provisional: bool
    due: list[tuple[DueDay, str]] = field(default_factory=list)
    issued: list[IssuedRow] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where and when a calendar is looked at."""

    zone: ZoneInfo
    calendar: Calendar | None
    today: date


def place_of(visit: Visit) -> Place:
    """The zone and the working days of the process whose edition was published last."""
    records = visit.desk.store.editions()
    found = visit.desk.latest(records[-1].process) if records else None
    if found is None or isinstance(found, Refusal):
        return Place(ZoneInfo("UTC"), None, visit.desk.clock().date())
    edition, working = found
    return Place(edition.zone, working, visit.desk.clock().astimezone(edition.zone).date())


@routes.get("/calendar", need=PERSON, reads=True)
def month_page(visit: Here, month: str = "", day: str = "", page: int = 1) -> Response:
    """A month, or one day of it with all that is due."""
    place = place_of(visit)
    chosen = _day(day) if day else None
    if chosen is not None:
        return _day_page(visit, place, chosen, min(max(1, page), LAST))
    first = _month(month) or place.today.replace(day=1)
    return visit.page("calendar.html", **month_of(visit, place, first), **feeds(visit))


def _month(text: str) -> date | None:
    return _day(f"{text}-01")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 < found.year < 9000 else None


def month_of(visit: Visit, place: Place, first: date) -> dict[str, Any]:
    """The weeks that a month touches, filled in."""
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    since, until = weeks[0][0], weeks[-1][-1]
    days = {day: _shown(visit, place, day, first.month) for week in weeks for day in week}
    for one in visit.house.lists.due_days(visit.scope, since, until):
        days[date.fromisoformat(one.day)].due.append((one, deadline_title(visit, one)))
    for document in visit.house.lists.issued(visit.scope, _begin(place, since), _begin(place, until + timedelta(1))):
        days[document.issued_at.astimezone(place.zone).date()].issued.append(document)
    return {
        "month": first,
        "days": list(days.values()),
        "previous": (first - timedelta(days=1)).strftime("%Y-%m"),
        "following": (first + timedelta(days=32)).strftime("%Y-%m"),
        "here_month": place.today.strftime("%Y-%m"),
        "shown": SHOWN,
        "month_title": visit.words("month_of", year=first.year, month=visit.words(f"month_{first.month}")),
        "weekdays": [visit.words(f"weekday_{number}") for number in range(1, 8)],
        "weekday": lambda one: visit.words(f"weekday_{one.isoweekday()}"),
    }


def _begin(place: Place, day: date) -> datetime:
    return datetime.combine(day, time(), place.zone)


def _shown(visit: Visit, place: Place, day: date, month: int) -> Day:
    working = place.calendar.is_working(day) if place.calendar else day.weekday() < 5
    usual = place.calendar.week[day.weekday()] if place.calendar else working
    mark = "" if working == usual else "work" if working else "off"
    label = (place.calendar.label(day, visit.lang) or "") if place.calendar else ""
    provisional = place.calendar is not None and place.calendar.is_provisional(day)
    return Day(day, day.month == month, day == place.today, working, mark, label, provisional)


def deadline_title(visit: Visit, one: DueDay | DueRow) -> str:
    """A deadline as its definition calls it."""
    return Titles(visit.desk.book(one.edition)[0], visit.lang, one.kind).deadline(one.name)


def _day_page(visit: Visit, place: Place, day: date, page: int) -> Response:
    lists = visit.house.lists
    rows = lists.due_rows(visit.scope, day, day, offset=(page - 1) * SIZE, limit=SIZE + 1)
    issued = lists.issued(visit.scope, _begin(place, day), _begin(place, day + timedelta(days=1)))
    titles = {row.edition: Titles(visit.desk.book(row.edition)[0], visit.lang, row.kind) for row in rows}
    return visit.page(
        "calendar_day.html",
        shown=_shown(visit, place, day, day.month),
        rows=[(row, deadline_title(visit, row), titles[row.edition].role(row.who)) for row in rows[:SIZE]],
        issued=issued,
        page=page,
        more=len(rows) > SIZE,
        weekday=visit.words(f"weekday_{day.isoweekday()}"),
    )


# -- the feed


def feeds(visit: Visit, made: str = "") -> Mapping[str, Any]:
    """The visitor's own feed, if there is one, and the address of one that has just been made."""
    return {"feed": _feed(visit), "made": made}


def _feed(visit: Visit) -> TokenRow | None:
    now = visit.house.people.now()
    live = (
        token
        for token in visit.house.people.tokens(visit.known.id)
        if rights.FEED in token.scopes and token.revoked_at is None and token.ends_at > now
    )
    return next(live, None)


@routes.post("/calendar/feed", need=PERSON)
def make_feed(visit: Here) -> Response:
    """A new address to subscribe to, shown once; the one before it ends."""
    _end_feeds(visit)
    people, user = visit.house.people, visit.known.user
    secret = tokens.issue(people, user, "calendar", [rights.FEED], tokens.LONGEST)
    place = place_of(visit)
    path = f"/calendar.ics?token={secret}"
    made = "" if isinstance(secret, Refusal) else absolute(visit, path) or path
    told = month_of(visit, place, place.today.replace(day=1))
    return visit.page("calendar.html", **told, **feeds(visit, made))


@routes.post("/calendar/feed/end", need=PERSON)
def end_feed(visit: Here) -> Response:
    """Take the address back: whoever has it sees nothing more."""
    _end_feeds(visit)
    return visit.go("/calendar#feed")


def _end_feeds(visit: Visit) -> None:
    people, user = visit.house.people, visit.known.user
    for token in people.tokens(user.id):
        if rights.FEED in token.scopes and token.revoked_at is None:
            tokens.revoke(people, user, token.id)


@routes.get("/calendar.ics", need=PUBLIC, reads=True)
def feed(visit: Here, token: str = "") -> Response:
    """What is due in the scope of whoever made the address, as iCalendar (RFC 5545)."""
    found = tokens.find(visit.house.people, token)
    if found is None or rights.FEED not in found[1].scopes:
        raise NotHere
    owner = Visit(visit.request, visit.house, found[0].language, rights.person_of(visit.house.people, found[0]))
    owner.read()
    content = feed_of(owner, found[0])
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def feed_of(visit: Visit, user: User) -> bytes:
    """The entries: an all-day event for each deadline. It changes only where they do."""
    import icalendar

    place, t = place_of(visit), visit.words
    found = icalendar.Calendar()
    found.add("prodid", "-//Duban//Supervision//ZH")
    found.add("version", "2.0")
    found.add("x-wr-calname", t("feed_name", name=user.name))
    found.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    rows = visit.house.lists.due_rows(visit.scope, place.today - BACK, place.today + AHEAD, limit=FEED_SIZE)
    for row in rows:
        found.add_component(_event(visit, row))
    content: bytes = found.to_ical()
    return content


def _event(visit: Visit, row: DueRow) -> Any:
    import icalendar

    day, event = date.fromisoformat(row.day), icalendar.Event()
    event.add("uid", f"{row.task}/{row.name}/{row.key}@duban")
    event.add("dtstamp", row.touched_at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    late = f"[{visit.words('status_missed')}] " if row.status == "missed" else ""
    event.add("summary", f"{late}{deadline_title(visit, row)}{visit.words('colon')}{row.title or row.task}")
    if row.unit:
        event.add("location", row.unit)
    event.add("status", "TENTATIVE" if row.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
