"""Names as people know them: the titles that a definition gives to roles, states, triggers, deadlines and fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.edition import Edition, Sheet
from engine.events import SYSTEM, instant
from engine.model.base import Titled
from engine.problems import Language, Text

_BUILT_IN: Mapping[str, Text] = {SYSTEM: Text("系统", "the system"), "anyone": Text("任何人", "anyone")}
COLOURS: Mapping[str, Text] = {
    "red": Text("红", "red"),
    "orange": Text("橙", "orange"),
    "yellow": Text("黄", "yellow"),
    "blue": Text("蓝", "blue"),
    "green": Text("绿", "green"),
    "unknown": Text("不明", "unknown"),
}
"""The lights in words, the gravest first."""

_REMINDER = Text("提醒通知", "reminder")
_PARENT_ENDED = Text("上级事项结束", "the parent ended")
_NONE = Text("无", "none")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Titles:
    """Names as people know them in one language; a name that the definition does not have stays as it is."""

    edition: Edition | None
    lang: Language
    kind: str = ""

    def sheets(self) -> Iterator[Sheet]:
        """The one at hand, then the others."""
        sheets = self.edition.sheets if self.edition else {}
        if self.kind in sheets:
            yield sheets[self.kind]
        yield from (sheet for kind, sheet in sheets.items() if kind != self.kind)

    def of(self, found: Callable[[Sheet], Mapping[str, Titled]], name: Any) -> str:
        """The title of a name among what each sheet has."""
        titled = next((mapping[name] for sheet in self.sheets() if name in (mapping := found(sheet))), None)
        return titled.title(self.lang) if titled else str(name)

    def role(self, name: Any) -> str:
        """The title of a role."""
        if name in _BUILT_IN:
            return _BUILT_IN[name].in_(self.lang)
        roles = self.edition.process.roles if self.edition else {}
        return roles[name].title(self.lang) if name in roles else str(name)

    def trigger(self, name: Any) -> str:
        """The title of a transition."""
        if name == "parent_ended":
            return _PARENT_ENDED.in_(self.lang)
        return self.of(lambda sheet: sheet.transitions, name)

    def state(self, name: Any) -> str:
        """The title of a state."""
        return self.of(lambda sheet: sheet.body.states, name)

    def deadline(self, name: Any) -> str:
        """The title of a deadline."""
        return self.of(lambda sheet: sheet.body.deadlines, name)

    def field(self, name: Any) -> str:
        """The title of a field of the record, of a form or of a milestone."""
        return self.of(lambda sheet: sheet.named, name)

    def measure(self, name: Any) -> str:
        """The title of a measure."""
        return self.of(lambda sheet: sheet.body.measures, name)

    def parameter(self, name: Any) -> str:
        """The title of a parameter."""
        parameters = self.edition.process.parameters if self.edition else {}
        return parameters[name].title(self.lang) if name in parameters else str(name)

    def notice(self, name: Any) -> str:
        """The title of a notice; a reminder has one without a definition."""
        return _REMINDER.in_(self.lang) if name == "reminder" else self.of(lambda sheet: sheet.body.notices, name)

    def child(self, name: Any) -> str:
        """The title of a kind of children."""
        return self.of(lambda sheet: sheet.body.children, name)

    def publication(self, name: Any) -> str:
        """The title of a publication."""
        return self.of(lambda sheet: sheet.body.publications, name)

    def colour(self, name: str | None) -> str:
        """A light in words; none is a dash."""
        return COLOURS[name].in_(self.lang) if name and name in COLOURS else name or "—"

    def value(self, name: Any, value: Any) -> Any:
        """A value of a field as people know it: a choice by its title, anything else as it is."""
        if not isinstance(value, str):
            return value
        fields = (found for sheet in self.sheets() if (found := sheet.named.get(name)) is not None)
        choices = getattr(next(fields, None), "choices", None) or {}
        return choices[value].title(self.lang) if value in choices else self.moment(value)

    def moment(self, value: Any) -> Any:
        """An instant to the minute, in the zone of the process; anything else as it is."""
        if self.edition is None or not isinstance(value, str) or not _INSTANT.fullmatch(value):
            return value
        return f"{instant(value).astimezone(self.edition.zone):%Y-%m-%d %H:%M}"

    def choice(self, name: Any) -> str:
        """The title of a state or of a transition."""
        return self.of(lambda sheet: {**sheet.body.states, **sheet.transitions}, name)

    def listed(self, names: Sequence[Any]) -> str:
        """Several names in one sentence."""
        return ("、" if self.lang == "zh" else ", ").join(map(str, names)) or _NONE.in_(self.lang)
