"""The office at work on a founding definition, at hand: desks, tasks under way, and acts as people do them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from engine.commands import Actor, Opening, Refusal
from engine.events import Json
from storage import open_store
from storage.sql_store import SqlStore
from workflows.authoring.publishing import publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.rows import Row
from workflows.sources import calendar_named, definitions_folder

PROCESS = "dalian-livelihood"
EDITION = "2022.1"
UNIT = "水务局"
OFFICE = Actor("zhao", ("office",))
LEAD = Actor("wang", ("lead",), (UNIT,))
PLANNED = {"2022-02": 5, "2022-03": 12, "2022-04": 20, "2022-05": 30, "2022-06": 40, "2022-07": 50,
           "2022-08": 60, "2022-09": 70, "2022-10": 80, "2022-11": 90, "2022-12": 100}  # fmt: skip
_ZONE = ZoneInfo("Asia/Shanghai")


@cache
def definition() -> str:
    """The text of the definition that most figures are measured on: the largest step of a real office."""
    return (definitions_folder() / PROCESS / "process.yaml").read_text(encoding="utf-8")


def at(text: str) -> datetime:
    """A local time of the process, such as 2022-02-25 16:00."""
    return datetime.fromisoformat(text).replace(tzinfo=_ZONE)


def desk(url: str, now: datetime, *, create: bool = False) -> Desk:
    """A desk on a store with a clock that stands at `now`; with `create` the definition is published there."""
    clock = VirtualClock(now)
    found = Desk(open_store(url, create=create, clock=clock), clock)
    if create:
        publish(found, definition(), calendar_named)
    found.latest(PROCESS)
    found.book(f"{PROCESS}@{EDITION}")
    assert list(found.units) == []
    return found


def engine_of(desk: Desk) -> SqlStore:
    """The store of a desk, which here is always one with SQL."""
    assert isinstance(desk.store, SqlStore)
    return desk.store


def enter(desk: Desk, ids: Sequence[str]) -> None:
    """Register tasks that are under way, with a node for each month."""
    rows = [
        Row(number, {"title": f"项目 {name}", "annual_target": "惠及十万户居民", "lead_unit": UNIT},
            {month: {"target": "按期完成节点", "planned": planned} for month, planned in PLANNED.items()},
            Opening("in_progress"))
        for number, name in enumerate(ids, 1)
    ]  # fmt: skip
    answer = register(desk, PROCESS, rows, OFFICE, ids=ids)
    assert isinstance(answer, list), answer


def act(desk: Desk, task: str, trigger: str, form: dict[str, Json], actor: Actor) -> Outcome:
    """One durable transition; a refusal here is a mistake of the benchmark."""
    outcome = fire(desk, Act(task, trigger, form, actor))
    assert isinstance(outcome, Outcome), outcome
    return outcome


def report(desk: Desk, task: str, month: str, behind: int = 0) -> Outcome:
    """A monthly report, on plan or so many points behind it."""
    form: dict[str, Json] = {"month": month, "percent": PLANNED[month] - behind, "progress": "按期完成节点"}
    return act(desk, task, "report", form, LEAD)


def move(desk: Desk, to: str) -> Swept:
    """Let time run for everything until then."""
    found = sweep(desk, at(to))
    assert not isinstance(found, Refusal), found
    return found
