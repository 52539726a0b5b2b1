"""A body is a state machine with its record, deadlines and all that hangs on them; a process is a body with a name, its
children, and the programme that its tasks are part of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Key

from engine.every import Every
from engine.model.base import Guard, Model, Name, Names, Rules, Slug, Titled, as_list
from engine.model.deadlines import Deadline
from engine.model.fields import Field, FieldType, Milestones, Parameter, Role
from engine.model.shared import spelt_out, texts_of, worded
from engine.model.transitions import Bys, Effects, Transition
from engine.problems import Mistake, Text


class State(Titled):
    """A state. One is `initial`; a `final` one ends the task, cancels what runs and tells the parent."""

    initial: bool = False
    final: bool = False
    rule: Rules = ()


class Measure(Titled):
    """A named expression over a task, or an aggregate `over` its children or a programme's members: `count` those for
    which a guard holds, or `sum` an expression (of those for which `where` holds).

    With `scored_by` it is a score: each change of that field is a cause, shown with the act and the line behind it.
    """

    value: Guard | None = None
    type: FieldType = FieldType.DECIMAL
    over: str | None = None
    count: Guard | None = None
    sum: Guard | None = None
    where: Guard | None = None
    by: Name | None = None
    scored_by: Name | None = None
    public: bool = False
    rule: Rules = ()

    @model_validator(mode="after")
    def _is_one_shape(self) -> Measure:
        if sum(x is not None for x in (self.value, self.count, self.sum)) != 1:
            raise Mistake(
                Text("指标从 `value`、`count`、`sum` 中任写一项", "a measure is one of `value`, `count`, `sum`")
            )
        if (self.over is not None) != (self.value is None):
            raise Mistake(
                Text(
                    "`count` 和 `sum` 须用 `over` 写明范围；`value` 不写",
                    "`count` and `sum` say `over` what; `value` does not",
                )
            )
        if self.scored_by is not None and self.value is None:
            raise Mistake(
                Text("`scored_by` 只用于写有 `value` 的指标", "`scored_by` belongs to a measure with a `value`")
            )
        return self


COLOURS = ("red", "orange", "yellow", "blue", "green")


class Signal(Model):
    """One rule of the light: a colour and when it shows. The first that holds is shown; the last is `true`."""

    colour: Literal["red", "orange", "yellow", "blue", "green"]
    when: Guard
    rule: Rules = ()


def _signals(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [_signal(item) for item in value]


def _signal(item: Any) -> Any:
    if not isinstance(item, dict) or "colour" in item:
        return item
    colours = [key for key in item if key in COLOURS]
    if len(colours) != 1:
        raise Mistake(
            Text(
                f"灯色规则从 {'、'.join(COLOURS)} 中写且只写一种",
                f"a signal rule has one colour of {', '.join(COLOURS)}",
            )
        )
    when = item[colours[0]]
    rest = {key: value for key, value in item.items() if key != colours[0]}
    return {"colour": colours[0], "when": "true" if when is True else when, **rest}


HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"
"""Of a day, as in `08:30-17:30`."""


class Notice(Titled):
    """A message with a name. `text` is a template (Jinja2, sandboxed) in both languages; without it the title is
    sent. `hours` and `on_days` say when it may be sent; a `daily` digest keeps it for the next opening; an `urgent` one
    goes at once.
    """

    text: Titled | None = None
    hours: Annotated[str, Key(pattern=HOURS)] | None = None
    on_days: Literal["all", "working"] = "all"
    digest: Literal["none", "daily"] = "none"
    urgent: bool = False
    rule: Rules = ()

    @property
    def open_hours(self) -> tuple[time, time] | None:
        """From when until before when on a day it may be sent."""
        if self.hours is None:
            return None
        first, _, last = self.hours.partition("-")
        return time.fromisoformat(first), time.fromisoformat(last)

    @model_validator(mode="after")
    def _has_a_time(self) -> Notice:
        if self.open_hours is not None and self.open_hours[0] >= self.open_hours[1]:
            raise Mistake(
                Text("`hours` 的结束须晚于开始，且在同一日", "`hours` end later on the same day than they begin")
            )
        if self.urgent and (self.hours is not None or self.on_days != "all" or self.digest != "none"):
            raise Mistake(
                Text(
                    "`urgent` 通知立即发出，不能写 `hours`、`on_days`、`digest`",
                    "an `urgent` notice goes at once: it has no `hours`, `on_days` or `digest`",
                )
            )
        return self


TemplateFile = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*\.docx$", max_length=80)]
"""The name of a Word file in the folder `templates` beside the definition."""


Filled = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A short template."""


class Marks(Model):
    """What some documents bear at their head, each a template that may come out empty: then it is not there."""

    secrecy: Filled | None = None
    urgency: Filled | None = None
    copy_number: Filled | None = None


