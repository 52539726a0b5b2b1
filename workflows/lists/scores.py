"""The appraisal: each task's score, as a measure with `scored_by` gives it, and the cause of each change of the number
in which it is counted: the act, its rule, its line in the definition, and the points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from statistics import mean
from typing import Any, TypeAlias

from engine.commands import TIME, Refusal
from engine.document import Document, Path
from engine.edition import Edition
from engine.facts import Situation
from engine.model import Body, Measure
from engine.problems import Language
from engine.reading import read
from engine.task import Task, evolve
from engine.titles import Titles
from engine.turn import Turn
from workflows.audit.history import Entry, history
from workflows.changes import title_field, unit_field
from workflows.desk import Desk
from workflows.lists.ports import Lists, Wanted
from workflows.people.values import Scope

BATCH = 500
"""How many tasks are read at one time."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A score that a process keeps: the measure, and the number of the record in which it is counted."""

    edition: Edition
    kind: str
    name: str
    measure: Measure

    @property
    def body(self) -> Body:
        """Where it is declared."""
        return self.edition.sheets[self.kind].body


@dataclass(frozen=True, slots=True)
class Cause:
    """One act that changed a score. `points` are negative where it took some; `line` counts from 1 in the text of the
    `edition` by which the act was decided.
    """

    task: str
    title: str
    unit: str
    seq: int
    at: datetime
    act: str
    who: str
    said: str
    rules: Sequence[str]
    edition: str
    line: int | None
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """A task's score; `full` is what it would be if nothing had been counted. None where it cannot be worked out."""

    task: str
    title: str
    unit: str
    score: float | None
    full: float | None
    causes: Sequence[Cause]


@dataclass(frozen=True, slots=True)
class UnitScore:
    """What a unit's tasks add up to."""

    unit: str
    score: float | None
    points: float
    tasks: int


def appraisals(desk: Desk) -> list[Appraisal]:
    """Every score that a published process keeps now."""
    found = []
    for process in sorted({each.process for each in desk.store.editions()}):
        latest = desk.latest(process)
        for edition in [] if isinstance(latest, Refusal) else [latest[0]]:
            found += [
                Appraisal(edition, kind, name, measure)
                for kind, sheet in edition.sheets.items()
                for name, measure in sheet.body.measures.items()
                if measure.scored_by
            ]
    return found


def scores(desk: Desk, lists: Lists, scope: Scope, appraisal: Appraisal, lang: Language) -> list[Score]:
    """The score of every task in a scope, the lowest first."""
    wanted = Wanted(scope, kind=appraisal.kind, process=appraisal.edition.process.process)
    ids = sorted(lists.ids(wanted))
    found, known = list[Score](), dict[tuple[str, str], float | None]()
    for start in range(0, len(ids), BATCH):
        tasks = lists.tasks_of(ids[start : start + BATCH])
        found += [_score(desk, appraisal, tasks[name], lang, known) for name in sorted(tasks)]
    return sorted(found, key=lambda each: (each.score is None, each.score or 0, each.unit, each.task))


def by_unit(found: Sequence[Score]) -> list[UnitScore]:
    """The units that have scores, the lowest first."""
    units: dict[str, list[Score]] = {}
    for each in found:
        units.setdefault(each.unit, []).append(each)
    told = [_unit(unit, theirs) for unit, theirs in units.items()]
    return sorted(told, key=lambda each: (each.score is None, each.score or 0, each.unit))


def _unit(unit: str, theirs: Sequence[Score]) -> UnitScore:
    known = [each.score for each in theirs if each.score is not None]
    points = sum(cause.points for each in theirs for cause in each.causes)
    return UnitScore(unit, round(mean(known), 2) if known else None, points, len(theirs))


def _score(desk: Desk, appraisal: Appraisal, task: Task, lang: Language, known: Known) -> Score:
    edition, _ = desk.book(task.edition)
    sheet, field = edition.sheets[task.kind], appraisal.measure.scored_by or ""
    title = str(task.fields.get(title_field(sheet) or "") or task.id)
    unit = str(task.fields.get(unit_field(sheet) or "") or "")
    rule = sheet.body.measures.get(appraisal.name)
    if rule is None or rule.scored_by != field:
        return Score(task.id, title, unit, None, None, ())
    told, number = _Told(desk, edition, rule, task, title, unit, lang, known), task.fields.get(field)
    full = told.at(told.default)
    score = full if number == told.default else told.at(number)
    return Score(task.id, title, unit, score, full, list(told.causes()))


