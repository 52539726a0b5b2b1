"""The shape of every report: what is asked, in words; a line for each figure; and the events behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from engine.events import Json
from engine.problems import Language, Text

Cell: TypeAlias = str | int | float
"""A word, a count, or days and shares."""


class Ref(NamedTuple):
    """An event behind a figure."""

    task: str
    seq: int

    def __str__(self) -> str:
        """Its name."""
        return f"{self.task}#{self.seq}"


class Period(NamedTuple):
    """From an instant until before another."""

    since: datetime
    until: datetime

    def has(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its cells, by how much its bar is drawn, and the events behind it."""

    cells: Sequence[Cell]
    weight: float
    behind: Sequence[Ref]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report asks, said once: its name, title and how its figures are worked out; the titles of its columns, and
    what its bars show.
    """

    name: str
    title: Text
    said: Text
    columns: Sequence[Text]
    bars: Text


@dataclass(frozen=True, slots=True)
class Report:
    """The answer: lines with the greatest first, how many histories and events were read."""

    asked: Asked
    lines: Sequence[Line]
    tasks: int
    events: int

    def to_json(self, lang: Language) -> dict[str, Json]:
        """For programs: the definition in words, and each line with the events behind it."""
        heads = [each.in_(lang) for each in self.asked.columns]
        rows = [{**dict(zip(heads, one.cells, strict=True)), "events": [*map(str, one.behind)]} for one in self.lines]
        told = {"report": self.asked.name, "title": self.asked.title.in_(lang), "definition": self.asked.said.in_(lang)}
        return {**told, "tasks": self.tasks, "events": self.events, "rows": rows}
