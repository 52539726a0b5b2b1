"""The grammar of scenario files: given a task, when these steps, then this is expected. Closed, as a definition is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from re import fullmatch
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Key

from engine.events import EventType
from engine.model.base import Model, Name, Rules, Slug, Titled, as_list
from engine.problems import Mistake, Text, meant


def _moment(text: str) -> str:
    try:
        if fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", text):
            datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise Mistake(
        Text(f"“{text}”不是当地时刻", f"`{text}` is not a local time"),
        Text("应如 2022-04-28 16:00", "write it as 2022-04-28 16:00"),
        "wrong-time",
    )


Moment = Annotated[str, AfterValidator(_moment)]
"""A local time in the process's zone, such as `2022-04-28 16:00`."""


def _doer(value: Any) -> Any:
    return {"role": value} if isinstance(value, str) else value


class Doer(Model):
    """Who acts: a role alone stands for somebody who holds it, for the units to which the task binds it."""

    role: Name
    person: str | None = None
    units: tuple[str, ...] | None = None
    roles: tuple[Name, ...] = ()


DoerLike = Annotated[Doer, BeforeValidator(_doer)]


class UnitPlace(Model):
    """Where a unit stands: its level, and the unit over it."""

    level: str
    over: str | None = None


class OpeningFacts(Model):
    """Facts of a task that is under way when it is registered."""

    state: Name
    due: Mapping[Name, str] = {}
    source: str | None = None


class ProgrammeGiven(Model):
    """A programme that is registered first, under the id `programme`."""

    fields: Mapping[str, Any] = {}
    milestones: Mapping[str, Mapping[str, Any]] = {}
    at: Moment | None = None
    as_: DoerLike | None = None


class DeadlineFacts(Model):
    """What is expected of an occurrence; what is not said is not looked at.

    `due` is a day, or a local time to the minute where it falls due within a day; `units` are those that met or
    missed it.
    """

    due: str | None = None
    status: str | None = None
    provisional: bool | None = None
    days_late: int | None = None
    working_days_late: int | None = None
    minutes_late: int | None = None
    units: list[str] | None = None


class Facts(Model):
    """What is expected of one member of the family."""

    state: Name | None = None
    signal: str | None = None
    ended: bool | None = None
    fields: Mapping[str, Any] = {}
    deadlines: Mapping[str, DeadlineFacts] = {}
    measures: Mapping[Name, Any] = {}


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]


def _known_types(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in list(EventType):
            raise Mistake(Text(f"没有事件 `{name}`", f"there is no event `{name}`"), meant(name, list(EventType)))
    return names


Types = Annotated[Texts, AfterValidator(_known_types)]


class Absent(Model):
    """What must not be there: deadlines at all, the others in this step."""

    deadlines: Texts = ()
    notices: Texts = ()
    publications: Texts = ()
    opened: Texts = ()
    reminded: Texts = ()
    events: Types = ()


class Expect(Facts):
    """What is expected after a step: of the root, of other members (`on`), and of what the step brought."""

    on: Mapping[str, Facts] = {}
    reminded: Texts = ()
    notices: Texts = ()
    publications: Texts = ()
    opened: Texts = ()
    events: Types = ()
    absent: Absent = Absent()


class Given(Model):
    """The task as it is registered."""

    at: Moment
    as_: DoerLike | None = None
    kind: str = ""
    fields: Mapping[str, Any] = {}
    milestones: Mapping[str, Mapping[str, Any]] = {}
    opening: OpeningFacts | None = None
    programme: ProgrammeGiven | None = None
    units: Mapping[str, UnitPlace] = {}
    refused: Slug | None = None
    expect: Expect = Expect()


class Step(Model):
    """One step: time runs to `at`, then the act, if there is one."""

    at: Moment
    do: Name | None = None
    as_: DoerLike | None = None
    on: str | None = None
    with_: Mapping[str, Any] = {}
    occurred_at: Moment | None = None
    reason: str | None = None
    refused: Slug | None = None
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _says_who(self) -> Step:
        if self.do is not None and self.as_ is None:
            raise Mistake(
                Text(f"`do: {self.do}` 没有说明由谁操作", f"`do: {self.do}` does not say who acts"),
                Text("请加上 `as: 角色`", "add `as: ROLE`"),
            )
        if self.do is None and (self.as_ or self.with_ or self.on or self.refused or self.occurred_at or self.reason):
            raise Mistake(
                Text("没有 `do`，却说明了如何操作", "without `do` nothing is done by anybody, with anything"),
                Text("请加上 `do: 操作`，或删去其余", "add `do: TRIGGER`, or remove the rest"),
            )
        return self


class Scenario(Titled):
    """One story with what it shows; `rules` are the requirements that it serves."""

    scenario: Slug
    rules: Rules = ()
    given: Given
    steps: Annotated[tuple[Step, ...], Key(default=())]
