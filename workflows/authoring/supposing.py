"""What if: a story with some of its acts left out, late, or with another form, lived through beside the story itself.

    what_if: silent
    zh: 水务局从不填报；住建局隔月迟报
    en: One unit never reports, another is late each second month
    suppose:
      - {unit: 市水务局, do: report, never: true}
      - {unit: 市住建局, do: report, late: 10 working days, each: 2}

What others would have done then, nobody knows: they go on as in the story, and what they no longer can do is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError, model_validator
from pydantic import Field as Key

from engine.calendars import Calendar
from engine.document import Document
from engine.edition import Edition
from engine.events import Json
from engine.model import Body
from engine.model.base import Model, Name, Slug
from engine.model.fields import FieldType
from engine.problems import Mistake, Problem, Text, meant
from engine.reading import problems_of, read
from engine.terms import Term, TermError, add
from workflows.authoring.story import Act, Chosen, Story, chosen


def _term(text: Any) -> Term:
    try:
        return text if isinstance(text, Term) else Term.parse(str(text))
    except TermError as error:
        message, cure = error.message, error.cure
        raise Mistake(Text(message["zh"], message["en"]), Text(cure["zh"], cure["en"])) from error


class Supposition(Model):
    """Which acts of the story would be otherwise: those of a `unit` or of `tasks`, by their trigger. Every one of a
    task, or `each` second (third, …) one. They are left out (`never`), come `late`, or have other values in the form.
    """

    unit: str | None = None
    tasks: Annotated[Chosen | None, BeforeValidator(lambda value: None if value is None else chosen(value))] = None
    do: Name
    each: Annotated[int, Key(ge=1, le=100)] = 1
    never: bool = False
    late: Annotated[Term | None, BeforeValidator(lambda value: None if value is None else _term(value))] = None
    with_: Mapping[str, Any] = {}

    model_config = Model.model_config | {"arbitrary_types_allowed": True}

    @model_validator(mode="after")
    def _changes_something(self) -> Supposition:
        if sum((self.never, self.late is not None, bool(self.with_))) != 1:
            raise Mistake(
                Text("没有说明有何不同", "it does not say what would be otherwise"),
                Text("请写 `never`、`late`、`with` 之一", "write one of `never: true`, `late: TERM`, `with: {…}`"),
            )
        if self.late is not None and self.late.exact:
            raise Mistake(
                Text("迟报按日计", "late is counted in days"), Text("应如 5 working days", "write it as 5 working days")
            )
        return self


class WhatIf(Model):
    """A name, titles, and what is supposed."""

    what_if: Slug
    zh: str
    en: str
    suppose: tuple[Supposition, ...]

    def title(self, lang: str) -> str:
        """The title in `zh` or `en`."""
        return self.zh if lang == "zh" else self.en


_WHAT_IF: TypeAdapter[WhatIf] = TypeAdapter(WhatIf)


def parse_what_if(text: str | bytes, file: str, body: Body) -> WhatIf | Sequence[Problem]:
    """Read a file of suppositions for a process. Never raises for what it says."""
    document = read(text, file)
    if isinstance(document, list):
        return document
    try:
        found = _WHAT_IF.validate_python(document.data, by_alias=True, by_name=False)
    except ValidationError as error:
        return problems_of(error, document, WhatIf)
    return list(_unknown(found, document, body)) or found


def _unknown(found: WhatIf, document: Document, body: Body) -> Iterator[Problem]:
    known = [transition.trigger for transition in body.transitions]
    kin = [each.trigger for child in body.children.values() for each in child.transitions]
    for number, each in enumerate(found.suppose):
        if each.do not in (*known, *kin):
            message = Text(f"没有操作 `{each.do}`", f"there is no trigger `{each.do}`")
            yield Problem("unknown-trigger", document.at(("suppose", number, "do")), message, meant(each.do, known))


@dataclass
class Supposed:
    """A story of which something is supposed, over one definition and calendar. `touched` counts what each supposition
    has changed, so that one that changed nothing can be told.
    """

    what_if: WhatIf
    story: Story
    edition: Edition
    calendar: Calendar
    touched: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing has been touched yet."""
        self.touched = [0] * len(self.what_if.suppose)

    def acts(self, number: int, fields: Mapping[str, Json], acts: Sequence[Act]) -> list[Act]:
        """The acts of one task as they would be, in time order."""
        units = _units(self.edition.process, fields)
        kept = list(acts)
        for index, each in enumerate(self.what_if.suppose):
            if _concerns(each, number, units):
                kept = [one for act in self._counted(kept, each, index) for one in act]
        return sorted(kept, key=lambda act: act.at)

    def _counted(self, acts: Sequence[Act], each: Supposition, index: int) -> Iterator[list[Act]]:
        met = 0
        for act in acts:
            met += act.do == each.do
            if act.do != each.do or met % each.each:
                yield [act]
            else:
                self.touched[index] += 1
                yield [] if each.never else [self._changed(act, each)]

    def _changed(self, act: Act, each: Supposition) -> Act:
        if each.late is None:
            return act.model_copy(update={"with_": {**act.with_, **each.with_}})
        at = datetime.fromisoformat(act.at)
        day = add(self.calendar, at.date(), each.late)
        return act.model_copy(update={"at": f"{day} {at:%H:%M}"})


def _concerns(each: Supposition, number: int, units: frozenset[str]) -> bool:
    return (each.unit is None or each.unit in units) and (each.tasks is None or each.tasks.has(number))


def _units(body: Body, fields: Mapping[str, Json]) -> frozenset[str]:
    """Every unit in the record of a task."""
    found = set[str]()
    for name, kept in body.fields.items():
        value = fields.get(name)
        if kept.type is FieldType.UNIT and value:
            found.add(str(value))
        elif kept.type is FieldType.UNITS and value:
            found |= {str(each) for each in (value if isinstance(value, list) else str(value).split("、"))}
    return frozenset(found)