Known: TypeAlias = dict[tuple[str, str], float | None]
"""What scores came to, by edition and number."""


@dataclass(frozen=True)
class _Told:
    """One task's score by its own edition."""

    desk: Desk
    edition: Edition
    rule: Measure
    task: Task
    title: str
    unit: str
    lang: Language
    known: Known

    @property
    def field(self) -> str:
        return self.rule.scored_by or ""

    @property
    def default(self) -> Any:
        """What the number is where nothing has been counted."""
        value = self.edition.sheets[self.task.kind].body.fields[self.field].default
        return None if value is None else str(value)

    def at(self, value: Any) -> float | None:
        """The score with this number in the record, all else being as it is. Where it reads nothing else it is worked
        out once for all tasks.
        """
        if not self._alone:
            return self._worked_out(value)
        name = (self.edition.name, repr(value))
        if name not in self.known:
            self.known[name] = self._worked_out(value)
        return self.known[name]

    @property
    def _alone(self) -> bool:
        said = self.edition.sheets[self.task.kind].expressions.get(self.rule.value or "")
        if said is None or said.calls:
            return False
        return all(name == f"task.{self.field}" or name.startswith("param.") for name in said.names)

    def _worked_out(self, value: Any) -> float | None:
        task = self.task.with_fields({**self.task.fields, self.field: value})
        _, calendar = self.desk.book(self.task.edition)
        now = self.desk.clock()
        turn = Turn(self.edition, calendar, TIME, now, now, units=self.desk.units, family={task.id: task})
        found = Situation(turn, task).evaluate(self.rule.value or "")
        value_found: Any = found.value
        return None if found.error is not None or value_found is None else float(value_found)

    def causes(self) -> Iterator[Cause]:
        """Every event after which the number was another."""
        if _same(self.task.fields.get(self.field), self.default):
            return
        past, was, task = history(self.desk, self.task.id, self.lang), self.default, None
        for entry in past if isinstance(past, list) else ():
            task = evolve(task, entry.recorded.event)
            value = task.fields.get(self.field)
            if not _same(value, was):
                before, after = self.at(was), self.at(value)
                yield self._cause(entry, (after or 0.0) - (before or 0.0))
                was = value

    def _cause(self, entry: Entry, points: float) -> Cause:
        event = entry.recorded.event
        edition, _ = self.desk.book(event.edition)
        trigger = str(event.payload.get("trigger") or event.payload.get("taken_back") or "")
        rules, line = _lines(edition, self.task.kind, trigger, self.field)
        act = Titles(edition, self.lang, self.task.kind).trigger(trigger) if trigger else entry.text
        return Cause(
            task=self.task.id,
            title=self.title,
            unit=self.unit,
            seq=event.seq,
            at=entry.occurred_at,
            act=act,
            who=entry.who,
            said=entry.text,
            rules=rules,
            edition=event.edition,
            line=line,
            points=points,
        )


def _same(one: Any, other: Any) -> bool:
    return one == other or float(one or 0) == float(other or 0)


def _lines(edition: Edition, kind: str, trigger: str, field: str) -> tuple[Sequence[str], int | None]:
    """The rules that a transition serves, and the line of the definition that sets the field."""
    document = _document(edition.text, edition.name)
    for number, one in enumerate(edition.sheets[kind].body.transitions):
        if one.trigger == trigger and document is not None:
            return one.rule, document.key_at((*_place(kind), "transitions", number, "set", field)).line
    return (), None


def _place(kind: str) -> Path:
    """Where in a definition the body of a kind stands."""
    parts = kind.split("/") if kind else []
    head: list[str | int] = []
    if parts and parts[0] == "programme":
        head, parts = ["programme"], parts[1:]
    return (*head, *(step for part in parts for step in ("children", part)))


@lru_cache(maxsize=32)
def _document(text: str, name: str) -> Document | None:
    found = read(text, f"{name}.yaml")
    return found if isinstance(found, Document) else None
