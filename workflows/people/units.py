"""Units: founded, renamed, moved, merged, closed.

Nothing here rewrites what was: a unit's id stays on the tasks that carry it, and a merged unit's open work is done by
its successor's people (`rights.heirs`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.commands import Refusal
from engine.events import iso
from workflows.people.holdings import begin, end_within, lasts
from workflows.people.noting import LONGEST, fits, not_before, note, units_of
from workflows.people.ports import People
from workflows.people.values import By, Changed, Unit


def found(people: People, unit: Unit, by: By) -> Unit | Refusal:
    """Add a unit."""
    if not fits(unit.id):
        return Refusal("unit_name", {"name": unit.id[:LONGEST]})
    with people.together() as within:
        known = units_of(within)
        if unit.id in known:
            return Refusal("unit_exists", {"unit": unit.id})
        if unit.over is not None and unit.over not in known:
            return Refusal("unknown_unit", {"unit": unit.over})
        told = {"unit": unit.id, "title": unit.title, "level": unit.level, "over": unit.over}
        within.put_unit(unit, note(by, Changed.UNIT_FOUNDED, **told, **{"from": iso(unit.valid_from)}))
    return unit


def rename(people: People, name: str, title: str, by: By, title_en: str | None = None) -> Unit | Refusal:
    """Change what a unit is called; the id that tasks carry stays."""
    with people.together() as within:
        unit = units_of(within).get(name)
        if unit is None:
            return Refusal("unknown_unit", {"unit": name})
        made = replace(unit, title=title, title_en=unit.title_en if title_en is None else title_en)
        if made != unit:
            within.put_unit(made, note(by, Changed.UNIT_RENAMED, unit=name, title=title, title_en=made.title_en))
    return made


def move(people: People, name: str, over: str | None, by: By, level: str | None = None) -> Unit | Refusal:
    """Put a unit under another one."""
    with people.together() as within:
        known = units_of(within)
        unit = known.get(name)
        if unit is None or (over is not None and over not in known):
            return Refusal("unknown_unit", {"unit": name if unit is None else over})
        if name in _upward(known, over):
            return Refusal("unit_cycle", {"unit": name, "into": over})
        made = replace(unit, over=over, level=level or unit.level)
        if made != unit:
            within.put_unit(made, note(by, Changed.UNIT_MOVED, unit=name, over=over, level=made.level))
    return made


def _upward(known: dict[str, Unit], name: str | None) -> list[str]:
    """A unit and all above it."""
    path: list[str] = []
    while name is not None and name in known and name not in path:
        path.append(name)
        name = known[name].over
    return path


def close_unit(people: People, name: str, at: datetime | None, by: By) -> Unit | Refusal:
    """Close a unit that nobody succeeds; its roles end. `at` is now, or later."""
    with people.together() as within:
        now = within.now()
        unit = _open(within, name)
        if isinstance(unit, Refusal):
            return unit
        below = [each.id for each in within.units() if each.over == name and each.open(now)]
        if below:
            return Refusal("unit_below", {"unit": name, "below": below})
        return _ended(within, replace(unit, valid_to=not_before(now, at)), by, Changed.UNIT_CLOSED)


def merge(
    people: People, unit: str, into: str, at: datetime | None, by: By, *, with_people: bool = False
) -> Unit | Refusal:
    """Merge a unit into another from `at` on (now, by default): the successor's people see and do its open work. The
    roles of its own people end, and begin anew for the successor where they come along.
    """
    with people.together() as within:
        now = within.now()
        old, new = _open(within, unit), _open(within, into)
        if isinstance(old, Refusal):
            return old
        if isinstance(new, Refusal):
            return new
        if unit in _successors(within, into):
            return Refusal("unit_cycle", {"unit": unit, "into": into})
        ends = not_before(now, at)
        held = [each for each in within.holdings() if each.unit == unit and lasts(each, ends)]
        merged = _ended(within, replace(old, valid_to=ends, successor=into), by, Changed.UNIT_MERGED)
        for each in held if with_people else ():
            begin(within, replace(each, unit=into, valid_from=max(ends, each.valid_from), id=None), by)
        return merged


def _successors(people: People, name: str) -> list[str]:
    """A unit and all to whom its work goes one after another, those to come included."""
    known, path, at = units_of(people), [], name
    while at in known and at not in path:
        path.append(at)
        at = known[at].successor or ""
    return path


def _ended(people: People, unit: Unit, by: By, kind: Changed) -> Unit:
    at = unit.valid_to or people.now()
    for each in people.holdings():
        if each.unit == unit.id:
            end_within(people, each, at, by)
    people.put_unit(unit, note(by, kind, unit=unit.id, into=unit.successor, at=iso(at)))
    return unit


def _open(people: People, name: str) -> Unit | Refusal:
    """A unit that has not been closed and is not about to be."""
    unit = units_of(people).get(name)
    if unit is None:
        return Refusal("unknown_unit", {"unit": name})
    if unit.valid_to is not None:
        return Refusal("unit_closed", {"unit": name, "at": iso(unit.valid_to)})
    return unit
