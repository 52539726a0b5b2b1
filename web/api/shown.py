"""Values of the office as the shapes of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.model import Field
from engine.problems import Language
from engine.titles import Titles
from web.api.answers.acts import IssuedShape
from web.api.answers.definitions import FieldShape
from web.api.answers.people import HoldingShape
from web.api.answers.shape import moment
from web.api.answers.tasks import ChildShape, DeadlineShape, PossibleShape, TaskShape
from web.naming import title_of
from web.visit import Visit
from workflows.office.publications import Issued
from workflows.office.views import DeadlineView, TaskView
from workflows.people.values import Holding


def form_of(fields: Mapping[str, Field], lang: Language) -> list[FieldShape]:
    """The fields of a record or a form."""
    return [_field(name, one, lang) for name, one in fields.items()]


def _field(name: str, one: Field, lang: Language) -> FieldShape:
    choices = {each: title.title(lang) for each, title in one.choices.items()} if one.choices is not None else None
    return FieldShape(
        name=name,
        title=one.title(lang),
        type=one.type.value,
        required=one.required,
        choices=choices,
        unit=one.unit,
        minimum=one.minimum,
        maximum=one.maximum,
        personal=one.personal,
        written_by=one.written_by,
        columns=form_of(one.columns, lang) if one.columns is not None else None,
    )


def task_shape(visit: Visit, found: TaskView) -> TaskShape:
    """A task as its visitor may see it."""
    task = found.task
    titles = Titles(visit.desk.book(task.edition)[0], visit.lang, task.kind)
    return TaskShape(
        task=task.id,
        process=task.edition.partition("@")[0],
        edition=task.edition,
        kind=task.kind,
        parent=task.parent,
        part_of=task.part_of,
        version=task.seq,
        state=task.state,
        state_title=titles.state(task.state),
        signal=task.signal,
        ended=task.ended,
        title=title_of(visit, task),
        fields={name: value for name, _, value in found.facts},
        personal=None if found.personal is None else {name: value for name, _, value in found.personal},
        milestones=found.plan,
        deadlines=[_deadline(each) for each in found.deadlines],
        possible=[
            PossibleShape(
                trigger=each.trigger,
                title=each.title,
                possible=each.refusal is None,
                refusal=each.refusal,
                here=each.here,
                mine=each.mine,
                late=each.late,
                form=form_of(each.form, visit.lang),
            )
            for each in found.possible
        ],
        children=[
            ChildShape(
                task=each.id, kind=each.kind, state=each.state, state_title=found.states[each.id], ended=each.ended
            )
            for each in found.children
        ],
    )


def _deadline(each: DeadlineView) -> DeadlineShape:
    one: Mapping[str, Any] = each.occurrence
    return DeadlineShape(
        name=one["name"],
        key=one["key"],
        title=each.title,
        who=each.who,
        status=one["status"],
        due_at=one.get("due_at"),
        last_day=one.get("last_day"),
        provisional=bool(one.get("provisional")),
        why=list(each.why),
        days_left=each.days_left,
        working_days_left=each.working_days_left,
    )


def issued_shape(each: Issued) -> IssuedShape:
    """A publication as issued."""
    return IssuedShape(
        stream=each.stream,
        publication=each.publication,
        key=each.key,
        number=each.number,
        as_of=moment(each.as_of) or "",
        text=each.text,
        document=each.document.number.text if each.document else None,
    )


def holding_shape(each: Holding) -> HoldingShape:
    """What somebody holds."""
    return HoldingShape(
        id=each.id or 0,
        user=each.user,
        role=each.role,
        process=each.process,
        unit=each.unit,
        valid_from=moment(each.valid_from) or "",
        valid_to=moment(each.valid_to),
        deputy_for=each.deputy_for,
    )
