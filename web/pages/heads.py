"""The signed heads of the tree, for everybody: whoever keeps one can tell later whether the record was changed, and
fetch the proof that another goes on from it.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import PlainTextResponse, Response

from engine.commands import Refusal
from web.access import PUBLIC, Routes
from web.downloads import attachment
from web.visit import Here, NotHere, Visit
from workflows.audit.sealing.checkpoints import NotSigned, claimed
from workflows.audit.sealing.growing import keys_of
from workflows.audit.sealing.growth import Growth, grown_to
from workflows.audit.sealing.proving import prove
from workflows.audit.sealing.values import MAIN, SM3, Checkpoint

routes = Routes()

RECENT, LONGEST = 20, 2_000
"""Heads that the page lists, and the longest one that may be pasted, in characters."""

CHECKED_BY = "python3 verify_package.py proof FILE --key KEY"
"""What somebody types who verifies a proof."""

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


@routes.get("/public/heads", need=PUBLIC, reads=False)
def heads(
    visit: Here,
    old: Annotated[str, Query(alias="from", max_length=LONGEST)] = "",
    new: Annotated[str, Query(alias="to", max_length=LONGEST)] = "",
) -> Response:
    """The heads that were signed last; of two, each told by its size or pasted, the proof as a file."""
    log = visit.house.log
    if log is None:
        raise NotHere
    found = grown_to(log, old, new if new.strip() else None) if old.strip() else None
    if isinstance(found, Growth):
        name = "-".join(str(claimed(each)[1].size) for each in (found.old, found.new))
        return attachment(f"growth-{name}.txt", found.to_text().encode(), PlainTextResponse.media_type)
    told = {"old": old, "new": new, "refused": visit.say(found) if found is not None else ""}
    recent = [shown for kept in log.recent(MAIN, RECENT) if (shown := _shown(kept)) is not None]
    keys = list(keys_of(visit.desk.store).values())
    status = 409 if found is not None else 200
    return visit.page(
        "public_heads.html", status, head=head_of(visit), recent=recent, keys=keys, command=CHECKED_BY, **told
    )


def _note(visit: Visit, tree: str) -> Response:
    kept = visit.house.last_head(tree)
    if kept is None:
        raise NotHere
    return PlainTextResponse(kept.note, headers=FRESH)


def head_of(visit: Visit) -> Shown | None:
    """The last head of the main tree, for the foot of a page."""
    kept = visit.house.last_head()
    return _shown(kept) if kept is not None else None


def _shown(kept: Checkpoint) -> Shown | None:
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
