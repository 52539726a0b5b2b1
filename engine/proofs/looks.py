"""What a body's parts look at and set off, read from its text alone: which triggers may matter to which deadlines."""

from __future__ import annotations

from collections.abc import Iterator

from engine.edition import Sheet
from engine.model import Deadline, Transition
from engine.model.transitions import STAY
from engine.once import once_for


def choosing(sheet: Sheet, trigger: str) -> Iterator[str]:
    """The guards of a transition."""
    transition = sheet.transitions.get(trigger)
    guards = (transition.when, *(branch.when for branch in transition.to)) if transition else ()
    yield from (guard for guard in guards if guard is not None)


def refusing(sheet: Sheet) -> tuple[str, ...]:
    """The guards by which transitions that move a task are refused."""
    return tuple(dict.fromkeys(each.when for each in sheet.body.transitions if each.when and moves(each)))


def rights(sheet: Sheet) -> Iterator[str]:
    """The rights that an act needs which moves a task."""
    for name, rule in sheet.body.deadlines.items():
        if rule.open_to and any(moves(sheet.transitions[way.trigger]) for way in rule.met_by):
            yield name


def moves(transition: Transition) -> bool:
    """Whether it may lead to another state."""
    return any(branch.state != STAY for branch in transition.to)


def may_start(sheet: Sheet, name: str, transition: Transition) -> bool:
    """Whether a transition may start a deadline: it names it, or enters a state; or any act may."""
    rule = sheet.body.deadlines[name]
    named = rule.starts is not None and transition.trigger in rule.starts.triggers
    enters = bool(rule.while_ or (rule.starts and rule.starts.enter)) and moves(transition)
    return named or enters or sheet.heeds[name].asked


def fires(rule: Deadline) -> frozenset[str]:
    """What a deadline may fire."""
    return frozenset(fire.fire for fire in (rule.missed, rule.lapsed, rule.excused) if fire)


@once_for
def moving(sheet: Sheet) -> frozenset[str]:
    """Triggers that may lead to another state, or start or stop a deadline that fires one of these."""
    found = {each.trigger for each in sheet.body.transitions if moves(each)}
    grown = True
    while grown:
        before = len(found)
        for rule in sheet.body.deadlines.values():
            if fires(rule) & found:
                found |= looked_at(rule)
        found |= {each.trigger for each in sheet.body.transitions if chained(each) & found}
        grown = len(found) > before
    return frozenset(found)


def looked_at(rule: Deadline) -> set[str]:
    """The triggers at which a deadline looks."""
    found = {way.trigger for way in rule.met_by} | {*rule.cancelled_by, *rule.restart_by}
    found |= set(rule.starts.triggers) if rule.starts else set()
    found |= {trigger for pause in rule.pause for trigger in (*pause.by, *pause.until)}
    return found | (set(rule.extend.by) if rule.extend else set())


def chained(transition: Transition) -> set[str]:
    """What a transition fires on the task itself."""
    effects = [*transition.then, *(effect for branch in transition.to for effect in branch.then)]
    return {effect.fire for effect in effects if effect.fire and effect.on == "task"}
