"""What each variable of a body may hold, as far as its definition says: the ground on which questions are answered.

The rules are those of the record: a form demands what is required and fills in defaults; a record is read the same way
when the task is registered; a transition may set a field to a plain copy of what is not there, and a copy is not
looked at again, so that a field holds whatever its own type or a copied one allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.edition import Edition, Sheet
from engine.expressions import Kind
from engine.model import Body, Field
from engine.model.fields import FieldType, kind_of
from engine.vocabulary import variables


class Sort(StrEnum):
    """Kinds as they are compared: a text that is a month is ordered as time is, other texts are the same or not."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    MONTH = "month"
    DATE = "date"
    INSTANT = "instant"
    LIST = "list"


@dataclass(frozen=True)
class Domain:
    """What a variable may hold. `always`: it is never unset; `never`: it always is; `among`: all texts it may be."""

    sort: Sort
    always: bool = False
    never: bool = False
    low: int | None = None
    high: int | None = None
    whole: bool = False
    among: frozenset[str] | None = None

    def joined(self, other: Domain) -> Domain:
        """What may be of one or of the other."""
        if self.sort is not other.sort:
            return Domain(self.sort)
        return Domain(
            self.sort,
            always=self.always and other.always,
            low=None if self.low is None or other.low is None else min(self.low, other.low),
            high=None if self.high is None or other.high is None else max(self.high, other.high),
            whole=self.whole and other.whole,
            among=None if self.among is None or other.among is None else self.among | other.among,
        )


SORTS: Mapping[Kind, Sort] = {
    Kind.BOOLEAN: Sort.BOOLEAN,
    Kind.NUMBER: Sort.NUMBER,
    Kind.TEXT: Sort.TEXT,
    Kind.DATE: Sort.DATE,
    Kind.INSTANT: Sort.INSTANT,
    Kind.TEXTS: Sort.LIST,
    Kind.ROWS: Sort.LIST,
    Kind.NUMBERS_BY: Sort.LIST,
    Kind.TEXTS_BY: Sort.LIST,
}
COUNTS = frozenset(
    {
        *("met", "missed", "misses", "streak", "lapsed", "extensions"),
        *("fired", "fired_within", "fired_since", "children", "open_children", "ended_children"),
    }
)
"""Functions whose results are whole and not negative."""
_MONTHS = frozenset({"this_month", "last_month"})
_MAYBE = frozenset({"start", "key", "milestone", "last.trigger", "last.actor"})
_FILLED = frozenset({FieldType.BOOLEAN, FieldType.UNITS, FieldType.FILES, FieldType.ROWS})
"""Types that are filled in where nothing was given: false, or an empty list."""


def of_field(field: Field) -> Domain:
    """What a form or a record takes for a field."""
    return Domain(
        Sort.MONTH if field.type is FieldType.MONTH else SORTS[kind_of(field.type)],
        always=field.required or field.default is not None or field.type in _FILLED,
        low=_least(field),
        high=field.maximum,
        whole=field.type is FieldType.INTEGER,
        among=frozenset(field.choices) if field.choices else None,
    )


def _least(field: Field) -> int | None:
    """The least number, or the fewest members of a list."""
    if SORTS[kind_of(field.type)] is Sort.LIST:
        return int(field.required)
    if field.type is FieldType.PERCENT:
        return max(field.minimum or 0, 0)
    return field.minimum


class Domains:
    """The domains of one body's variables."""

    def __init__(self, edition: Edition, sheet: Sheet) -> None:
        parent = edition.sheets[sheet.parent].body if sheet.parent is not None else None
        self._body = sheet.body
        self._parent = parent
        self._kinds = variables(edition.process, sheet.body, parent)
        self._sheet = sheet
        self._forms = {each.trigger: each.form for each in sheet.body.transitions}
        self._records = {name: self._record(name, field) for name, field in sheet.body.fields.items()}

    def knows(self, name: str) -> bool:
        """Whether the body has such a variable."""
        return name in self._kinds

    def of(self, name: str, trigger: str | None = None) -> Domain:
        """The domain of a variable; that of a form field in the form of a trigger, or in any form."""
        record, _, rest = name.partition(".")
        if record == "task" and rest != "id":
            return self._records[rest] if rest in self._records else self._unit(self._records, rest)
        if record == "form":
            return self._form(rest, trigger)
        if record == "parent" and self._parent is not None:
            return self._of_parent(rest, self._parent)
        kind = SORTS[self._kinds[name]]
        if name == "state":
            return Domain(kind, always=True, among=frozenset(self._body.states))
        return Domain(Sort.MONTH if name in _MONTHS else kind, always=name not in _MAYBE)

    def _unit(self, records: Mapping[str, Domain], name: str) -> Domain:
        return Domain(Sort.TEXT, always=records[name.removesuffix("_unit")].always)

    def _form(self, name: str, trigger: str | None) -> Domain:
        forms = [*self._forms.values()] if trigger is None else [self._forms[trigger]] if trigger in self._forms else []
        found = [field for form in forms for field in _named(form, name)]
        if not found:
            return replace(self._form(name, None), always=False, never=True)
        first, *others = map(of_field, found)
        for other in others:
            first = first.joined(other)
        if self._kinds[f"form.{name}"] is Kind.TEXT and first.sort is Sort.NUMBER:
            return Domain(Sort.TEXT, always=first.always)  # the unit of a quantity
        return first if trigger or len(found) == len(forms) else replace(first, always=False)

    def _of_parent(self, name: str, parent: Body) -> Domain:
        """A parent may be out of sight: nothing of it is sure."""
        if name == "state":
            return Domain(Sort.TEXT, among=frozenset(parent.states))
        if name not in parent.fields:
            return Domain(Sort.TEXT)
        return Domain(of_field(parent.fields[name]).sort)

    def _record(self, name: str, field: Field) -> Domain:
        """What a field of the record may hold: what its own type takes, and what transitions copy into it."""
        domain = of_field(field)
        for trigger, text in self._assigned(name):
            domain = domain.joined(self._copied(text, trigger, domain))
        return domain

    def _assigned(self, name: str) -> Iterator[tuple[str, str]]:
        for each in self._body.transitions:
            for assignments in (each.set, *(branch.set for branch in each.to)):
                if name in assignments:
                    yield each.trigger, assignments[name]

    def _copied(self, text: str, trigger: str, own: Domain) -> Domain:
        record, _, name = text.partition(".")
        if record == "form" and name in self._sheet.forms:
            return self._form(name, trigger)
        if text in self._kinds and record in ("task", "parent"):
            fields = self._body.fields if record == "task" or self._parent is None else self._parent.fields
            return replace(of_field(fields[name]), always=False) if name in fields else Domain(own.sort)
        filled = own.sort is not Sort.TEXT or (text[:1] in "'\"" and text.strip("'\" ") != "")
        return replace(own, always=filled)


def _named(form: Mapping[str, Field], name: str) -> Iterator[Field]:
    if name in form:
        yield form[name]
    elif name.endswith("_unit") and name.removesuffix("_unit") in form:
        yield form[name.removesuffix("_unit")]
