"""Units and users for administrators: who there is, and how to add them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi.responses import Response

from engine.commands import Refusal
from engine.problems import Language
from engine.titles import Titles
from web.access import ADMINISTRATOR, Routes
from web.pages.acts import Posted
from web.pages.jobs import Pages
from web.plain import Filled, filled, settled, shown_day
from web.visit import Here, Visit
from workflows.people import accounts, units
from workflows.people.values import ADMIN, AUDITOR, By, Holding, Unit, User

routes = Routes()

SIZE = 100
"""Users of a page."""

UNIT_AT = {"unit_name": "unit", "unit_exists": "unit", "unknown_unit": "over"}
USER_AT = {
    "user_name": "user", "user_exists": "user", "mail_address": "mail", "password_short": "password",
    "password_long": "password", "password_common": "password", "password_name": "password",
}  # fmt: skip
"""Which field is at fault."""


@dataclass(frozen=True)
class Branch:
    """A unit with those below it."""

    unit: Unit
    below: Sequence[Branch]


@dataclass(frozen=True)
class Held:
    """What somebody holds, in words. `now` says whether it holds at this moment, `past` whether it is over."""

    holding: Holding
    role: str
    process: str
    since: str
    until: str
    now: bool
    past: bool


def by(visit: Visit) -> By:
    """Who changes people, as the record names them."""
    return By(visit.known.id, "web", visit.desk.login)


def open_units(visit: Visit) -> list[tuple[str, str]]:
    """The units that are open, to choose from."""
    now = visit.house.people.now()
    return [(each.id, called(each, visit.lang)) for each in visit.house.people.units() if each.open(now)]


def called(unit: Unit, lang: Language) -> str:
    """A unit by its name, and its id where that is another."""
    title = unit.title if lang == "zh" else unit.title_en or unit.title
    return title if title == unit.id else f"{title} ({unit.id})"


def open_users(visit: Visit) -> list[tuple[str, str]]:
    """Those with an open account, to choose from."""
    return [(each.id, _named(each)) for each in visit.house.people.users() if each.active]


def _named(user: User) -> str:
    return user.name if user.name == user.id else f"{user.name} ({user.id})"


def held(visit: Visit, holdings: Sequence[Holding]) -> list[Held]:
    """Holdings in words, those that hold or will hold first."""
    now, t = visit.house.people.now(), visit.words
    found = []
    for each in holdings:
        latest = visit.desk.latest(each.process) if each.process else None
        edition = None if latest is None or isinstance(latest, Refusal) else latest[0]
        role = t(f"role_{each.role}") if each.role in (ADMIN, AUDITOR) else Titles(edition, visit.lang).role(each.role)
        process = edition.process.title.title(visit.lang) if edition else each.process or t("role_any")
        since, until = shown_day(visit, each.valid_from), shown_day(visit, each.valid_to, last=True)
        past = each.valid_to is not None and each.valid_to <= now
        found.append(Held(each, role, process, since, until, each.holds(now), past))
    return sorted(found, key=lambda one: one.past)


# -- all of them


@routes.get("/people", need=ADMINISTRATOR, reads=False)
def people(visit: Here, said: str = "") -> Response:
    """The tree of units, and the users, found by name or unit."""
    return _page(visit, Filled(), said=bool(said))


def _page(visit: Visit, form: Filled, status: int = 200, *, said: bool = False) -> Response:
    units, now, query = visit.house.people.units(), visit.house.people.now(), visit.request.query_params
    asked = query.get("q", "").strip()[:100]
    roles = _by_user(visit)
    users = [each for each in visit.house.people.users() if _fits(each, roles.get(each.id, ()), asked)]
    pages = max(1, -(-len(users) // SIZE))
    wanted = query.get("page", "1")
    number = min(max(1, int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1), pages)
    return visit.page(
        "people.html",
        status,
        tree=_tree([each for each in units if each.open(now)]),
        gone=[each for each in units if not each.open(now)],
        rows=[(each, roles.get(each.id, ())) for each in users[(number - 1) * SIZE : number * SIZE]],
        pages=Pages(number, pages, len(users)),
        address=lambda to: f"/people?{urlencode({'q': asked, 'page': to})}#users",
        asked=asked,
        form=form,
        said=said,
        units=open_units(visit),
        called=lambda unit: called(unit, visit.lang),
        day=lambda at: shown_day(visit, at),
    )


def _tree(units: Sequence[Unit]) -> list[Branch]:
    """The units as they stand under one another; one whose superior is closed stands at the top."""
    below: dict[str | None, list[Unit]] = {}
    known = {each.id for each in units}
    for each in units:
        below.setdefault(each.over if each.over in known else None, []).append(each)

    def branch(unit: Unit) -> Branch:
        return Branch(unit, [branch(each) for each in below.get(unit.id, ())])

    return [branch(each) for each in below.get(None, ())]


def _by_user(visit: Visit) -> Mapping[str, Sequence[Held]]:
    found: dict[str, list[Held]] = {}
    for each in held(visit, visit.house.people.holdings()):
        if each.now:
            found.setdefault(each.holding.user, []).append(each)
    return found


def _fits(user: User, roles: Sequence[Held], asked: str) -> bool:
    said = [user.id, user.name, *(each.holding.unit or "" for each in roles)]
    return any(asked.casefold() in each.casefold() for each in said)


# -- adding


@routes.post("/people/units", need=ADMINISTRATOR)
def add_unit(visit: Here, posted: Posted) -> Response:
    """A new unit, from now on."""
    sent, kept = filled("unit", posted), visit.house.people
    unit = Unit(
        sent.get("unit"),
        sent.get("title") or sent.get("unit"),
        sent.get("level") or "bureau",
        sent.get("over") or None,
        kept.now(),
        None,
        sent.get("title_en") or None,
    )
    to = f"/people/units/{quote(unit.id, safe='')}?said=1"
    return settled(
        visit,
        sent,
        lambda: units.found(kept, unit, by(visit)),
        UNIT_AT,
        show=lambda form: _page(visit, form, 422),
        to=to,
    )


@routes.post("/people/users", need=ADMINISTRATOR)
def add_user(visit: Here, posted: Posted) -> Response:
    """A new account, without a role yet."""
    sent, kept = filled("user", posted), visit.house.people
    lang: Language = "en" if sent.get("language") == "en" else "zh"
    told = {"shown": sent.get("name") or None, "mail": sent.get("mail") or None}
    user = accounts.new_user(sent.get("user"), kept.now(), language=lang, **told)
    password = str(posted.get("password") or "") or None
    return settled(
        visit,
        sent,
        lambda: accounts.add_user(kept, user, by(visit), password),
        USER_AT,
        show=lambda form: _page(visit, form, 422),
        to=f"/people/users/{quote(user.id, safe='')}?said=1",
    )
