"""The plan of a migration as a form: what may be said of each state, field and deadline, and what somebody has said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from engine.edition import Edition, Sheet
from engine.migrating import UNANSWERED
from engine.model.base import Titled
from engine.model.fields import Field
from engine.problems import Language
from workflows.authoring.diff.wording import Words
from workflows.authoring.migration_plans import BodyPlan, Filled, Plan, PlanText, kind_of, plan_said, planned
from workflows.authoring.plan_writing import completed

Options = Sequence[tuple[str, str]]

_APART = re.compile(r"[;；,，、\s]+")


@dataclass(frozen=True)
class Line:
    """One line of the form: what it is about, what may be chosen, what is. `was` and `now` are the rules of a deadline
    in both editions, `to` its names in the new one where it has none of its own, `over` the policy where it would be
    over; `part` of the plan that it stands in, where several are asked alike.
    """

    name: str
    title: str
    said: str
    options: Options = ()
    was: str = ""
    now: str = ""
    to: Options = ()
    renamed: str = ""
    over: str = ""
    source: str = ""
    part: str = ""


@dataclass(frozen=True)
class Part:
    """One body: its states, what the new edition requires, its deadlines, and those that are new."""

    name: str
    title: str
    states: Sequence[Line]
    fields: Sequence[Line]
    opened: Sequence[Line]
    deadlines: Sequence[Line]
    starts: Sequence[Line]

    @property
    def changed(self) -> bool:
        """Whether anything is decided here."""
        return bool(self.states or self.fields or self.opened or self.deadlines or self.starts)


def parts(plan: Plan, lang: Language) -> list[Part]:
    """The whole plan as lines, what it is silent about as it is proposed."""
    said = completed(plan.said, plan.old, plan.new)
    return [_part(plan, name, body, lang) for name, body in said.bodies.items()]


def _part(plan: Plan, name: str, body: BodyPlan, lang: Language) -> Part:
    kind = kind_of(name)
    old, new = plan.old.sheets[kind], plan.new.sheets[kind]
    title = old.body.title(lang) if isinstance(old.body, Titled) else plan.new.process.title.title(lang)
    return Part(
        name,
        title,
        list(_states(body, old, new, lang)),
        list(_fields(body, old, new, lang)),
        [
            *_opened("opened", body.opened, new.body.fields, lang),
            *_opened("opened_milestones", body.opened_milestones, planned(plan.new, kind), lang),
        ],
        list(_deadlines(plan, kind, body, lang)),
        [
            Line(n, new.body.deadlines[n].title(lang), how, now=_rule(plan.new, kind, n, lang))
            for n, how in body.starts.items()
        ],
    )


def _states(body: BodyPlan, old: Sheet, new: Sheet, lang: Language) -> Iterator[Line]:
    options = [(name, state.title(lang)) for name, state in new.body.states.items() if not state.final]
    for name, to in body.states.items():
        yield Line(name, old.body.states[name].title(lang), to, options)


def _fields(body: BodyPlan, old: Sheet, new: Sheet, lang: Language) -> Iterator[Line]:
    options = [(name, field.title(lang)) for name, field in old.body.fields.items()]
    for name, filled in body.fields.items():
        value, source = "", ""
        if isinstance(filled, Filled):
            value, source = "" if filled.value is None else str(filled.value), filled.from_ or ""
        yield Line(name, new.body.fields[name].title(lang), value, options, source=source)


def _opened(part: str, said: Mapping[str, str], fields: Mapping[str, Field], lang: Language) -> Iterator[Line]:
    for name, answer in said.items():
        yield Line(name, fields[name].title(lang), answer, part=part)


def _deadlines(plan: Plan, kind: str, body: BodyPlan, lang: Language) -> Iterator[Line]:
    old, new = plan.old.sheets[kind].body.deadlines, plan.new.sheets[kind].body.deadlines
    options = [(name, rule.title(lang)) for name, rule in new.items()]
    for name, said in body.deadlines.items():
        after = said.to or name
        was, now = _rule(plan.old, kind, name, lang), _rule(plan.new, kind, after, lang) if after in new else ""
        to = options if name not in new or said.to else ()
        yield Line(
            name, old[name].title(lang), said.policy, was=was, now=now, to=to, renamed=said.to or "",
            over=said.if_over or "",
        )  # fmt: skip


def _rule(edition: Edition, kind: str, name: str, lang: Language) -> str:
    rule = edition.sheets[kind].body.deadlines[name]
    return Words(edition, kind).of(rule.every or rule.due).in_(lang)


# -- what was filled in


def read(posted: FormData, plan: Plan) -> PlanText | None:
    """The plan that a form says; None for what no form of ours says."""
    whole = completed(plan.said, plan.old, plan.new)
    told: dict[str, Any] = {
        "process": whole.process,
        "from": whole.from_,
        "to": whole.to,
        "reason": _text(posted, "reason") or UNANSWERED,
        "tasks": {
            "states": [str(each) for each in posted.getlist("states")],
            "units": _several(_text(posted, "units")),
            "only": _several(_text(posted, "only")),
        },
        "bodies": {name: _body(posted, name, body) for name, body in whole.bodies.items()},
    }
    return plan_said(told)


def _text(posted: FormData, name: str) -> str:
    return str(posted.get(name, "")).strip()


def _several(text: str) -> list[str]:
    return [each for each in _APART.split(text) if each]


def _body(posted: FormData, at: str, body: BodyPlan) -> Mapping[str, Any]:
    def said(part: str, name: str, key: str = "") -> str:
        return _text(posted, f"{at}.{part}.{name}{key}")

    return {
        "states": {name: said("states", name) or UNANSWERED for name in body.states},
        "fields": {name: _filled(said("fields", name), said("fields", name, ".from")) for name in body.fields},
        "opened": {name: said("opened", name) or UNANSWERED for name in body.opened},
        "opened_milestones": {name: said("opened_milestones", name) or UNANSWERED for name in body.opened_milestones},
        "deadlines": {
            name: {
                "policy": said("deadlines", name) or UNANSWERED,
                "to": said("deadlines", name, ".to") or None,
                "if_over": said("deadlines", name, ".over") or None,
            }
            for name in body.deadlines
        },
        "starts": {name: said("starts", name) or "wait" for name in body.starts},
    }


def _filled(value: str, source: str) -> Mapping[str, str] | str:
    told = {key: each for key, each in (("value", value), ("from", source)) if each}
    return told or UNANSWERED
