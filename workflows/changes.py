"""From a decision to what a store writes: one change for each task that it touches, and what has to leave the house."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from engine.edition import Edition, Sheet
from engine.events import Event, EventType, Json, instant
from engine.model.fields import FieldType
from engine.task import Family, Occurrence, Task
from engine.wakes import Wake, wakes
from workflows.facets import differences, headed
from workflows.ports import Change, Parcel

TITLES = ("title", "name", "task")
"""Names of fields that say what a task is about, the best first."""


def changes(
    edition: Edition,
    before: Family,
    after: Family,
    events: Sequence[Event],
    now: datetime,
    was_under: Edition | None = None,
    kin: Family | None = None,
) -> list[Change]:
    """The differences between two states of a family, with the events in between.

    Time has run until `now`; a light that was looked at without changing has another wake and no event. `was_under` is
    the edition under which the family stood before, where that is another one. `kin` are the others of the family where
    one task alone is looked at: a child shows its parent's title and unit.
    """
    told: dict[str, list[Event]] = {}
    for event in events:
        told.setdefault(event.task, []).append(event)
    found, old = [], was_under or edition
    for name, task in after.items():
        was = before.get(name)
        had, has = _waking((old, edition), was, task, now)
        if name in told or had != has:
            sheet = edition.sheets[task.kind]
            shown, marks = facts(edition, {**(kin or {}), **after}, task), differences(edition, was, task, old)
            under = headed(edition, task)
            found.append(Change(was, task, told.get(name, ()), had, has, shown, sheet.personal, *marks, under))
    return found


def _waking(
    editions: tuple[Edition, Edition], was: Task | None, task: Task, now: datetime
) -> tuple[list[Wake], list[Wake]]:
    """For what a task had to wake before, and for what it has to now, without the occurrences that are the same."""
    old, edition = editions
    at = max(instant(task.touched_at), now)
    if was is None:
        return [], wakes(edition, task, at)
    had, has = was.deadlines, task.deadlines
    if was.ended == task.ended:
        had, has = _less_the_same(had, has), _less_the_same(has, had)
    return wakes(old, was, instant(was.touched_at), had), wakes(edition, task, at, has)


def _less_the_same(some: Mapping[str, Occurrence], others: Mapping[str, Occurrence]) -> dict[str, Occurrence]:
    return {key: occurrence for key, occurrence in some.items() if others.get(key) is not occurrence}


def facts(edition: Edition, family: Family, task: Task) -> dict[str, str | None]:
    """Title and unit, for lists; a child without its own shows its parent's. Never a personal field."""
    sheet = edition.sheets[task.kind]
    title, unit = shown_fields(edition, sheet)
    shown = {"title": task.fields.get(title or ""), "unit": task.fields.get(unit or "")}
    parent = family.get(task.parent) if task.parent else None
    if parent is not None and None in shown.values():
        above = facts(edition, family, parent)
        shown = {name: above[name] if value is None else value for name, value in shown.items()}
    return {name: None if name in sheet.personal or value is None else str(value) for name, value in shown.items()}


_SHOWN: dict[tuple[str, str], tuple[str | None, str | None]] = {}
"""The fields for title and unit, by the digest of the edition and the kind of task."""


def shown_fields(edition: Edition, sheet: Sheet) -> tuple[str | None, str | None]:
    """The fields for title and unit, looked for once."""
    name = (edition.digest, sheet.kind)
    if name not in _SHOWN:
        _SHOWN[name] = (title_field(sheet), unit_field(sheet))
    return _SHOWN[name]


def title_field(sheet: Sheet) -> str | None:
    """The field that says what a task is about: by its name, else the first text that is required."""
    fields = sheet.body.fields
    texts = [name for name, field in fields.items() if field.type is FieldType.TEXT and not field.personal]
    named = [name for name in TITLES if name in texts]
    required = [name for name in texts if fields[name].required]
    return next(iter([*named, *required]), None)


def unit_field(sheet: Sheet) -> str | None:
    """The field that says whose task it is: the first unit."""
    fields = sheet.body.fields
    return next((name for name, field in fields.items() if field.type is FieldType.UNIT and not field.personal), None)


def parcels(edition: Edition, family: Family, events: Iterable[Event]) -> list[Parcel]:
    """Notices and documents that these events ask for."""
    return list(_parcels(edition, family, events))


def _parcels(edition: Edition, family: Family, events: Iterable[Event]) -> Iterator[Parcel]:
    for event in events:
        told = event.payload
        if event.type is EventType.NOTICE_RAISED:
            body = {"to": told["to"], "about": told["about"]}
            yield Parcel(event.task, event.seq, "notice", told["notice"], body)
        elif event.type is EventType.PUBLICATION_ORDERED:
            personal = edition.sheets[family[event.task].kind].personal
            body = {"key": told["key"], "form": _less(told["form"], personal)}
            yield Parcel(event.task, event.seq, "publication", told["publication"], body)


def _less(form: Mapping[str, Json], personal: frozenset[str]) -> dict[str, Json]:
    return {name: value for name, value in form.items() if name not in personal}
