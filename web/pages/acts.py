"""Acting on a task: the form of a transition, and what becomes of it. Nothing that was typed is lost by a refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.commands import Refusal
from engine.events import Json
from engine.model import Field, Transition
from engine.task import Task
from web.access import WRITER, Routes
from web.forms import MOST_TEXT, Sent, Shown, controls, keeper_of, read
from web.naming import kind_of, title_of
from web.pages.task import actors_of
from web.uploads import ACCEPT
from web.visit import Here, NotHere, Visit, house_of
from workflows.audit.history import history
from workflows.office.firing import Act, Outcome, fire
from workflows.office.possible import best, kin_of, may_backdate
from workflows.office.sweeping import catch_up

routes = Routes()

MOST_FILES, MOST_FIELDS = 50, 2_000


async def _posted(request: Request) -> AsyncIterator[FormData]:
    """The form that was sent; the guard has let it in by now. A text of any length is read, up to the whole of what may
    be sent: what is too long is said beside its field, where it can be shortened.
    """
    most = house_of(request).settings.body_limit
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=most) as form:
        yield form


Posted = Annotated[FormData, Depends(_posted)]


@dataclass
class Filling:
    """A form as it is being filled in: what the page must carry so that nothing is lost."""

    version: int
    key: str
    values: Mapping[str, Json] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    occurred_at: str = ""
    reason: str = ""
    refused: str = ""
    changed: Sequence[str] = ()
    stale: bool = False


@routes.get("/tasks/{task}/acts/{trigger}", need=WRITER, task=True)
def form_page(visit: Here, trigger: str, key: str = "") -> Response:
    """The form of an act, or why it is not possible now. `key` is the period that it is about, from the worklist."""
    transition = _transition(visit, trigger)
    filling = Filling(visit.about.seq, uuid4().hex, _about_period(visit, transition, key))
    _, refusal = _best(visit, transition)
    if refusal is not None:
        filling.refused = visit.say(refusal, visit.about)
    return _page(visit, transition, filling)


def _transition(visit: Visit, trigger: str) -> Transition:
    sheet = visit.desk.book(visit.about.edition)[0].sheets[visit.about.kind]
    found = sheet.transitions.get(trigger)
    if found is None or [by.role for by in found.by] == ["system"]:
        raise NotHere
    return found


def _best(visit: Visit, transition: Transition) -> Any:
    task = visit.about
    return best(visit.desk, task, actors_of(visit, task), transition, kin_of(visit.desk, task))


def _about_period(visit: Visit, transition: Transition, key: str) -> dict[str, Json]:
    """The field of the form that names the period of the deadline from which somebody comes."""
    sheet = visit.desk.book(visit.about.edition)[0].sheets[visit.about.kind]
    ways = [way for rule in sheet.body.deadlines.values() for way in rule.met_by if way.trigger == transition.trigger]
    names = [str(way.for_).removeprefix("form.") for way in ways if way.for_ and str(way.for_).startswith("form.")]
    return {name: key for name in names if key and name in transition.form}


def _page(visit: Visit, transition: Transition, filling: Filling, status: int = 200) -> Response:
    task = visit.about
    shown = Shown(visit.lang, units_of(visit), filling.values, filling.wrong, keeper_of(visit))
    actor, _ = _best(visit, transition)
    return visit.page(
        "act.html",
        status,
        task=task,
        title=title_of(visit, task),
        kind=kind_of(visit, task),
        transition=transition,
        heading=transition.title(visit.lang),
        controls=controls(transition.form, shown),
        filling=filling,
        late=may_backdate(visit.desk, task, actor),
        accept=ACCEPT,
        megabytes=visit.house.settings.file_limit // 1024 // 1024,
    )


def units_of(visit: Visit) -> Sequence[tuple[str, str]]:
    """The units that may be chosen now, with their titles."""
    now = visit.desk.clock()
    open_now = [unit for unit in visit.house.people.units() if unit.open(now)]
    return [(unit.id, unit.title if visit.lang == "zh" else unit.title_en or unit.title) for unit in open_now]


# -- doing it


@routes.post("/tasks/{task}/acts/{trigger}", need=WRITER, task=True)
def act(visit: Here, trigger: str, posted: Posted) -> Response:
    """Do it, once for each key; or show the form again with what was typed and what is wrong."""
    task, transition = visit.about, _transition(visit, trigger)
    sent = read(transition.form, posted, keeper_of(visit))
    filling = _filling(posted, sent)
    when = _moment(visit, filling.occurred_at)
    long = len(filling.reason) > MOST_TEXT
    if sent.wrong or long or isinstance(when, str):
        filling.wrong = {name: not_taken(visit, told) for name, told in sent.wrong.items()}
        filling.refused = when if isinstance(when, str) else not_taken(visit, ("text_long", "")) if long else ""
        return _page(visit, transition, filling, 422)
    actor, _ = _best(visit, transition)
    asked = Act(
        task.id, trigger, sent.values, actor, when, filling.reason or None, filling.version or None, filling.key
    )
    answer = fire(visit.desk, asked)
    if isinstance(answer, Refusal):
        return _again(visit, transition, filling, answer)
    return visit.go(_after(task.id, task.seq, answer))


def _after(task: str, before: int, outcome: Outcome) -> str:
    """The task's page, which says what was done."""
    told: dict[str, Any] = {"told": "repeated"} if outcome.repeated else {"done": before + 1}
    if any(isinstance(each, Refusal) for each in outcome.issued):
        told["told"] = "unissued"
    return f"/tasks/{quote(task)}?{urlencode(told)}"


