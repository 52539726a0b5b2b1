"""What went wrong, in the visitor's language: a page for people, problem+json (RFC 9457) for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from storage.errors import StoreProblem
from web.access import Verdict
from web.logs import log
from web.problems import CODES, Fault, Problem, pointer
from web.render import rendered
from web.visit import Refused, Visit, house_of, is_api, language_of, sign_in_path
from web.words import WORDS, Words
from workflows.desk import NotHeld

PROBLEM = "application/problem+json"

_STATUS = {Verdict.FORBIDDEN: 403, Verdict.HIDDEN: 404, Verdict.SIGN_IN: 401}


def visit_of(request: Request) -> Visit:
    """The visit as far as it came; where nothing is known of the visitor, their language."""
    visit = getattr(request.state, "visit", None)
    return visit if isinstance(visit, Visit) else Visit(request, house_of(request), language_of(request))


def failed(request: Request, status: int, detail: str = "", **more: Any) -> Response:
    """The answer for a status. `detail` is what happened, in the visitor's language; `more` goes to programs."""
    visit = visit_of(request)
    words, number = visit.words, getattr(request.state, "request_id", "")
    title = words(f"error_{status}") if f"error_{status}" in WORDS else HTTPStatus(status).phrase
    cure = words(f"cure_{status}") if f"cure_{status}" in WORDS else ""
    if is_api(request):
        told = {"type": "about:blank", "title": title, "status": status, "detail": detail or title, "cure": cure}
        told |= {"code": CODES.get(status, "failed"), "facts": {}, "errors": [], "id": number}
        return JSONResponse({**told, **more}, status, media_type=PROBLEM, headers={"cache-control": "no-store"})
    context = {**visit.context, "status": status, "title": title, "detail": detail, "cure": cure, "number": number}
    return HTMLResponse(rendered("error.html", context), status, headers={"cache-control": "no-store"})


def explained(request: Request, problem: Problem) -> Response:
    """A problem for programs, in words."""
    visit, refusal = visit_of(request), problem.refusal
    more: dict[str, Any] = {"code": problem.code, "facts": dict(refusal.facts if refusal else problem.facts)}
    more["errors"] = [fault.to_json() for fault in problem.faults]
    detail = visit.words(problem.key, **problem.facts) if problem.key else ""
    if refusal is not None:
        detail, more["cure"] = visit.say(refusal, visit.task), visit.cure(refusal, visit.task)
    answer = failed(request, problem.status, detail, **more)
    answer.headers.update(problem.headers)
    return answer


def install(app: FastAPI) -> None:
    """Give the application its answers to what goes wrong."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreProblem, _store)
    app.add_exception_handler(NotHeld, _store)
    app.add_exception_handler(Exception, _broken)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    if error.verdict is Verdict.SIGN_IN and not is_api(request):
        return RedirectResponse(sign_in_path(request), 303)
    answer = failed(request, _STATUS[error.verdict])
    if error.verdict is Verdict.SIGN_IN:
        answer.headers["www-authenticate"] = _challenge(request)
    return answer


def _challenge(request: Request) -> str:
    """How a program makes itself known (RFC 6750)."""
    known = request.headers.get("authorization", "").lower().startswith("bearer ")
    return 'Bearer realm="duban"' + (', error="invalid_token"' if known else "")


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return explained(request, error)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = failed(request, error.status_code)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = _faults(error.errors())
    return failed(request, 422, errors=[each.to_json() for each in faults])


def _faults(errors: Sequence[Mapping[str, Any]]) -> Sequence[Fault]:
    """Where each fault stands: FastAPI tells the part of the request first."""
    return [Fault(str(each["loc"][0]), pointer(*each["loc"][1:]), str(each["msg"])) for each in errors]


def _store(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreProblem | NotHeld)
    lang, detail = visit_of(request).lang, error.detail.en if isinstance(error, StoreProblem) else str(error)
    log.error("store", id=request.state.request_id, problem=type(error).__name__, detail=detail)
    return failed(request, 503, f"{error.cause.in_(lang)}{Words(lang)('stop')} {error.cure.in_(lang)}")


def _broken(request: Request, error: Exception) -> Response:
    """Our own fault: the visitor gets a number, the log everything."""
    log.error("broken", id=request.state.request_id, exc_info=error)
    return failed(request, 500)
