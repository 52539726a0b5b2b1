"""What of one task is otherwise between two moments: its state and light, its record, its plan and its deadlines, in
words. Personal values are not among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.edition import Edition
from engine.model.fields import FieldType
from engine.problems import Language, Text
from engine.task import Task
from engine.titles import Titles
from workflows.personal import record
from workflows.sentences import said

STATE, LIGHT = Text("状态", "State"), Text("亮灯", "Light")
STATUS: Mapping[str, Text] = {
    "running": Text("进行中", "running"),
    "paused": Text("中止", "paused"),
    "missed": Text("逾期", "overdue"),
    "met": Text("完成", "met"),
    "met_late": Text("逾期完成", "met late"),
    "lapsed": Text("届满", "lapsed"),
    "cancelled": Text("取消", "cancelled"),
    "superseded": Text("已取代", "superseded"),
}
"""The statuses of deadlines."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that is otherwise; nothing is the empty text."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Worded:
    """A task of the past in words."""

    task: Task
    edition: Edition
    lang: Language

    @property
    def titles(self) -> Titles:
        """The titles of its edition."""
        return Titles(self.edition, self.lang, self.task.kind)

    def all(self) -> dict[str, tuple[str, str]]:
        """Everything that a page shows of it: a key, its title and its words."""
        titles, task = self.titles, self.task
        found = {"state": (STATE.in_(self.lang), titles.state(task.state))}
        if task.signal:
            found["signal"] = (LIGHT.in_(self.lang), titles.colour(task.signal))
        return found | dict(self.facts()) | dict(self._plan()) | dict(self.deadlines())

    def facts(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The record, as far as it is filled in."""
        sheet, titles = self.edition.sheets[self.task.kind], self.titles
        for name, value in record(self.task.fields, sheet).items():
            field = sheet.body.fields.get(name)
            if field is None or field.personal or value in (None, "", []):
                continue
            suffix = "%" if field.type is FieldType.PERCENT else ""
            yield f"field/{name}", (titles.field(name), said(titles.value(name, value), self.lang) + suffix)

    def _plan(self) -> Iterator[tuple[str, tuple[str, str]]]:
        sheet = self.edition.sheets[self.task.kind]
        fields = sheet.body.milestones.fields if sheet.body.milestones else {}
        joint = "，" if self.lang == "zh" else ", "
        for key, row in record(self.task.milestones, sheet).items():
            told = [
                f"{fields[name].title(self.lang)} {said(value, self.lang)}"
                for name, value in row.items()
                if name in fields and value not in (None, "")
            ]
            yield f"plan/{key}", (key, joint.join(told))

    def deadlines(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Each occurrence with its status and its last day."""
        for key, one in self.task.deadlines.items():
            title = self.titles.deadline(one["name"]) + ("" if one["key"] == "1" else f" {one['key']}")
            yield (
                f"deadline/{key}",
                (title, f"{STATUS[one['status']].in_(self.lang)} {one.get('last_day') or ''}".strip()),
            )


def changed(before: Worded | None, after: Worded | None) -> list[Changed]:
    """What differs; all of it where the task was not there on one side."""
    was, now = before.all() if before else {}, after.all() if after else {}
    keys = dict.fromkeys([*was, *now])
    pairs = ((was.get(key), now.get(key)) for key in keys)
    return [
        Changed((new or old or ("", ""))[0], old[1] if old else "", new[1] if new else "")
        for old, new in pairs
        if (old and old[1]) != (new and new[1])
    ]
