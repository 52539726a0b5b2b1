"""The contract: the API in OpenAPI, made from its routes, and as a page to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from web.access import PUBLIC, Access, Need, Routes, declared
from web.api.answers.problems import ProblemShape
from web.api.asked import Body
from web.errors import PROBLEM
from web.visit import Here

routes = Routes()
TAGS = ["contract"]
VERSION = "1"

ABOUT = """The REST interface of Duban (督办). Everything here has the same rights as the pages: a list shows the tasks
in your scope, and what is not in it answers as if it were not there.

Who asks is known by `Authorization: Bearer duban_…` (a token of scopes read, act, admin) or by a session's cookie.
Errors are `application/problem+json` (RFC 9457) with a stable `code`, `facts`, and words in the language of
Accept-Language (zh or en). Lists come in pages; `next` is the address of the next one. Writing is made harmless to
repeat by `Idempotency-Key`, and safe against others' changes by `If-Match`."""

WORDS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token is not valid.",
    403: "You, or your token, may not do this.",
    404: "It is not there, or not yours to see.",
    409: "It conflicts with what is there: done before, taken, or a key used for something else.",
    412: "The task has changed since the version in If-Match.",
    413: "Too large.",
    415: "Another media type is needed.",
    422: "What was sent does not fit, or the definition does not allow it now.",
    429: "Too many tries; wait for Retry-After.",
    503: "Not available now.",
}


@routes.get("/api/v1/openapi.json", need=PUBLIC, reads=False, tags=TAGS, summary="接口契约（OpenAPI） / This contract")
def openapi(request: Request) -> Response:
    """The whole API in OpenAPI 3.1."""
    return JSONResponse(schema_of(request.app))


@routes.get("/api/v1/docs", need=PUBLIC, reads=False, include_in_schema=False)
def page(visit: Here) -> Response:
    """The contract as a page."""
    return visit.page("api.html", operations=list(operations(schema_of(visit.request.app))))


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The contract of an application, made once."""
    if app.openapi_schema is None:
        found = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
        schema = get_openapi(title="Duban API", version=VERSION, description=ABOUT, routes=found)
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            parts.pop(name, None)
        _add(parts, ProblemShape.model_json_schema(ref_template=REF, mode="serialization"), "ProblemShape")
        for route in found:
            for method in route.methods or ():
                _complete(schema["paths"][route.path_format][method.lower()], route, parts)
        schema["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "duban-session"},
        }
        app.openapi_schema = schema
    return app.openapi_schema


PLACES: Mapping[str, str] = {
    "task": "The id of a task.",
    "trigger": "The act, by its name in the definition.",
    "process": "A process, by its name.",
    "edition": "An edition of it.",
    "digest": "SHA-256, lower-case hexadecimal.",
    "id": "A number from the list.",
    "job": "The id of a job.",
    "user": "The name of a user.",
    "unit": "The name of a unit, as tasks carry it.",
    "programme": "The id of a programme.",
    "order": "An order to erase, such as R-1.",
    "state": "A state, by its name in the definition.",
    "signal": "A light: green, yellow or red.",
    "publication": "A publication, by its name in the definition.",
    "descending": "The last first.",
    "status": "How the deadline stands.",
}
"""What parameters mean that say nothing themselves."""

REF = "#/components/schemas/{model}"


def _add(parts: dict[str, Any], made: dict[str, Any], name: str) -> None:
    parts |= made.pop("$defs", {})
    parts[name] = made


def _complete(operation: dict[str, Any], route: APIRoute, parts: dict[str, Any]) -> None:
    """An operation with its body, its problems, and who may use it."""
    access = declared(route)
    for each in route.dependant.dependencies:
        if isinstance(each.call, Body):
            made = each.call.shape.model_json_schema(ref_template=REF)
            _add(parts, made, each.call.shape.__name__)
            told = {"$ref": REF.format(model=each.call.shape.__name__)}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": told}}}
    known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
    for name in re.findall(r"{(\w+)}", route.path):
        if name not in known:
            place = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            operation.setdefault("parameters", []).insert(0, {**place, "description": PLACES.get(name, "")})
    for each in operation.get("parameters", ()):
        each.setdefault("description", PLACES.get(each["name"], ""))
    operation["operationId"] = route.name
    operation["x-need"] = access.need.value
    operation["security"] = [] if access.need is PUBLIC else [{"token": []}, {"session": []}]
    answers = operation["responses"]
    answers.pop("422", None)
    for status in _statuses(route, access, operation):
        shape = {"schema": {"$ref": REF.format(model="ProblemShape")}}
        answers[str(status)] = {"description": WORDS[status], "content": {PROBLEM: shape}}


def _statuses(route: APIRoute, access: Access, operation: Mapping[str, Any]) -> Iterator[int]:
    """The problems that an operation may answer with."""
    writes = bool({"POST", "PUT", "DELETE"} & (route.methods or set()))
    if access.need is not Need.PUBLIC:
        yield from (401, 403)
    if "{" in route.path:
        yield 404
    if "parameters" in operation or writes:
        yield 422
    if "requestBody" in operation:
        yield from (400, 401, 403, 404, 409, 413, 415)
    if route.path.endswith(("/cancel", "/close", "/archive", "/approve")):
        yield 409
    if route.path.endswith("/acts/{trigger}"):
        yield 412
    if route.path.endswith("/session") and access.need is PUBLIC:
        yield 429
    yield 503


def operations(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every operation with its method, path, summary in both languages, description, parameters and body."""
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            zh, _, en = told["summary"].partition(" / ")
            given = {"parameters": told.get("parameters", [])}
            yield {**told, **given, "method": method.upper(), "path": path, "zh": zh, "en": en, "about": _line(told)}


def _line(told: Mapping[str, Any]) -> str:
    return re.sub(r"\s+", " ", told.get("description", "")).strip()
