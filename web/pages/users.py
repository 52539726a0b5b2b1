"""One user, for administrators: who they are, which roles they hold from when to when, who stands in for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from fastapi.responses import Response

from engine.commands import Refusal
from engine.titles import Titles
from web.access import ADMINISTRATOR, Routes
from web.pages.acts import Posted
from web.pages.people import USER_AT, by, held, open_units, open_users
from web.plain import Filled, day_of, filled, settled
from web.visit import Here, NotHere, Visit
from workflows.people import accounts, holdings, rights
from workflows.people.holdings import Post
from workflows.people.values import ADMIN, ANY, AUDITOR, Holding, User

routes = Routes()

GRANT_AT = {
    "unknown_role": "role", "role_of_the_system": "role", "unknown_process": "role", "role_held": "role",
    "role_needs_unit": "unit", "unknown_unit": "unit", "unit_closed": "unit", "period": "ends",
}  # fmt: skip
SUCCEED_AT = {"unknown_user": "follower", "user_closed": "follower", "not_held": "at", "period": "at"}
DEPUTY_AT = {
    "deputy_self": "deputy", "unknown_user": "deputy", "user_closed": "deputy", "not_held": "role", "period": "ends",
}  # fmt: skip
"""Which field is at fault."""


def _user(visit: Visit, name: str) -> User:
    found = visit.house.people.user(name)
    if found is None:
        raise NotHere
    return found


@routes.get("/people/users/{user}", need=ADMINISTRATOR, reads=False)
def user_page(visit: Here, user: str, said: str = "") -> Response:
    """All about one user."""
    return _page(visit, _user(visit, user), Filled(), said=bool(said))


def _page(visit: Visit, user: User, form: Filled, status: int = 200, *, said: bool = False) -> Response:
    people = visit.house.people
    known = held(visit, people.holdings(user=user.id))
    own = {each.holding.role: each.role for each in known if each.now and each.holding.deputy_for is None}
    deputies = held(visit, [each for each in people.holdings() if each.deputy_for == user.id])
    return visit.page(
        "user.html",
        status,
        user=user,
        holdings=[each for each in known if not each.past],
        past=[each for each in known if each.past],
        deputies=[each for each in deputies if not each.past],
        lent=[(role, title) for role, title in own.items() if role not in (ADMIN, AUDITOR)],
        roles=_roles(visit),
        units=open_units(visit),
        users=[(name, title) for name, title in open_users(visit) if name != user.id],
        form=form,
        said=said,
    )


def _roles(visit: Visit) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The roles that there are, by process: `process/role`, and what they are called."""
    found = [(visit.words("role_system"), [(f"/{each}", visit.words(f"role_{each}")) for each in (ADMIN, AUDITOR)])]
    for process, roles in rights.roles(visit.desk).items():
        latest = visit.desk.latest(process)
        assert not isinstance(latest, Refusal), "its roles were just read"
        titles = Titles(latest[0], visit.lang)
        named = [(f"{process}/{role}", titles.role(role)) for role in roles]
        found.append((latest[0].process.title.title(visit.lang), named))
    return found


def _there(user: str) -> str:
    return f"/people/users/{quote(user, safe='')}?said=1"


@routes.post("/people/users/{user}/change", need=ADMINISTRATOR)
def change(visit: Here, user: str, posted: Posted) -> Response:
    """Name, language and mail."""
    found, sent, people = _user(visit, user), filled("change", posted), visit.house.people
    told = replace(found, name=sent.get("name") or found.name, mail=sent.get("mail") or None)
    told = replace(told, language="en" if sent.get("language") == "en" else "zh")
    return settled(
        visit,
        sent,
        lambda: accounts.change_user(people, told, by(visit)),
        USER_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(user),
    )


