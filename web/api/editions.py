"""Editions on their way, for programs: submitted by one administrator, approved or returned by another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from engine.commands import Actor, Refusal
from engine.problems import Problem as Flaw
from web.access import ADMINISTRATOR, Routes
from web.api.acting import refused
from web.api.answers.definitions import Digest, EditionStanding, StandingPage
from web.api.answers.shape import moment
from web.api.asked import Asked, Body
from web.api.paging import Cursor, Limit, page
from web.problems import Fault, Problem
from web.visit import Here, Visit
from workflows.authoring import publishing
from workflows.authoring.proposals import send_back
from workflows.authoring.standings import Standing, standings
from workflows.people.values import ADMIN
from workflows.sources import calendar_named

routes = Routes()
TAGS = ["definitions"]


class DraftAsked(Asked):
    """A definition to be approved."""

    text: str = Field(min_length=1, max_length=1_100_000, description="The definition, in YAML.")
    since: date | None = Field(
        None, alias="from", description="From which day it is to be in force; by default from its approval."
    )


class ApprovalAsked(Asked):
    """The text that was read."""

    digest: Digest


class ReturnAsked(Asked):
    """Why it is returned."""

    reason: str = Field(min_length=1, max_length=1000)


@routes.get(
    "/api/v1/editions",
    need=ADMINISTRATOR,
    reads=False,
    response_model=StandingPage,
    tags=TAGS,
    summary="各版次的情况 / Where each edition stands",
)
def all_editions(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> StandingPage:
    """Every edition of every process: in force, to come, earlier, waiting for approval, returned."""
    shown, after = page(visit, standings(visit.desk), cursor, limit)
    return StandingPage(items=[_shape(each) for each in shown], next=after)


@routes.post(
    "/api/v1/editions",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=EditionStanding,
    tags=TAGS,
    summary="报批流程定义 / Submit a definition",
)
def submit(visit: Here, told: Annotated[DraftAsked, Depends(Body(DraftAsked))]) -> EditionStanding:
    """It waits for another administrator. What is wrong in the text is told with lines and columns. Its templates are
    those that are kept already.
    """
    made = _tried(
        visit,
        lambda actor: publishing.submit(visit.desk, told.text, calendar_named, actor, "text", since=told.since),
    )
    return _standing(visit, made.proposal.subject)


@routes.post(
    "/api/v1/editions/{process}/{edition}/approve",
    need=ADMINISTRATOR,
    response_model=EditionStanding,
    tags=TAGS,
    summary="批准版次 / Approve an edition",
)
def approve(
    visit: Here, process: str, edition: str, told: Annotated[ApprovalAsked, Depends(Body(ApprovalAsked))]
) -> EditionStanding:
    """Publishes what another administrator submitted; `digest` is of the text that you read."""
    name = f"{process}@{edition}"
    _tried(visit, lambda actor: publishing.approve(visit.desk, name, actor, calendar_named, told.digest))
    return _standing(visit, name)


@routes.post(
    "/api/v1/editions/{process}/{edition}/return",
    need=ADMINISTRATOR,
    response_model=EditionStanding,
    tags=TAGS,
    summary="退回版次 / Return an edition",
)
def give_back(
    visit: Here, process: str, edition: str, told: Annotated[ReturnAsked, Depends(Body(ReturnAsked))]
) -> EditionStanding:
    """Returns it to whoever submitted it, who may take it back so too."""
    name = f"{process}@{edition}"
    _tried(visit, lambda actor: send_back(visit.desk, name, actor, told.reason))
    return _standing(visit, name)


def _tried(visit: Visit, attempt: Callable[[Actor], Any]) -> Any:
    """What came of it as the administrator whom the guard let in. Raises `Problem` for a refusal and for a text that is
    wrong.
    """
    found = attempt(Actor(visit.known.id, (ADMIN,)))
    if isinstance(found, Refusal):
        raise refused(visit, found)
    if isinstance(found, list):
        raise Problem(422, faults=_faults(visit, found))
    return found


def _faults(visit: Visit, flaws: Sequence[Flaw]) -> list[Fault]:
    return [Fault("body", "/text", each.text(visit.lang)) for each in flaws]


def _standing(visit: Visit, name: str) -> EditionStanding:
    process, _, edition = name.partition("@")
    return _shape(next(each for each in standings(visit.desk, process) if each.edition == edition))


def _shape(each: Standing) -> EditionStanding:
    return EditionStanding(
        process=each.process,
        edition=each.edition,
        digest=each.digest,
        stand=each.stand,
        since=each.since,
        published_at=moment(each.published_at),
        submitted_by=each.by,
        approved_by=each.approved_by,
        alone=str(each.alone["why"]) if each.alone else None,
        reason=each.reason or (each.alone or {}).get("reason"),
    )
