"""The board: the programme at a glance, as a list, as columns of cards, on a wall, and as a file to take along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.titles import COLOURS, Titles
from web.access import PERSON, Routes
from web.boards import Asked, Looked, look
from web.exports import as_file
from web.slider import Slider, local_day, start_of
from web.visit import Here, Visit
from workflows import sheets
from workflows.audit.differences import Difference, differences, face
from workflows.audit.moments import Rules, rules_at
from workflows.lists.board import SIZE, Bar, Line, lasting_of
from workflows.lists.ports import Order, Wanted
from workflows.office.views import board_rows, shown

routes = Routes()

PAGE = "board"
MOST = 50_000
"""How many rows a file has at most."""

PAST = dict.fromkeys(("at", "known", "known_on", "since", "learned"), "")
"""The parts of an address that ask for the past, with nothing in them."""

REFRESH = 60
"""Seconds after which a wall looks again."""


@dataclass(frozen=True)
class Pages:
    """Where in a list somebody is."""

    page: int
    pages: int
    total: int


@routes.get("/board", need=PERSON, reads=True)
def board(visit: Here) -> Response:
    """Every task in the visitor's scope: counted, filtered, sorted, grouped, as a list or as cards."""
    found = look(visit)
    asked, reader = found.asked, found.reader
    pages = max(1, -(-found.glance.total // SIZE))
    number = min(asked.number, pages)
    cards = reader.columns(found.wanted, found.glance) if asked.show == "cards" else None
    lines = reader.page(found.wanted, asked.order, offset=(number - 1) * SIZE) if cards is None else []
    return visit.page(
        "board.html",
        **shared(visit, found),
        lines=list(grouped(visit, lines, asked.order.group)),
        columns=cards,
        pages=Pages(number, pages, found.glance.total),
        views=visit.house.lists.views(visit.known.id, PAGE),
        choices=choices(visit, found),
        **(looking_back(visit, found) if found.reader.at is not None else {}),
    )


def looking_back(visit: Visit, found: Looked) -> Mapping[str, Any]:
    """What a board of the past has besides: the slider, the rules that were in force, and what is otherwise than at
    the moment with which it is compared.
    """
    return {
        "slider": _slider(visit, found),
        "back": found.back,
        "rules": _rules(visit, found),
        "differing": _differing(visit, found),
        "face": lambda one, side: face(one, side, visit.lang),
    }


def _rules(visit: Visit, found: Looked) -> Sequence[Rules]:
    moment = found.back.moment
    assert moment is not None, "asked for a board of the past"
    processes = [found.asked.process] if found.asked.process else found.reader.processes
    return [rules_at(visit.desk, name, moment) for name in processes]


def _slider(visit: Visit, found: Looked) -> Slider:
    back = found.back
    zone, today = back.zone, visit.desk.clock().astimezone(back.zone).date()
    at = back.at or today
    wanted = lasting_of(found.wanted)
    turns = visit.house.lists.turns(wanted, start_of(at, zone), start_of(at + timedelta(days=1), zone))
    first, before, after = (local_day(each, zone) for each in turns)
    kept = {name: value for name, value in found.asked.said.items() if name not in PAST and name != "page" and value}
    return Slider("/board", back, first or today, today, before, after, kept)


def _differing(visit: Visit, found: Looked) -> Sequence[Difference] | None:
    """What looks otherwise, of what is shown on either side; None where nothing is compared."""
    moments = found.back.compared, found.back.learning
    if moments[0] is None or moments[1] is None:
        return None
    ids = visit.house.lists.ids(lasting_of(found.wanted))
    rows = ([row for row in board_rows(visit.desk, one.at, one.known_at) if row.task in ids] for one in moments if one)
    before, after = (shown(visit.desk, each, visit.lang) for each in rows)
    return differences(before, after)


def shared(visit: Visit, found: Looked) -> dict[str, Any]:
    """What every form of the board shows."""
    return {
        "asked": found.asked,
        "query": found.asked.query,
        "address": lambda number: f"/board?{found.asked.query(page=number)}",
        "glance": found.glance,
        "bars": bars(visit, found),
        "colour": Titles(None, visit.lang).colour,
        "left": lambda line: left(visit, line),
        "then": found.reader.at is not None,
        "now_address": f"/board?{found.asked.query(**PAST)}",
        "back_address": f"/board?{found.asked.query(at=visit.desk.clock().astimezone(found.back.zone).date())}",
        "process_title": found.reader.process_title,
    }


def bars(visit: Visit, found: Looked) -> Sequence[tuple[str, str, Sequence[Bar]]]:
    """The drawings: the part of the address that each sets, its title, and its bars."""
    t, glance = visit.words, found.glance
    first = ("process", t("process"), glance.by["process"])
    if found.wanted.process:
        first = ("heading", glance.headed or "", glance.by["heading"])
    drawn = [first, ("unit", t("col_unit"), glance.by["unit"]), ("state", t("col_state"), glance.by["state"])]
    return [each for each in [*drawn, ("signal", t("light"), glance.by["signal"])] if each[2]]


def choices(visit: Visit, found: Looked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What each filter offers: all there is in the visitor's scope, whatever else is asked."""
    reader, lists, scope = found.reader, visit.house.lists, visit.scope
    whole = Wanted(scope, process=found.wanted.process)
    plans = lists.rows(replace(whole, kind="programme"), Order("title"), limit=100)
    headed = [(bar.key or "", bar.title) for bar in found.glance.by["heading"] if bar.key]
    # What was counted without another filter is all there is; otherwise it is looked for.
    counted = sorted(bar.key for bar in found.glance.by["unit"] if bar.key)
    units = counted if found.wanted == whole and reader.at is None else lists.units_of(whole)
    return {
        "process": [(name, reader.process_title(name)) for name in reader.processes],
        "programme": [(row.task, row.title or row.task) for row in plans],
        "heading": headed,
        "unit": [(unit, unit) for unit in units],
        "state": [(bar.key or "", bar.title) for bar in found.glance.by["state"]]
        if not found.wanted.process
        else list(reader.states(found.wanted.process).items()),
        "signal": [(name, text.in_(visit.lang)) for name, text in COLOURS.items() if name != "unknown"],
    }


def grouped(visit: Visit, lines: Sequence[Line], group: str | None) -> Sequence[tuple[str | None, Line]]:
    """Lines, the first of each group with the title of its group."""
    colour, found, last = Titles(None, visit.lang).colour, list[tuple[str | None, Line]](), None
    for line in lines:
        row = line.row
        titles = {"heading": line.heading, "unit": row.unit or "", "state": line.state, "signal": colour(row.signal)}
        title = titles[group] or visit.words("none") if group else None
        found.append((title if title != last else None, line))
        last = title
    return found


def left(visit: Visit, line: Line) -> tuple[str, str]:
    """How much time is left, in words, and how pressing that is."""
    t, days = visit.words, line.days
    if line.owed is None:
        return "", ""
    if line.owed.status == "paused":
        return t("paused"), ""
    if days is None:
        return t("no_date"), "late" if line.late else ""
    if line.late:
        return (t(f"days_late_{days}") if days < 2 else t("days_late", n=days)), "late"
    return (t("days_left_1") if days == 1 else t("days_left", n=days)), "soon" if days <= 3 else ""


# -- saved views


@routes.post("/board/views", need=PERSON)
def save_view(visit: Here, name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = "") -> Response:
    """Keep this board under a name, for oneself; another of that name is replaced."""
    asked = Asked.of(dict(_pairs(query)))
    if name.strip():
        visit.house.lists.keep_view(visit.known.id, PAGE, name.strip()[:60], asked.query(page=""))
    return visit.go(f"/board?{asked.query()}")


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query[:4000], max_num_fields=50)


@routes.post("/board/views/{view}/delete", need=PERSON)
def drop_view(visit: Here, view: int) -> Response:
    """Forget a view of one's own."""
    if 0 < view < 2**31:
        visit.house.lists.drop_view(visit.known.id, view)
    return visit.go("/board")


# -- on a wall, and to take along


@routes.get("/board/wall", need=PERSON, reads=True)
def wall(visit: Here) -> Response:
    """For a screen on a wall: large, whole without scrolling, and always of now."""
    found = look(visit)
    pressing = replace(found.wanted, ended=False)
    now = visit.desk.clock()
    edition = found.reader.edition(found.asked.process or next(iter(found.reader.processes), ""))
    return visit.page(
        "wall.html",
        **shared(visit, found),
        lines=found.reader.page(pressing, Order("due"), limit=9),
        now=now.astimezone(edition.zone) if edition else now,
        title=found.reader.process_title(found.asked.process) if found.asked.process else visit.words("product_long"),
        refresh=REFRESH,
    )


@routes.get("/board/export", need=PERSON, reads=True)
def export(visit: Here) -> Response:
    """What the board shows, all pages of it, as a file."""
    found = look(visit)
    t, colour = visit.words, Titles(None, visit.lang).colour
    lines = found.reader.page(found.wanted, found.asked.order, limit=MOST)
    keys = ("number_of_task", "col_task", "process", "heading", "col_unit", "col_state", "col_light")
    head: list[sheets.Head] = [found.glance.headed or t("heading") if key == "heading" else t(key) for key in keys]
    head += [(t("col_next"), t(key)) for key in ("col_what", "col_due", "col_left")]
    rows = [
        (
            line.row.task,
            line.row.title,
            found.reader.process_title(line.row.process),
            line.heading,
            line.row.unit,
            line.state,
            colour(line.row.signal) if line.row.signal else "",
            line.deadline,
            _day(line),
            left(visit, line)[0],
        )
        for line in lines
    ]
    if found.back.at is None:
        return as_file(visit, t("board_title"), head, rows)
    title = t("past_file", title=t("board_title"), day=found.back.at.isoformat())
    return as_file(visit, title, head, rows, list(_of_then(visit, found)))


def _of_then(visit: Visit, found: Looked) -> Iterator[tuple[str, str]]:
    """What a file of the past says of itself: its day, as known when, and the rules that were in force."""
    t, back = visit.words, found.back
    assert back.at is not None, "asked for a board of the past"
    yield t("past_at"), back.at.isoformat()
    known = t("past_known_as_then") if back.same else back.known.isoformat() if back.known else t("past_known_as_now")
    yield t("past_known"), known
    yield from ((t("in_force"), rules.in_words(visit.lang)) for rules in _rules(visit, found))


def _day(line: Line) -> date | None:
    return date.fromisoformat(line.owed.last_day) if line.owed and line.owed.last_day else None
