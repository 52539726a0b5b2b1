"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from engine.commands import Refusal
from web.access import PERSON, PUBLIC, Routes
from web.pages.frame import remember_language
from web.visit import Here, Visit, cookie_name, local, session_cookie
from workflows.people import accounts, sessions
from workflows.people.values import User

routes = Routes()


@routes.get("/sign-in", need=PUBLIC)
def sign_in_page(visit: Here, request: Request) -> Response:
    """The form to sign in; how to make the first user, where there is none."""
    if visit.person is not None:
        return visit.go(local(request.query_params.get("next")))
    return _page(visit, request.query_params.get("next", "/"))


def _page(visit: Visit, after: str, status: int = 200, refused: str = "", name: str = "") -> Response:
    first = not visit.house.people.users()
    provider = visit.house.settings.oidc
    return visit.page(
        "sign_in.html",
        status,
        after=local(after),
        refused=refused,
        name=name,
        first=first,
        provider=provider,
        out="out" in visit.request.query_params,
    )


@routes.post("/sign-in", need=PUBLIC)
def sign_in(
    visit: Here,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    after: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session, or say why not; for how long names and addresses are shut is decided by the accounts."""
    client = visit.request.client
    found = accounts.check_password(visit.house.people, name.strip(), password, client.host if client else "")
    if isinstance(found, Refusal):
        status = 429 if found.code == "sign_in_shut" else 401
        return _page(visit, after, status, visit.say(found), name)
    return signed_in(visit, found, after)


def signed_in(visit: Visit, user: User, after: str) -> Response:
    """A new session in a new cookie; one that the browser had before ends."""
    people, old = visit.house.people, visit.request.cookies.get(cookie_name(visit.house))
    if old:
        sessions.end(people, old)
    token = sessions.begin(people, user, visit.request.headers.get("user-agent", "")[:200])
    answer = visit.go(local(after))
    answer.headers.append("set-cookie", session_cookie(visit.house, token))
    remember_language(visit, answer, user.language)
    return answer


@routes.post("/sign-out", need=PERSON)
def sign_out(visit: Here) -> Response:
    """End this session."""
    name = cookie_name(visit.house)
    sessions.end(visit.house.people, visit.request.cookies.get(name, ""))
    answer = visit.go("/sign-in?out=1")
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=visit.house.settings.https)
    return answer
