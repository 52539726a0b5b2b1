"""What is not as plain as it looks in a history: what was entered late, what followed from that, what was found done
when the record began, what the system caught up with, and facts that were dated back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from engine.edition import Edition, Sheet
from engine.events import Event, EventType, iso
from engine.model import Field
from engine.model.fields import FieldType
from engine.problems import Language
from workflows.ports import Recorded
from workflows.worded import Worded

BEHIND = timedelta(minutes=1)
"""By how much an event is recorded after it occurred before that is worth a word."""


class Mark(Worded):
    """Why an event stands in the history later than it happened."""

    LATE = "late", "补录", "late entry"
    """Somebody entered it after the fact, with a reason."""
    FOLLOWS = "follows", "由补录引起", "follows from a late entry"
    """It follows from such an entry."""
    OPENING = "opening", "登记前已有", "was so before"
    """It was so already when the task was registered."""
    CAUGHT_UP = "caught_up", "事后补算", "caught up"
    """It fell due while nobody looked, and was decided afterwards as of then."""


def mark_of(recorded: Recorded, first: Event) -> Mark | None:
    """The mark of an event, by the first event of its decision; None where it was recorded as it happened."""
    event = recorded.event
    if event.type is EventType.TASK_REGISTERED and event.payload.get("opening"):
        return Mark.OPENING
    if entered_late(first):
        return Mark.LATE if event is first or event.payload.get("command") else Mark.FOLLOWS
    return Mark.CAUGHT_UP if is_behind(recorded) else None


def entered_late(first: Event) -> bool:
    """Whether a decision was entered after the fact: with a reason, which may have been erased since; then its times
    tell.
    """
    command = first.payload.get("command") or {}
    late = command.get("do") == "fire" and (command.get("reason") or iso(first.occurred_at) != command["at"])
    return bool(late)


def is_behind(recorded: Recorded) -> bool:
    """Whether an event was recorded later than it occurred."""
    return recorded.recorded_at - recorded.event.occurred_at > BEHIND


def dated_back(event: Event, edition: Edition, kind: str, lang: Language) -> list[str]:
    """The dates in an act's form that lie before its day, in words: `title date`. None of a personal field."""
    trigger, form = event.payload.get("trigger"), event.payload.get("form")
    if not event.payload.get("command") or not isinstance(form, Mapping):
        return []
    today = event.occurred_at.astimezone(edition.zone).date()
    asked = _form(edition.sheets[kind], str(trigger))
    joint = "" if lang == "zh" else " "
    return [f"{asked[name].title(lang)}{joint}{day}" for name, day in _dates(form, asked) if day < today]


def _form(sheet: Sheet, trigger: str) -> Mapping[str, Field]:
    return next((each.form for each in sheet.body.transitions if each.trigger == trigger), {})


def _dates(form: Mapping[str, Any], asked: Mapping[str, Field]) -> Iterator[tuple[str, date]]:
    for name, value in form.items():
        field = asked.get(name)
        if field is not None and field.type is FieldType.DATE and not field.personal and isinstance(value, str):
            yield name, date.fromisoformat(value)
