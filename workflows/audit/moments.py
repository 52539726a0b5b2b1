"""A question to the past has two times: as it was then, and as it was known then. A task, and the rules over it, as of
both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from engine.calendars import Calendar
from engine.edition import Edition
from engine.events import EventType, Json
from engine.problems import Language, Text
from engine.task import Task, evolve, replay_part
from workflows.calendars import in_force as with_changes
from workflows.calendars import record_of
from workflows.changes import shown_fields
from workflows.desk import Desk
from workflows.papers.values import Template
from workflows.ports import CALENDARS, EditionRecord, Recorded, in_force


@dataclass(frozen=True, slots=True)
class Moment:
    """How it was at `at`, as known at `known_at` (None: as known now)."""

    at: datetime
    known_at: datetime | None = None

    def covers(self, occurred_at: datetime, recorded_at: datetime) -> bool:
        """Whether something that occurred and was recorded at these times belongs to the answer."""
        return occurred_at <= self.at and (self.known_at is None or recorded_at <= self.known_at)

    def has(self, recorded: Recorded) -> bool:
        """Whether an event belongs to the answer."""
        return self.covers(recorded.event.occurred_at, recorded.recorded_at)

    @property
    def until(self) -> datetime:
        """The last instant of which anything may be told."""
        return self.at if self.known_at is None else min(self.at, self.known_at)


# -- a task


class Face(NamedTuple):
    """From `at` on, as known from `known` on, the task looked so: state, light, whether it has ended, title and unit.
    `seq` is the event that made it so.
    """

    at: datetime
    known: datetime
    look: tuple[str, str | None, bool, Json, Json]
    seq: int


def task_at(desk: Desk, recorded: Sequence[Recorded], moment: Moment) -> Task | None:
    """A task as it was: its record is what had occurred by then, and its state and light are those that the board shows
    for the same two times (`storage.spans`). None where it was not there, or not known.
    """
    events = [each.event for each in recorded if moment.has(each)]
    face = _face(desk, recorded, moment)
    if face is None or not events or events[0].type is not EventType.TASK_REGISTERED:
        return None
    state, signal, ended, *_ = face.look
    return replay_part(events).with_face(state, signal, ended=ended)


def _face(desk: Desk, recorded: Sequence[Recorded], moment: Moment) -> Face | None:
    """State never rewinds: each change of face covers all time from its own instant on, and the last that reaches the
    moment answers it.
    """
    reaching = [each for each in faces(desk, recorded) if moment.covers(each.at, each.known)]
    return reaching[-1] if reaching else None


def faces(desk: Desk, recorded: Sequence[Recorded]) -> Iterator[Face]:
    """Each change of face in the order of the stream."""
    task, look = None, None
    for (known, at), run in groupby(recorded, key=lambda each: (each.recorded_at, each.event.occurred_at)):
        was, moved = task.state if task else None, 0
        for each in run:
            task = evolve(task, each.event)
            if task.state != was or not moved:
                was, moved = task.state, each.event.seq
        assert task is not None, "a run has an event"
        if (found := _look(desk.book(task.edition)[0], task)) != look:
            yield Face(at, known, found, moved)
            look = found


def _look(edition: Edition, task: Task) -> tuple[str, str | None, bool, Json, Json]:
    sheet = edition.sheets[task.kind]
    title, unit = shown_fields(edition, sheet)
    return task.state, task.signal, task.ended, task.fields.get(title or ""), task.fields.get(unit or "")


# -- the rules over it


@dataclass(frozen=True, slots=True)
class Rules:
    """What was in force in a process: an edition, the working calendar by which it decided, and the templates of its
    documents. `edition` is None before the first was published.
    """

    process: str
    edition: EditionRecord | None
    calendar: Calendar | None
    templates: Sequence[Template] = ()

    def in_words(self, lang: Language) -> str:
        """One line, with the beginnings of digests."""
        if self.edition is None or self.calendar is None:
            return Text(f"{self.process}：当时尚未发布", f"{self.process}: none was published then").in_(lang)
        edition, calendar = (f"{each.name} {each.digest[:12]}" for each in (self.edition, self.calendar))
        named = [f"{each.name} {each.digest[:12]}" for each in self.templates]
        zh, en = "、".join(named) or "无", ", ".join(named) or "none"
        return Text(
            f"当时版次 {edition}，工作日历 {calendar}，模板 {zh}",
            f"Then in force: edition {edition}, calendar {calendar}, templates {en}",
        ).in_(lang)

    def to_json(self) -> dict[str, Json]:
        """For programs: names with digests."""
        edition, calendar = self.edition, self.calendar
        return {
            "process": self.process,
            "edition": edition and {"name": edition.name, "digest": edition.digest},
            "calendar": calendar and {"name": calendar.name, "digest": calendar.digest},
            "templates": {each.name: each.digest for each in self.templates},
        }


def rules_at(desk: Desk, process: str, moment: Moment) -> Rules:
    """The rules that were in force in a process."""
    published = [each for each in desk.store.editions() if each.process == process]
    known = [each for each in published if moment.covers(each.since, each.published_at)]
    return _rules(desk, process, in_force(known, moment.at), moment)


def rules_over(desk: Desk, task: Task, moment: Moment) -> Rules:
    """The rules over a task as it was: the edition that it was under, whichever was in force for new ones."""
    process, _, edition = task.edition.partition("@")
    return _rules(desk, process, desk.store.edition(process, edition), moment)


def _rules(desk: Desk, process: str, record: EditionRecord | None, moment: Moment) -> Rules:
    if record is None:
        return Rules(process, None, None)
    return Rules(process, record, _calendar(desk, record, moment), _templates(desk, process, moment))


def _calendar(desk: Desk, record: EditionRecord, moment: Moment) -> Calendar | None:
    text = desk.store.calendar(record.calendar)
    if text is None:
        return None
    changes = [each for each in desk.store.chain(CALENDARS) if each.recorded_at <= moment.until]
    version = changes[-1].told["version"] if changes else None
    return with_changes(desk.store, Calendar.from_mapping(json.loads(text)), record_of(desk.store, version))


def _templates(desk: Desk, process: str, moment: Moment) -> list[Template]:
    """Of each template the version that was kept last."""
    kept = desk.papers.templates(process) if desk.papers is not None else ()
    return list({each.name: each for each in kept if each.kept_at <= moment.until}.values())
