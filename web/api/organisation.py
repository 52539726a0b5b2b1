"""How the organisation changes, for administrators: units renamed, moved and merged; posts handed over and lent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends
from pydantic import AwareDatetime, Field

from engine.commands import Refusal
from web.access import ADMINISTRATOR, Routes
from web.api.acting import refused
from web.api.answers.people import HoldingPage, HoldingShape, UnitShape
from web.api.asked import Asked, Body
from web.api.people import TAGS, Ending, Name, Title, by, instant_of, unit_shape
from web.api.shown import holding_shape
from web.visit import Here, NotHere, Visit
from workflows.people import holdings, units
from workflows.people.holdings import Post
from workflows.people.values import ANY, Unit

routes = Routes()
T = TypeVar("T")

Role = Annotated[str, Field(min_length=1, max_length=200)]


def _done(visit: Visit, answer: T | Refusal) -> T:
    """What was done. Raises `Problem` where it was refused."""
    if isinstance(answer, Refusal):
        raise refused(visit, answer)
    return answer


def _known(visit: Visit, unit: str) -> str:
    """A unit of the path. Raises `NotHere` where there is none."""
    if all(each.id != unit for each in visit.house.people.units()):
        raise NotHere
    return unit


def _shown(visit: Visit, answer: Unit | Refusal) -> UnitShape:
    return unit_shape(_done(visit, answer))


# -- units


class Renaming(Asked):
    """What a unit is called from now on."""

    title: Title
    title_en: Title | None = Field(None, description="Nothing leaves it as it is.")


@routes.post(
    "/api/v1/units/{unit}/rename",
    need=ADMINISTRATOR,
    response_model=UnitShape,
    tags=TAGS,
    summary="单位改名 / Rename a unit",
)
def rename(visit: Here, unit: str, told: Annotated[Renaming, Depends(Body(Renaming))]) -> UnitShape:
    """Its title changes; the name that tasks carry stays."""
    people, name = visit.house.people, _known(visit, unit)
    return _shown(visit, units.rename(people, name, told.title, by(visit), told.title_en))


class Moving(Asked):
    """Where a unit stands from now on."""

    over: Name | None = Field(description="The unit above it; null where it stands under none.")
    level: Name | None = Field(None, description="Its new level; nothing leaves it as it is.")


@routes.post(
    "/api/v1/units/{unit}/move",
    need=ADMINISTRATOR,
    response_model=UnitShape,
    tags=TAGS,
    summary="单位划归 / Put a unit under another one",
)
def move(visit: Here, unit: str, told: Annotated[Moving, Depends(Body(Moving))]) -> UnitShape:
    """With all that is below it; not under itself."""
    return _shown(visit, units.move(visit.house.people, _known(visit, unit), told.over, by(visit), told.level))


class Merging(Ending):
    """Into what a unit is merged."""

    into: Name = Field(description="The unit that succeeds it.")
    with_people: bool = Field(False, description="Whether the roles of its people begin anew for the successor.")


@routes.post(
    "/api/v1/units/{unit}/merge",
    need=ADMINISTRATOR,
    response_model=UnitShape,
    tags=TAGS,
    summary="单位合并 / Merge a unit into another one",
)
def merge(visit: Here, unit: str, told: Annotated[Merging, Depends(Body(Merging))]) -> UnitShape:
    """The people of the successor see and do what was not finished with; what was finished stays with the old unit, and
    the roles held for it end. 409 for a unit that is closed or merged already.
    """
    people, name, at = visit.house.people, _known(visit, unit), instant_of(told.at)
    return _shown(visit, units.merge(people, name, told.into, at, by(visit), with_people=told.with_people))


# -- posts


class Succession(Ending):
    """Who hands which post over to whom."""

    leaver: Name = Field(description="Who holds it.")
    follower: Name = Field(description="Who takes it over.")
    role: Role
    process: str = Field(ANY, max_length=200, description="As it is held: nothing for every process with the role.")
    unit: Name | None = None


@routes.post(
    "/api/v1/successions",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=HoldingShape,
    tags=TAGS,
    summary="接任 / Hand a role over",
)
def succeed(visit: Here, told: Annotated[Succession, Depends(Body(Succession))]) -> HoldingShape:
    """One ends and the other begins at the same instant; answers what the follower holds."""
    people, post = visit.house.people, Post(told.role, told.process, told.unit)
    at = instant_of(told.at)
    return holding_shape(_done(visit, holdings.succeed(people, told.leaver, told.follower, post, at, by(visit))))


class Deputy(Asked):
    """Who stands in for whom."""

    user: Name = Field(description="Who stands in.")
    deputy_for: Name = Field(description="For whom.")
    role: Role | None = Field(None, description="In which role; in all by default.")
    valid_from: AwareDatetime | None = Field(None, description="With an offset; now by default, and never earlier.")
    valid_to: AwareDatetime | None = Field(None, description="The first instant after it; at the latest the other's.")


@routes.post(
    "/api/v1/deputies",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=HoldingPage,
    tags=TAGS,
    summary="代理 / Let somebody stand in",
)
def deputise(visit: Here, told: Annotated[Deputy, Depends(Body(Deputy))]) -> HoldingPage:
    """They hold what the other holds, as long as the other does and no longer than is said; what is the system's is
    not lent. Answers what is lent.
    """
    begins, ends = instant_of(told.valid_from), instant_of(told.valid_to)
    return HoldingPage(items=_lent(visit, told, begins, ends), next=None)


def _lent(visit: Visit, told: Deputy, begins: datetime | None, ends: datetime | None) -> list[HoldingShape]:
    people = visit.house.people
    answer = holdings.deputise(people, told.user, told.deputy_for, told.role, begins, ends, by(visit))
    return [holding_shape(each) for each in _done(visit, answer)]
