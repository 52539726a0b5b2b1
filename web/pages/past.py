"""A task as it was on a day: its record, its deadlines and what had happened. Nothing is done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fastapi.responses import Response

from engine.commands import Refusal
from engine.events import SYSTEM
from engine.task import Task
from engine.titles import Titles
from web.access import PERSON, Routes
from web.naming import title_of
from web.pages.task import decisions
from web.slider import Back, Slider, Step, local_day
from web.visit import Here, Visit
from workflows.audit.changed import Changed, Worded, changed
from workflows.audit.history import Entry, history
from workflows.audit.moments import Moment, rules_over, task_at
from workflows.ports import Recorded

routes = Routes()


@routes.get("/tasks/{task}/past", need=PERSON, task=True)
def task_past(visit: Here) -> Response:
    """A task as it was at the end of a day (`at`), as known now or then, with the rules that were in force; compared
    with another day (`since`), or with what was learned later (`learned`).
    """
    task, told = visit.about, history(visit.desk, visit.about.id, visit.lang)
    entries = [] if isinstance(told, Refusal) else told
    recorded = [each.recorded for each in entries]
    zone = visit.desk.book(task.edition)[0].zone
    today = visit.desk.clock().astimezone(zone).date()
    back = Back.of({"at": today.isoformat(), **visit.request.query_params}, zone)
    moment = back.moment
    if moment is None:  # what stands in the address is no day
        back = Back.of({"at": today.isoformat()}, zone)
        moment = back.moment
    assert moment is not None, "today is a day"
    steps, at = _steps(entries), visit.request.query_params.get("step", "")
    stands = next((each for each in steps if at == str(each.seq)), None)
    if stands is not None:
        moment = _at_event(entries[stands.seq - 1], back)
        back = replace(back, at=stands.at.date())
    return visit.page(
        "past.html",
        task=task,
        title=title_of(visit, task),
        slider=_stepping(_slider(f"/tasks/{task.id}/past", back, entries, today), steps, stands, moment),
        back=back,
        **_then(visit, entries, moment),
        otherwise=_otherwise(visit, recorded, back),
        system=SYSTEM,
    )


def _slider(address: str, back: Back, entries: Sequence[Entry], today: date) -> Slider:
    days = sorted({_day(each, back) for each in entries})
    at = back.at or today
    before, after = [day for day in days if day < at], [day for day in days if day > at]
    first = min(days, default=today)
    ends = before[-1] if before else None, after[0] if after else None
    return Slider(address, back, first, today, *ends, {}, days)


def _steps(entries: Sequence[Entry]) -> list[Step]:
    """The instants at which something happened, in order, each by the last event of the decision that made it so."""
    found: dict[datetime, Step] = {}
    for each in entries:
        event = each.recorded.event
        found[event.occurred_at] = Step(event.seq, each.text, each.occurred_at)
    return [found[at] for at in sorted(found)]


def _at_event(entry: Entry, back: Back) -> Moment:
    """Just after an event, as known when it was recorded, on another day, or now."""
    at, moment = entry.recorded.event.occurred_at, back.moment
    known = entry.recorded.recorded_at if back.same else moment.known_at if moment is not None else None
    return Moment(at, known)


def _stepping(slider: Slider, steps: Sequence[Step], stands: Step | None, moment: Moment) -> Slider:
    before = [each for each in steps if each.at < moment.at] if stands else [e for e in steps if e.at <= moment.at]
    after = [each for each in steps if each.at > moment.at]
    return replace(slider, stands=stands, earlier=before[-1] if before else None, later=after[0] if after else None)


def _day(entry: Entry, back: Back) -> date:
    found = local_day(entry.recorded.event.occurred_at, back.zone)
    assert found is not None
    return found


def _then(visit: Visit, entries: Sequence[Entry], moment: Moment) -> Mapping[str, Any]:
    """What the page shows of the moment."""
    then = task_at(visit.desk, [each.recorded for each in entries], moment)
    known = [each for each in entries if moment.has(each.recorded)]
    later = [each for each in entries if _entered_later(each.recorded, moment)]
    told: dict[str, Any] = {"then": then, "decisions": decisions(known), "later": len(later)}
    if then is None:
        return {**told, "rules": []}
    worded = _worded(visit, then)
    return {
        **told,
        "rules": [rules_over(visit.desk, then, moment)],
        "process_title": lambda _: worded.edition.process.title.title(visit.lang),
        "state": worded.titles.state(then.state),
        "colour": Titles(None, visit.lang).colour,
        "facts": [one for _, one in worded.facts()],
        "deadlines": [one for _, one in worded.deadlines()],
    }


def _entered_later(recorded: Recorded, moment: Moment) -> bool:
    """Whether something of that day or before was not known at the moment."""
    known: datetime = moment.known_at or moment.at
    return recorded.event.occurred_at <= moment.at and recorded.recorded_at > known


def _otherwise(visit: Visit, recorded: Sequence[Recorded], back: Back) -> Sequence[Changed] | None:
    if back.compared is None or back.learning is None:
        return None
    before, after = (task_at(visit.desk, recorded, moment) for moment in (back.compared, back.learning))
    return changed(*(None if each is None else _worded(visit, each) for each in (before, after)))


def _worded(visit: Visit, task: Task) -> Worded:
    return Worded(task, visit.desk.book(task.edition)[0], visit.lang)
