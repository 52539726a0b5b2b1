"""People for administrators: users, units and holdings, listed, added and ended; and who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends
from pydantic import AwareDatetime, Field

from engine.commands import Refusal
from web.access import ADMINISTRATOR, AUDIT, PERSON, Routes
from web.api.acting import refused
from web.api.answers.people import (
    DeliveryPage,
    DeliveryShape,
    HoldingPage,
    HoldingShape,
    MeShape,
    UnitPage,
    UnitShape,
    UserPage,
    UserShape,
)
from web.api.answers.shape import moment
from web.api.asked import Asked, Body
from web.api.paging import Cursor, Limit, page
from web.api.shown import holding_shape
from web.problems import Problem
from web.visit import Here, NotHere, Visit
from workflows.people import accounts, rights
from workflows.people.holdings import end as end_holding
from workflows.people.holdings import grant as grant_role
from workflows.people.units import close_unit as close
from workflows.people.units import found
from workflows.people.values import ANY, By, Holding, Unit, User

routes = Routes()
TAGS = ["people"]

Name = Annotated[str, Field(min_length=1, max_length=64)]
Title = Annotated[str, Field(min_length=1, max_length=200)]


def by(visit: Visit) -> By:
    """Who changes people, as the record names them."""
    return By(visit.known.id, "api", visit.desk.login)


@routes.get("/api/v1/me", need=PERSON, reads=False, response_model=MeShape, tags=TAGS, summary="我是谁 / Who asks")
def me(visit: Here) -> MeShape:
    """Whose session or token this is, what they hold now, and what the token may be used for."""
    person = visit.known
    return MeShape(
        user=person.id,
        name=person.user.name,
        language=person.user.language,
        scopes=sorted(person.scopes) if person.scopes is not None else None,
        holdings=[holding_shape(each) for each in person.holdings],
    )


# -- users


@routes.get(
    "/api/v1/users", need=ADMINISTRATOR, reads=False, response_model=UserPage, tags=TAGS, summary="用户清单 / Users"
)
def users(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> UserPage:
    """Everybody with an account, closed ones too. Passwords and addresses other than mail are not shown."""
    shown, after = page(visit, visit.house.people.users(), cursor, limit)
    return UserPage(items=[_user(each) for each in shown], next=after)


def _user(user: User) -> UserShape:
    return UserShape(
        user=user.id,
        name=user.name,
        language=user.language,
        active=user.active,
        mail=user.mail,
        created_at=moment(user.created_at) or "",
    )


class UserAsked(Asked):
    """Somebody to be added."""

    user: Name = Field(description="The name under which they sign in; it is theirs for ever.")
    name: Title | None = Field(None, description="What they are called.")
    language: Literal["zh", "en"] = "zh"
    mail: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None


@routes.post(
    "/api/v1/users",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=UserShape,
    tags=TAGS,
    summary="添加用户 / Add a user",
)
def add_user(visit: Here, told: Annotated[UserAsked, Depends(Body(UserAsked))]) -> UserShape:
    """Without a password, which is set where nobody looks on: `duban user password`. A name that is taken is 409."""
    people = visit.house.people
    user = accounts.new_user(told.user, people.now(), shown=told.name, language=told.language, mail=told.mail)
    made = accounts.add_user(people, user, by(visit))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return _user(made)


@routes.post(
    "/api/v1/users/{user}/close",
    need=ADMINISTRATOR,
    response_model=UserShape,
    tags=TAGS,
    summary="停用用户 / Close an account",
)
def close_user(visit: Here, user: str) -> UserShape:
    """Roles, sessions and tokens end with it; the name stays in the record."""
    if visit.house.people.user(user) is None:
        raise NotHere
    made = accounts.close_user(visit.house.people, user, by(visit))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return _user(made)


# -- units


@routes.get("/api/v1/units", need=PERSON, reads=False, response_model=UnitPage, tags=TAGS, summary="单位清单 / Units")
def units(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> UnitPage:
    """The organisation, closed and merged units too."""
    shown, after = page(visit, visit.house.people.units(), cursor, limit)
    return UnitPage(items=[unit_shape(each) for each in shown], next=after)


def unit_shape(unit: Unit) -> UnitShape:
    """A unit as answers have it."""
    return UnitShape(
        unit=unit.id,
        title=unit.title,
        title_en=unit.title_en,
        level=unit.level,
        over=unit.over,
        valid_from=moment(unit.valid_from) or "",
        valid_to=moment(unit.valid_to),
        successor=unit.successor,
    )


class UnitAsked(Asked):
    """A unit to be added."""

    unit: Name = Field(description="The name that tasks carry; it never changes.")
    title: Title
    title_en: Title | None = None
    level: Name = Field(description="city, headquarters, bureau, county …")
    over: Name | None = Field(None, description="The unit above it.")


@routes.post(
    "/api/v1/units",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=UnitShape,
    tags=TAGS,
    summary="添加单位 / Add a unit",
)
def add_unit(visit: Here, told: Annotated[UnitAsked, Depends(Body(UnitAsked))]) -> UnitShape:
    """A name that is taken is 409."""
    people = visit.house.people
    unit = Unit(told.unit, told.title, told.level, told.over, people.now(), None, told.title_en)
    made = found(people, unit, by(visit))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return unit_shape(made)


class Ending(Asked):
    """From when on."""

    at: AwareDatetime | None = Field(None, description="With an offset; now by default, and never earlier.")


def instant_of(at: datetime | None) -> datetime | None:
    """An instant that was asked for. Raises `Problem` for one that no calendar has."""
    if at is not None and not 1900 < at.year < 2200:
        raise Problem(422, "api_year")
    return at


@routes.post(
    "/api/v1/units/{unit}/close",
    need=ADMINISTRATOR,
    response_model=UnitShape,
    tags=TAGS,
    summary="撤销单位 / Close a unit",
)
def close_unit(visit: Here, unit: str, told: Annotated[Ending, Depends(Body(Ending))]) -> UnitShape:
    """One that nobody succeeds; the roles held for it end. A merger is another thing: `/units/{unit}/merge`."""
    if all(each.id != unit for each in visit.house.people.units()):
        raise NotHere
    made = close(visit.house.people, unit, instant_of(told.at), by(visit))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return unit_shape(made)


# -- holdings


@routes.get(
    "/api/v1/holdings",
    need=ADMINISTRATOR,
    reads=False,
    response_model=HoldingPage,
    tags=TAGS,
    summary="任职清单 / Holdings",
)
def holdings(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> HoldingPage:
    """Who holds or held which role, from when to when."""
    shown, after = page(visit, visit.house.people.holdings(), cursor, limit)
    return HoldingPage(items=[holding_shape(each) for each in shown], next=after)


class HoldingAsked(Asked):
    """A role that somebody is given."""

    user: Name
    role: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="A role of the definition, or `admin` or `auditor`."
    )
    process: str = Field(ANY, max_length=200, description="Nothing: every process that has the role.")
    unit: Name | None = None
    valid_from: AwareDatetime | None = Field(None, description="With an offset; now by default, and never earlier.")
    valid_to: AwareDatetime | None = None


@routes.post(
    "/api/v1/holdings",
    need=ADMINISTRATOR,
    status_code=201,
    response_model=HoldingShape,
    tags=TAGS,
    summary="任职 / Give a role",
)
def grant(visit: Here, told: Annotated[HoldingAsked, Depends(Body(HoldingAsked))]) -> HoldingShape:
    """A role that they hold already is 409."""
    people = visit.house.people
    begins = instant_of(told.valid_from) or people.now()
    holding = Holding(told.user, told.role, told.process, told.unit, begins, instant_of(told.valid_to))
    made = grant_role(people, holding, by(visit), rights.roles(visit.desk))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return holding_shape(made)


@routes.post(
    "/api/v1/holdings/{id}/end",
    need=ADMINISTRATOR,
    response_model=HoldingShape,
    tags=TAGS,
    summary="免职 / End a role",
)
def end(
    visit: Here,
    id: int,  # noqa: A002 - the name in the path
    told: Annotated[Ending, Depends(Body(Ending))],
) -> HoldingShape:
    """What deputies hold in their stead ends with it; what has ended already stays as it is."""
    made = end_holding(visit.house.people, id, instant_of(told.at), by(visit))
    if isinstance(made, Refusal):
        raise refused(visit, made)
    return holding_shape(made)


# -- the post


@routes.get(
    "/api/v1/deliveries",
    need=AUDIT,
    reads=True,
    response_model=DeliveryPage,
    tags=["post"],
    summary="通知送达情况 / Deliveries",
)
def deliveries(visit: Here, cursor: Cursor = "", limit: Limit = 100) -> DeliveryPage:
    """Every notice to every recipient, by mail, chat or webhook, and what became of it."""
    post = visit.house.post
    if post is None:
        raise Problem(503, "api_no_room")
    shown, after = page(visit, list(post.deliveries()), cursor, limit)
    items = [
        DeliveryShape(
            id=each.id,
            task=each.task,
            notice=each.notice,
            recipient=each.recipient,
            channel=each.channel,
            state=each.state,
            attempts=each.attempts,
            next_at=moment(each.next_at) or "",
            sent_at=moment(each.sent_at),
            message_id=each.message_id,
        )
        for each in shown
    ]
    return DeliveryPage(items=items, next=after)
