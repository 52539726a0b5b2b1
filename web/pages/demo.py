"""A demonstration's own pages: its clock is moved by hand, and what it would have sent lies in a tray."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.events import instant
from web.access import PERSON, Routes
from web.visit import Here, NotHere, Visit
from workflows.demo.visitors import Moved, goal, heard, zone_of
from workflows.labour.moving import ask_move, under_way

routes = Routes()

MESSAGES = 200
"""Messages that the tray shows, the latest first."""


def _only_here(visit: Visit) -> None:
    """Nobody moves the clock of real work. Raises `NotHere`."""
    if not visit.house.settings.demo or not visit.desk.virtual:
        raise NotHere


@routes.post("/demo/clock", need=PERSON)
def move_clock(visit: Here, by: Annotated[str, Form()] = "", day: Annotated[str, Form()] = "") -> Response:
    """Let time run, as a job: its page says how far it is, and leads to what happened."""
    _only_here(visit)
    running = under_way(visit.house.labour)
    if running is not None and running.asked_by != visit.known.id:
        return _page(visit, 409, refused=visit.words("demo_moving"))
    if running is not None:
        return visit.go(f"/jobs/{running.id}")
    now = visit.desk.clock().astimezone(zone_of(visit.desk))
    to = goal(now, by, _day(day))
    if to is None:
        return _page(visit, 422, refused=visit.words("demo_no"))
    asked = ask_move(visit.house.labour, visit.desk.clock(), to, visit.known.id)
    if asked.asked_by != visit.known.id:  # in the same instant
        return _page(visit, 409, refused=visit.words("demo_moving"))
    return visit.go(f"/jobs/{asked.id}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@routes.get("/demo/clock", need=PERSON, reads=False)
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


@routes.get("/demo/post", need=PERSON, reads=False)
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
