"""Figures over histories: bottlenecks, deviations, near-misses, late edits, deadlines put off and streaks. Each has its
definition in words, a drawing, a table, and the events behind every line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from shlex import join
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from web.access import PERSON, Routes
from web.exports import as_file
from web.slider import day_of, local_day, start_of
from web.visit import Here, NotHere, Visit
from workflows.audit.analysis.catalogue import REPORTS, report
from workflows.audit.analysis.report import Line, Period, Report
from workflows.lists.board import Reader
from workflows.lists.ports import Wanted

routes = Routes()

MOST = 2_000
"""Of so many tasks at most a page reads the histories; more are for `duban report`."""

BARS, BEHIND, FILED = 12, 20, 50
"""How many bars are drawn, how many events are named for a line on the page, and how many in a file."""


@dataclass(frozen=True)
class Chosen:
    """What the address asks for: a report, a process, a unit, and days, both included."""

    name: str
    process: str
    unit: str
    first: date
    last: date
    zone: tzinfo

    @property
    def period(self) -> Period:
        """From the first day's beginning to the last day's end."""
        return Period(start_of(self.first, self.zone), start_of(self.last + timedelta(days=1), self.zone))

    def query(self, **changes: str) -> str:
        """The query of the same."""
        told = {"process": self.process, "unit": self.unit, "from": self.first.isoformat(), "to": self.last.isoformat()}
        return urlencode({name: value for name, value in {**told, **changes}.items() if value})

    @property
    def command(self) -> str:
        """The same asked at the keyboard, of all tasks."""
        unit = ("--unit", self.unit) if self.unit else ()
        days = ("--from", self.first.isoformat(), "--to", self.last.isoformat())
        return join(["duban", "report", self.name, *([self.process] if self.process else []), *unit, *days])


@routes.get("/analysis", need=PERSON, reads=True)
def analysis(visit: Here) -> Response:
    """The first report."""
    return _page(visit, next(iter(REPORTS)))


@routes.get("/analysis/{figure}", need=PERSON, reads=True)
def analysis_of(visit: Here, figure: str) -> Response:
    """One report over the tasks in the visitor's scope."""
    return _page(visit, figure)


@routes.get("/analysis/{figure}/export", need=PERSON, reads=True)
def export(visit: Here, figure: str) -> Response:
    """The same as a file: a workbook, or `csv`; each line with the events behind it."""
    chosen, tasks = _chosen(visit, figure)
    if len(tasks) > MOST:
        raise NotHere
    found = _report(visit, chosen, tasks)
    asked = found.asked
    head = [*(each.in_(visit.lang) for each in asked.columns), visit.words("analysis_behind")]
    rows = [(*line.cells, " ".join(map(str, line.behind[:FILED]))) for line in found.lines]
    words = visit.words
    told = [(words("analysis_how"), asked.said.in_(visit.lang)), (words("analysis_query"), chosen.command)]
    return as_file(visit, asked.title.in_(visit.lang).partition("：")[0].partition(":")[0], head, rows, told)


def _page(visit: Visit, figure: str) -> Response:
    chosen, tasks = _chosen(visit, figure)
    reader = Reader(visit.desk, visit.house.lists, visit.lang)
    found = _report(visit, chosen, tasks) if len(tasks) <= MOST else None
    return visit.page(
        "analysis.html",
        chosen=chosen,
        reports=titled(visit),
        asked=REPORTS[figure][0],
        said=lambda text: text.in_(visit.lang),
        found=found,
        most=MOST,
        total=len(tasks),
        behind=BEHIND,
        bars=_bars(found.lines) if found else [],
        printed=printed,
        numbers=_numbers(found.lines) if found else (),
        processes=[(name, reader.process_title(name)) for name in reader.processes],
        units=visit.house.lists.units_of(Wanted(visit.scope, process=chosen.process or None, every_kind=True)),
    )


def _chosen(visit: Visit, figure: str) -> tuple[Chosen, Sequence[str]]:
    """What is asked, and the tasks in the visitor's scope that it is asked of. Raises `NotHere` for no such report."""
    if figure not in REPORTS:
        raise NotHere
    params: Mapping[str, str] = visit.request.query_params
    process, unit = params.get("process", "")[:200], params.get("unit", "")[:200]
    wanted = Wanted(visit.scope, process=process or None, unit=unit or None, every_kind=True)
    zone, today = visit.zone, visit.desk.clock().astimezone(visit.zone).date()
    first = day_of(params.get("from", "")) or _first(visit, wanted, today)
    last = day_of(params.get("to", "")) or today
    return Chosen(figure, process, unit, first, last, zone), sorted(visit.house.lists.ids(wanted))


def _first(visit: Visit, wanted: Wanted, today: date) -> date:
    """The first day on record."""
    turns = visit.house.lists.turns(wanted, start_of(today, visit.zone), start_of(today, visit.zone))
    return local_day(turns.first, visit.zone) or today


def _report(visit: Visit, chosen: Chosen, tasks: Sequence[str]) -> Report:
    return report(visit.desk, chosen.name, tasks, chosen.period, visit.lang)


def titled(visit: Visit) -> Sequence[tuple[str, str]]:
    """Every report with its title."""
    return [(name, asked.title.in_(visit.lang)) for name, (asked, _) in REPORTS.items()]


def _numbers(lines: Sequence[Line]) -> Sequence[bool]:
    """Which columns hold numbers."""
    return [
        any(isinstance(cell, int | float) for cell in cells)
        for cells in zip(*(line.cells for line in lines), strict=True)
    ]


def _bars(lines: Sequence[Line]) -> Sequence[Mapping[str, Any]]:
    """The greatest lines as bars: their first words, and how long they are."""
    shown = lines[:BARS]
    whole = all(line.weight == int(line.weight) for line in shown)
    return [
        {
            "title": " · ".join(cell for cell in line.cells[:3] if isinstance(cell, str) and cell),
            "weight": line.weight,
            "said": printed(int(line.weight) if whole else float(line.weight)),
        }
        for line in shown
    ]


def printed(cell: object) -> str:
    """A cell as it is printed: what may have decimals has one, so that a column of such is read at a glance."""
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)
