"""Days that no official notice of the working calendar covers yet: whatever is dated there is provisional."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.calendars import Calendar
from engine.checks.findings import written
from engine.checks.sites import sites
from engine.document import Document, Path
from engine.edition import Edition, Sheet
from engine.model import Due
from engine.problems import Problem, Text
from engine.terms import Term, TermError, add

CODE = "beyond-calendar"
SAID = Text("超出日历已公布范围的日子", "a day lies beyond what the calendar covers")


def of_horizon(edition: Edition, document: Document, calendar: Callable[[], Calendar]) -> Iterator[Problem]:
    """The fixed days of deadlines and windows, and terms counted from them. The calendar is asked for only if there are
    any.
    """
    for path, day, term in _days(edition):
        known = calendar()
        last = _added(known, day, term)
        if known.is_provisional(last):
            shown = document.at(written(document, path))
            message = Text(
                f"{last} 超出日历已公布的范围（至 {known.last_known}），届时为暂定日期",
                f"{last} lies beyond what the calendar covers (until {known.last_known}): it is provisional",
            )
            cure = Text("待放假安排公布后录入日历", "enter the official notice into the calendar once it is there")
            yield Problem(CODE, shown, message, cure, "note")


def _days(edition: Edition) -> Iterator[tuple[Path, date, Term | None]]:
    for site in sites(edition.process):
        sheet, path = edition.sheets[site.kind], site.path
        for name, rule in site.body.deadlines.items():
            here = (*path, "deadlines", name)
            if rule.due is not None:
                yield from _fixed(rule.due, sheet, edition.parameters, (*here, "due"))
            for bound in ("from", "until"):
                day = getattr(rule.every.recurrence, "first" if bound == "from" else "last") if rule.every else None
                if day is not None:
                    yield (*here, "every", bound), day, None
        for index, transition in enumerate(site.body.transitions):
            for key in ("not_before", "after", "not_after"):
                due = getattr(transition.window, key) if transition.window else None
                if due is not None:
                    yield from _fixed(due, sheet, edition.parameters, (*path, "transitions", index, "window", key))


def _fixed(
    due: Due, sheet: Sheet, parameters: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, date, Term | None]]:
    """The days that a rule names by themselves or as a parameter, with the term that is counted from each."""
    for text in filter(None, (due.date, due.after)):
        said = text if text in sheet.dates else parameters.get(text.removeprefix("param."))
        if isinstance(said, str) and (text in sheet.dates or text.startswith("param.")):
            yield path, date.fromisoformat(said), sheet.terms.get(due.term or "")
    for key in ("latest_of", "earliest_of"):
        for index, part in enumerate(getattr(due, key) or ()):
            yield from _fixed(part, sheet, parameters, (*path, key, index))


def _added(calendar: Calendar, day: date, term: Term | None) -> date:
    try:
        return add(calendar, day, term) if term else day
    except TermError:
        return day
