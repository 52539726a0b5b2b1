"""Renames, as a guess: what is gone and what is new bear one title, or are the same but for their names and titles.

The earlier edition is then read with the new names, so that a rename is one change and not a change of all that
mentions it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from engine.document import Document
from engine.edition import Edition
from engine.loading import load
from engine.model import Body
from engine.problems import Text
from engine.reading import read
from workflows.authoring.diff.changes import Change, Touch
from workflows.authoring.diff.labels import PARTS


class Rename(NamedTuple):
    """A name that is another one now, in a part of a body, and why one thinks so."""

    kind: str
    part: str
    old: str
    new: str
    title: Text
    why: Text


_NAMED: Mapping[str, frozenset[str]] = {
    "states": frozenset({"from", "to", "state", "enter", "while", "in", "reaches", "can_reach", "cancelled"}),
    "transitions": frozenset(
        {"trigger", "starts", "triggers", "by", "until", "restart_by", "cancelled_by", "fire", "met_by"}
        | {"missed", "lapsed", "excused"}
    ),
    "deadlines": frozenset(),
    "fields": frozenset({"unique", "scored_by", "by"}),
    "measures": frozenset(),
    "parameters": frozenset(),
    "roles": frozenset({"by", "role", "owed_by", "open_to", "to", "copies"}),
    "notices": frozenset({"notice"}),
}
"""By part: the keys under which its names stand."""
_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "fields": ("task.", "parent."),
    "measures": ("measure.",),
    "parameters": ("param.",),
}
_QUOTED = frozenset({"states", "transitions", "deadlines"})
_SAME_TITLE = Text("名称相同", "same title")
_SAME_TEXT = Text("内容相同", "same content")


def guesses(before: Edition, after: Edition) -> list[Rename]:
    """Every rename for which the evidence is good."""
    found: list[Rename] = []
    pairs = dict(before.process.bodies()), dict(after.process.bodies())
    for part in ("parameters", "roles"):
        found += _of_part("", part, getattr(before.process, part), getattr(after.process, part))
    for kind in pairs[0].keys() & pairs[1].keys():
        for part in ("states", "transitions", "deadlines", "fields", "measures", "notices"):
            found += _of_part(kind, part, _named(pairs[0][kind], part), _named(pairs[1][kind], part))
    return found


def _named(body: Body, part: str) -> Mapping[str, Any]:
    return {each.trigger: each for each in body.transitions} if part == "transitions" else getattr(body, part)


def _of_part(kind: str, part: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Rename]:
    spare = {name: value for name, value in other.items() if name not in one}
    for name, value in one.items():
        if name in other:
            continue
        match = next(((new, why) for new, each in spare.items() if (why := _evidence(part, value, each))), None)
        if match is not None:
            new, why = match
            del spare[new]
            yield Rename(kind, part, name, new, Text(other[new].zh, other[new].en), why)


def _evidence(part: str, one: BaseModel, other: BaseModel) -> Text | None:
    if getattr(one, "zh", "") == getattr(other, "zh", "?") or getattr(one, "en", "") == getattr(other, "en", "?"):
        return _SAME_TITLE
    own = {"zh", "en", "trigger", "rule"}
    first, second = (each.model_dump(exclude=own, exclude_defaults=True) for each in (one, other))
    return _SAME_TEXT if part in ("transitions", "deadlines", "measures") and first == second else None


def renamed(edition: Edition, renames: list[Rename]) -> Edition | None:
    """The edition with the new names; None where it is none with them."""
    document = read(edition.text, edition.name)
    if not isinstance(document, Document):
        return None
    data: Any = document.data
    for each in renames:
        data = _rewritten(data, each, "", "")
    return load(json.dumps(data, ensure_ascii=False, default=float), edition.name).edition


def _rewritten(value: Any, rename: Rename, key: str, around: str) -> Any:
    match value:
        case dict():
            names = {"parameters": "parameters", "set": "fields", "with": "fields"}.get(key, key)
            return {
                (rename.new if name == rename.old and names == rename.part else name): _rewritten(
                    each, rename, name, key
                )
                for name, each in value.items()
            }
        case list():
            return [_rewritten(each, rename, key, around) for each in value]
        case str() if value == rename.old and key in _NAMED[rename.part]:
            return rename.new
        case str():
            return _in_words(value, rename)
        case _:
            return value


def _in_words(text: str, rename: Rename) -> str:
    if rename.part in _QUOTED:
        text = re.sub(rf"(['\"]){re.escape(rename.old)}\1", rf"\g<1>{rename.new}\g<1>", text)
    for prefix in _PREFIXES.get(rename.part, ()):
        text = re.sub(rf"\b{re.escape(prefix + rename.old)}\b", prefix + rename.new, text)
    return text


def as_change(rename: Rename) -> Change:
    """A rename as it is told."""
    label = PARTS[rename.part]
    zh = f"{label.zh}“{rename.title.zh}”：`{rename.old}` 改名为 `{rename.new}`（推测：{rename.why.zh}）"
    en = f"{label.en} “{rename.title.en}”: `{rename.old}` is now called `{rename.new}` (a guess: {rename.why.en})"
    states = frozenset({rename.old}) if rename.part == "states" else frozenset()
    deadlines = frozenset({rename.old}) if rename.part == "deadlines" else frozenset()
    return Change(rename.kind, rename.part, rename.old, "renamed", Text(zh, en), Touch(states, deadlines), rename.new)
