"""Transitions: who may do what, when, what it needs to hold, where it leads and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from engine.model.base import Guard, Model, Name, Names, Rules, Slug, Titled, as_list
from engine.model.deadlines import DueLike
from engine.model.fields import Field
from engine.problems import Mistake, Text


class By(Model):
    """Someone who may act: a role, less the person who fired another trigger (`not: actor_of(verify)`).

    `same_person` is the reason why no second person is asked for; no rule reads it.
    """

    role: Name
    not_: Guard | None = None
    same_person: Titled | None = None


def _bys(value: Any) -> Any:
    return [{"role": item} if isinstance(item, str) else item for item in as_list(value) or []]


Bys = Annotated[tuple[By, ...], BeforeValidator(_bys)]


class Window(Model):
    """When a transition is possible: from the start of a day (`not_before`), once a term is over (`after`), through
    the end of a day (`not_after`).
    """

    not_before: DueLike | None = None
    after: DueLike | None = None
    not_after: DueLike | None = None


class MilestoneChange(Model):
    """Which row of the plan a transition changes, and to what."""

    key: Guard
    set: Mapping[Name, Guard]


class Effect(Model):
    """One thing that follows a transition: a notice, a child, a trigger fired elsewhere in the family, or a
    publication.
    """

    notice: Slug | None = None
    to: Names = ()
    open: Name | None = None
    with_: Mapping[Name, Guard] = {}
    for_each: Guard | None = None
    as_: Name | None = None
    fire: Name | None = None
    on: str | None = None
    publish: Name | None = None
    for_: Guard | None = None
    when: Guard | None = None
    rule: Rules = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> Effect:
        if sum(x is not None for x in (self.notice, self.open, self.fire, self.publish)) != 1:
            raise Mistake(
                Text(
                    "效果从 `notice`、`open`、`fire`、`publish` 中写且只写一项",
                    "an effect is exactly one of `notice`, `open`, `fire`, `publish`",
                )
            )
        if self.notice is not None and not self.to:
            raise Mistake(Text("通知须用 `to` 写明发给谁", "a notice says `to` whom it goes"))
        if self.fire is not None and self.on is None:
            raise Mistake(
                Text(
                    "`fire` 须用 `on` 写明对象：task（本事项）、parent（上级事项）或某种子事项",
                    "`fire` says `on` whom: task (itself), parent, or a kind of children",
                )
            )
        return self


Effects = Annotated[tuple[Effect, ...], BeforeValidator(as_list)]

STAY = "stay"
PREVIOUS = "previous"


class Branch(Model):
    """One way a transition may go; the first whose `when` holds is taken, `otherwise` where none does."""

    state: Name
    when: Guard | None = None
    otherwise: Literal[True] | None = None
    set: Mapping[Name, Guard] = {}
    then: Effects = ()
    rule: Rules = ()

    @model_validator(mode="after")
    def _guarded_or_otherwise(self) -> Branch:
        if (self.when is None) == (self.otherwise is None):
            raise Mistake(
                Text("分支的 `when` 和 `otherwise: true` 任写一项", "a branch has either `when` or `otherwise: true`")
            )
        return self


def _branches(value: Any) -> Any:
    return [{"state": value, "otherwise": True}] if isinstance(value, str) else value


class Why(Titled):
    """The words of a refusal, for where `when` holds; without it, for what the others leave."""

    when: Guard | None = None


class Transition(Titled):
    """One trigger. Its name is unique in its body. `to` is a state, `stay`, `previous` (takes back the last act), or
    branches.
    """

    trigger: Name
    from_: Names
    by: Bys
    to: Annotated[tuple[Branch, ...], BeforeValidator(_branches)]
    form: Mapping[Name, Field] = {}
    window: Window | None = None
    when: Guard | None = None
    refusal: Titled | tuple[Why, ...] | None = None
    set: Mapping[Name, Guard] = {}
    milestone: MilestoneChange | None = None
    then: Effects = ()
    rule: Rules = ()

    @property
    def refusals(self) -> tuple[Why, ...]:
        """The words of its refusals, in their order."""
        told = self.refusal
        return told if isinstance(told, tuple) else (Why(zh=told.zh, en=told.en),) if told is not None else ()

    @property
    def corrects(self) -> bool:
        """Whether it takes back the last act."""
        return any(branch.state == PREVIOUS for branch in self.to)
