"""What is owed, what waits, and how everything stands or stood: the worklist, deadlines, and the board."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AwareDatetime, Field

from engine.events import iso
from web.access import PERSON, Routes
from web.api.answers.owed import DeadlinePage, OpenDeadlineShape, OwedPage, OwedShape, WaitsPage, WaitsShape
from web.api.answers.shape import moment
from web.api.answers.tasks import BoardPage, RulesThen, TaskSummary
from web.api.asked import Asked
from web.api.paging import MOST, Cursor, Limit, next_of, page, place
from web.visit import Here
from workflows.audit.moments import Moment, Rules, rules_at
from workflows.lists.ports import Running
from workflows.office import mine
from workflows.office.views import Shown, board_rows, shown

routes = Routes()
TAGS = ["overviews"]


@routes.get(
    "/api/v1/worklist",
    need=PERSON,
    reads=True,
    response_model=OwedPage,
    tags=TAGS,
    summary="待办：我应办的 / What you owe",
)
def worklist(visit: Here, cursor: Cursor = "", limit: Limit = 50) -> OwedPage:
    """Open deadlines of your roles and units, the overdue first, with the acts that would meet each and are possible
    now.
    """
    start = place(visit, cursor)
    number = start // limit + 1
    found = mine.owed(visit.desk, visit.house.lists, visit.known, visit.lang, page=number, size=limit)
    rows = found.rows if found.page == number else ()
    after = number * limit if number < found.pages else None
    return OwedPage(
        total=found.total, late=found.late, items=[_owed(each) for each in rows], next=next_of(visit, after)
    )


def _owed(each: mine.Mine) -> OwedShape:
    row = each.row
    return OwedShape(
        task=row.task,
        title=row.title,
        unit=row.unit,
        state=row.state,
        state_title=each.state,
        signal=row.signal,
        deadline=row.name,
        key=row.key,
        deadline_title=each.deadline,
        role=each.role,
        status=row.status,
        due_at=moment(row.due_at),
        last_day=row.last_day,
        provisional=row.provisional,
        working_days=each.days,
        late=each.late,
        acts=[one.trigger for one in each.acts],
    )


class Waiting(Asked):
    """From where on to look for what waits."""

    after: str = Field("", max_length=200, description="The id of a task; nothing for the first page.")
    limit: int = Field(20, ge=1, le=100, description="How many at most.")


@routes.get(
    "/api/v1/worklist/waiting",
    need=PERSON,
    reads=True,
    response_model=WaitsPage,
    tags=TAGS,
    summary="待办：等我推进的 / What waits for you",
)
def waiting(visit: Here, asked: Annotated[Waiting, Query()]) -> WaitsPage:
    """Tasks that you can move on now. A page may have few rows, or none, and still lead on: go on until `next` is
    null.
    """
    after = asked.after.replace("\x00", "")
    found = mine.waiting(visit.desk, visit.house.lists, visit.known, visit.lang, after=after, size=asked.limit)
    items = [
        WaitsShape(
            task=each.task.id,
            title=each.title,
            unit=each.unit,
            state=each.task.state,
            state_title=each.state,
            acts=[one.trigger for one in each.acts],
        )
        for each in found.rows
    ]
    return WaitsPage(items=items, next=next_of(visit, found.more, "after"))


class Owing(Asked):
    """Which deadlines."""

    unit: str | None = Field(None, max_length=200)
    role: str | None = Field(None, max_length=200, description="The role that owes it, by its name.")
    status: Literal["running", "paused", "missed"] | None = None
    start: date | None = Field(None, alias="from", description="The first last day.")
    until: date | None = Field(None, alias="to", description="The last one.")
    cursor: str = Field("", max_length=100, description="From `next`; nothing for the first page.")
    limit: int = Field(100, ge=1, le=MOST, description="How many at most.")


@routes.get(
    "/api/v1/deadlines",
    need=PERSON,
    reads=True,
    response_model=DeadlinePage,
    tags=TAGS,
    summary="在计时限 / Deadlines that run",
)
def deadlines(visit: Here, asked: Annotated[Owing, Query()]) -> DeadlinePage:
    """Everything that is owed on the tasks in your scope, by whomever, the earliest first."""
    unit, role = (None if each is None else each.replace("\x00", "\ufffd") for each in (asked.unit, asked.role))
    wanted, start = Running(visit.scope, unit, role, asked.status, asked.start, asked.until), place(visit, asked.cursor)
    found = visit.house.lists.running(wanted, offset=start, limit=asked.limit + 1)
    shown, after = found[: asked.limit], next_of(visit, start + asked.limit if len(found) > asked.limit else None)
    items = [
        OpenDeadlineShape(
            task=each.task,
            title=each.title,
            unit=each.unit,
            name=each.name,
            key=each.key,
            who=each.who,
            status=each.status,
            due_at=moment(each.due_at),
            last_day=each.last_day,
            provisional=each.provisional,
        )
        for each in shown
    ]
    return DeadlinePage(items=items, next=after)


class Looking(Asked):
    """How it stood."""

    at: AwareDatetime | None = Field(None, description="As it was at this instant, with an offset; now by default.")
    known_at: AwareDatetime | None = Field(None, description="As it was known at this instant; now by default.")
    cursor: str = Field("", max_length=100, description="From `next`; nothing for the first page.")
    limit: int = Field(100, ge=1, le=MOST, description="How many at most.")


@routes.get(
    "/api/v1/board",
    need=PERSON,
    reads=True,
    response_model=BoardPage,
    tags=TAGS,
    summary="看板：现在、当时实际、当时所知 / Every task as it is, was, or was known",
)
def board_at(visit: Here, asked: Annotated[Looking, Query()]) -> BoardPage:
    """The tasks that are in your scope now, as they were at `at`, as known at `known_at` (当时所知): what was entered
    late is not there before it was entered. With both the past can be read as it was reported.
    """
    at, known_at = _sane(asked.at), _sane(asked.known_at)
    every = board_rows(visit.desk, at, known_at)
    seen = visit.house.lists.seen(visit.scope, {row.task for row in every})
    found = [row for row in every if row.task in seen]
    rows, after = page(visit, found, asked.cursor, asked.limit)
    then = Moment(at or visit.desk.clock(), known_at)
    return BoardPage(
        at=iso(then.at),
        known_at=moment(known_at),
        items=[_summary(each) for each in shown(visit.desk, rows, visit.lang)],
        rules=[_rules(rules_at(visit.desk, name, then)) for name in sorted({row.process for row in rows})],
        next=after,
    )


def _rules(rules: Rules) -> RulesThen:
    return RulesThen(**rules.to_json())


YEARS = (1900, 2200)
"""Instants beyond are taken for these years: nothing is on record there, and databases count no further."""


def _sane(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return (
        at if YEARS[0] < at.year < YEARS[1] else at.replace(year=min(max(at.year, YEARS[0]), YEARS[1]), month=1, day=2)
    )


def _summary(each: Shown) -> TaskSummary:
    return TaskSummary(**each.row._asdict(), state_title=each.state)
