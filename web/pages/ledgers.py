"""Registers of children, such as coordination items, opinions and interviews, one for each kind there is."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi.responses import Response

from engine.titles import Titles
from web.access import PERSON, Routes
from web.exports import as_file
from web.pages.board import MOST, Pages, left
from web.visit import Here, NotHere, Visit
from workflows.lists.board import SIZE, Reader
from workflows.lists.ledger import Item, Register, items, registers
from workflows.lists.ports import Order, Wanted
from workflows.sheets import Cell

routes = Routes()

FILTERS = ("show", "unit", "q")
SHOWS = ("", "open", "ended", "overdue")


@routes.get("/ledgers", need=PERSON, reads=True)
def ledgers(visit: Here) -> Response:
    """Every register there is, with how much stands in it."""
    reader = Reader(visit.desk, visit.house.lists, visit.lang)
    rows = []
    for each in registers(visit.desk, visit.lang):
        wanted = Wanted(visit.scope, kind=each.kind, process=each.process)
        glance = reader.glance(wanted)
        rows.append((each, glance.total, glance.open, glance.overdue or 0))
    return visit.page("ledgers.html", rows=rows)


@routes.get("/ledgers/{ledger}", need=PERSON, reads=True)
def ledger(visit: Here, ledger: str, page: int = 1) -> Response:
    """One register, filtered and paged."""
    register, reader, wanted = _asked(visit, ledger)
    total = sum(each.tasks for each in visit.house.lists.counts(wanted))
    pages = max(1, -(-total // SIZE))
    number = min(max(1, page), pages)
    found = items(reader, register, wanted, Order("task"), offset=(number - 1) * SIZE, limit=SIZE)
    above = visit.seen(item.above for item in found if item.above is not None)
    query = visit.request.query_params
    asked = {name: query.get(name, "") for name in FILTERS}
    return visit.page(
        "ledger.html",
        register=register,
        rows=[(item, item.above is not None and item.above.id in above) for item in found],
        first=(number - 1) * SIZE + 1,
        pages=Pages(number, pages, total),
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        shows=SHOWS,
        units=visit.house.lists.units_of(Wanted(visit.scope, kind=register.kind, process=register.process)),
        address=lambda to: f"/ledgers/{register.id}?{urlencode({**asked, 'page': to})}",
        colour=Titles(None, visit.lang).colour,
        left=lambda line: left(visit, line),
    )


@routes.get("/ledgers/{ledger}/export", need=PERSON, reads=True)
def export(visit: Here, ledger: str) -> Response:
    """The same register as a file, all pages of it."""
    register, reader, wanted = _asked(visit, ledger)
    found = items(reader, register, wanted, Order("task"), limit=MOST)
    t = visit.words
    head = [t("col_number"), t("number_of_task"), t("col_source"), *register.columns.values()]
    head += [t(key) for key in ("col_unit", "col_entered", "col_limit", "col_state", "col_left", "col_ended")]
    return as_file(visit, register.title, head, [_row(visit, number, item) for number, item in enumerate(found, 1)])


def _row(visit: Visit, number: int, item: Item) -> Sequence[Cell]:
    line = item.line
    due = line.owed.last_day if line.owed else None
    return [
        number,
        line.row.task,
        item.above_title,
        *item.values,
        line.row.unit,
        item.entered_on,
        due,
        line.state,
        left(visit, line)[0],
        item.ended_on,
    ]


def _asked(visit: Visit, name: str) -> tuple[Register, Reader, Wanted]:
    """The register of an address and what is asked of it. Raises `NotHere`."""
    register = next((each for each in registers(visit.desk, visit.lang) if each.id == name), None)
    if register is None:
        raise NotHere
    query = visit.request.query_params
    show = query.get("show", "")
    wanted = Wanted(
        visit.scope,
        kind=register.kind,
        process=register.process,
        unit=query.get("unit") or None,
        ended={"open": False, "ended": True}.get(show),
        text=query.get("q", "").strip()[:200],
        overdue=show == "overdue",
    )
    return register, Reader(visit.desk, visit.house.lists, visit.lang), wanted
