"""For machines that watch: whether the server lives, whether it can work, and its figures."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from engine.events import iso
from storage.errors import StoreProblem
from web.access import PUBLIC, Routes
from web.gauges import Gauges
from web.visit import Here, NotHere, Visit
from workflows.audit.sealing.growing import standing
from workflows.labour.alarm import outage
from workflows.labour.health import health
from workflows.people import rights, tokens
from workflows.people.values import ADMIN, AUDITOR

routes = Routes()

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy on the same machine leaves behind: then the sender is not this machine."""


@routes.get("/health", need=PUBLIC, reads=False)
def alive() -> Response:
    """The process answers. Nothing else is looked at."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


@routes.get("/health/ready", need=PUBLIC, reads=False)
def ready(visit: Here) -> Response:
    """Whether it can work: the database answers and has this program's schema. 503 where not. That time stands is
    told, and does not take a server out of service.
    """
    house = visit.house
    try:
        house.fence()
        found = health(visit.desk, house.labour, house.post)
        stands = outage(visit.desk, house.labour)
    except StoreProblem as problem:
        return JSONResponse({"status": "failed", "problem": type(problem).__name__}, 503)
    told = {
        "status": "ok",
        "swept_at": iso(found.swept_at) if found.swept_at else None,
        "sweep_lag_seconds": round(found.behind, 1),
        "time_stands": stands is not None,
        "workers": found.workers,
        **_seal(visit),
    }
    return JSONResponse(told, headers={"cache-control": "no-store"})


def _seal(visit: Visit) -> dict[str, Any]:
    """Of how many events the last head is and when it was signed, how many wait (up to a hundred), and whether signing
    was refused.
    """
    if visit.house.log is None:
        return {}
    found = standing(visit.desk.store, visit.house.log)
    head = found.head
    return {
        "sealed": found.size,
        "signed": head.size if head else 0,
        "signed_at": iso(head.signed_at) if head else None,
        "unsealed": found.waiting,
        "seal_refused": found.refused["code"] if found.refused else None,
    }


@routes.get("/metrics", need=PUBLIC, reads=False)
def metrics(visit: Here, request: Request) -> Response:
    """The figures, to this machine itself, or to the token of an administrator or auditor in its scope `read`."""
    if not (_from_here(request) or _entitled(visit)):
        raise NotHere
    gauges = request.app.state.gauges
    assert isinstance(gauges, Gauges)
    return Response(gauges.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _entitled(visit: Visit) -> bool:
    kind, _, secret = visit.request.headers.get("authorization", "").partition(" ")
    found = tokens.find(visit.house.people, secret.strip()) if kind.lower() == "bearer" else None
    if found is None or "read" not in found[1].scopes:
        return False
    person = rights.person_of(visit.house.people, found[0])
    return rights.system(person, ADMIN) or rights.system(person, AUDITOR)
