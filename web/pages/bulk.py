"""One act on many tasks: chosen on the board, filled in once, done by a job that reports the fate of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.commands import Refusal, Refused
from engine.model import Transition
from engine.moves import read_form
from web.access import WRITER, Routes
from web.boards import look
from web.forms import Sent, Shown, controls, keeper_of, read
from web.pages.acts import Posted, not_taken
from web.uploads import ACCEPT
from web.visit import Here, NotHere, Visit
from workflows.labour.bulk import MOST, ask_bulk
from workflows.lists.ports import Order, TaskRow, Wanted
from workflows.office.possible import turn_of

routes = Routes()


@dataclass(frozen=True)
class Offer:
    """An act that the definition gives to the visitor: for how many of the chosen tasks of its process it is the
    time.
    """

    process: str
    trigger: str
    title: str
    ready: int
    tasks: int


def _rows(visit: Visit, posted: FormData) -> list[TaskRow]:
    """What was chosen, as far as the visitor sees it: all that the board's filter matches, or the tasks by their
    ids.
    """
    lists = visit.house.lists
    if posted.get("all"):
        return list(lists.rows(look(visit).wanted, Order("task"), limit=MOST + 1))
    named = [str(each) for each in posted.getlist("task")] + str(posted.get("tasks") or "").split()
    ids = set(named)
    return [row for row in lists.rows(Wanted(visit.scope), Order("task")) if row.task in ids] if ids else []


def _ids(rows: Sequence[TaskRow]) -> str:
    return " ".join(row.task for row in rows)


@routes.post("/bulk", need=WRITER, reads=True)
def choose(visit: Here, posted: Posted) -> Response:
    """Which act? The query is the board's filter, for those who chose all that it matches."""
    rows = _rows(visit, posted)
    if not rows or len(rows) > MOST or visit.house.labour is None:
        key = "bulk_nothing" if not rows else "bulk_many" if len(rows) > MOST else "bulk_no_jobs"
        return visit.page("bulk.html", 422, refused=visit.words(key, most=MOST), rows=[], offers=[], ids="")
    return visit.page("bulk.html", rows=rows, offers=_offers(visit, rows), ids=_ids(rows), refused="")


def _offers(visit: Visit, rows: Sequence[TaskRow]) -> list[Offer]:
    found: dict[tuple[str, str], Offer] = {}
    tasks = {process: sum(row.process == process for row in rows) for process in {row.process for row in rows}}
    for name in sorted({row.edition for row in rows}):
        here = [row for row in rows if row.edition == name]
        sheet, process = visit.desk.book(name)[0].sheets[""], here[0].process
        for transition in sheet.transitions.values():
            if _mine(visit, process, transition):
                ready = sum(row.state in sheet.starts[transition.trigger] for row in here)
                before = found.get((process, transition.trigger))
                count = ready + (before.ready if before else 0)
                title = transition.title(visit.lang)
                found[process, transition.trigger] = Offer(process, transition.trigger, title, count, tasks[process])
    return sorted(found.values(), key=lambda one: (one.process, not one.ready))


def _mine(visit: Visit, process: str, transition: Transition) -> bool:
    roles = {by.role for by in transition.by}
    return any(roles & set(actor.roles) for actor in visit.actors(process))


@dataclass
class _Asked:
    """An act on some tasks of one process."""

    rows: Sequence[TaskRow]
    process: str
    transition: Transition
    left_out: int


def _asked(visit: Visit, posted: FormData) -> _Asked:
    process, _, trigger = str(posted.get("act") or "").partition("/")
    rows = _rows(visit, posted)
    here = [row for row in rows if row.process == process]
    if not here or len(here) > MOST:
        raise NotHere
    transition = visit.desk.book(here[0].edition)[0].sheets[""].transitions.get(trigger)
    if transition is None or not _mine(visit, process, transition):
        raise NotHere
    return _Asked(here, process, transition, len(rows) - len(here))


@routes.post("/bulk/form", need=WRITER, reads=True)
def form_page(visit: Here, posted: Posted) -> Response:
    """The form of the act, filled in once for all."""
    return _form(visit, _asked(visit, posted), Sent(), {}, uuid4().hex)


def _form(visit: Visit, asked: _Asked, sent: Sent, wrong: dict[str, str], key: str) -> Response:
    now = visit.desk.clock()
    units = [
        (unit.id, unit.title if visit.lang == "zh" else unit.title_en or unit.title)
        for unit in visit.house.people.units()
        if unit.open(now)
    ]
    shown = Shown(visit.lang, units, sent.values, wrong, keeper_of(visit))
    return visit.page(
        "bulk_form.html",
        422 if wrong else 200,
        asked=asked,
        heading=asked.transition.title(visit.lang),
        controls=controls(asked.transition.form, shown),
        wrong=wrong,
        ids=_ids(asked.rows),
        key=key,
        accept=ACCEPT,
        megabytes=visit.house.settings.file_limit // 1024 // 1024,
    )


@routes.post("/bulk/do", need=WRITER, reads=True)
def do(visit: Here, posted: Posted) -> Response:
    """Ask for the job; sent twice, it is one job."""
    asked = _asked(visit, posted)
    given = str(posted.get("key") or "")
    key = given if 16 <= len(given) <= 64 and given.isalnum() else uuid4().hex
    sent = read(asked.transition.form, posted, keeper_of(visit))
    wrong = {name: not_taken(visit, told) for name, told in sent.wrong.items()}
    wrong |= _wrong(visit, asked, sent)
    if wrong:
        return _form(visit, asked, sent, wrong, key)
    labour, actors = visit.house.labour, visit.actors(asked.process)
    tasks = [row.task for row in asked.rows]
    told, files = (labour, tasks, asked.transition.trigger, sent.values, actors), visit.desk.vouched or ()
    job = ask_bulk(*told, lang=visit.lang, name=f"bulk-{key}", files=files)
    assert not isinstance(job, Refusal), "as many tasks were chosen as a job takes"
    return visit.go(f"/jobs/{job.id}")


def _wrong(visit: Visit, asked: _Asked, sent: Sent) -> dict[str, str]:
    """What the definition says about the form itself, before any task is touched."""
    task = visit.desk.store.task(asked.rows[0].task)
    assert task is not None, "it was chosen"
    turn = turn_of(visit.desk, task, visit.actors(asked.process)[0], {})
    try:
        read_form(turn, asked.transition.form, sent.values)
    except Refused as refused:
        problems = refused.refusal.facts.get("problems") or ()
        return {str(each["field"]): str(each[visit.lang]) for each in problems}
    return {}
