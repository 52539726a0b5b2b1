"""Which fields of the record are surely set in each state: those that were asked for at the registration, and those
that every way into the state has set. A guard that reads them there has a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.edition import Sheet
from engine.machine import sources
from engine.model import Branch, Transition
from engine.model.fields import Field
from engine.model.transitions import PREVIOUS, STAY
from engine.once import once_for

Filled = Mapping[str, frozenset[str]]
"""The fields that are surely set, by state."""

ALWAYS_SET = frozenset({"boolean", "units", "files", "rows"})
"""Types that are never empty: false, or a list without members."""


@once_for
def filled(sheet: Sheet) -> Filled:
    """For each state the fields that are set whenever a task is in it. States that cannot be reached have all."""
    body = sheet.body
    everything = frozenset(body.fields)
    found = dict.fromkeys(body.states, everything)
    found[body.initial] = frozenset(name for name, field in body.fields.items() if is_given(field))
    changed = True
    while changed:
        changed = False
        for transition in body.transitions:
            for state in sources(body, transition):
                for branch in transition.to:
                    if branch.state == PREVIOUS:
                        continue  # back in the state before, everything is as it was there
                    target = state if branch.state == STAY else branch.state
                    after = found[target] & _after(sheet, found[state], transition, branch)
                    changed, found[target] = changed or after != found[target], after
    return found


def is_given(field: Field) -> bool:
    """Whether a field that people fill in is never left empty."""
    return field.required or field.default is not None or field.type.value in ALWAYS_SET


def _after(sheet: Sheet, before: frozenset[str], transition: Transition, branch: Branch) -> frozenset[str]:
    changes = {**transition.set, **branch.set}
    fills = {name for name, text in changes.items() if _fills(sheet, before, name, text)}
    return (before - changes.keys()) | fills


def _fills(sheet: Sheet, before: frozenset[str], name: str, text: str) -> bool:
    """Whether an assignment leaves its field set: what is worked out is there (a text may be empty), a plain copy of an
    empty field is not.
    """
    record, _, rest = text.partition(".")
    if record == "form" and rest in sheet.forms:
        return is_given(sheet.forms[rest])
    if record == "task" and rest in sheet.body.fields:
        return rest in before
    if record == "parent":
        return False
    return sheet.body.fields[name].type.value != "text" or text in ("state", "occurred_on", "today") or _is_said(text)


def _is_said(text: str) -> bool:
    """Whether it is a text that is written out and not empty."""
    return len(text) > 2 and text[0] == text[-1] and text[0] in "'\""
