"""A demonstration's own pages: its clock is moved by hand, and what it would have sent lies in a tray."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.commands import Refusal
from engine.events import instant, iso
from post.providers import nowhere
from web.access import PERSON, Routes
from web.visit import Here, NotHere, Visit
from workflows.post.following import follow
from workflows.post.planning import plan_all
from workflows.post.sending import Round, deliver
from workflows.visitors import Moved, goal, heard, move, zone_of

routes = Routes()

MESSAGES = 200
"""Messages that the tray shows, the latest first."""


def _only_here(visit: Visit) -> None:
    """Nobody moves the clock of real work. Raises `NotHere`."""
    if not visit.house.settings.demo or not visit.desk.virtual:
        raise NotHere


@routes.post("/demo/clock", need=PERSON)
def move_clock(visit: Here, by: Annotated[str, Form()] = "", day: Annotated[str, Form()] = "") -> Response:
    """Let time run, and say what happened."""
    _only_here(visit)
    now = visit.desk.clock().astimezone(zone_of(visit.desk))
    to = goal(now, by, _day(day))
    if to is None:
        return _page(visit, 422, refused=visit.words("demo_no"))
    moved = move(visit.desk, visit.house.people, to, lambda: _post(visit))
    if isinstance(moved, Refusal):
        return _page(visit, 409, refused=visit.say(moved))
    return visit.go(f"/demo/clock?since={_told(moved.since)}&until={_told(moved.until)}")


def _told(at: datetime) -> str:
    return iso(at).replace("+", "%2B")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _post(visit: Visit) -> None:
    """What goes out on a day, goes out on that day; the house has nobody who carries it away."""
    house = visit.house
    follow(visit.desk, house.people, house.post)
    plan_all(visit.desk, house.people, house.post)
    deliver(Round(house.post, nowhere(), visit.desk.clock, lambda: 0.0))


@routes.get("/demo/clock", need=PERSON)
def moved(visit: Here, since: str = "", until: str = "") -> Response:
    """What happened between two instants."""
    _only_here(visit)
    try:
        between = Moved(instant(since), instant(until))
    except ValueError:
        return visit.go("/")
    zone = zone_of(visit.desk)
    lines = heard(visit.desk, between, visit.lang, visit.sees)
    return _page(visit, since=between.since.astimezone(zone), until=between.until.astimezone(zone), lines=lines)


def _page(visit: Visit, status: int = 200, **context: Any) -> Response:
    told = {"refused": "", "since": None, "until": None, "lines": [], **context}
    return visit.page("demo_moved.html", status, **told)


@routes.get("/demo/post", need=PERSON)
def tray(visit: Here) -> Response:
    """What would have been sent about the tasks that the visitor sees."""
    _only_here(visit)
    seen: dict[str, bool] = {}
    found = []
    for each in reversed(visit.house.post.deliveries()):
        if each.task not in seen:
            task = visit.desk.store.task(each.task)
            seen[each.task] = task is not None and visit.sees(task)
        if seen[each.task]:
            found.append(each)
        if len(found) == MESSAGES:
            break
    return visit.page("demo_post.html", messages=found, zone=zone_of(visit.desk))
