"""From a rule of the definition (`15 working days after start`) and the facts of a task to a date with its why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine import dues
from engine.calendars import Calendar
from engine.cel.compiled import Undecided
from engine.commands import Refused
from engine.counting import Pause
from engine.dues import Due
from engine.events import Json, instant, iso
from engine.expressions import Kind
from engine.facts import Situation
from engine.model import deadlines as model
from engine.steps import step_to_json
from engine.terms import Term, TermError, Unit, add, subtract

_INSTANT = timedelta(milliseconds=1)
"""What happens at one instant is told apart by microseconds (`engine.decide.present`): so far apart it is one still."""


class Unset(Refused):
    """Something that a date or a value hangs on is not there yet. A date waits for it; anything else is refused."""

    def __init__(self, error: str, guard: str = "") -> None:
        super().__init__("unset", error=error, guard=guard)


def compute(at: Situation, text: str) -> Any:
    """The value of an expression. Raises `Unset` where it needs what is not there yet, `Refused` on any other error."""
    try:
        return at.outcome(text)
    except Undecided as problem:
        error = str(problem)
    if at.unset:
        raise Unset(error, text)
    raise Refused("guard_error", guard=text, error=error, operands=dict(at.evaluate(text).operands))


RECKONED = (TermError, OverflowError, ValueError)
"""What terms and dates raise that lead nowhere (five days less, the year 10000)."""


def unreckoned(error: Exception, text: str) -> Refused:
    """The refusal of a term or a date that leads nowhere, with its cause."""
    if isinstance(error, TermError):
        return Refused("computed", guard=text, **error.message)
    return Refused("computed", guard=text, zh="日期或数量超出可用范围", en="a date or an amount is out of range")


@contextmanager
def reckoning(text: str) -> Iterator[None]:
    """Refuses what leads nowhere. What is worked out at each act says so itself: a `with` costs more than the date."""
    try:
        yield
    except RECKONED as error:
        raise unreckoned(error, text) from None


def term_of(at: Situation, text: str) -> Term:
    """A term: literal, or the value of an expression. Raises `Refused` where that is none."""
    literal = at.sheet.terms.get(text)
    if literal is not None:
        return literal
    try:
        return Term.parse(str(compute(at, text)))
    except RECKONED as error:
        raise unreckoned(error, text) from None


def anchor_of(at: Situation, text: str) -> date | datetime:
    """A date or an instant: literal, or the value of an expression."""
    if text in at.sheet.dates:
        return date.fromisoformat(text)
    value = str(compute(at, text))
    kind = at.sheet.expressions[text].kind
    return instant(value) if kind is Kind.INSTANT else date.fromisoformat(value)


def due_of(at: Situation, rule: model.Due) -> Due:
    """The due date of a rule for the occurrence at hand, its pauses and extensions included. Raises `Unset`."""
    try:
        return _due_of(at, rule)
    except RECKONED as error:
        raise unreckoned(error, str(rule.term or rule.date or "")) from None


def _due_of(at: Situation, rule: model.Due) -> Due:
    day, terms = granted(at.occurrence)
    if day is not None:
        return lengthened(at, day, terms, clock(rule.at))
    if rule.latest_of is not None:
        return dues.latest(_known(at, rule.latest_of))
    if rule.earliest_of is not None:
        return dues.earliest(_known(at, rule.earliest_of))
    return _single(at, rule, terms)


def granted(occurrence: Mapping[str, Any]) -> tuple[date | None, list[Term]]:
    """The last day that was granted or stated, if any, and the terms that were granted since."""
    day, terms = None, list[Term]()
    for grant in occurrence.get("extensions", ()):
        if "to" in grant:
            day, terms = date.fromisoformat(grant["to"]), []
        else:
            terms.append(Term.parse(grant["term"]))
    return day, terms


def lengthened(at: Situation, day: date, terms: Sequence[Term], hour: time | None = None) -> Due:
    """The date of a day with terms granted on top of it."""
    calendar, zone = at.turn.calendar, at.turn.edition.zone
    return dues.plan(calendar, zone, day, terms, at=hour) if terms else dues.on_date(calendar, zone, day, at=hour)


def _known(at: Situation, rules: Sequence[model.Due]) -> list[Due]:
    """Those of several dates that are known; at least one has to be."""
    found = []
    for rule in rules:
        if _waits(at, rule):
            continue
        at.unset = False
        try:
            found.append(due_of(at, rule))
        except Unset:
            continue
    if not found:
        raise Unset("none of the dates is known")
    return found


def _waits(at: Situation, rule: model.Due) -> bool:
    """Whether a date hangs on a variable that is not set: what `Unset` would say, at a tenth of its cost."""
    text = rule.before or rule.after or rule.date
    program = at.sheet.programs.get(text) if text and not at.occurrence.get("extensions") else None
    return program is not None and program.variable and at.value(program.names[0]) is None


def _single(at: Situation, rule: model.Due, extensions: list[Term]) -> Due:
    calendar, zone = at.turn.calendar, at.turn.edition.zone
    if rule.before is not None:
        day = subtract(calendar, _local(at, anchor_of(at, rule.before)), term_of(at, str(rule.term)))
        return dues.on_date(calendar, zone, day, at=clock(rule.at), roll=rule.roll, including=rule.including)
    if rule.term is None and not extensions and not at.occurrence.get("pauses"):
        day = _local(at, anchor_of(at, str(rule.date)))
        return dues.on_date(calendar, zone, day, at=clock(rule.at), roll=rule.roll, including=rule.including)
    return _counted(at, rule, extensions)


def _counted(at: Situation, rule: model.Due, extensions: list[Term]) -> Due:
    """A term that runs from an anchor; a fixed date with pauses or extensions is one of zero days."""
    anchor = anchor_of(at, str(rule.after or rule.date))
    budget = [term_of(at, rule.term)] if rule.term else [Term(_paused_days(at), Unit.DAYS)]
    return dues.plan(
        at.turn.calendar,
        at.turn.edition.zone,
        anchor,
        [*budget, *extensions],
        pauses=pauses(at, exact=budget[0].exact) if rule.term else (),
        roll=rule.roll,
        count_start=rule.count_start,
        at=clock(rule.at),
        including=rule.including,
    )


def _paused_days(at: Situation) -> int:
    """How many calendar days a fixed date moves, because the clock stood."""
    total = 0
    for pause in pauses(at, exact=False):
        if pause.until is None:
            raise Unset("the clock stands")
        total += (_local(at, pause.until) - _local(at, pause.since)).days
    return total


def pauses(at: Situation, *, exact: bool) -> list[Pause]:
    """The stretches not counted. One that ends at midnight ends with the day before; days are counted, not instants."""
    found = []
    for since, until in at.occurrence.get("pauses", ()):
        end = instant(until) if until else None
        if end is not None and not exact:
            end = max(instant(since), end - _INSTANT)
        found.append(Pause(instant(since), end))
    return found


def _local(at: Situation, moment: date | datetime) -> date:
    return at.local_day(moment) if isinstance(moment, datetime) else moment


def clock(text: str | None) -> time | None:
    """A time of day from `17:00`."""
    return time.fromisoformat(text) if text else None


def foreseen(at: Situation, deadline: model.Deadline) -> bool:
    """Whether reminders hang on nothing but the date: no term of theirs is worked out."""
    return all(rung.term in at.sheet.terms for rung in deadline.remind)


def reminders(at: Situation, deadline: model.Deadline, due: Due) -> Sequence[str]:
    """The instants at which to remind, on working days, as events write them, the earliest first."""
    if due.last_day is None or due.due_at is None or not deadline.remind:
        return ()
    try:
        rungs = tuple([(term_of(at, rung.term), rung.after) for rung in deadline.remind])
        return _reminders(at.turn.calendar, at.turn.edition.zone, deadline.remind_at, rungs, due.due_at, due.last_day)
    except RECKONED as error:
        raise unreckoned(error, ", ".join(rung.term for rung in deadline.remind)) from None


@lru_cache(maxsize=4096)
def _reminders(
    calendar: Calendar,
    zone: ZoneInfo,
    hour: str,
    rungs: tuple[tuple[Term, bool], ...],
    due_at: datetime,
    last_day: date,
) -> tuple[str, ...]:
    found = set()
    for term, after in rungs:
        if term.exact:
            length = timedelta(hours=term.amount) if term.unit is Unit.HOURS else timedelta(minutes=term.amount)
            found.add(due_at + length if after else due_at - length)
        elif after:
            day = calendar.next_working(add(calendar, last_day, term))
            found.add(dues.start_of(day, zone, time.fromisoformat(hour)))
        else:
            day = calendar.previous_working(subtract(calendar, last_day, term))
            found.add(dues.start_of(day, zone, time.fromisoformat(hour)))
    return tuple(iso(moment) for moment in sorted(found))


def why_json(due: Due) -> list[Json]:
    """The steps that led to a date, as events keep them."""
    return [step_to_json(step) for step in due.why]
