"""Publications by cadence: what the programmes owe by an instant, each period once, in the order of its days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine import dues
from engine.commands import Refusal
from engine.model import Publication
from engine.recurrence import Period, periods
from engine.task import Task
from workflows.desk import Desk
from workflows.office.programmes import programmes
from workflows.office.publications import Asked, Issued, issue, issues_in


def issue_due(desk: Desk, until: datetime) -> list[Issued | Refusal]:
    """Issue what the cadences of all programmes ask for by `until`, in the order of their days; each period once."""
    due = sorted(_due(desk, until), key=lambda asked: (asked.as_of, asked.stream, asked.publication))
    return [issue(desk, asked) for asked in due]


def _due(desk: Desk, until: datetime) -> Iterator[Asked]:
    for name in programmes(desk):
        programme = desk.store.task(name)
        if programme is not None and not programme.ended:
            yield from _due_of(desk, programme, until)


def _due_of(desk: Desk, programme: Task, until: datetime) -> Iterator[Asked]:
    edition, _ = desk.book(programme.edition)
    rules = edition.sheets[programme.kind].body.publications
    if not any(rule.every for rule in rules.values()):
        return
    events = [recorded.event for recorded in desk.store.events(programme.id)]
    done = {(event.payload["publication"], event.payload["key"]) for event in issues_in(events)}
    for name, rule in rules.items():
        for period, at in _periods(desk, programme, rule, events[0].occurred_at, until):
            if (name, period.key) not in done:
                yield Asked(programme.id, name, period.key, at, period.start, by_time=True)


def _periods(
    desk: Desk, programme: Task, rule: Publication, since: datetime, until: datetime
) -> Iterator[tuple[Period, datetime]]:
    """The periods of a cadence whose day is over by `until`, with the instant at which it was over."""
    if rule.every is None:
        return
    edition, calendar = desk.book(programme.edition)
    first, last = since.astimezone(edition.zone).date(), until.astimezone(edition.zone).date()
    for period in periods(rule.every.recurrence, calendar, first, last):
        over = dues.start_of(period.due_on + timedelta(days=1), edition.zone)
        if over <= until:
            yield period, over
