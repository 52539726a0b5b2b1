"""What belongs to every page: the first page, assets, and the switch of languages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from web.access import PERSON, PUBLIC, Routes
from web.render import assets
from web.visit import LANGUAGE, Here, NotHere, local

routes = Routes()

YEAR = 31_536_000


@routes.get("/", need=PERSON, reads=False)
def home(visit: Here) -> Response:
    """Whoever comes in begins with what they owe."""
    return visit.go("/worklist")


@routes.get("/static/{name:path}", need=PUBLIC, reads=False)
def static(name: str, request: Request) -> Response:
    """An asset; under the address that has its digest it is kept for ever."""
    asset = assets().get(name)
    if asset is None:
        raise NotHere
    kept = request.query_params.get("v") == asset.digest[:12]
    age = f"public, max-age={YEAR}, immutable" if kept else "no-cache"
    headers = {"cache-control": age, "etag": f'"{asset.digest[:16]}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@routes.post("/language", need=PUBLIC)
def language(visit: Here, to: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Show pages in the other language from now on, in this browser."""
    answer = visit.go(local(back))
    remember_language(visit, answer, to)
    return answer


def remember_language(visit: Here, answer: Response, lang: str) -> None:
    """Keep the language in the browser for a year."""
    https = visit.house.settings.https
    kept = "en" if lang == "en" else "zh"
    answer.set_cookie(LANGUAGE, kept, max_age=YEAR, httponly=True, samesite="lax", secure=https)
