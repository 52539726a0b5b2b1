"""The words that guards may use: variables and functions, each with its kind. `docs/language.md` explains every one.

Numbers are decimals, dates are local days as text (`2022-03-31`), months are text (`2022-03`), and what is not set is
left out: a guard that needs it fails with its cause, it is never false.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expressions import Function, Kind
from engine.model import Body, Process
from engine.model.fields import Field, FieldType, Parameter, kind_of

N, T, D, B, L = Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.BOOLEAN, Kind.TEXTS

ALWAYS: Mapping[str, Kind] = {
    "state": T,
    "entered_on": D,
    "now": Kind.INSTANT,
    "today": D,
    "this_month": T,
    "last_month": T,
    "occurred_on": D,
    "start": Kind.INSTANT,
    "milestone": D,
    "key": T,
    "task.id": T,
    "actor.id": T,
    "actor.roles": L,
    "actor.units": L,
    "last.trigger": T,
    "last.actor": T,
}
"""`today` is the day of the decision, `occurred_on` the day on which the act is said to have happened, `start` the
start of the occurrence of the deadline that is being worked out, `key` its key and `milestone` the day of its
milestone. `last` is the last act that can be taken back."""

FUNCTIONS: tuple[Function, ...] = (
    Function("add", (D, N, T), D),
    Function("add", (D, T), D),
    Function("working_days", (D, D), N),
    Function("days", (D, D), N),
    Function("is_working_day", (D,), B),
    Function("date_of", (Kind.INSTANT,), D),
    Function("month_of", (D,), T),
    Function("month_end", (T,), D),
    Function("latest", (L,), D),
    Function("earliest", (L,), D),
    Function("due", (T,), D),
    Function("running", (T,), B),
    Function("met", (T,), N),
    Function("missed", (T,), N),
    Function("misses", (T,), N),
    Function("streak", (T,), N),
    Function("lapsed", (T,), N),
    Function("extensions", (T,), N),
    Function("fired", (T,), N),
    Function("fired_within", (T, T), N),
    Function("fired_since", (T, T), N),
    Function("last", (T,), D),
    Function("actor_of", (T,), T),
    Function("children", (T,), N),
    Function("open_children", (T,), N),
    Function("ended_children", (T, T), N),
    Function("date_or", (T, D), D),
    Function("has_milestone", (T,), B),
)

NAMES_DEADLINE = frozenset({"due", "running", "met", "missed", "misses", "streak", "lapsed", "extensions"})
"""Functions whose first argument is the name of a deadline."""
NAMES_TRIGGER = frozenset({"fired", "fired_within", "fired_since", "last", "actor_of"})
"""Functions whose first argument is a trigger."""
NAMES_CHILD = frozenset({"children", "open_children", "ended_children"})
"""Functions whose first argument is a kind of children."""

RECKON = frozenset(
    {"add", "working_days", "days", "is_working_day", "date_of", "month_of", "month_end", "latest", "earliest"}
)
"""Functions of what they are given and of the calendar, and of nothing else."""

DAILY = frozenset({"now", "today", "working_days", "days", "fired_within"})
"""Words by which a light may change at any midnight."""
MONTHLY = frozenset({"this_month", "last_month"})
"""Words by which a light may change when a month begins."""


def variables(process: Process, body: Body, parent: Body | None) -> dict[str, Kind]:
    """Every variable of a body's language with its kind, form fields of all its transitions included."""
    found = dict(ALWAYS)
    found.update(_record("task", body.fields))
    found.update({f"param.{name}": parameter_kind(parameter) for name, parameter in process.parameters.items()})
    found.update(
        {
            f"measure.{name}": kind_of(measure.type)
            for name, measure in body.measures.items()
            if measure.over != "members"
        }
    )
    for transition in body.transitions:
        found.update(_record("form", transition.form))
    if parent is not None:
        found["parent.state"] = T
        found.update(_record("parent", parent.fields))
    return found


def functions(body: Body) -> Iterator[Function]:
    """Every function of a body's language: the common ones, and one for each field of its milestones."""
    yield from FUNCTIONS
    if body.milestones is not None:
        for name, field in body.milestones.fields.items():
            yield Function(name, (T,), kind_of(field.type))


def parameter_kind(parameter: Parameter) -> Kind:
    """The kind of a parameter; a table is read by its key."""
    kind = kind_of(parameter.type)
    if parameter.values is None:
        return kind
    return Kind.NUMBERS_BY if kind is N else Kind.TEXTS_BY


def _record(prefix: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, Kind]]:
    for name, field in fields.items():
        yield f"{prefix}.{name}", kind_of(field.type)
        if field.type is FieldType.QUANTITY:
            yield f"{prefix}.{name}_unit", T