@routes.post("/people/users/{user}/password", need=ADMINISTRATOR)
def password(visit: Here, user: str, posted: Posted) -> Response:
    """A new password; the user is signed out everywhere, and may sign in again at once."""
    found, sent, people = _user(visit, user), filled("password", posted), visit.house.people
    new = str(posted.get("password") or "")
    return settled(
        visit,
        sent,
        lambda: accounts.set_password(people, user, new, by(visit)),
        USER_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(user),
    )


@routes.post("/people/users/{user}/close", need=ADMINISTRATOR)
def close(visit: Here, user: str, posted: Posted) -> Response:
    """The account ends, and all that hangs on it."""
    found, sent, people = _user(visit, user), filled("close", posted), visit.house.people
    if not sent.get("sure"):
        sent.wrong["sure"] = visit.words("user_sure_wrong")
    return settled(
        visit,
        sent,
        lambda: accounts.close_user(people, user, by(visit)),
        {},
        show=lambda form: _page(visit, found, form, 422),
        to=_there(user),
    )


# -- roles


@routes.post("/people/users/{user}/grant", need=ADMINISTRATOR)
def grant(visit: Here, user: str, posted: Posted) -> Response:
    """A role, from a day to a day."""
    found, sent, people = _user(visit, user), filled("grant", posted), visit.house.people
    process, _, role = sent.get("role").partition("/")
    begins, ends = day_of(visit, sent, "begins"), day_of(visit, sent, "ends", last=True)
    unit = sent.get("unit") or None
    holding = Holding(user, role, process or ANY, unit, begins or people.now(), ends)
    return settled(
        visit,
        sent,
        lambda: holdings.grant(people, holding, by(visit), rights.roles(visit.desk)),
        GRANT_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(user),
    )


@routes.post("/people/users/{user}/deputise", need=ADMINISTRATOR)
def deputise(visit: Here, user: str, posted: Posted) -> Response:
    """Let somebody stand in for this user."""
    found, sent, people = _user(visit, user), filled("deputise", posted), visit.house.people
    begins, ends = day_of(visit, sent, "begins"), day_of(visit, sent, "ends", last=True)
    deputy, role = sent.get("deputy"), sent.get("role") or None
    return settled(
        visit,
        sent,
        lambda: holdings.deputise(people, deputy, user, role, begins, ends, by(visit)),
        DEPUTY_AT,
        show=lambda form: _page(visit, found, form, 422),
        to=_there(user),
    )


def _holding(visit: Visit, number: str) -> Holding:
    found = next((each for each in visit.house.people.holdings() if str(each.id) == number), None)
    if found is None:
        raise NotHere
    return found


@routes.post("/people/holdings/{id}/end", need=ADMINISTRATOR)
def end(visit: Here, id: str, posted: Posted) -> Response:  # noqa: A002 - the name in the path
    """What somebody holds ends, and what deputies hold in their stead."""
    holding, sent, people = _holding(visit, id), filled(f"end-{id}", posted), visit.house.people
    at, user = day_of(visit, sent, "at", last=True), _user(visit, holding.user)
    return settled(
        visit,
        sent,
        lambda: holdings.end(people, holding.id or 0, at, by(visit)),
        {},
        show=lambda form: _page(visit, user, form, 422),
        to=_there(user.id),
    )


@routes.post("/people/holdings/{id}/succeed", need=ADMINISTRATOR)
def succeed(visit: Here, id: str, posted: Posted) -> Response:  # noqa: A002 - the name in the path
    """Somebody else takes it over at the same instant."""
    holding, sent, people = _holding(visit, id), filled(f"succeed-{id}", posted), visit.house.people
    at, user = day_of(visit, sent, "at"), _user(visit, holding.user)
    post = Post(holding.role, holding.process, holding.unit)
    return settled(
        visit,
        sent,
        lambda: holdings.succeed(people, user.id, sent.get("follower"), post, at, by(visit)),
        SUCCEED_AT,
        show=lambda form: _page(visit, user, form, 422),
        to=_there(user.id),
    )
