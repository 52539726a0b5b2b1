"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response

from engine.commands import Refusal
from web import provider
from web.access import PERSON, PUBLIC, Routes
from web.addresses import absolute
from web.entering import check, enter
from web.logs import log
from web.pages.frame import remember_language
from web.visit import Here, NotHere, Visit, cookie_name, local
from workflows.demo.visitors import PASSWORD, visitors
from workflows.people import sessions
from workflows.people.values import User

routes = Routes()


@routes.get("/sign-in", need=PUBLIC, reads=False)
def sign_in_page(visit: Here, request: Request) -> Response:
    """The form to sign in; how to make the first user, where there is none."""
    if visit.person is not None:
        return visit.go(local(request.query_params.get("next")))
    return _page(visit, request.query_params.get("next", "/"))


def _page(visit: Visit, after: str, status: int = 200, refused: str = "", name: str = "") -> Response:
    first = not visit.house.people.users()
    offered = visit.house.settings.oidc
    return visit.page(
        "sign_in.html",
        status,
        after=local(after),
        refused=refused,
        name=name,
        first=first,
        provider=offered,
        told=_told(visit.request),
        **_demo(visit),
    )


def _demo(visit: Visit) -> dict[str, Any]:
    """The users of a demonstration, to choose one."""
    if visit.house.demo_clock is None:
        return {}
    return {"demo_visitors": visitors(visit.desk, visit.house.people, visit.lang), "demo_password": PASSWORD}


def _told(request: Request) -> str:
    """The words for what led here, if anything did."""
    keys = {"out": "signed_out", "changed": "password_changed"}
    return next((key for name, key in keys.items() if name in request.query_params), "")


@routes.post("/sign-in", need=PUBLIC)
def sign_in(
    visit: Here,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    after: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session, or say why not; for how long names and addresses are shut is decided by the accounts."""
    found = check(visit, name.strip(), password)
    if isinstance(found, Refusal):
        status = 429 if found.code == "sign_in_shut" else 401
        return _page(visit, after, status, visit.say(found), name)
    return signed_in(visit, found, after)


def signed_in(visit: Visit, user: User, after: str) -> Response:
    """A new session in a new cookie, and a mark by which the browser is known."""
    answer = visit.go(local(after))
    for cookie in enter(visit, user):
        answer.headers.append("set-cookie", cookie)
    remember_language(visit, answer, visit.lang if visit.house.settings.demo else user.language)
    return answer


@routes.post("/sign-out", need=PERSON)
def sign_out(visit: Here) -> Response:
    """End this session."""
    name = cookie_name(visit.house)
    sessions.end(visit.house.people, visit.request.cookies.get(name, ""))
    answer = visit.go("/sign-in?out=1")
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=visit.house.settings.https)
    return answer


# -- by a provider

JOURNEY = "duban-journey"
CALLBACK = "/sign-in/provider/back"


@routes.get("/sign-in/provider", need=PUBLIC, reads=False)
def to_provider(visit: Here, request: Request) -> Response:
    """Send the browser to the provider."""
    settings = visit.house.settings
    if settings.oidc is None:
        raise NotHere
    journey = provider.begin(local(request.query_params.get("next")))
    try:
        answer = visit.go(provider.address(settings.oidc, journey, _callback(visit)))
    except provider.ProviderProblem as problem:
        return _failed(visit, problem)
    sealed = journey.sealed(visit.house.secret)
    answer.set_cookie(
        JOURNEY, sealed, max_age=provider.LASTS, path="/sign-in", httponly=True, samesite="lax", secure=settings.https
    )
    return answer


def _callback(visit: Visit) -> str:
    """To where the provider leads back. Raises `ProviderProblem`."""
    found = absolute(visit, CALLBACK)
    if found is None:
        raise provider.ProviderProblem("DUBAN_BASE_URL is not set, and a Host that is a name is not believed")
    return found


@routes.get(CALLBACK, need=PUBLIC, reads=False)
def from_provider(visit: Here, request: Request) -> Response:
    """Whoever the provider knows and we know too begins a session."""
    settings = visit.house.settings
    if settings.oidc is None:
        raise NotHere
    try:
        journey = provider.opened(request.cookies.get(JOURNEY, ""), visit.house.secret)
        subject = provider.subject(settings.oidc, journey, request.query_params, _callback(visit))
    except provider.ProviderProblem as problem:
        return _failed(visit, problem)
    user = visit.house.people.user_of(subject)
    if user is None or not user.active:
        return _page(visit, "/", 403, visit.words("provider_unknown"))
    answer = signed_in(visit, user, journey.after)
    answer.delete_cookie(JOURNEY, path="/sign-in")
    return answer


def _failed(visit: Visit, problem: provider.ProviderProblem) -> Response:
    log.warning("provider", id=visit.request.state.request_id, problem=str(problem))
    return _page(visit, "/", 502, visit.words("provider_failed"))
