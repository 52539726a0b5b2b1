"""What a publication may say: the members of a programme as they were at an instant, counted, grouped and measured.

Everything is plain data for a template. Personal fields never get here; a publication for the public sees only the
fields that the definition calls public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine import dues
from engine.calendars import Calendar
from engine.commands import TIME
from engine.edition import Edition
from engine.events import instant
from engine.facts import Situation
from engine.model import Field, Measure, Publication
from engine.model.fields import FieldType
from engine.moves import plain
from engine.once import once
from engine.problems import Language
from engine.task import Task, replay
from engine.titles import Titles
from engine.turn import Turn
from workflows.changes import title_field, unit_field
from workflows.desk import Desk
from workflows.papers.marks import Given
from workflows.personal import record
from workflows.sentences import said
from workflows.texts import fill_in

_ZH = """{{ title }}（第{{ number }}期）
{{ programme.title or programme.id }}　截至 {{ as_of }}
共 {{ tasks | length }} 项
{% for each in by_state %}
{{ each.title }} {{ each.count }} 项
{% endfor %}
{% for each in measured %}
{{ each.title }}：{{ each.value }}
{% endfor %}
{% for group in by_unit %}
{{ group.unit or "（未定单位）" }}
{% for task in group.tasks %}
　{{ task.title or task.id }}（{{ task.state_title }}）
{% endfor %}
{% endfor %}
{% for each in late %}
逾期：{{ each.title or each.task }}（{{ each.unit }}） {{ each.deadline }} {{ each.key }}，期限 {{ each.last_day }}
{% endfor %}
"""
_EN = """{{ title }} (no. {{ number }})
{{ programme.title or programme.id }}, as of {{ as_of }}
{{ tasks | length }} tasks
{% for each in by_state %}
{{ each.title }}: {{ each.count }}
{% endfor %}
{% for each in measured %}
{{ each.title }}: {{ each.value }}
{% endfor %}
{% for group in by_unit %}
{{ group.unit or "(no unit)" }}
{% for task in group.tasks %}
  {{ task.title or task.id }} ({{ task.state_title }})
{% endfor %}
{% endfor %}
{% for each in late %}
Overdue: {{ each.title or each.task }} ({{ each.unit }}) {{ each.deadline }} {{ each.key }}, due {{ each.last_day }}
{% endfor %}
"""
DEFAULT = {"zh": _ZH, "en": _EN}
"""The words of a publication that has no text of its own."""


NAMES = frozenset({
    "title", "number", "key", "as_of", "since", "programme", "tasks", "by_state", "by_signal", "by_unit", "late",
    "missed", "measures", "measured", "task", "parent", "form", "record", "deadlines",
})  # fmt: skip
"""What a text may use: the keys of `contents`."""


@dataclass(frozen=True)
class Occasion:
    """One issue: on which task or programme, about which key and days (`since` is the first), as of which instant."""

    desk: Desk
    edition: Edition
    calendar: Calendar
    about: Task
    rule: Publication
    key: str
    number: int
    as_of: datetime
    since: date
    form: Mapping[str, Any] = field(default_factory=dict)
    """What was filled in by the act that ordered it."""
    marks: Given = field(default_factory=Given)
    """What whoever issues it marks it with."""
    head: str | None = None
    """The head of the record that goes out with it on paper: a signed checkpoint."""

    @property
    def day(self) -> date:
        """The last day that it speaks of."""
        return (self.as_of - timedelta(microseconds=1)).astimezone(self.edition.zone).date()

    @once
    def found(self) -> list[Task]:
        """The tasks that are part of the programme, without their children, as they are kept when it is issued."""
        return [task for task in self.desk.store.tasks(part_of=self.about.id) if task.parent is None]

    @once
    def members(self) -> list[Task]:
        """The tasks that it speaks of, as they were: of a task's own publication, the task."""
        was = [as_it_was(self, task) for task in self.found or [self.about]]
        return [task for task in was if task.id == self.about.id or instant(task.entered_at) <= self.as_of]

    @once
    def amounts(self) -> dict[str, Any]:
        """The measures of the programme."""
        return measures(self, self.members)


