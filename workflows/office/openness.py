"""What the public sees and may do: nothing but what a definition marks for it.

A process is shown where it has a publication whose audience is the public; of its tasks the fields marked `public`, of
its programmes the measures marked so. A transition that opens a child and that `anyone` may fire is a form for
everybody; whoever sends it gets a code, and by that code sees how far the child is and its public fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from engine.commands import Actor, Refusal
from engine.edition import Edition, Sheet
from engine.events import EventType, Json
from engine.model import Field, Publication, Transition
from engine.model.fields import FieldType
from engine.model.process import Child
from engine.problems import Language
from engine.task import Task
from engine.titles import Titles
from workflows.changes import title_field
from workflows.desk import Desk
from workflows.office.firing import Act, fire
from workflows.papers.bulletin import Occasion, counted
from workflows.papers.values import Document
from workflows.ports import PROGRAMME
from workflows.sentences import said

ANYONE = "anyone"
"""The role that everybody has, signed in or not; and the name under which the public acts."""

PUBLIC = Actor(ANYONE, (ANYONE,))

AUDIENCE = "public"
UNTYPED = (FieldType.FILES, FieldType.ROWS)
"""What nobody unknown may send."""


class Receipts(Protocol):
    """Keeps which child a receipt's code is for, by the digest of the code alone."""

    def keep(self, digest: str, task: str) -> None: ...

    def task(self, digest: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """One public field: its title and its value in words."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A public measure: its title, its value in words, and, of a count, the tasks it counts by public title."""

    title: str
    text: str
    tasks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a child is: all states that it may have been through so far, with the day of each; what is public."""

    task: str
    kind: str
    about: str | None
    steps: Sequence[tuple[str, str]]
    ended: bool
    shown: Sequence[Shown]


# -- what is open


def processes(desk: Desk) -> dict[str, Edition]:
    """The processes that publish something for the public, by the editions in force."""
    names = sorted({record.process for record in desk.store.editions()})
    found = {name: desk.latest(name) for name in names}
    return {
        name: told[0]
        for name, told in found.items()
        if not isinstance(told, Refusal) and any(_public(sheet) for sheet in told[0].sheets.values())
    }


def _public(sheet: Sheet) -> list[Publication]:
    return [rule for rule in sheet.body.publications.values() if rule.audience == AUDIENCE]


def project(desk: Desk, name: str, kinds: Sequence[str] = ("",)) -> Task | None:
    """A task that the public may look at; None where there is none, or it is not for the public."""
    task = desk.store.task(name)
    if task is None or task.kind not in kinds or task.edition.partition("@")[0] not in processes(desk):
        return None
    return task


def title_of(desk: Desk, task: Task) -> str | None:
    """What a task is called, if that is public."""
    sheet = desk.book(task.edition)[0].sheets[task.kind]
    name = title_field(sheet)
    return str(task.fields.get(name) or "") or None if name and sheet.body.fields[name].public else None


def facts(desk: Desk, task: Task, lang: Language) -> list[Shown]:
    """The public fields of a task that have a value."""
    edition, _ = desk.book(task.edition)
    sheet, titles = edition.sheets[task.kind], Titles(edition, lang, task.kind)
    return [
        Shown(field.title(lang), _said(field, titles.value(name, task.fields[name]), lang))
        for name, field in _open(sheet.body.fields)
        if task.fields.get(name) not in (None, "", [])
    ]


def _said(field: Field, value: Json, lang: Language) -> str:
    """A value in words; nothing where there is none."""
    if value is None:
        return ""
    return said(value, lang) + ("%" if field.type is FieldType.PERCENT else "")


def _open(fields: Mapping[str, Field]) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in fields.items() if field.public and not field.personal)


def plan(desk: Desk, task: Task, lang: Language) -> tuple[list[str], list[list[str]]]:
    """The public columns of a task's plan: their titles, and the rows, each with its key first."""
    edition, _ = desk.book(task.edition)
    milestones = edition.sheets[task.kind].body.milestones
    columns = list(_open(milestones.fields)) if milestones else []
    if not columns:
        return [], []
    rows = [
        [key, *(_said(field, row.get(name), lang) for name, field in columns)]
        for key, row in sorted(task.milestones.items())
    ]
    return [field.title(lang) for _, field in columns], rows


def figures(desk: Desk, programme: Task, lang: Language) -> list[Figure]:
    """The public measures of a programme as they are now, worked out as its publication does. Whose category is counted
    in public is named under it, as the bulletin does.
    """
    edition, calendar = desk.book(programme.edition)
    sheet, now = edition.sheets[programme.kind], desk.clock()
    rules = {name: rule for name, rule in sheet.body.measures.items() if rule.public}
    published = _public(sheet)
    if not rules or not published:
        return []
    today = now.astimezone(edition.zone).date()
    on = Occasion(desk, edition, calendar, programme, published[0], today.isoformat(), 0, now, today.replace(day=1))
    amounts = on.amounts
    return [
        Figure(rule.title(lang), said(amounts[name], lang), _listed(desk, counted(on, rule)))
        for name, rule in rules.items()
        if name in amounts
    ]


def _listed(desk: Desk, tasks: Sequence[Task]) -> list[tuple[str, str]]:
    """Tasks that the public may look at, by id and public title."""
    return [(task.id, title_of(desk, task) or task.id) for task in tasks if project(desk, task.id) is not None]


def documents(desk: Desk) -> list[Document]:
    """What was issued for the public and is not void, the latest first."""
    found = desk.papers.documents() if desk.papers is not None else ()
    return [each for each in reversed(found) if each.audience == AUDIENCE and each.void is None]


def text_of(desk: Desk, document: Document, lang: Language) -> str:
    """The words of a document as it was issued."""
    for recorded in desk.store.events(document.stream):
        event = recorded.event
        if event.seq == document.seq and event.type is EventType.PUBLICATION_ISSUED:
            return str(event.payload["text"].get(lang, ""))
    return ""


# -- what everybody may do


def doors(edition: Edition, kind: str = "") -> list[tuple[Transition, Child]]:
    """The transitions of a kind of tasks that anyone may fire and that open a child, with the child."""
    sheet = edition.sheets.get(kind)
    found = []
    for transition in sheet.transitions.values() if sheet else ():
        effects = [*transition.then, *(each for branch in transition.to for each in branch.then)]
        opened = [edition.sheets[f"{kind}/{each.open}" if kind else each.open].body for each in effects if each.open]
        child = next((each for each in opened if isinstance(each, Child)), None)
        if child is not None and any(by.role == ANYONE for by in transition.by):
            found.append((transition, child))
    return found


def asked_for(transition: Transition) -> dict[str, Field]:
    """The fields of a form for everybody."""
    return {name: field for name, field in transition.form.items() if field.type not in UNTYPED}


def open_child(desk: Desk, task: str, trigger: str, form: Mapping[str, Json], key: str) -> str | Refusal | None:
    """Open a child as the public; its id, or None where it was opened under this key before."""
    found = project(desk, task, ("", PROGRAMME))
    edition = desk.book(found.edition)[0] if found else None
    if found is None or edition is None or trigger not in {each.trigger for each, _ in doors(edition, found.kind)}:
        return Refusal("unknown_task", {"task": task})
    answer = fire(desk, Act(task, trigger, form, PUBLIC, key=key))
    if isinstance(answer, Refusal):
        return answer
    if answer.repeated:
        return None
    opened = (event for event in answer.events if event.type is EventType.TASK_REGISTERED and event.task != task)
    return next((event.task for event in opened), None)


def digest(code: str) -> str:
    """What is kept of a receipt's code, however it is typed."""
    return sha256("".join(code.lower().split()).replace("-", "").encode()).hexdigest()


def standing(desk: Desk, receipts: Receipts, code: str, lang: Language) -> Standing | None:
    """How far the child is to which a code belongs; None for an unknown code."""
    name = receipts.task(digest(code))
    task = desk.store.task(name) if name else None
    if task is None:
        return None
    edition, _ = desk.book(task.edition)
    body = edition.sheets[task.kind].body
    above = desk.store.task(task.parent) if task.parent else None
    return Standing(
        task=task.id,
        kind=body.title(lang) if isinstance(body, Child) else "",
        about=title_of(desk, above) if above else None,
        steps=_steps(desk, task, edition, lang),
        ended=task.ended,
        shown=facts(desk, task, lang),
    )


def _steps(desk: Desk, task: Task, edition: Edition, lang: Language) -> list[tuple[str, str]]:
    """The states through which a task has come, with the day of each."""
    steps: list[tuple[str, str]] = []
    states = edition.sheets[task.kind].body.states
    for recorded in desk.store.events(task.id):
        event = recorded.event
        state = event.payload.get("to", event.payload.get("state")) if event.type in _MOVES else None
        if isinstance(state, str) and state in states and (not steps or steps[-1][0] != states[state].title(lang)):
            steps.append((states[state].title(lang), f"{event.occurred_at.astimezone(edition.zone):%Y-%m-%d}"))
    return steps


_MOVES = (EventType.TASK_REGISTERED, EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED)
