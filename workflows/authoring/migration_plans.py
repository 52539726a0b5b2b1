"""The plan of a migration: a YAML file that is edited and reviewed by people, and read; `plan_writing` writes it.

What both editions have under one name goes on by itself. What people have to answer is `?`; a task that needs the
answer cannot move before it is given, and the dry run says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from engine.commands import Refusal
from engine.document import Document, Path
from engine.edition import Edition
from engine.events import Json
from engine.migrating import UNANSWERED
from engine.model.base import Model, Name, Names, Slug, as_list
from engine.model.fields import Field, opens
from engine.problems import Problem, Text, in_order, meant
from engine.reading import read
from engine.shapes import problems_of
from workflows.desk import Desk

ROOT = "task"
"""What a plan calls the body of the process itself, whose kind is empty."""

Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Unanswered = Literal["?"]
Opened = Literal["yes", "empty", "?"]
Policy = Literal["keep", "start_anew", "re_anchor", "drop", "?"]


class Filled(Model):
    """What stands in a field from now on: a value for those that have none, or what stood in another field."""

    value: Any = None
    from_: Name | None = None


class Carried(Model):
    """What becomes of the occurrences of a deadline that are owed."""

    policy: Policy = "keep"
    to: Name | None = None
    if_over: Policy | None = None


class BodyPlan(Model):
    """What becomes of the tasks of one kind."""

    states: Mapping[Name, Name | Unanswered] = {}
    fields: Mapping[Name, Filled | Unanswered] = {}
    opened: Mapping[Name, Opened] = {}
    """Of fields in which a personal value would stand in the open from now on."""
    opened_milestones: Mapping[Name, Opened] = {}
    """The same of fields that rows of the plan of a task have."""
    deadlines: Mapping[Name, Carried] = {}
    starts: Mapping[Name, Literal["start", "wait"]] = {}


class Chosen(Model):
    """Which tasks move; what is empty leaves none out."""

    states: Names = ()
    units: Texts = ()
    only: Texts = ()


class PlanText(Model):
    """The whole file. `process` and both editions as they are named, `from_` without the process."""

    process: Slug
    from_: str
    to: str
    reason: str
    tasks: Chosen = Chosen()
    bodies: Mapping[str, BodyPlan] = {}


_PLAN: TypeAdapter[PlanText] = TypeAdapter(PlanText)


@dataclass(frozen=True)
class Plan:
    """A plan, read: the two editions, which tasks, the rules as the engine takes them, and the digest of its text."""

    said: PlanText
    old: Edition
    new: Edition
    text: str

    @property
    def digest(self) -> str:
        """Which two people answer for."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def rules(self) -> dict[str, Json]:
        """By the kind of each body."""
        return {kind_of(name): _rules(body) for name, body in self.said.bodies.items()}

    @property
    def unanswered(self) -> list[str]:
        """What people have not answered yet, as `task.states.lagging`."""
        said = _unanswered("", self.said.model_dump(by_alias=True, exclude_none=True))
        blank = [] if self.said.reason.strip() else ["reason"]
        return sorted({*said, *blank, *self._unsaid()})

    def _unsaid(self) -> Iterator[str]:
        """What a plan may not be silent about: personal values that would stand in the open."""
        for kind in self.old.sheets:
            if kind in self.new.sheets:
                body = self.said.bodies.get(name_of(kind), BodyPlan())
                at = f"bodies.{name_of(kind)}"
                fields, plans = exposed(body, kind, self.old, self.new), exposed_in_rows(kind, self.old, self.new)
                yield from (f"{at}.opened.{name}" for name in fields if name not in body.opened)
                yield from (f"{at}.opened_milestones.{name}" for name in plans if name not in body.opened_milestones)


def _rules(body: BodyPlan) -> Json:
    told: dict[str, Json] = body.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return told


def _unanswered(at: str, said: Any) -> Iterator[str]:
    if said == UNANSWERED:
        yield at
    for name, each in said.items() if isinstance(said, Mapping) else ():
        yield from _unanswered(f"{at}.{name}" if at else str(name), each)


def exposed(said: BodyPlan, kind: str, old: Edition, new: Edition) -> list[str]:
    """The fields of the new edition that do not say that they are personal, into which a value comes by this plan that
    the old one says is.
    """
    before, found = old.sheets[kind].body.fields, list[str]()
    for name, field in new.sheets[kind].body.fields.items():
        filled = said.fields.get(name)
        source = filled.from_ if isinstance(filled, Filled) and filled.from_ else name
        if opens(before.get(source), field):
            found.append(name)
    return found


