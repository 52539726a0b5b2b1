"""An edition as data for whoever verifies without this program: what a move may be, guards as syntax trees.

The syntax trees are those of `engine.cel.tree`. Its `definition` is the whole process as the loader understood it, for
people; a verifier needs the rest only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.cel.tree import Node
from engine.edition import Edition, Sheet
from engine.events import Json
from engine.model import Child, Field, Transition
from engine.moves import plain
from workflows.changes import title_field, unit_field
from workflows.personal import personal_plan, protected


def compiled(edition: Edition) -> dict[str, Json]:
    """The edition, JSON throughout; numbers are texts but for constants in syntax trees."""
    process = edition.process
    return {
        "process": process.process,
        "edition": process.edition,
        "digest": edition.digest,
        "timezone": process.timezone,
        "roles": {name: {"unit": role.unit, "backdate": role.backdate} for name, role in process.roles.items()},
        "parameters": {name: plain(value) for name, value in edition.parameters.items()},
        "bodies": {kind: _body(sheet) for kind, sheet in edition.sheets.items()},
        "definition": process.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }


def _body(sheet: Sheet) -> dict[str, Json]:
    body = sheet.body
    return {
        "initial": body.initial,
        "states": {name: {"final": state.final} for name, state in body.states.items()},
        "registrars": [by.role for by in body.registration.by],
        "transitions": {each.trigger: _transition(sheet, each) for each in body.transitions},
        "signals": [{"colour": rule.colour, "when": rule.when} for rule in body.signals],
        "deadlines": {
            name: {"duty": rule.owed_by is not None, "states_day": any(way.at for way in rule.met_by)}
            for name, rule in body.deadlines.items()
        },
        "fields": _types(body.fields),
        "forms": _types(sheet.forms),
        "children": sorted(body.children),
        "cancelled": _cancelled(sheet),
        "personal": sorted(protected(sheet)),
        "personal_plan": personal_plan(sheet),
        "title": title_field(sheet),
        "unit": unit_field(sheet),
        "expressions": {text: _bare(expression.root) for text, expression in sheet.expressions.items()},
    }


def _transition(sheet: Sheet, transition: Transition) -> dict[str, Json]:
    return {
        "from": list(sheet.starts[transition.trigger]),
        "by": [{"role": by.role, "not": by.not_} for by in transition.by],
        "when": transition.when,
        "to": [{"state": branch.state, "when": branch.when} for branch in transition.to],
        "set": sorted({*transition.set, *(name for branch in transition.to for name in branch.set)}),
    }


def _types(fields: Mapping[str, Field]) -> dict[str, Json]:
    return {name: field.type.value for name, field in fields.items()}


def _cancelled(sheet: Sheet) -> str | None:
    """The state to which the end of its parent takes a child."""
    body = sheet.body
    if not isinstance(body, Child):
        return None
    return body.cancelled or next((name for name, state in body.states.items() if state.final), None)


def _bare(node: Node) -> dict[str, Any]:
    """The tree without the places in the text, which no verifier needs."""
    return {name: _part(value) for name, value in node.items() if name not in ("at", "type")}


def _part(value: Any) -> Any:
    if isinstance(value, dict):
        return _bare(value)
    return [_part(item) for item in value] if isinstance(value, list) else value