class Publication(Titled):
    """A document on a task or on the programme, on a cadence (`every`) or when a transition orders it (`publish`),
    kept as issued. With a `template` it is an official document: it has a `number`, goes out in the name of an
    `organ`, `to` the units of roles, with `copies` to others.
    """

    every: Every | None = None
    audience: Literal["public", "units", "office"] = "units"
    template: TemplateFile | None = None
    number: Filled | None = None
    organ: Titled | None = None
    to: Names = ()
    copies: Names = ()
    marks: Marks | None = None
    attendance: Titled | None = None
    text: Annotated[Titled | None, BeforeValidator(worded)] = None
    rule: Rules = ()

    @model_validator(mode="after")
    def _is_a_document_or_none(self) -> Publication:
        if (self.template is None) != (self.number is None):
            raise Mistake(
                Text("公文的 `template` 和 `number` 须同时写", "a document has both a `template` and a `number`")
            )
        if self.template is None and (self.organ or self.to or self.copies or self.marks or self.attendance):
            raise Mistake(
                Text(
                    "`organ`、`to`、`copies`、`marks`、`attendance` 用于公文，须写 `template`",
                    "`organ`, `to`, `copies`, `marks` and `attendance` belong to a document, which has a `template`",
                )
            )
        return self


class OnChildren(Model):
    """When children have ended: `all`, `any` or a number of them (`count`) fire a trigger on the parent."""

    wait_for: Literal["all", "any"] | Annotated[int, Key(ge=1)]
    fire: Name
    in_: Names = ()


class Registration(Model):
    """How a task enters: `by` whom, and what makes it `unique` among open tasks or among all that ever were."""

    by: Bys = ()
    unique: Names = ()
    among: Literal["open", "ever"] = "open"
    then: Effects = ()
    rule: Rules = ()


class Property(Model):
    """A claim about the process, parsed and type-checked here, and proved or refuted by `duban prove`. `zh` says its
    name in Chinese.
    """

    name: str
    zh: Filled | None = None
    never: Guard | Mapping[Literal["state"], Names | Name] | None = None
    always: Guard | None = None
    from_: Names = ()
    reaches: Names = ()
    within: Guard | None = None
    can_reach: Names = ()
    no_starvation: Literal[True] | None = None
    guards_total: Literal[True] | None = None
    when: Guard | None = None
    rule: Rules = ()

    @model_validator(mode="after")
    def _is_one_claim(self) -> Property:
        shapes = (
            self.never is not None,
            self.always is not None,
            bool(self.reaches),
            bool(self.can_reach),
            bool(self.no_starvation),
            bool(self.guards_total),
        )
        if sum(shapes) != 1:
            raise Mistake(
                Text(
                    "性质从 `never`、`always`、`from … reaches`、`can_reach`、`no_starvation`、`guards_total` "
                    "中任写一项",
                    "a property is one of `never`, `always`, `from … reaches`, `can_reach`, `no_starvation`, "
                    "`guards_total`",
                )
            )
        if self.reaches and not self.from_:
            raise Mistake(Text("`reaches` 须用 `from` 写明起始状态", "`reaches` says `from` which states"))
        return self


class Body(Model):
    """The state machine and everything that hangs on it."""

    fields: Mapping[Name, Field] = {}
    milestones: Milestones | None = None
    registration: Registration = Registration()
    states: Annotated[Mapping[Name, State], Key(min_length=1)]
    transitions: tuple[Transition, ...] = ()
    deadlines: Mapping[Name, Deadline] = {}
    measures: Mapping[Name, Measure] = {}
    signals: Annotated[tuple[Signal, ...], BeforeValidator(_signals)] = ()
    notices: Mapping[Slug, Notice] = {}
    publications: Annotated[Mapping[Name, Publication], BeforeValidator(texts_of)] = {}
    children: Mapping[Name, Child] = {}
    properties: tuple[Property, ...] = ()

    @property
    def initial(self) -> str:
        """The name of the initial state."""
        return next(name for name, state in self.states.items() if state.initial)


class Child(Body, Titled):
    """A small process of its own, opened by a transition of its parent. `on_parent_end` says what the end of the
    parent does to it; `on_end` what its own end does to the parent.
    """

    on_parent_end: Literal["cancel", "keep", "block"] = "cancel"
    cancelled: Name | None = None
    on_end: Annotated[tuple[OnChildren, ...], BeforeValidator(as_list)] = ()
    rule: Rules = ()


class Programme(Body, Titled):
    """What the tasks of a process are part of: a plan, or a headquarters. It runs a body of its own, outside their
    lock.
    """

    rule: Rules = ()


class Process(Body):
    """A process definition: one text, named `process@edition` for ever."""

    process: Slug
    edition: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=40)]
    title: Titled
    source: str | None = None
    organ: Titled | None = None
    timezone: str
    calendar: Slug
    parameters: Mapping[Name, Parameter] = {}
    roles: Mapping[Name, Role] = {}
    programme: Programme | None = None
    scenarios: tuple[str, ...] = ()
    exhortations: Mapping[str, Titled] = {}

    @model_validator(mode="before")
    @classmethod
    def _spells_names_out(cls, written: Any) -> Any:
        return spelt_out(written)

    @property
    def name(self) -> str:
        """`process@edition`."""
        return f"{self.process}@{self.edition}"

    def bodies(self) -> Iterator[tuple[str, Body]]:
        """Every body with its kind: "" is the process itself, then its children by path, then the programme."""
        yield "", self
        yield from _nested("", self)
        if self.programme is not None:
            yield "programme", self.programme
            yield from _nested("programme/", self.programme)


def _nested(path: str, body: Body) -> Iterator[tuple[str, Body]]:
    for name, child in body.children.items():
        yield path + name, child
        yield from _nested(f"{path}{name}/", child)


Body.model_rebuild()
Child.model_rebuild()
Programme.model_rebuild()
Process.model_rebuild()
