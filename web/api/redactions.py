"""Personal data erased by a program's request: asked for, approved by another person, or returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from engine.commands import Actor, Refusal
from web.access import ADMINISTRATOR, WRITER, Routes
from web.api.acting import refused
from web.api.answers.redactions import RedactionPage, RedactionShape
from web.api.asked import Asked, Body
from web.pages.redactions import eraser_of
from web.pages.task import actors_of
from web.visit import Here, Visit
from workflows.people.rights import in_first
from workflows.people.values import ADMIN
from workflows.redaction import ordering
from workflows.redaction.carrying import carried_out, finish
from workflows.redaction.values import Order, Wanted

routes = Routes()
TAGS = ["redactions"]


class RedactionAsked(Asked):
    """What is to be erased of a task."""

    names: Sequence[str] = Field(default=(), max_length=100, description="Fields, or `reason`, `source`, `milestones`.")
    events: Sequence[int] = Field(default=(), max_length=1000, description="Only in these events; in all by default.")
    files: Sequence[str] = Field(default=(), max_length=100, description="Evidence by its digests: its bytes go.")
    reason: str = Field(min_length=1, max_length=500, description="Why; it stays in the history. Name nobody.")


class RedactionReturned(Asked):
    """Returning an order."""

    reason: str = Field(min_length=1, max_length=500, description="Why; it stays on record.")


@routes.post(
    "/api/v1/tasks/{task}/redactions",
    need=WRITER,
    task=True,
    status_code=201,
    response_model=RedactionShape,
    tags=TAGS,
    summary="报批删除个人信息 / Ask for personal data of a task to be erased",
)
def ask_redaction(visit: Here, told: Annotated[RedactionAsked, Depends(Body(RedactionAsked))]) -> RedactionShape:
    """Whoever may register in the process, and administrators, may ask. Nothing is erased before another person, an
    administrator, approves. What tells of no person, and what a rule has read, is refused.
    """
    eraser = eraser_of(visit)
    wanted = Wanted(visit.about.id, tuple(told.names), tuple(told.events), tuple(told.files))
    found = in_first(
        actors_of(visit, visit.about), lambda each: ordering.ask(visit.desk, eraser, wanted, told.reason, each)
    )
    return _answer(visit, found)


@routes.get(
    "/api/v1/redactions",
    need=ADMINISTRATOR,
    reads=True,
    response_model=RedactionPage,
    tags=TAGS,
    summary="删除令 / Orders to erase",
)
def redactions(visit: Here) -> RedactionPage:
    """All of them, in the order in which they were asked for."""
    return RedactionPage(items=[_shape(visit, each) for each in ordering.all_of(visit.desk.store).values()], next=None)


@routes.post(
    "/api/v1/redactions/{order}/approve",
    need=ADMINISTRATOR,
    reads=True,
    response_model=RedactionShape,
    tags=TAGS,
    summary="批准并删除 / Approve an order, and erase",
)
def approve_redaction(visit: Here, order: str) -> RedactionShape:
    """By another administrator than whoever asked. It is carried out at once; the database's own files are wiped by the
    job `redact`, within a minute or so.
    """
    found = ordering.approve(visit.desk, order, _admin(visit))
    if isinstance(found, Refusal):
        raise refused(visit, found)
    done = finish(visit.desk, eraser_of(visit), wipe=False)
    if order in done.refused:
        raise refused(visit, done.refused[order])
    return _shape(visit, found)


@routes.post(
    "/api/v1/redactions/{order}/return",
    need=ADMINISTRATOR,
    reads=True,
    response_model=RedactionShape,
    tags=TAGS,
    summary="退回删除令 / Return an order",
)
def return_redaction(
    visit: Here, order: str, told: Annotated[RedactionReturned, Depends(Body(RedactionReturned))]
) -> RedactionShape:
    """With a reason; nothing is erased."""
    return _answer(visit, ordering.send_back(visit.desk, order, _admin(visit), told.reason))


def _admin(visit: Visit) -> Actor:
    return Actor(visit.known.id, (ADMIN,))


def _answer(visit: Visit, found: Order | Refusal) -> RedactionShape:
    if isinstance(found, Refusal):
        raise refused(visit, found)
    return _shape(visit, found)


def _shape(visit: Visit, order: Order) -> RedactionShape:
    done, by = carried_out(visit.desk, order), order.approved
    return RedactionShape(
        order=order.subject,
        state=order.state,
        stream=order.wanted.stream,
        names=list(order.wanted.names),
        events=list(order.wanted.events),
        files=list(order.wanted.files),
        reason=order.reason,
        asked_by=order.asked_by,
        approved_by=by.actor if by else None,
        event=done.ref if done else None,
    )
