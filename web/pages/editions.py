"""What auditors and administrators ask of editions that are published: how two differ, and what has never happened."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from engine.commands import Refusal
from engine.edition import Edition
from engine.guards.effort import SpentError, within
from web.access import AUDIT, Routes
from web.visit import Here, NotHere, Visit
from workflows.audit.unused import never_fired
from workflows.authoring.checking import PATIENCE
from workflows.authoring.diff import compare
from workflows.authoring.diff.touching import open_tasks, touched
from workflows.coverage import said
from workflows.lists.ports import Wanted

routes = Routes()

MOST_READ = 5_000
"""The history of so many tasks is read for a page; the command line reads any number."""

MOST_TOUCHED = 2_000
SHOWN = 20


@routes.get("/processes/{process}/diff", need=AUDIT, reads=True)
def differences(visit: Here, process: str, edition: str = "", to: str = "") -> Response:
    """What one edition changes in another, by meaning, and the open tasks that each change touches."""
    old, new = (_book(visit, process, each) for each in (edition, to))
    try:
        with within(PATIENCE):
            found = compare(old, new).changes
    except SpentError:
        found = None
    count = visit.house.lists.editions_of(Wanted(visit.scope, process=process, ended=False)).get(old.name, 0)
    tasks = open_tasks(visit.desk, old) if count <= MOST_TOUCHED else None
    changes = [(each.said.in_(visit.lang), touched(each, tasks) if tasks is not None else ()) for each in found or ()]
    title = new.process.title.title(visit.lang)
    return visit.page(
        "edition_diff.html",
        old=old,
        new=new,
        title=title,
        changes=changes,
        tasks=tasks,
        count=count,
        shown=SHOWN,
        large=found is None,
    )


def _book(visit: Visit, process: str, edition: str) -> Edition:
    try:
        return visit.desk.book(f"{process}@{edition}")[0]
    except LookupError:
        raise NotHere from None


@routes.get("/processes/{process}/unused", need=AUDIT, reads=True)
def unused(visit: Here, process: str, months: Annotated[str, Query(max_length=4)] = "12") -> Response:
    """What the edition in force declares and no task has done in so many months."""
    latest = visit.desk.latest(process)
    if isinstance(latest, Refusal):
        raise NotHere
    edition, since = latest[0], int(months) if months.isdecimal() and 0 < int(months) <= 1200 else 12
    tasks = sum(visit.house.lists.editions_of(Wanted(visit.scope, process=process)).values())
    found = never_fired(visit.desk, process, since, visit.desk.clock()) if tasks <= MOST_READ else None
    rows = [] if found is None or isinstance(found, Refusal) else found.unused
    return visit.page(
        "edition_unused.html",
        edition=edition,
        title=edition.process.title.title(visit.lang),
        months=since,
        tasks=tasks,
        report=found,
        rows=[(e.part.sort.in_(visit.lang), said(edition, e.part, visit.lang), e.last) for e in rows],
        most=MOST_READ,
    )
