"""How long a deadline may run: from its rule to the least and the greatest reading of its clock when it passes.

What hangs on a form, on the record or on another act may come at any time. A date that moves for nobody is a reading
of one clock that all of them share (`engine.proofs.scales` says how clocks read).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine import dues
from engine.edition import Edition, Sheet
from engine.model.deadlines import Due
from engine.plans import clock
from engine.proofs.scales import DAY, Scale, rest
from engine.terms import Term, TermError, Unit, add, subtract

SWING = 120
"""Minutes by which clocks that are put forward and back may shorten or lengthen a stretch of days."""

EPOCH = date(1900, 1, 1)
"""The day from which fixed dates are counted: before every task."""


@dataclass(frozen=True, slots=True)
class Span:
    """The readings of a deadline's clock at which it may pass: at least `low`, at most `high` (None: no bound).

    `sure`: its date is known whenever it starts. `fixed` is the reading of the common clock on a date that moves for
    nobody. `exact`: its clock starts at 0, not at the beginning of its day.
    """

    low: int
    high: int | None
    sure: bool = True
    fixed: int | None = None
    exact: bool = False


@dataclass(frozen=True)
class Spans:
    """Reads the rules for dates of one body on one scale."""

    edition: Edition
    sheet: Sheet
    scale: Scale

    def of(self, rule: Due) -> Span:
        """The span of a rule for a date."""
        if rule.latest_of is not None:
            return _latest([self.of(each) for each in rule.latest_of])
        if rule.earliest_of is not None:
            return _earliest([self.of(each) for each in rule.earliest_of])
        anchor = str(rule.after or rule.before or rule.date)
        day = self.day(anchor)
        if day is not None:
            return self._fixed(rule, day)
        if rule.after == "start" and rule.term is not None:
            return self._counted(rule, rule.term)
        return Span(0, None, sure=self._is_set(anchor) and (rule.term is None or self.terms(rule.term) is not None))

    def day(self, text: str) -> date | None:
        """The day that a text always gives: a literal, or a parameter."""
        if text in self.sheet.dates:
            return date.fromisoformat(text)
        known = self._parameter(text)
        try:
            return date.fromisoformat(str(known[0])) if known and len(known) == 1 else None
        except ValueError:
            return None

    def terms(self, text: str) -> list[Term] | None:
        """The terms that a text may give; None where they are not known."""
        literal = self.sheet.terms.get(text)
        if literal is not None:
            return [literal]
        try:
            values = self._parameter(text)
            return None if values is None else [Term.parse(str(value)) for value in values]
        except TermError:
            return None

    def _parameter(self, text: str) -> list[object] | None:
        """The value of `param.x`, or those of all entries of `param.x[…]`."""
        name, table, _ = text.removeprefix("param.").partition("[")
        if (
            not text.startswith("param.")
            or name not in self.edition.parameters
            or bool(table) is not text.endswith("]")
        ):
            return None
        value = self.edition.parameters[name]
        return list(value.values()) if isinstance(value, dict) else [value]

    def _counted(self, rule: Due, text: str) -> Span:
        terms = self.terms(text)
        if terms is None:
            return Span(0, None, sure=False)
        spans = _alike([self.of_term(term, rule) for term in terms])
        highs = [span.high for span in spans if span.high is not None]
        return Span(min(span.low for span in spans), max(highs), self._has_entry(text), exact=spans[0].exact)

    def _has_entry(self, text: str) -> bool:
        """Whether a term is there for whatever it is looked up by."""
        if "[" not in text:
            return True
        name, _, key = text.removeprefix("param.").removesuffix("]").partition("[")
        field = self.sheet.body.fields.get(key.strip().removeprefix("task.")) if "task." in key else None
        table = self.edition.process.parameters[name].values or {}
        filled = field is not None and (field.required or field.default is not None)
        return bool(filled and field and field.choices and set(field.choices) <= set(table))

    def of_term(self, term: Term, rule: Due | None = None) -> Span:
        """One term from the start, with what moves its last day."""
        rule = rule or Due(term=str(term), after="start")
        off = rest(self.scale.calendar) if rule.roll != "none" else 0
        if term.exact:
            low, high = self.scale.minutes(term.amount * (60 if term.unit is Unit.HOURS else 1))
            return Span(max(0, low - off * DAY), high + off * DAY, exact=True)
        low, high = self.scale.days(term)
        low -= int(rule.count_start) + int(not rule.including) + (off if rule.roll == "previous" else 0)
        high += (off if rule.roll == "next" else 0) - int(not rule.including and not self.scale.working)
        ends = clock(rule.at)
        end = DAY if ends is None else ends.hour * 60 + ends.minute
        swing = 0 if self.scale.working else swings(self.edition.zone)
        # What is over when it starts passes at once, at whatever hour of its first day that is.
        return Span(max(0, low * DAY + end - swing), max(DAY, high * DAY + end + swing))

    def _fixed(self, rule: Due, day: date) -> Span:
        """A date that moves for nobody, or a known term before or after it."""
        calendar, zone = self.scale.calendar, self.edition.zone
        if self.scale.working and day > calendar.last_known:
            return Span(0, None)  # how many working days it is away is not known yet
        if rule.term is not None:
            terms = self.terms(rule.term)
            if terms is None or len(terms) != 1 or terms[0].exact:
                return Span(0, None, sure=terms is not None)
            day = (add if rule.after else subtract)(calendar, day, terms[0])
        due = dues.on_date(calendar, zone, day, at=clock(rule.at), roll=rule.roll, including=rule.including)
        assert due.due_at is not None, "a date without pauses is due"
        return Span(0, None, fixed=self._since_epoch(due.due_at))

    def _since_epoch(self, moment: datetime) -> int:
        local = moment.astimezone(self.edition.zone)
        minutes = local.hour * 60 + local.minute
        if not self.scale.working:
            return (local.date() - EPOCH).days * DAY + minutes
        whole = self.scale.calendar.working_days_between(EPOCH, local.date())
        worked = self.scale.calendar.is_working(local.date())
        return (whole - 1) * DAY + minutes if worked else whole * DAY

    def _is_set(self, anchor: str) -> bool:
        """Whether an anchor is always there: a field that is asked for and cannot be emptied."""
        record, _, name = anchor.partition(".")
        field = {"task": self.sheet.body.fields, "form": self.sheet.forms}.get(record, {}).get(name)
        return anchor == "start" or (field is not None and field.required and (record == "form" or self._stays(name)))

    def _stays(self, name: str) -> bool:
        """Whether a field is what it was registered as for ever: it says so, or no transition changes it."""
        changes = [{**each.set, **branch.set} for each in self.sheet.body.transitions for branch in each.to]
        return self.sheet.body.fields[name].immutable or not any(name in change for change in changes)


def _latest(spans: list[Span]) -> Span:
    """The latest of those that are known; one that is always known is a bound from below."""
    spans = _alike(spans)
    low = max((span.low for span in spans if span.sure), default=min(span.low for span in spans))
    highs = [span.high for span in spans]
    high = None if None in highs else max(each for each in highs if each is not None)
    return Span(low, high, sure=any(span.sure for span in spans), exact=spans[0].exact)


def _earliest(spans: list[Span]) -> Span:
    """The earliest of those that are known; one that is always known is a bound from above."""
    spans = _alike(spans)
    high = min((span.high for span in spans if span.sure and span.high is not None), default=None)
    low = min(span.low for span in spans)
    return Span(low, high, sure=any(span.sure for span in spans), exact=spans[0].exact)


def _alike(spans: list[Span]) -> list[Span]:
    """The same spans, read on one clock: an exact one among others counts from the beginning of its day too."""
    if all(span.exact for span in spans):
        return spans
    later = [None if span.high is None else span.high + DAY if span.exact else span.high for span in spans]
    return [replace(span, high=high, exact=False) for span, high in zip(spans, later, strict=True)]


@lru_cache(maxsize=64)
def swings(zone: ZoneInfo) -> int:
    """How much the clock of a zone may be put forward or back, in minutes; none where it has one offset all year."""
    offsets = {datetime(2025, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}
    return SWING if len(offsets) > 1 else 0
