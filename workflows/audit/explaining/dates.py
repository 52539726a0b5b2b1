"""What the rule of a date read: the term and the cap from the parameters, the day that somebody filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.edition import texts
from engine.events import Event, EventType, Json
from engine.model import Deadline
from engine.problems import Language, Text
from engine.terms import Term
from workflows.audit.explaining.effects import asked
from workflows.audit.explaining.origins import Fact
from workflows.audit.explaining.past import Past

DATED = (EventType.DEADLINE_STARTED, EventType.DEADLINE_MOVED, EventType.DEADLINE_EXTENDED)
"""What gives an occurrence its date; whatever comes later leads back to one of them."""


def dated_by(past: Past, event: Event) -> list[Fact]:
    """The facts of a date, looked at again in the moment before it was worked out; each once."""
    if event.type not in DATED or event.payload["occurrence"].get("kept"):
        return []
    found: dict[str, Fact] = {}
    for text, act, form in _read(past, event):
        if text in past.edition(event).sheets[past.kind(event.task)].expressions:
            _, facts = asked(past, event, act, text, form, event.payload["occurrence"])
            found |= {one.name: one for one in facts}
    return list(found.values())


def _read(past: Past, event: Event) -> Iterator[tuple[str, Event, Mapping[str, Json]]]:
    """Each expression of the rule, the act whose form it reads, and the form."""
    occurrence = event.payload["occurrence"]
    rule: Deadline = past.edition(event).sheets[past.kind(event.task)].body.deadlines[occurrence["name"]]
    if event.type is EventType.DEADLINE_EXTENDED and rule.extend is not None:
        granted, extend = _act(past, event), rule.extend
        for text in (extend.to, extend.amount, extend.up_to):
            if text is not None:
                yield text, granted, granted.payload.get("form") or {}
    if rule.due is not None and not _stated(occurrence):
        began = past.started(event)
        yield from ((text, _act(past, began or event), occurrence.get("start") or {}) for text in texts(rule.due))


def _stated(occurrence: Mapping[str, Json]) -> bool:
    """Whether a day was granted, or stated by an opening entry, that stands in the place of the rule."""
    return any("to" in grant for grant in occurrence.get("extensions", ()))


def _act(past: Past, event: Event) -> Event:
    """What a deadline answered; itself where only time began it."""
    cause = past.find(event.cause)
    return cause.event if cause is not None else event


def extended(past: Past, event: Event, lang: Language) -> list[str]:
    """Each grant in words: a day in the place of another, with the event that set the first, or so much more."""
    granted = (event.payload.get("occurrence") or {}).get("extensions", ())
    began = past.started(event) if granted else None
    return [text.in_(lang) for text in (_granted(one, began) for one in granted) if text is not None]


def _granted(one: Mapping[str, Json], began: Event | None) -> Text | None:
    if "term" in one:
        term = Term.parse(one["term"])
        return Text(f"批准延长 {term.text('zh')}", f"{term} more were granted")
    if not one.get("first"):
        return None  # an opening entry stated the day
    zh, en = (f"（见 {began.ref}）", f" ({began.ref})") if began is not None else ("", "")
    return Text(
        f"原为 {one['first']}{zh}，批准延至 {one['to']}", f"It was {one['first']}{en}, and was extended to {one['to']}"
    )