def exposed_in_rows(kind: str, old: Edition, new: Edition) -> list[str]:
    """The same of the fields that rows of the plan have; they keep their names."""
    before, after = planned(old, kind), planned(new, kind)
    return [name for name, field in after.items() if opens(before.get(name), field)]


def planned(edition: Edition, kind: str) -> Mapping[str, Field]:
    """The fields of the rows of the plan that a task of this kind may have."""
    milestones = edition.sheets[kind].body.milestones
    return milestones.fields if milestones else {}


def kind_of(name: str) -> str:
    """The kind of the body that a plan calls so."""
    return "" if name == ROOT else name


def name_of(kind: str) -> str:
    """What a plan calls the body of this kind."""
    return kind or ROOT


# -- reading it


def plan_said(told: Any) -> PlanText | None:
    """A plan from data, as a form gives it; None where it is none."""
    try:
        return _said(told)
    except ValidationError:
        return None


def _said(told: Any) -> PlanText:
    return _PLAN.validate_python(told, by_alias=True, by_name=False)


def read_plan(desk: Desk, text: str | bytes, file: str = "plan.yaml") -> Plan | list[Problem] | Refusal:
    """A plan from its text, with all problems at once."""
    document = read(text, file)
    if isinstance(document, list):
        return document
    try:
        said = _said(document.data)
    except ValidationError as error:
        return problems_of(error, document, PlanText)
    books = editions(desk, said.process, said.from_, said.to)
    if isinstance(books, Refusal):
        return books
    plan = Plan(said, *books, text.decode() if isinstance(text, bytes) else text)
    return in_order(_unknown(plan, document)) or plan


def editions(desk: Desk, process: str, old: str, new: str) -> tuple[Edition, Edition] | Refusal:
    """Both editions, the old one first; a refusal where one is not published or they are the same."""
    if old == new:
        return Refusal("same_edition", {"edition": f"{process}@{old}"})
    for each in (old, new):
        if desk.store.edition(process, each) is None:
            known = [one.name for one in desk.store.editions() if one.process == process]
            return Refusal("unknown_edition", {"edition": f"{process}@{each}", "known": known})
    return desk.book(f"{process}@{old}")[0], desk.book(f"{process}@{new}")[0]


def _unknown(plan: Plan, document: Document) -> Iterator[Problem]:
    """Names that neither edition has where they stand."""
    yield from _strange(document, ("tasks", "states"), plan.said.tasks.states, plan.old.sheets[""].body.states)
    for name, body in plan.said.bodies.items():
        kind, at = kind_of(name), ("bodies", name)
        if kind not in plan.old.sheets or kind not in plan.new.sheets:
            both = [name_of(each) for each in plan.old.sheets if each in plan.new.sheets]
            yield _problem(document, at, name, both)
            continue
        old, new = plan.old.sheets[kind].body, plan.new.sheets[kind].body
        yield from _strange(document, (*at, "states"), body.states, old.states)
        yield from _strange(document, (*at, "states"), _answers(body.states), new.states)
        yield from _strange(document, (*at, "fields"), body.fields, new.fields)
        sources = {n: f.from_ for n, f in body.fields.items() if isinstance(f, Filled) and f.from_}
        yield from _strange(document, (*at, "fields"), sources.values(), old.fields)
        yield from _strange(document, (*at, "opened"), body.opened, new.fields)
        yield from _strange(document, (*at, "opened_milestones"), body.opened_milestones, planned(plan.new, kind))
        yield from _strange(document, (*at, "deadlines"), body.deadlines, old.deadlines)
        yield from _strange(
            document, (*at, "deadlines"), [d.to for d in body.deadlines.values() if d.to], new.deadlines
        )
        yield from _strange(document, (*at, "starts"), body.starts, new.deadlines)


def _answers(states: Mapping[str, str]) -> list[str]:
    return [each for each in states.values() if each != UNANSWERED]


def _strange(document: Document, at: Path, names: Any, known: Mapping[str, Any]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield _problem(document, (*at, name), name, known)


def _problem(document: Document, at: Path, name: str, known: Any) -> Problem:
    message = Text(f"没有 `{name}`", f"there is no `{name}`")
    return Problem("unknown-name", document.key_at(at), message, meant(name, known))
