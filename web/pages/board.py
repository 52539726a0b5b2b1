"""The board: the programme at a glance."""

from __future__ import annotations

from fastapi.responses import Response

from web.access import PERSON, Routes
from web.visit import Here

routes = Routes()


@routes.get("/board", need=PERSON)
def board(visit: Here) -> Response:
    """Every task in the visitor's scope."""
    return visit.page("board.html")
