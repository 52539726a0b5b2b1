"""The grammar of stories: which tasks are registered when, and who does what with which of them, in time order.

A rehearsal lives through a story in memory, a demonstration through the store; both take their acts from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from re import findall, fullmatch
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError, model_validator

from engine.document import Document
from engine.model.base import Model, Name, Slug, as_list
from engine.problems import Mistake, Position, Problem, Text
from engine.reading import problems_of, read
from workflows.authoring.grammar import DoerLike, Moment, OpeningFacts, UnitPlace


def _day(text: str) -> str:
    if not fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise Mistake(Text(f"“{text}”不是日期", f"`{text}` is not a date"), Text("应如 2022-12-31", "as in 2022-12-31"))
    return text


Day = Annotated[str, AfterValidator(_day)]


class ProgrammeEntry(Model):
    """A programme that the tasks are part of."""

    id: Slug
    at: Moment
    as_: DoerLike
    fields: Mapping[str, Any] = {}
    milestones: Mapping[str, Mapping[str, Any]] = {}


class PartOf(Model):
    """Which programme a task is part of, by the value of one of its fields."""

    field: Name
    ids: Mapping[str, Slug]


class Registration(Model):
    """How the tasks of a list are registered: all at once, by whom, and part of what."""

    at: Moment
    as_: DoerLike
    part_of: Slug | PartOf | None = None
    list: str | None = None
    opening: OpeningFacts | None = None


def chosen(value: Any) -> Any:
    """`all`, `all but [4, 7]`, or a list of numbers."""
    if value == "all":
        return {"but": True, "numbers": []}
    if isinstance(value, str) and fullmatch(r"all but \[?[\d\s,]+\]?", value):
        return {"but": True, "numbers": [int(each) for each in findall(r"\d+", value)]}
    if isinstance(value, str):
        raise Mistake(
            Text(f"“{value}”没有说明是哪些事项", f"`{value}` does not say which tasks"),
            Text("应如 all、all but [4]、[1, 2, 3]", "write all, all but [4], or [1, 2, 3]"),
        )
    return {"numbers": as_list(value)}


class Chosen(Model):
    """Tasks by their number in the list; or all of them `but` these."""

    numbers: tuple[int, ...]
    but: bool = False

    def has(self, number: int) -> bool:
        """Whether a task is among them."""
        return (number in self.numbers) is not self.but


class Act(Model):
    """One act of one task, of several, or of a programme. `source` says where its figures come from."""

    at: Moment
    task: int | None = None
    tasks: Annotated[Chosen | None, BeforeValidator(lambda value: None if value is None else chosen(value))] = None
    programme: Slug | None = None
    as_: DoerLike
    do: Name
    on: str | None = None
    with_: Mapping[str, Any] = {}
    occurred_at: Moment | None = None
    reason: str | None = None
    source: Literal["bulletin", "invented", "derived"] = "invented"
    note: str | None = None

    @model_validator(mode="after")
    def _says_whose(self) -> Act:
        if sum(x is not None for x in (self.task, self.tasks, self.programme)) != 1:
            raise Mistake(
                Text("这一步没有说明是哪个事项", "this step does not say whose it is"),
                Text("请写 `task`、`tasks`、`programme` 之一", "write one of `task`, `tasks`, `programme`"),
            )
        return self

    def concerns(self, number: int) -> bool:
        """Whether a task with this number in the list takes part."""
        return self.tasks.has(number) if self.tasks is not None else self.task == number


class Story(Model):
    """What happens to the tasks of a list between two dates. `from` and `until` are the first and the last day."""

    story: Slug
    zh: str
    en: str
    from_: Day | None = None
    until: Day | None = None
    units: Mapping[str, UnitPlace] = {}
    programmes: tuple[ProgrammeEntry, ...] = ()
    register_: Registration | None = None
    steps: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Telling:
    """A story with the places of its steps in the file."""

    story: Story
    document: Document

    def where(self, act: Act) -> Position:
        """Where a step stands."""
        return self.document.at(("steps", next(i for i, each in enumerate(self.story.steps) if each is act)))


_STORY: TypeAdapter[Story] = TypeAdapter(Story)


def parse_story(text: str | bytes, file: str) -> Telling | Sequence[Problem]:
    """Read a story. Never raises for what it says."""
    document = read(text, file)
    if isinstance(document, list):
        return document
    try:
        return Telling(_STORY.validate_python(document.data, by_alias=True, by_name=False), document)
    except ValidationError as error:
        return problems_of(error, document, Story)


def local(text: str, zone: ZoneInfo) -> datetime:
    """An aware instant from a local time of a story."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def acts_of(story: Story, number: int) -> Iterator[Act]:
    """The acts of the task with this number, in time order; at one instant in the order of the file."""
    yield from sorted((act for act in story.steps if act.concerns(number)), key=lambda act: act.at)


def acts_of_programme(story: Story, programme: str) -> Iterator[Act]:
    """The acts of a programme, in time order."""
    yield from sorted((act for act in story.steps if act.programme == programme), key=lambda act: act.at)


def task_id(process: str, number: int, of: int = 0) -> str:
    """The id of the task in a row: `dalian-livelihood-07`; wide enough for a list `of` so many."""
    return f"{process}-{number:0{max(2, len(str(of)))}d}"


def part_of(registration: Registration, fields: Mapping[str, Any]) -> str | None:
    """The programme that a task with these fields is part of."""
    rule = registration.part_of
    return rule.ids.get(str(fields.get(rule.field))) if isinstance(rule, PartOf) else rule