def words(on: Occasion, lang: Language, told: Mapping[str, Any]) -> str:
    """The text of a publication about `told`. Raises `TextProblem`."""
    template = on.rule.text.title(lang) if on.rule.text else DEFAULT[lang]
    return fill_in(template, told)


def contents(on: Occasion, lang: Language) -> dict[str, Any]:
    """What its template may use, as plain data; titles are in `lang`."""
    members = on.members
    tasks = [_row(on, task, lang) for task in members]
    amounts = on.amounts
    first, last = on.since.isoformat(), on.day.isoformat()
    overdue = [each for task in members for each in _overdue(on, task, lang)]
    return {
        "title": on.rule.title(lang),
        "number": on.number,
        "key": on.key,
        "as_of": last,
        "since": first,
        "programme": _row(on, as_it_was(on, on.about), lang),
        "tasks": tasks,
        "by_state": _counted(tasks, "state", "state_title"),
        "by_signal": _counted([each for each in tasks if each["signal"]], "signal", "signal"),
        "by_unit": _grouped(tasks),
        "late": [each for each in overdue if each["status"] == "missed"],
        "missed": [each for each in overdue if first <= each["last_day"] <= last],
        "measures": amounts,
        "measured": [_measured_line(on, name, amount, lang) for name, amount in amounts.items()],
        **_of_the_task(on, lang),
    }


def _of_the_task(on: Occasion, lang: Language) -> dict[str, Any]:
    """The task itself: its row and its parent's, its record and the form that ordered this in words, its last days."""
    task = as_it_was(on, on.about)
    above = on.desk.store.task(task.parent) if task.parent else None
    due = {each["name"]: each["last_day"] for each in task.deadlines.values() if each.get("last_day")}
    return {
        "task": _row(on, task, lang),
        "parent": _row(on, as_it_was(on, above), lang) if above else None,
        "form": _in_words(on, on.form, lang),
        "record": _in_words(on, task.fields, lang),
        "deadlines": dict.fromkeys(on.edition.sheets[task.kind].body.deadlines, "") | due,
    }


def _in_words(on: Occasion, values: Mapping[str, Any], lang: Language) -> dict[str, str]:
    """Values as people know them; one that the law protects, or that the public may not see, is not there."""
    sheet, titles = on.edition.sheets[on.about.kind], Titles(on.edition, lang, on.about.kind)
    fields = {**sheet.forms, **sheet.body.fields}
    shown = {name: rule for name, rule in fields.items() if name not in sheet.personal}
    if on.rule.audience == "public":
        shown = {name: rule for name, rule in shown.items() if rule.public}
    told = record(values, sheet)
    return {name: said(titles.value(name, told.get(name)), lang) for name in shown}


def as_it_was(on: Occasion, task: Task) -> Task:
    """A task as of the occasion: as it is, where nothing has happened since, and replayed otherwise."""
    if instant(task.touched_at) <= on.as_of:
        return task
    events = [recorded.event for recorded in on.desk.store.events(task.id)[: task.seq]]
    later = next((number for number, event in enumerate(events) if event.occurred_at > on.as_of), len(events))
    return replay(events[: max(1, later)])


def _row(on: Occasion, task: Task, lang: Language) -> dict[str, Any]:
    sheet = on.desk.book(task.edition)[0].sheets[task.kind]
    fields = {name: field for name, field in sheet.body.fields.items() if not field.personal}
    if on.rule.audience == "public":
        fields = {name: field for name, field in fields.items() if field.public}
    return {
        "id": task.id,
        "title": task.fields.get(title_field(sheet) or ""),
        "unit": task.fields.get(unit_field(sheet) or ""),
        "others": _others(fields, task),
        "state": task.state,
        "state_title": sheet.body.states[task.state].title(lang),
        "signal": task.signal,
        "ended": task.ended,
        "fields": {name: task.fields.get(name) for name in fields},
    }


def _others(fields: Mapping[str, Field], task: Task) -> list[str]:
    """The units that work with the one that leads."""
    lists = (task.fields.get(name) or () for name, each in fields.items() if each.type is FieldType.UNITS)
    return list(dict.fromkeys(str(unit) for units in lists for unit in units))