def _filling(posted: FormData, sent: Sent) -> Filling:
    version, key = _text(posted, "version"), _text(posted, "key")
    return Filling(
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        key=key if 16 <= len(key) <= 64 else uuid4().hex,
        values=sent.values,
        occurred_at=_text(posted, "occurred_at"),
        reason=_text(posted, "reason"),
    )


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value.strip() if isinstance(value, str) else ""


def _moment(visit: Visit, text: str) -> datetime | str | None:
    """When it happened, in the zone of the process; words where it is no moment."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return visit.words("late_at_wrong")
    return moment if moment.tzinfo else moment.replace(tzinfo=visit.desk.book(visit.about.edition)[0].zone)


def not_taken(visit: Visit, told: tuple[str, str]) -> str:
    """Why a field as it was sent is not taken (`web.forms.Sent.wrong`), in words."""
    key, name = told
    said = visit.words(key, most=f"{MOST_TEXT:,}")
    return visit.words("file_named", name=name) + said if name else said


def _again(visit: Visit, transition: Transition, filling: Filling, refusal: Refusal) -> Response:
    """The form once more, with the reason; where the task has changed, with what has happened meanwhile. What time
    alone has changed is recorded first: otherwise nobody could have seen it.
    """
    if refusal.code == "stale" and visit.about.seq == filling.version:
        catch_up(visit.desk, visit.about.root)
    task = visit.desk.store.task(visit.about.id) or visit.about
    visit.task = task
    if refusal.code == "stale":
        filling.changed, filling.stale = _since(visit, filling.version), True
        filling.version, filling.key = task.seq, uuid4().hex
        return _page(visit, transition, filling, 409)
    if refusal.code == "key_reused":
        filling.key = uuid4().hex
    filling.wrong = at_fields(visit, refusal, transition.form, task)
    filling.refused = "" if filling.wrong else visit.say(refusal, task)
    return _page(visit, transition, filling, 422)


def at_fields(visit: Visit, refusal: Refusal, fields: Mapping[str, Field], task: Task | None = None) -> dict[str, str]:
    """What a refusal says of fields of the form, by their names; empty where it is about something else."""
    if refusal.code == "form":
        return {str(each["field"]): str(each[visit.lang]) for each in refusal.facts.get("problems", ())}
    return {name: visit.say(refusal, task) for name in refusal.facts.get("fields", ()) if name in fields}


def _since(visit: Visit, version: int) -> list[str]:
    """What has happened to the task after a version, a sentence each."""
    told = history(visit.desk, visit.about.id, visit.lang)
    entries = told if isinstance(told, list) else []
    return [each.text for each in entries if each.recorded.event.seq > version]
