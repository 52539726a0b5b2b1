"""Values of a definition as people read them, in both languages: names by titles, terms and dates as sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from engine.edition import Edition
from engine.every import Every
from engine.model import Branch, By, Due, Effect
from engine.model.base import Titled
from engine.model.deadlines import Reminder
from engine.problems import Text
from engine.terms import Term, TermError
from engine.titles import COLOURS, Titles
from workflows.authoring.diff.labels import KEYS

NONE = Text("无", "none")
TERMS = frozenset({"term", "up_to", "amount", "within"})
_STATES = frozenset({"from_", "enter", "while_", "in_", "reaches", "can_reach", "state", "cancelled"})
_TRIGGERS = frozenset({"triggers", "by", "until", "restart_by", "cancelled_by", "trigger", "fire"})
_ROLES = frozenset({"owed_by", "open_to", "role", "to", "copies"})
_ACTOR = re.compile(r"""actor_of\(['"](\w+)['"]\)""")
_OWN = {
    "stay": Text("不变", "stays"),
    "previous": Text("撤回上一步", "takes the last act back"),
    "any": Text("任何未结状态", "any open state"),
}


_WHOLE: Mapping[tuple[str, Any], Text] = {
    ("including", False): Text("不含当日", "without the day itself"),
    ("roll", "next"): Text("遇休息日顺延", "put off to the next working day"),
    ("roll", "previous"): Text("遇休息日提前", "brought forward to the working day before"),
}
"""What a key and its value say together."""
_BOUNDS: Mapping[str, Text] = {"from_": Text("自", "from"), "until": Text("至", "until")}
"""From when until when something recurs."""


def quoted(text: Text) -> Text:
    """A title in quotes."""
    return Text(f"“{text.zh}”", f"“{text.en}”")


def joined(parts: list[Text], zh: str = "、", en: str = ", ") -> Text:
    """Several in one."""
    return Text(zh.join(part.zh for part in parts), en.join(part.en for part in parts)) if parts else NONE


class Words:
    """The words of one edition's body."""

    def __init__(self, edition: Edition, kind: str) -> None:
        self.edition = edition
        self._zh, self._en = Titles(edition, "zh", kind), Titles(edition, "en", kind)

    def of(self, value: Any, key: str = "") -> Text:
        """Any value that stands under a key."""
        match value:
            case None:
                return NONE
            case bool():
                return Text("是", "yes") if value else Text("否", "no")
            case Due():
                return self.due(value)
            case By() | Branch() | Effect():
                return self._sentence(value)
            case BaseModel():
                return self._model(value)
            case Mapping():
                return joined(
                    [Text(f"{name}：{(s := self.of(each, key)).zh}", f"{name}: {s.en}") for name, each in value.items()]
                )
            case tuple() | list():
                return joined([self.of(each, key) for each in value])
            case _:
                return self.name(str(value), key)

    def name(self, text: str, key: str) -> Text:
        """A name by its title; a term in words; anything else as it is written."""
        if key in TERMS:
            return self.term(text)
        if text in _OWN and key in _STATES:
            return _OWN[text]
        if key in _STATES:
            return quoted(Text(self._zh.state(text), self._en.state(text)))
        if key in _TRIGGERS:
            return quoted(Text(self._zh.trigger(text), self._en.trigger(text)))
        if key in _ROLES:
            return Text(self._zh.role(text), self._en.role(text))
        if key == "notice":
            return quoted(Text(self._zh.notice(text), self._en.notice(text)))
        if key == "colour":
            return COLOURS[text]
        return Text(f"`{text}`", f"`{text}`") if any(mark in text for mark in " .('<>=") else Text(text, text)

    def as_term(self, text: str) -> Term | None:
        """A term: literal, or the value of a parameter."""
        value = self.edition.parameters.get(text.removeprefix("param.")) if text.startswith("param.") else text
        try:
            return Term.parse(str(value)) if isinstance(value, str) else None
        except TermError:
            return None

    def term(self, text: str) -> Text:
        """A term in words, with the parameter that gives it."""
        term = self.as_term(text)
        if term is None:
            return Text(f"`{text}`", f"`{text}`")
        own = f"（{text}）" if text.startswith("param.") else ""
        return Text(term.text("zh") + own, term.text("en") + own.replace("（", " (").replace("）", ")"))

    def due(self, due: Due) -> Text:
        """The rule of a date as a sentence."""
        if due.latest_of is not None or due.earliest_of is not None:
            key = "latest_of" if due.latest_of is not None else "earliest_of"
            rules = joined([self.due(each) for each in due.latest_of or due.earliest_of or ()], "；", "; ")
            said = Text(f"{KEYS[key].zh}：{rules.zh}", f"{KEYS[key].en} {rules.en}")
        elif due.term is not None:
            term, anchor = self.term(due.term), self._anchor(due.after or due.before or "")
            side = ("后", "after") if due.after else ("前", "before")
            said = Text(f"{anchor.zh}{side[0]} {term.zh}", f"{term.en} {side[1]} {anchor.en}")
        else:
            said = self._anchor(str(due.date))
        rest = [self._pair(due, key) for key in ("roll", "at", "including", "count_start") if _is_set(due, key)]
        return joined([said, *rest], "，", ", ")

    def _anchor(self, text: str) -> Text:
        if text == "start":
            return Text("起算", "the start")
        value = self.edition.parameters.get(text.removeprefix("param.")) if text.startswith("param.") else None
        record, _, field = text.partition(".")
        if record in ("task", "form", "parent") and field.isidentifier():
            return quoted(Text(self._zh.field(field), self._en.field(field)))
        return self.name(text, "date") if value is None else Text(f"{value}（{text}）", f"{value} ({text})")

    def _sentence(self, value: BaseModel) -> Text:
        match value:
            case By():
                return self._by(value)
            case Branch():
                state = self.name(value.state, "state")
                when = (
                    Text("其余情形", "otherwise") if value.when is None else Text(f"`{value.when}`", f"`{value.when}`")
                )
                return Text(f"{when.zh} → {state.zh}", f"{when.en} → {state.en}")
            case _:
                return self._model(value)

    def _by(self, by: By) -> Text:
        said = self.name(by.role, "role")
        if by.not_ is not None:
            other = self._person(by.not_)
            said = Text(f"{said.zh}（不得为{other.zh}）", f"{said.en} (not {other.en})")
        if by.same_person is not None:
            why = by.same_person
            said = Text(f"{said.zh}（可为同一人：{why.zh}）", f"{said.en} (the same person may: {why.en})")
        return said

    def _person(self, guard: str) -> Text:
        """Whom an expression names: who did something, or the expression as it is written."""
        if guard == "last.actor":
            return Text("办理上一步的人", "whoever acted last")
        found = _ACTOR.fullmatch(guard)
        if found is None:
            return Text(f" {guard}", guard)
        act = self.name(found[1], "trigger")
        return Text(f"办理{act.zh}的人", f"whoever did {act.en}")

    def _reminder(self, rung: Reminder) -> Text:
        term, side = self.term(rung.term), ("后", "after") if rung.after else ("前", "before")
        return Text(f"期限{side[0]} {term.zh}", f"{term.en} {side[1]}")

    def _model(self, value: BaseModel) -> Text:
        if isinstance(value, Reminder):
            return self._reminder(value)
        if type(value) is Titled:
            return Text(f"“{value.zh}”", f"“{value.en}”")
        pairs = [
            self._pair(value, key)
            for key in type(value).model_fields
            if key not in ("zh", "en", "rule") and _is_set(value, key)
        ]
        said = joined(pairs, "，", ", ")
        return Text(f"“{value.zh}”（{said.zh}）", f"“{value.en}” ({said.en})") if isinstance(value, Titled) else said

    def _pair(self, model: BaseModel, key: str) -> Text:
        label, value = KEYS[key], getattr(model, key)
        if value is True:
            return label
        if isinstance(value, str | bool) and (key, value) in _WHOLE:
            return _WHOLE[key, value]
        if isinstance(model, Every) and key in _BOUNDS:
            return Text(f"{_BOUNDS[key].zh} {value}", f"{_BOUNDS[key].en} {value}")
        said = self.of(value, key)
        return Text(f"{label.zh} {said.zh}", f"{label.en} {said.en}")


def _is_set(model: BaseModel, key: str) -> bool:
    field = type(model).model_fields[key]
    return bool(getattr(model, key) != field.get_default(call_default_factory=True))
