"""The application: every route of every module, each checked to say who may use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute

import web.api
import web.pages
from web import errors
from web.access import Routes, check
from web.gauges import Gauges
from web.house import House
from web.shell import Shell
from web.threads import few, in_line
from web.visit import SAFE, Guard


def make(house: House, more: Iterable[Routes] = ()) -> FastAPI:
    """The application over a house. Raises `Undeclared` where a route does not say who may use it."""
    app = FastAPI(
        title="Duban",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=few,
    )
    app.state.house = house
    app.router.routes.extend(_ours())
    for routes in more:
        add(app, routes)
    errors.install(app)
    app.state.gauges = gauges = Gauges(house)
    app.add_middleware(Shell, settings=house.settings, observe=gauges.observe)
    check(app)
    return app


@cache
def _ours() -> Sequence[BaseRoute]:
    """The routes of all modules. They know no house; what each takes and answers is worked out at length, and once in
    a process.
    """
    router = APIRouter()
    for routes in _modules():
        add(router, routes)
    return tuple(router.routes)


def add(app: FastAPI | APIRouter, routes: Routes) -> None:
    """Add routes, each behind its guard."""
    for route in routes:
        told = {"response_model": None, "include_in_schema": route.path.startswith("/api/"), **route.told}
        app.add_api_route(
            route.path,
            route.endpoint if route.method in SAFE else in_line(route.endpoint),
            methods=[route.method],
            dependencies=[Depends(Guard(route.access))],
            **told,
        )


def _modules() -> Iterable[Routes]:
    """The routes of every module of the pages and of the API, in the order of their names."""
    for room in (web.pages, web.api):
        for each in iter_modules(room.__path__):
            module = import_module(f"{room.__name__}.{each.name}")
            if isinstance(routes := getattr(module, "routes", None), Routes):
                yield routes
