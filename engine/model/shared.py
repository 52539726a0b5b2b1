"""What is said once and used by name: the values of a choice, the columns of rows, the words of a publication.

    grade: {type: choice, choices: {ordinary: …, major: …}}       a list, in the record of a body
    grade: {type: choice, choices: grade}                         the same list, in a form there or in a child
    grade: {type: choice, choices: hazard.grade}                  that of its children `hazard`

Names are spelt out before anything else is looked at, so that nothing below knows of them. A name that leads to no list
of its own stays as it is, and is told where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.problems import Mistake, Text

LISTS = ("choices", "columns")

MOST_ENTRIES = 20_000
"""To so many entries all lists that are used by name may come: a short text is to be no long one."""

Around = tuple[Mapping[str, Any], ...]
"""A body and those around it, the nearest first."""


def spelt_out(process: Any) -> Any:
    """A process with every list of a field where it is named. Raises `Mistake` where they come to too much."""
    return _Speller().body(process, ()) if isinstance(process, Mapping) else process


@dataclass
class _Speller:
    """Writes lists where they are named; `left` are the entries that may still be written."""

    left: int = MOST_ENTRIES

    def body(self, body: Any, around: Around) -> Any:
        if not isinstance(body, Mapping):
            return body
        here = (body, *around)
        parts: dict[str, Callable[[Any], Any]] = {
            "fields": lambda fields: self.fields(fields, here),
            "transitions": lambda acts: [self.within(each, "form", here) for each in acts] if _is_list(acts) else acts,
            "milestones": lambda plan: self.within(plan, "fields", here),
            "children": lambda kinds: _each(kinds, lambda child: self.body(child, here)),
            "programme": lambda programme: self.body(programme, here),
        }
        return {key: parts[key](value) if key in parts else value for key, value in body.items()}

    def within(self, part: Any, key: str, here: Around) -> Any:
        return {**part, key: self.fields(part[key], here)} if isinstance(part, Mapping) and key in part else part

    def fields(self, fields: Any, here: Around, keys: Sequence[str] = LISTS) -> Any:
        return _each(fields, lambda field: self.field(field, here, keys))

    def field(self, field: Any, here: Around, keys: Sequence[str]) -> Any:
        """A field; within columns that were named only choices are, so that no list is part of itself."""
        if not isinstance(field, Mapping):
            return field
        named = {key: self.found(field[key], key, here) for key in keys if isinstance(field.get(key), str)}
        spelt = {**field, **named}
        if "columns" in spelt:
            spelt["columns"] = self.fields(spelt["columns"], here, ("choices",) if "columns" in named else keys)
        return spelt

    def found(self, named: str, key: str, here: Around) -> Any:
        """The list of that name, of the nearest body that has it; or the name itself."""
        *kinds, name = named.split(".")
        for body in here:
            holder: Any = body
            for kind in kinds:
                holder = _at(_at(holder, "children"), kind)
            found = _at(_at(_at(holder, "fields"), name), key)
            if isinstance(found, Mapping):
                self.left -= _entries(found)
                if self.left < 0:
                    raise Mistake(_TOO_MANY, _FEWER)
                return found
        return named


_TOO_MANY = Text(
    f"按名称使用的列表合计超过 {MOST_ENTRIES} 项",
    f"lists that are used by name come to more than {MOST_ENTRIES} entries",
)
_FEWER = Text("请缩短列表，或少用几处", "shorten the lists, or use them in fewer places")


def _entries(listed: Any) -> int:
    return sum(1 + _entries(each) for each in listed.values()) if isinstance(listed, Mapping) else 0


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _each(named: Any, change: Callable[[Any], Any]) -> Any:
    return {name: change(value) for name, value in named.items()} if isinstance(named, Mapping) else named


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def listed(value: Any) -> Any:
    """A list of a field. Raises `Mistake` for a name to which none was found."""
    if isinstance(value, str):
        raise Mistake(
            Text(f"没有自带列表、名为 `{value}` 的字段", f"no field `{value}` has a list of its own"),
            Text(
                "请写出各项，或写本记录中自带列表的字段之名（子事项的字段写 种类.字段）",
                "write the list, or the name of a field of the record that has one (of a child: `KIND.FIELD`)",
            ),
            "no-such-list",
        )
    return value


def texts_of(written: Any) -> Any:
    """Publications of which one has the words of another: a `text` that is its name is that one's."""
    if not isinstance(written, Mapping):
        return written
    texts = {name: each.get("text") for name, each in written.items() if isinstance(each, Mapping)}

    def spelt(each: Any) -> Any:
        named = each.get("text") if isinstance(each, Mapping) else None
        meant = texts.get(named) if isinstance(named, str) else None
        return {**each, "text": meant} if isinstance(meant, Mapping) else each

    return {name: spelt(each) for name, each in written.items()}


def worded(text: Any) -> Any:
    """The words of a publication. Raises `Mistake` for a name to which none were found."""
    if isinstance(text, str):
        raise Mistake(
            Text(f"没有自带文字、名为 `{text}` 的公文", f"no publication `{text}` has a text of its own"),
            Text(
                "请写 {zh: …, en: …}，或同一主体中自带文字的公文之名",
                "write {zh: …, en: …}, or the name of one that has",
            ),
            "no-such-text",
        )
    return text
