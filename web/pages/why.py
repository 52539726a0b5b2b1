"""The page that says why: from an event of a task back to the lines of the definition and the facts that decided."""

from __future__ import annotations

from functools import cache

from fastapi.responses import Response

from engine.commands import Refusal
from web.access import PERSON, Routes
from web.naming import title_of
from web.visit import Here, NotHere, Visit
from workflows.audit.explaining.chain import explain
from workflows.audit.explaining.telling import told

routes = Routes()


@routes.get("/tasks/{task}/why", need=PERSON, task=True)
def why_state(visit: Here) -> Response:
    """Why the task is in the state in which it is."""
    return _page(visit, None)


@routes.get("/tasks/{task}/why/{seq}", need=PERSON, task=True)
def why(visit: Here, seq: int) -> Response:
    """Why one event of the task happened."""
    return _page(visit, seq)


def _page(visit: Visit, seq: int | None) -> Response:
    task = visit.about
    found = explain(visit.desk, task.id, seq, visit.lang)
    if isinstance(found, Refusal):
        raise NotHere

    @cache
    def sees(name: str) -> bool:
        other = visit.desk.store.task(name)
        return other is not None and visit.sees(other)

    steps = told(found, visit.lang, sees)
    hidden = len(steps) < len(found.steps)
    return visit.page(
        "why.html", task=task, title=title_of(visit, task), steps=steps, asked_state=found.state, hidden=hidden
    )