def _overdue(on: Occasion, task: Task, lang: Language) -> list[dict[str, Any]]:
    """What was not done in time, and what of it is still owed."""
    titles = Titles(on.desk.book(task.edition)[0], lang, task.kind)
    found = []
    for each in task.deadlines.values():
        if each["status"] in ("missed", "met_late") and each.get("last_day"):
            last = date.fromisoformat(str(each["last_day"]))
            row = _row(on, task, lang)
            found.append({
                "task": task.id, "title": row["title"], "unit": row["unit"], "status": each["status"],
                "deadline": titles.deadline(each["name"]), "key": said_key(each["key"]),
                "last_day": last.isoformat(), "days_late": (on.day - last).days,
                "working_days_late": dues.days_late(on.calendar, last, on.day),
            })  # fmt: skip
    return found


def said_key(key: str) -> str:
    """The key of an occurrence where it says which one is meant: where they are only counted, the first needs none."""
    return "" if key == "1" else key


def _counted(tasks: Sequence[Mapping[str, Any]], by: str, title: str) -> list[dict[str, Any]]:
    counts = Counter((task[by], task[title]) for task in tasks)
    return [{by: value, "title": words, "count": count} for (value, words), count in sorted(counts.items())]


def _grouped(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    units = sorted({task["unit"] or "" for task in tasks})
    return [{"unit": unit, "tasks": [task for task in tasks if (task["unit"] or "") == unit]} for unit in units]


def measures(on: Occasion, members: Sequence[Task]) -> dict[str, Any]:
    """The measures of the programme by name: a number as text, or one for each value of the field it is split by."""
    body = on.edition.sheets[on.about.kind].body
    shown = {name: rule for name, rule in body.measures.items() if rule.over in (None, "members")}
    return {name: _measured(on, rule, members) for name, rule in shown.items()}


def counted(on: Occasion, rule: Measure) -> list[Task]:
    """The members that a measure counts, where it counts by a condition: those of a category. None are left where one
    cannot be told, for then the count is unknown too.
    """
    if rule.count is None or rule.count == "true":
        return []
    try:
        return [task for task in on.members if task.id != on.about.id and _amount(_at(on, task), rule)]
    except LookupError:
        return []


def _measured_line(on: Occasion, name: str, amount: Any, lang: Language) -> dict[str, str]:
    """A measure with its title, for a text; one that is split says each part."""
    parts = [f"{value} {part}" for value, part in amount.items()] if isinstance(amount, dict) else [str(amount)]
    title = on.edition.sheets[on.about.kind].body.measures[name].title(lang)
    return {"title": title, "value": ("，" if lang == "zh" else ", ").join(parts)}


UNKNOWN = "?"
"""Shown for a measure that cannot be worked out: an error is never zero."""


def _measured(on: Occasion, rule: Measure, members: Sequence[Task]) -> Any:
    try:
        if rule.value is not None:
            return plain(_value(_at(on, as_it_was(on, on.about)), rule.value))
        counted = [(task, _amount(_at(on, task), rule)) for task in members if task.id != on.about.id]
    except LookupError:
        return UNKNOWN
    if rule.by is None:
        return plain(sum(amount for _, amount in counted))
    split: dict[str, float] = {}
    for task, amount in counted:
        value = str(task.fields.get(rule.by) or "")
        split[value] = split.get(value, 0.0) + amount
    return {value: plain(amount) for value, amount in sorted(split.items())}


def _amount(at: Situation, rule: Measure) -> float:
    """What one member adds: 1 where the guard holds, or its own number. Raises LookupError."""
    condition = rule.count or rule.where
    if condition is not None and not _value(at, condition):
        return 0.0
    return 1.0 if rule.sum is None else float(_value(at, rule.sum))


def _value(at: Situation, text: str) -> Any:
    result = at.evaluate(text)
    if result.error is not None:
        raise LookupError(result.error)
    return result.value


def _at(on: Occasion, task: Task) -> Situation:
    """What guards of the programme's edition see of a member at that instant."""
    family = {task.id: task}
    return Situation(Turn(on.edition, on.calendar, TIME, on.as_of, on.as_of, units=on.desk.units, family=family), task)
