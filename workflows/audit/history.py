"""The history of a task: everything that happened to it, a sentence each, with its cause and its times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands import Refusal
from engine.events import SYSTEM, Event, Json, iso
from engine.problems import Language
from engine.titles import Titles
from workflows.audit.explaining.past import Past
from workflows.audit.marks import Mark, dated_back, is_behind, mark_of
from workflows.desk import Desk
from workflows.erased.telling import by_event, gone_from, said
from workflows.personal import withheld
from workflows.ports import Recorded
from workflows.sentences import sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a history; times are local to the process."""

    recorded: Recorded
    text: str
    who: str
    """Who acted, and in which roles and for which units; in words where it was the system."""
    mark: Mark | None
    """Why it stands in the record later than it happened, if it does."""
    dated_back: Sequence[str]
    """Dates in the form of an act that lie before its day, in words."""
    payload: Mapping[str, Json]
    """Less what the law protects."""
    occurred_at: datetime
    recorded_at: datetime
    erased: Sequence[Mapping[str, Json]] = ()
    """What it lost: `seq`, `part`, `name`, and `by`, the event that says so."""

    @property
    def late(self) -> bool:
        """Whether it was entered after the fact, with a reason."""
        return self.mark is Mark.LATE

    def to_json(self) -> dict[str, Json]:
        """Everything about it, times in UTC."""
        event = self.recorded.event
        return {
            "ref": event.ref,
            "seq": event.seq,
            "type": event.type.value,
            "text": self.text,
            "occurred_at": iso(event.occurred_at),
            "recorded_at": iso(self.recorded.recorded_at),
            "due_at": iso(event.due_at) if event.due_at else None,
            "actor": event.actor,
            "late": self.late,
            "mark": self.mark,
            "dated_back": list(self.dated_back),
            "cause": event.cause,
            "edition": event.edition,
            "payload": dict(self.payload),
            "erased": [dict(each) for each in self.erased],
            "prev": self.recorded.prev,
            "hash": self.recorded.hash,
        }


def history(desk: Desk, task: str, lang: Language, *, family: bool = False) -> list[Entry] | Refusal:
    """All events of a task in the order of its stream; with `family`, its descendants' too, in the order of time."""
    found = desk.store.task(task)
    if found is None:
        return Refusal("unknown_task", {"task": task})
    entries = _entries(desk, task, lang)
    if family:
        for child in found.children:
            more = history(desk, child, lang, family=True)
            entries += more if isinstance(more, list) else []
        entries.sort(key=lambda entry: (entry.recorded.recorded_at, entry.occurred_at))
    return entries


def _entries(desk: Desk, task: str, lang: Language) -> list[Entry]:
    past, entries, kind = Past(desk), [], ""
    lost = by_event(gone_from(past.events(task)))
    for recorded in past.events(task):
        event = recorded.event
        edition, _ = desk.book(event.edition)
        kind = event.payload.get("kind", kind) if event.seq == 1 else kind
        occurred, known = (moment.astimezone(edition.zone) for moment in (event.occurred_at, recorded.recorded_at))
        entries.append(
            Entry(
                recorded=recorded,
                text=sentence(event, edition, kind, lang) + said(lost.get(event.seq, ()), Titles(edition, lang, kind)),
                who=who_of(event, Titles(edition, lang)),
                mark=mark_of(recorded, past.first(event) if is_behind(recorded) else event),
                dated_back=dated_back(event, edition, kind, lang),
                payload=withheld(event.payload, edition.sheets[kind]),
                occurred_at=occurred,
                recorded_at=known,
                erased=[{**each.line.to_json(), "by": each.ref} for each in lost.get(event.seq, ())],
            )
        )
    return entries


def _command(event: Event) -> Mapping[str, Any]:
    """What was asked, where the event is the first of its decision."""
    return event.payload.get("command") or {}


def who_of(event: Event, titles: Titles) -> str:
    """Who acted, and in which roles and for which units; in words where it was the system."""
    if event.actor == SYSTEM:
        return titles.role(SYSTEM)
    actor = _command(event).get("actor")
    held = actor if isinstance(actor, Mapping) else {}
    roles, units = held.get("roles", ()), held.get("units", ())
    name = titles.role(event.actor) if event.actor in roles or not roles else event.actor
    told = dict.fromkeys([*(titles.role(role) for role in roles), *units])
    others = [each for each in told if each != name]
    if not others:
        return name
    return f"{name}（{titles.listed(others)}）" if titles.lang == "zh" else f"{name} ({titles.listed(others)})"
