"""The worklist: what I owe, and what waits for me."""

from __future__ import annotations

from fastapi.responses import Response

from engine.titles import Titles
from web.access import PERSON, Routes
from web.naming import named
from web.visit import Here, Visit
from workflows.office import mine

routes = Routes()


@routes.get("/worklist", need=PERSON, reads=True)
def worklist(visit: Here, page: int = 1, after: str = "") -> Response:
    """Open deadlines of my roles and units, the overdue first; below them the tasks that I can move on."""
    owed = mine.owed(visit.desk, visit.house.lists, visit.known, visit.lang, page=page)
    waiting = mine.waiting(visit.desk, visit.house.lists, visit.known, visit.lang, after=after)
    return visit.page(
        "worklist.html",
        owed=owed,
        waiting=waiting,
        left=lambda one: left(visit, one),
        named=lambda edition, kind, title: named(visit, edition, kind, title),
        colour=Titles(None, visit.lang).colour,
        address=lambda number: f"/worklist?page={number}",
    )


def left(visit: Visit, one: mine.Mine) -> tuple[str, str]:
    """How much time is left, in words, and how pressing that is."""
    t = visit.words
    if one.row.status == "paused":
        return t("paused"), ""
    if one.days is None:
        return t("no_date"), ""
    if one.late:
        return (t(f"days_late_{one.days}") if one.days < 2 else t("days_late", n=one.days)), "late"
    if one.today:
        return t("days_today"), "soon"
    if one.days < 2:
        return t("days_left_1" if one.days else "days_none"), "soon"
    return t("days_left", n=one.days), "soon" if one.days <= 3 else ""
