"""What auditors and administrators have read: for administrators all of it, for an auditor their own."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi.responses import Response

from web.access import AUDIT, Routes
from web.pages.board import Pages
from web.visit import Here
from workflows.audit.readings import readings
from workflows.people.rights import system
from workflows.people.values import ADMIN

routes = Routes()

SIZE = 100


@routes.get("/readings", need=AUDIT)
def readings_page(visit: Here, who: str = "", task: str = "", page: int = 1) -> Response:
    """The latest first, by person or task."""
    whole = system(visit.known, ADMIN)
    found = readings(visit.desk, who=who[:200] if whole else visit.known.id, task=task[:200])
    pages = max(1, -(-len(found) // SIZE))
    number = min(max(page, 1), pages)
    return visit.page(
        "readings.html",
        rows=[(each, each.at.astimezone(visit.zone)) for each in found[(number - 1) * SIZE : number * SIZE]],
        pages=Pages(number, pages, len(found)),
        next_page=lambda number: f"/readings?{urlencode({'who': who, 'task': task, 'page': number})}",
        whole=whole,
        who=who,
        about=task,
    )
