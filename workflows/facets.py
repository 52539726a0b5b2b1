"""By what lists know and group a task beside its title, unit and state: the units it names, and its facets.

A facet is a value out of a few: a choice of the record, and the heading under which a plan puts its tasks, such as the
headquarters. Nothing personal is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.edition import Edition
from engine.model import Body
from engine.model.fields import FieldType
from engine.task import Task

HEADINGS = ("headquarters", "category", "sector", "topic")
"""Names of fields under which a plan puts its tasks, the best first."""

_UNITS = (FieldType.UNIT, FieldType.UNITS)


def heading(body: Body) -> str | None:
    """The field under whose values a board puts tasks: by its name, else the first choice that is required."""
    fields = {name: field for name, field in body.fields.items() if not field.personal}
    kinds = (FieldType.TEXT, FieldType.CHOICE)
    named = [name for name in HEADINGS if name in fields and fields[name].type in kinds]
    required = [name for name, field in fields.items() if field.type is FieldType.CHOICE and field.required]
    return next(iter([*named, *required]), None)


def facets(edition: Edition, task: Task) -> dict[str, str]:
    """The facets of a task by the names of their fields."""
    _, names = _names(edition, task.kind)
    return {name: str(task.fields[name]) for name in names if task.fields.get(name) not in (None, "")}


def headed(edition: Edition, task: Task) -> str | None:
    """The value under which a board puts a task, by the edition that it pins."""
    name = _heading_name(edition, task.kind)
    return str(task.fields[name]) if name and task.fields.get(name) not in (None, "") else None


def named_units(edition: Edition, task: Task) -> frozenset[str]:
    """The units that a task names itself, in fields that are not personal."""
    found: set[str] = set()
    for name in _names(edition, task.kind)[0]:
        value = task.fields.get(name)
        found.update([value] if isinstance(value, str) else value or ())
    return frozenset(found - {""})


def differences(
    edition: Edition, before: Task | None, after: Task, was_under: Edition | None = None
) -> tuple[frozenset[str], frozenset[str], Mapping[str, str | None]]:
    """The units that a task names from now on and those that it names no more, and the facets that differ. `was_under`
    is the edition under which it stood before, where that is another one.
    """
    old_edition = was_under or edition
    if before is not None and old_edition is edition and _alike(edition, before, after):
        return frozenset(), frozenset(), {}
    had, has = named_units(old_edition, before) if before else frozenset(), named_units(edition, after)
    old, new = facets(old_edition, before) if before else {}, facets(edition, after)
    changed = {name: new.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}
    return has - had, had - has, changed


def _alike(edition: Edition, before: Task, after: Task) -> bool:
    """Whether no field by which lists know a task is another one than before."""
    had, has = before.fields, after.fields
    if had is has:
        return True
    units, names = _names(edition, after.kind)
    return all(had.get(name) == has.get(name) for name in (*units, *names))


_HEADINGS: dict[tuple[str, str], str | None] = {}
"""The field under whose values a board puts tasks, by the same."""


def _heading_name(edition: Edition, kind: str) -> str | None:
    name = (edition.digest, kind)
    if name not in _HEADINGS:
        _HEADINGS[name] = heading(edition.sheets[kind].body)
    return _HEADINGS[name]


_NAMES: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}
"""The fields that name units, and those that are facets, by the digest of the edition and the kind of task."""


def _names(edition: Edition, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name = (edition.digest, kind)
    if name not in _NAMES:
        body = edition.sheets[kind].body
        fields = {name: field for name, field in body.fields.items() if not field.personal}
        units = tuple(name for name, field in fields.items() if field.type in _UNITS)
        choices = [name for name, field in fields.items() if field.type is FieldType.CHOICE]
        _NAMES[name] = units, tuple(dict.fromkeys([*choices, *filter(None, [heading(body)])]))
    return _NAMES[name]
