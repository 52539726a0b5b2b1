"""Whether a trigger that time or the family fires may turn out not to be possible: then the history says
`TriggerIgnored`, and nothing else happens. Each cause has a name, so that a reader learns what to mend.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.edition import Sheet, texts
from engine.model import Field, Transition
from engine.model.deadlines import Due
from engine.model.transitions import Effect
from engine.proofs.answered import is_total
from engine.proofs.looks import may_start
from engine.proofs.model import Model, Place


class Failure(NamedTuple):
    """Why a trigger may fail (`maybe`, a code, or none), and whether it always does there."""

    maybe: str | None = None
    surely: bool = False


def may_fail(model: Model, place: Place, transition: Transition) -> Failure:
    """Whether a trigger fired by time or by the family may not be possible in a place."""
    if place.state not in model.sources[transition.trigger]:
        return Failure("wrong_state", surely=True)
    if any(_demanded(field) for field in transition.form.values()):
        given = transition.trigger in model.family
        return Failure("form", surely=not given)
    missing = unsure(model.sheet, transition.trigger, model.there(place))
    if missing is not None:
        return Failure(missing)
    known = model.known(place)
    if transition.when is not None and model.judge.possible(known, ((transition.when, False),)):
        return Failure("guard")
    if all(branch.when is not None for branch in transition.to):
        nowhere = tuple((str(branch.when), False) for branch in transition.to)
        if model.judge.possible(known, nowhere):
            return Failure("guard")
    if model.blocked and any(branch.state in model.finals for branch in transition.to):
        return Failure("children_open")
    return Failure()


def _demanded(field: Field) -> bool:
    return field.required and field.default is None and field.type.value != "boolean"


@lru_cache(maxsize=4096)
def _unsure_text(sheet: _Same, text: str) -> bool:
    return not is_total(sheet.sheet, text, sheet.there, chosen=sheet.chosen)


class _Same:
    """A sheet as a key: the same object is the same sheet."""

    def __init__(self, sheet: Sheet, there: frozenset[str], *, chosen: bool = False) -> None:
        self.sheet, self.there, self.chosen = sheet, there, chosen

    def __hash__(self) -> int:
        """By identity."""
        return hash((id(self.sheet), self.there, self.chosen))

    def __eq__(self, other: object) -> bool:
        """By identity."""
        same = isinstance(other, _Same) and self.sheet is other.sheet
        return same and (self.there, self.chosen) == (other.there, other.chosen)  # type: ignore[attr-defined]


def unsure(sheet: Sheet, trigger: str, there: frozenset[str], *, chosen: bool = False) -> str | None:
    """Whether something that a transition works out may not be there: a code, or none. `there` are the fields that are
    surely set before it, and the calls that surely have an answer; `chosen`: somebody fills in its form, all of it.
    """
    return _unsure(_Same(sheet, there, chosen=chosen), trigger)


@lru_cache(maxsize=4096)
def _unsure(same: _Same, trigger: str) -> str | None:
    sheet, there, chosen = same.sheet, same.there, same.chosen
    transition = sheet.transitions[trigger]
    guards = [transition.when, *(branch.when for branch in transition.to)]
    if any(text is not None and _unsure_text(same, text) for text in guards):
        return "guard_error"
    values = [
        text for change in (transition.set, *(branch.set for branch in transition.to)) for text in change.values()
    ]
    if any(not _is_copy(sheet, text) and _unsure_text(same, text) for text in values):
        return "computed"
    effects = [*transition.then, *(effect for branch in transition.to for effect in branch.then)]
    if any(effect.when is not None and _unsure_text(same, effect.when) for effect in effects):
        return "computed"
    for effect in effects:
        if effect.open is not None and not _opens(sheet, effect, there, chosen=chosen):
            return "fields"
    for name, rule in sheet.body.deadlines.items():
        asked = [text for way in rule.met_by if way.trigger == trigger for text in (way.when, way.for_, way.at)]
        asked += [rule.when, rule.key] if may_start(sheet, name, transition) else []
        if any(text is not None and _unsure_text(same, text) for text in asked):
            return "computed"
        if rule.extend is not None and trigger in rule.extend.by:
            return "extension"
    return None


def _is_copy(sheet: Sheet, text: str) -> bool:
    record, _, name = text.partition(".")
    return (record == "form" and name in sheet.forms) or (record == "task" and name in sheet.body.fields)


def _opens(sheet: Sheet, effect: Effect, there: frozenset[str], *, chosen: bool) -> bool:
    """Whether a child surely opens: what it demands is given, and is surely there."""
    fields, told = sheet.body.children[str(effect.open)].fields, effect.with_
    rows = effect.for_each.removeprefix("form.") if effect.for_each else ""
    columns = sheet.forms[rows].columns or {} if rows in sheet.forms else {}
    demanded = [name for name, field in fields.items() if _demanded(field) and name != effect.as_]
    for name in demanded:
        if name in columns and columns[name].required:
            continue
        if name not in told or not is_total(sheet, told[name], there, chosen=chosen):
            return False
    others = [text for name, text in told.items() if name not in demanded and not _is_copy(sheet, text)]
    return all(is_total(sheet, text, there, chosen=chosen) for text in others)


def is_dated(sheet: Sheet, rule: Due, there: frozenset[str]) -> bool:
    """Whether a rule surely gives a date, once its form is filled in."""
    said = [text for text in texts(rule) if text not in sheet.terms and text not in sheet.dates]
    return all(text in sheet.expressions and is_total(sheet, text, there, chosen=True) for text in said)
