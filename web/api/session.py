"""A session for a program that has no token: begun with a password, ended when it is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response
from pydantic import Field

from engine.commands import Refusal
from web.access import PERSON, PUBLIC, Routes
from web.api.acting import refused
from web.api.answers.shape import Shape
from web.api.asked import Asked, Body
from web.entering import check, enter
from web.visit import Here, cookie_name
from workflows.people import sessions

routes = Routes()
TAGS = ["session"]


class SignIn(Asked):
    """Who signs in."""

    name: str = Field(max_length=1000)
    password: str = Field(max_length=1000)


class SessionShape(Shape):
    """A session that has begun; its cookie comes with the answer."""

    user: str


@routes.post(
    "/api/v1/session",
    need=PUBLIC,
    status_code=201,
    response_model=SessionShape,
    tags=TAGS,
    summary="登录 / Begin a session",
)
def sign_in(visit: Here, response: Response, told: Annotated[SignIn, Depends(Body(SignIn))]) -> SessionShape:
    """401 for a wrong name or password, the same for both; 429 with Retry-After (in seconds) where signing in has
    failed too often. Programs had better use a token. A session that came with the request ends.
    """
    found = check(visit, told.name.strip(), told.password)
    if isinstance(found, Refusal):
        problem = refused(visit, found)
        if problem.status == 429:
            problem.headers = {"retry-after": str(60 * int(found.facts["minutes"]))}
        raise problem
    for cookie in enter(visit, found):
        response.headers.append("set-cookie", cookie)
    return SessionShape(user=found.id)


@routes.delete(
    "/api/v1/session",
    need=PERSON,
    status_code=204,
    response_class=Response,
    tags=TAGS,
    summary="退出 / End the session",
)
def sign_out(visit: Here) -> Response:
    """The session of the cookie ends; a token stays what it is."""
    name = cookie_name(visit.house)
    sessions.end(visit.house.people, visit.request.cookies.get(name, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=visit.house.settings.https)
    return answer
