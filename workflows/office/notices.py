"""What a notice says when it leaves the house: the definition's own words about the task, or its title."""

from __future__ import annotations

from engine.edition import Edition
from engine.events import Event
from engine.model import Body
from engine.problems import Language
from engine.task import Task
from workflows.changes import title_field, unit_field
from workflows.texts import fill_in

NAMES = frozenset({"id", "title", "unit", "task", "about", "state", "deadline", "deadline_title", "key", "last_day"})
"""What a text may use, besides the fields of the task."""


def _bodies(edition: Edition, task: Task) -> list[Body]:
    """The body of the task first: a notice of a child may be declared with its parents."""
    return [edition.sheets[task.kind].body, *(sheet.body for sheet in edition.sheets.values())]


def notice_text(edition: Edition, task: Task, event: Event, lang: Language) -> str:
    """The words of a raised notice. A template may use the task's fields, plain and under `task`, `about` and `state`;
    a reminder also `deadline_title`, `key` and `last_day`.

    Personal fields are not among them. Raises `TextProblem`.
    """
    sheet = edition.sheets[task.kind]
    notice = next(
        (body.notices[name] for body in _bodies(edition, task) if (name := event.payload["notice"]) in body.notices),
        None,
    )
    if notice is None:
        return str(event.payload["notice"])
    if notice.text is None:
        return notice.title(lang)
    fields = {name: task.fields.get(name) for name in sheet.body.fields if name not in sheet.personal}
    about = dict(event.payload["about"])
    if about.get("deadline"):
        about["deadline_title"] = sheet.body.deadlines[about["deadline"]].title(lang)
    own = {"title": task.fields.get(title_field(sheet) or ""), "unit": task.fields.get(unit_field(sheet) or "")}
    named = {**own, **fields, "id": task.id}
    state = sheet.body.states[task.state].title(lang)
    return fill_in(notice.text.title(lang), {**about, **named, "task": named, "about": about, "state": state})
