"""How long a term may be in days, at least and at most, so that two terms can be compared before anything is dated."""

from __future__ import annotations

from typing import NamedTuple

from engine.edition import Sheet
from engine.every import Every
from engine.model import Due
from engine.terms import Term, TermError, Unit

_LONGEST_CLOSED = 10
"""Days off in a row, weekends left aside, that no official calendar has exceeded."""


class Length(NamedTuple):
    """Days, at least and at most."""

    least: float
    most: float


_DAYS = {
    Unit.MINUTES: Length(1 / 1440, 1 / 1440),
    Unit.HOURS: Length(1 / 24, 1 / 24),
    Unit.DAYS: Length(1, 1),
    Unit.WEEKS: Length(7, 7),
    Unit.MONTHS: Length(28, 31),
    Unit.QUARTERS: Length(89, 92),
    Unit.YEARS: Length(365, 366),
}


def length(term: Term) -> Length:
    """Of a term; working days are at least as many days, and at most as many as weekends and holidays make of them."""
    if term.unit is Unit.WORKING_DAYS:
        return Length(term.amount, term.amount * 2 + _LONGEST_CLOSED)
    least, most = _DAYS[term.unit]
    return Length(term.amount * least, term.amount * most)


def longer(one: Term, other: Term) -> bool:
    """Whether one term is surely longer than another."""
    if one.unit is other.unit:
        return one.amount > other.amount
    return length(one).least > length(other).most


def from_start(sheet: Sheet, due: Due | None, parameters: dict[str, object]) -> Term | None:
    """The literal term (or parameter) that a date counts from its start; None where it is anything else."""
    if due is None or due.after != "start" or due.term is None:
        return None
    return term_of(sheet, due.term, parameters)


def term_of(sheet: Sheet, text: str, parameters: dict[str, object]) -> Term | None:
    """A literal term, or the value of a parameter that is no table."""
    if text in sheet.terms:
        return sheet.terms[text]
    value = parameters.get(text.removeprefix("param.")) if text.startswith("param.") else None
    try:
        return Term.parse(value) if isinstance(value, str) else None
    except TermError:
        return None


def cycle(every: Every) -> Length:
    """How long it is from one occurrence to the next, days that are rolled left aside."""
    if every.working_days:
        return length(Term(every.working_days, Unit.WORKING_DAYS))
    if every.days:
        return Length(every.days, every.days)
    if every.weeks:
        return Length(7 * every.weeks, 7 * every.weeks)
    return {
        "week": Length(7, 7),
        "month": Length(28, 31),
        "quarter": Length(89, 92),
        "year": Length(365, 366),
    }[every.of or ("week" if every.weekday else "month")]
