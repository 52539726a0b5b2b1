"""Typed fields: the record of a task, the forms of its transitions, its milestones; and the parameters and roles of
a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from engine.expressions import Kind
from engine.model.base import Guard, Name, Note, Rules, Titled
from engine.model.shared import listed
from engine.problems import Mistake, Text


class FieldType(StrEnum):
    """What a field may hold. Months are `2022-03`, dates `2022-03-31`, percent is 0 to 100 and may have decimals."""

    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    QUANTITY = "quantity"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    INSTANT = "instant"
    MONTH = "month"
    TERM = "term"
    UNIT = "unit"
    UNITS = "units"
    PERSON = "person"
    FILES = "files"
    ROWS = "rows"


KINDS: Mapping[FieldType, Kind] = {
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.QUANTITY: Kind.NUMBER,
    FieldType.MONEY: Kind.NUMBER,
    FieldType.PERCENT: Kind.NUMBER,
    FieldType.DATE: Kind.DATE,
    FieldType.INSTANT: Kind.INSTANT,
    FieldType.UNITS: Kind.TEXTS,
    FieldType.FILES: Kind.TEXTS,
    FieldType.ROWS: Kind.ROWS,
}


def kind_of(field_type: FieldType) -> Kind:
    """How a guard sees a field of this type; what is not named above it sees as text."""
    return KINDS.get(field_type, Kind.TEXT)


class Field(Titled):
    """One typed field. `unit` names the unit of a quantity where all tasks share it; `choices` are values, and
    `columns` those of rows: both may be the name of a field that has them (`engine.model.shared`). What is `written_by`
    transitions is no business of whoever registers a task.
    """

    type: FieldType
    required: bool = False
    default: Any = None
    immutable: bool = False
    written_by: Literal["transitions"] | None = None
    personal: bool = False
    public: bool = False
    cites: bool = False
    choices: Annotated[Mapping[Name, Titled] | None, BeforeValidator(listed)] = None
    columns: Annotated[Mapping[Name, Field] | None, BeforeValidator(listed)] = None
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    rule: Rules = ()

    @model_validator(mode="after")
    def _fits_its_type(self) -> Field:
        if (self.type is FieldType.CHOICE) != (self.choices is not None):
            raise Mistake(
                Text(
                    "`choices` 用于 choice 类型的字段，且该类型必须写",
                    "`choices` belongs to a field of type choice, which needs it",
                )
            )
        if (self.type is FieldType.ROWS) != (self.columns is not None):
            raise Mistake(
                Text(
                    "`columns` 用于 rows 类型的字段，且该类型必须写",
                    "`columns` belongs to a field of type rows, which needs it",
                )
            )
        return self


def to_fill_in(fields: Mapping[str, Field]) -> dict[str, Field]:
    """The fields of a record that a registration asks for: those that transitions alone write are left out."""
    return {name: field for name, field in fields.items() if field.written_by is None}


class Milestones(Titled):
    """The nodes of a task's plan: one row for each month (or date), with these typed fields.

    Each field is a function in guards: `planned(form.month)` is its value at that key, or at the latest key before it.
    """

    key: Annotated[FieldType, Key(description="month or date")] = FieldType.MONTH
    fields: Mapping[Name, Field]
    rule: Rules = ()

    @model_validator(mode="after")
    def _keyed_by_time(self) -> Milestones:
        if self.key not in (FieldType.MONTH, FieldType.DATE):
            raise Mistake(Text("节点以 month 或 date 为键", "milestones are keyed by month or date"))
        return self


def lawful(field: Field) -> bool:
    """Whether the law protects a field, or a column of it."""
    return field.personal or any(map(lawful, (field.columns or {}).values()))


def opens(old: Field | None, new: Field) -> bool:
    """Whether what the law protects in one field, or in a column of it, would stand in the open in the other."""
    if old is None or new.personal:
        return False
    had, has = old.columns or {}, new.columns or {}
    return old.personal or any(opens(had[name], has[name]) for name in had.keys() & has.keys())


class Parameter(Titled):
    """A named value that the source text leaves open, or a table of values keyed by a choice field (`values`).

    In guards and terms `param.NAME`; a table is read by its key: `param.reply_term[task.grade]`.
    """

    type: FieldType
    value: Any = None
    values: Mapping[Name, Any] | None = None
    note: Note | None = None
    rule: Rules = ()

    @model_validator(mode="after")
    def _has_one_value(self) -> Parameter:
        if (self.value is None) == (self.values is None):
            raise Mistake(Text("参数的 `value` 和 `values` 任写一项", "a parameter has either `value` or `values`"))
        return self


class Role(Titled):
    """Who may act. `unit` binds the role to the unit in a field: only that unit's people act. `backdate` lets it
    enter late what happened before, with a reason.
    """

    unit: Guard | None = None
    backdate: bool = False
    rule: Rules = ()
