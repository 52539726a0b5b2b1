"""What auditors and administrators have read: for administrators all of it, for an auditor their own."""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlencode

from fastapi.responses import Response

from web.access import AUDIT, Routes
from web.visit import Here
from workflows.audit.readings import readings
from workflows.channels import door
from workflows.people.rights import system
from workflows.people.values import ADMIN

routes = Routes()

SIZE = 100


@routes.get("/readings", need=AUDIT, reads=True)
def readings_page(visit: Here, who: str = "", task: str = "", before: int | None = None) -> Response:
    """The latest first, by person or task; a page of them, and where the older ones are."""
    whole = system(visit.known, ADMIN)
    whose = who[:200] if whole else visit.known.id
    found = list(islice(readings(visit.desk, who=whose, task=task[:200], before=before), SIZE + 1))
    shown = found[:SIZE]
    older = {"who": who, "task": task, "before": shown[-1].seq} if len(found) > SIZE else None
    return visit.page(
        "readings.html",
        rows=[(each, each.at.astimezone(visit.zone)) for each in shown],
        door=lambda channel: door(channel, visit.lang),
        older=f"/readings?{urlencode({name: value for name, value in older.items() if value})}" if older else "",
        latest=before is None,
        whole=whole,
        who=who,
        about=task,
    )
