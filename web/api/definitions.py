"""What is published: processes, their editions, and the days of their calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from engine.calendars import Calendar
from engine.commands import Refusal
from engine.edition import Edition
from web.access import PERSON, Routes
from web.api.answers.definitions import (
    DayPage,
    DayShape,
    EditionPage,
    EditionShape,
    KindShape,
    ProcessDetail,
    ProcessPage,
    ProcessShape,
)
from web.api.answers.shape import moment
from web.api.asked import Asked
from web.api.paging import MOST, Cursor, Limit, page
from web.api.shown import form_of
from web.problems import Fault, Problem
from web.visit import Here, NotHere, Visit

routes = Routes()
TAGS = ["definitions"]
LONGEST = 1_100
"""How many days of a calendar are answered at most."""


@routes.get(
    "/api/v1/processes",
    need=PERSON,
    reads=True,
    response_model=ProcessPage,
    tags=TAGS,
    summary="已发布的流程 / Published processes",
)
def processes(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> ProcessPage:
    """Every process by the edition in force."""
    names = sorted({each.process for each in visit.desk.store.editions()})
    shown, after = page(visit, names, cursor, limit)
    return ProcessPage(items=[_process(visit, _found(visit, name)[0]) for name in shown], next=after)


def _found(visit: Visit, process: str) -> tuple[Edition, Calendar]:
    found = visit.desk.latest(process)
    if isinstance(found, Refusal):
        raise NotHere
    return found


def _process(visit: Visit, edition: Edition) -> ProcessShape:
    told = edition.process
    return ProcessShape(
        process=told.process,
        title=told.title.title(visit.lang),
        edition=told.edition,
        timezone=told.timezone,
        calendar=told.calendar,
        roles={name: role.title(visit.lang) for name, role in told.roles.items()},
    )


@routes.get(
    "/api/v1/processes/{process}",
    need=PERSON,
    reads=True,
    response_model=ProcessDetail,
    tags=TAGS,
    summary="流程及其事项内容 / A process and the records of its tasks",
)
def process_detail(visit: Here, process: str) -> ProcessDetail:
    """Its kinds of tasks, with their states and the fields of their records: what may be registered, and how."""
    edition = _found(visit, process)[0]
    title = edition.process.title.title(visit.lang)
    kinds = [
        KindShape(
            kind=kind,
            title=getattr(sheet.body, "zh" if visit.lang == "zh" else "en", title) if kind else title,
            states={name: state.title(visit.lang) for name, state in sheet.body.states.items()},
            fields=form_of(sheet.body.fields, visit.lang),
        )
        for kind, sheet in edition.sheets.items()
    ]
    return ProcessDetail(**_process(visit, edition).model_dump(), kinds=kinds)


@routes.get(
    "/api/v1/processes/{process}/editions",
    need=PERSON,
    reads=True,
    response_model=EditionPage,
    tags=TAGS,
    summary="流程的各版次 / The editions of a process",
)
def editions(visit: Here, process: str, cursor: Cursor = "", limit: Limit = 100) -> EditionPage:
    """Every edition; a task keeps to the one under which it was registered."""
    _found(visit, process)
    found = [each for each in visit.desk.store.editions() if each.process == process]
    shown, after = page(visit, found, cursor, limit)
    items = [
        EditionShape(
            process=each.process,
            edition=each.edition,
            digest=each.digest,
            published_at=moment(each.published_at) or "",
        )
        for each in shown
    ]
    return EditionPage(items=items, next=after)


class Span(Asked):
    """From which day to which."""

    start: date = Field(alias="from", description="The first day.")
    until: date = Field(alias="to", description="The last day.")
    cursor: str = Field("", max_length=100, description="From `next`; nothing for the first page.")
    limit: int = Field(400, ge=1, le=MOST, description="How many at most.")


@routes.get(
    "/api/v1/processes/{process}/days",
    need=PERSON,
    reads=True,
    response_model=DayPage,
    tags=TAGS,
    summary="工作日历 / The working calendar",
)
def days(visit: Here, process: str, asked: Annotated[Span, Query()]) -> DayPage:
    """Each day, whether the office works on it, and why: holidays close days, make-up days (调休上班日) open them."""
    calendar = _found(visit, process)[1]
    start, until = asked.start, asked.until
    if not timedelta(0) <= until - start < timedelta(LONGEST) or not 1900 <= start.year <= 2200:
        raise Problem(422, faults=[Fault("query", "/from", visit.words("api_span", most=LONGEST))])
    shown, after = page(visit, list(_between(start, until)), asked.cursor, asked.limit)
    return DayPage(items=[_day(calendar, each, visit) for each in shown], next=after)


def _between(start: date, until: date) -> Iterator[date]:
    for number in range((until - start).days + 1):
        yield start + timedelta(number)


_KINDS: Mapping[tuple[bool, bool], Literal["working", "rest", "holiday", "make_up"]] = {
    (True, True): "working",
    (False, False): "rest",
    (False, True): "holiday",
    (True, False): "make_up",
}
"""By whether a day is worked, and whether the week would work it."""


def _day(calendar: Calendar, day: date, visit: Visit) -> DayShape:
    working, usual = calendar.is_working(day), calendar.week[day.weekday()]
    return DayShape(
        day=day.isoformat(),
        working=working,
        kind=_KINDS[working, usual],
        name=calendar.label(day, visit.lang),
        provisional=calendar.is_provisional(day),
    )
