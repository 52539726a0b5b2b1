"""One unit, for administrators: its name, its place, its people, and what it is merged into."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

from web.access import ADMINISTRATOR, Routes
from web.pages.acts import Posted
from web.pages.people import by, called, held, open_units
from web.plain import Filled, day_of, filled, settled, shown_day
from web.visit import Here, NotHere, Visit
from workflows.people import units
from workflows.people.values import Unit

routes = Routes()

MOVE_AT = {"unknown_unit": "over", "unit_cycle": "over"}
MERGE_AT = {"unknown_unit": "into", "unit_cycle": "into"}


def _unit(visit: Visit, name: str) -> Unit:
    found = next((each for each in visit.house.people.units() if each.id == name), None)
    if found is None:
        raise NotHere
    return found


@routes.get("/people/units/{unit}", need=ADMINISTRATOR, reads=False)
def unit_page(visit: Here, unit: str, said: str = "") -> Response:
    """All about one unit."""
    return _page(visit, _unit(visit, unit), Filled(), said=bool(said))


def _page(visit: Visit, unit: Unit, form: Filled, status: int = 200, *, said: bool = False) -> Response:
    people = visit.house.people
    units = {each.id: each for each in people.units()}
    below = [each for each in units.values() if each.over == unit.id and each.open(people.now())]
    came = [each for each in units.values() if each.successor == unit.id]
    return visit.page(
        "unit.html",
        status,
        unit=unit,
        open=unit.open(people.now()),
        over=units.get(unit.over or ""),
        successor=units.get(unit.successor or ""),
        below=below,
        came=came,
        holdings=held(visit, [each for each in people.holdings() if each.unit == unit.id]),
        units=[(name, title) for name, title in open_units(visit) if name != unit.id],
        called=lambda one: called(one, visit.lang),
        day=lambda at: shown_day(visit, at),
        form=form,
        said=said,
    )


def _there(unit: Unit) -> str:
    return f"/people/units/{quote(unit.id, safe='')}?said=1"


@routes.post("/people/units/{unit}/rename", need=ADMINISTRATOR)
def rename(visit: Here, unit: str, posted: Posted) -> Response:
    """Its name changes; the id that tasks carry stays."""
    found, sent, people = _unit(visit, unit), filled("rename", posted), visit.house.people
    title, title_en = sent.get("title") or found.title, sent.get("title_en") or None
    return settled(
        visit,
        sent,
        lambda: units.rename(people, unit, title, by(visit), title_en),
        {},
        show=lambda form: _page(visit, found, form, 422),
        to=_there(found),
    )


@routes.post("/people/units/{unit}/move", need=ADMINISTRATOR)
def move(visit: Here, unit: str, posted: Posted) -> Response:
    """Under another unit, or at another level."""
    found, sent, people = _unit(visit, unit), filled("move", posted), visit.house.people
    over, level = sent.get("over") or None, sent.get("level") or None
    return settled(
        visit,
        sent,
        lambda: units.move(people, unit, over, by(visit), level),
        MOVE_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(found),
    )


@routes.post("/people/units/{unit}/merge", need=ADMINISTRATOR)
def merge(visit: Here, unit: str, posted: Posted) -> Response:
    """Into another unit, which takes over what is not finished with."""
    found, sent, people = _unit(visit, unit), filled("merge", posted), visit.house.people
    at, along = day_of(visit, sent, "at"), bool(posted.get("with_people"))
    return settled(
        visit,
        _sure(visit, sent),
        lambda: units.merge(people, unit, sent.get("into"), at, by(visit), with_people=along),
        MERGE_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(found),
    )


@routes.post("/people/units/{unit}/close", need=ADMINISTRATOR)
def close(visit: Here, unit: str, posted: Posted) -> Response:
    """Closed, and nobody succeeds it."""
    found, sent, people = _unit(visit, unit), filled("close", posted), visit.house.people
    at = day_of(visit, sent, "at")
    return settled(
        visit,
        _sure(visit, sent),
        lambda: units.close_unit(people, unit, at, by(visit)),
        {},
        show=lambda form: _page(visit, found, form, 422),
        to=_there(found),
    )


def _sure(visit: Visit, sent: Filled) -> Filled:
    """What cannot be taken back is not done by one click."""
    if not sent.get("sure"):
        sent.wrong["sure"] = visit.words("user_sure_wrong")
    return sent
