"""The last signed head of the tree, for everybody: whoever keeps it can tell later whether the record was changed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import PlainTextResponse, Response

from engine.commands import Refusal
from web.access import PUBLIC, Routes
from web.visit import Here, NotHere, Visit
from workflows.audit.checkpoints import NotSigned, claimed
from workflows.audit.sealing.growing import keys_of
from workflows.audit.sealing.proving import prove
from workflows.audit.sealing.values import MAIN, SM3

routes = Routes()

FRESH = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A head as pages print it: everything that is signed, and when it was."""

    origin: str
    size: int
    root: str
    signed_at: datetime


@routes.get("/checkpoint", need=PUBLIC, reads=False)
def checkpoint(visit: Here) -> Response:
    """The head that was signed last, as C2SP tlog-checkpoint writes it."""
    return _note(visit, MAIN)


@routes.get("/checkpoint/sm3", need=PUBLIC, reads=False)
def checkpoint_sm3(visit: Here) -> Response:
    """The same of the tree of SM3, where there is one."""
    return _note(visit, SM3)


@routes.get("/checkpoint/key", need=PUBLIC, reads=False)
def key(visit: Here) -> Response:
    """The public keys, a line each. Compare them with those that were made known another way."""
    keys = keys_of(visit.desk.store)
    if not keys:
        raise NotHere
    return PlainTextResponse("".join(f"{each}\n" for each in keys.values()), headers=FRESH)


def _note(visit: Visit, tree: str) -> Response:
    kept = visit.house.log.checkpoint(tree) if visit.house.log is not None else None
    if kept is None:
        raise NotHere
    return PlainTextResponse(kept.note, headers=FRESH)


def head_of(visit: Visit) -> Shown | None:
    """The last head of the main tree, for the foot of a page."""
    kept = visit.house.log.checkpoint(MAIN) if visit.house.log is not None else None
    if kept is None:
        return None
    try:
        origin, head = claimed(kept.note)
    except NotSigned:  # somebody wrote into the database: `duban seal check` says it, and no page shows it
        return None
    return Shown(origin, head.size, b64encode(head.root).decode(), kept.signed_at)


def leaf_of(visit: Visit, task: str) -> str:
    """What the first event of a task is, and will be, in the tree: its place and its hash."""
    first = visit.desk.store.events(task)[0]
    return f"{first.event.ref} {first.hash}"


def proof_of(visit: Visit, task: str) -> str:
    """Why the first event of a task is in the tree; empty as long as it is in no signed head."""
    found = prove(visit.house.log, task, 1) if visit.house.log is not None else None
    return "" if found is None or isinstance(found, Refusal) else found.to_text()
