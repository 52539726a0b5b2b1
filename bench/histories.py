"""Figures over histories: each report over a hundred thousand events, read task by task."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bench.bulk import Seeds, multiply, rechained
from bench.figures import Figure
from bench.replays import live
from bench.scale import Scale
from bench.scenes import PROCESS, at, desk, engine_of
from storage.lists import SqlLists
from workflows.audit.analysis.catalogue import REPORTS, report
from workflows.audit.analysis.report import Period
from workflows.desk import Desk
from workflows.lists.ports import Wanted
from workflows.lists.scores import appraisals, scores
from workflows.people.values import Scope

WHOLE = Period(datetime(2022, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))


def measure(scale: Scale) -> list[Figure]:
    """Every report, and the scores."""
    lived, path = scale.directory / "lived.db", scale.directory / "histories.db"
    each = live(lived, scale.seeds)
    desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True).store.close()
    multiply(path, [Seeds(lived, max(1, round(scale.events / 10 / each)))], events=True, whole=True)
    events = rechained(path, lived)
    office = desk(f"sqlite:///{path}", at("2022-12-31 09:00"))
    found = [*(_reported(office, name) for name in REPORTS), _scored(office, events)]
    office.store.close()
    path.unlink()
    return found


def _reported(office: Desk, name: str) -> Figure:
    start = time.process_time()
    lists = SqlLists(engine_of(office).engine)
    tasks = sorted(lists.ids(Wanted(Scope(all=True), process=PROCESS)))
    found = report(office, name, tasks, WHOLE, "en")
    took = time.process_time() - start
    note = f"{took / found.events * 1e6:.0f} µs an event; {len(found.lines)} lines about {found.tasks:,} tasks"
    return Figure(f"{name} over {found.events:,} events", took, "s", None, note)


def _scored(office: Desk, events: int) -> Figure:
    start = time.process_time()
    lists = SqlLists(engine_of(office).engine)
    found = [one for each in appraisals(office) for one in scores(office, lists, Scope(all=True), each, "en")]
    took = time.process_time() - start
    return Figure(f"scores with causes over {events:,} events", took, "s", None, f"of {len(found):,} tasks")
