"""Two editions, compared part by part in the order of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from engine.edition import Edition
from engine.machine import sources
from engine.model import Body
from engine.model.base import Titled
from engine.problems import Text
from workflows.authoring.diff.changes import ALL, Change, Touch, What
from workflows.authoring.diff.comparing import Pair
from workflows.authoring.diff.guards import Conditions
from workflows.authoring.diff.labels import PARTS
from workflows.authoring.diff.wording import Words

NOTHING = Touch()
_UNTOUCHING = frozenset({"zh", "en", "rule"})
_WHOLE = frozenset({"process", "edition", "parameters", "roles", "programme", "exhortations", "source"})
_NAMED = ("fields", "states", "transitions", "deadlines", "measures", "notices", "publications", "children")


def changes(before: Edition, after: Edition) -> Iterator[Change]:
    """Every difference in meaning."""
    pair = _pair(before, after, "")
    yield from _process(pair, before, after)
    for part in ("parameters", "roles", "exhortations"):
        yield from _mapping(pair, "", part, getattr(before.process, part), getattr(after.process, part))
    bodies = dict(before.process.bodies()), dict(after.process.bodies())
    yield from _programme(before, after)
    for kind in bodies[0]:
        if kind in bodies[1]:
            yield from _body(_pair(before, after, kind), kind, bodies[0][kind], bodies[1][kind])


def _pair(before: Edition, after: Edition, kind: str) -> Pair:
    return Pair(Words(before, kind), Words(after, kind), Conditions(before, after, kind))


def _process(pair: Pair, before: Edition, after: Edition) -> Iterator[Change]:
    own = frozenset(Body.model_fields) | _WHOLE
    for key, said in pair.details(before.process, after.process, own):
        touch = ALL if key in ("timezone", "calendar") else NOTHING
        yield Change("", "process", key, "changed", said, touch)


def _programme(before: Edition, after: Edition) -> Iterator[Change]:
    one, other = before.process.programme, after.process.programme
    if (one is None) != (other is None):
        titled = one or other
        assert titled is not None, "one of the two is there"
        zh, en = ("删去", "removed") if one else ("新增", "added")
        said = Text(f"{zh}专项“{titled.zh}”", f"programme “{titled.en}” {en}")
        yield Change("programme", "programme", "programme", "removed" if one else "added", said)


def _body(pair: Pair, kind: str, one: Body, other: Body) -> Iterator[Change]:
    for part in ("milestones", "registration", "signals"):
        for said in pair.differing(
            "colour" if part == "signals" else "fields", getattr(one, part), getattr(other, part)
        ):
            yield Change(kind, part, part, "changed", _prefixed(pair, kind, _shown(part, said)), _touch_of(part))
    for part in _NAMED:
        yield from _mapping(pair, kind, part, _by_name(one, part), _by_name(other, part))
    yield from _mapping(pair, kind, "properties", _by_name(one, "properties"), _by_name(other, "properties"))
    if isinstance(one, Titled):
        own = frozenset(Body.model_fields)
        for key, said in pair.details(one, other, own):
            part = "programme" if kind == "programme" else "children"
            yield Change(kind, part, kind, "changed", _prefixed(pair, kind, said), _touch(pair, part, kind, key))


def _by_name(body: Body, part: str) -> Mapping[str, Any]:
    found = getattr(body, part)
    if isinstance(found, Mapping):
        return found
    return {getattr(each, "trigger", None) or each.name: each for each in found}


def _mapping(pair: Pair, kind: str, part: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Change]:
    for name in (*one, *(name for name in other if name not in one)):
        if name in one and name in other:
            yield from _changed(pair, kind, part, name, one[name], other[name])
            continue
        what: What = "removed" if name in one else "added"
        words, value = (pair.before, one[name]) if name in one else (pair.after, other[name])
        yield Change(
            kind,
            part,
            name,
            what,
            _came_or_went(pair, kind, part, name, words, value, what),
            _touch(pair, part, name, ""),
        )


def _came_or_went(pair: Pair, kind: str, part: str, name: str, words: Words, value: Any, what: What) -> Text:
    label, title = PARTS[part], _title(name, value)
    zh, en = ("删去", "removed") if what == "removed" else ("新增", "added")
    more = Text("", "")
    if part in ("transitions", "deadlines", "parameters", "fields"):
        said = words.of(value)
        more = Text(
            f"：{said.zh.partition('（')[2].removesuffix('）')}", f": {said.en.partition(' (')[2].removesuffix(')')}"
        )
    return _prefixed(pair, kind, Text(f"{zh}{label.zh}{title.zh}{more.zh}", f"{label.en} {title.en} {en}{more.en}"))


def _changed(pair: Pair, kind: str, part: str, name: str, one: BaseModel, other: BaseModel) -> Iterator[Change]:
    if part == "children":
        return
    here = replace(pair, trigger=name) if part == "transitions" else pair
    title, label = _title(name, other), PARTS[part]
    for key, said in here.details(one, other):
        bites = _bites(pair, name) if part == "parameters" and key in ("value", "values", "type") else Text("", "")
        sentence = Text(f"{label.zh}{title.zh}：{said.zh}{bites.zh}", f"{label.en} {title.en}: {said.en}{bites.en}")
        yield Change(kind, part, name, "changed", _prefixed(pair, kind, sentence), _touch(pair, part, name, key))


def _title(name: str, value: Any) -> Text:
    return Text(f"“{value.zh}”", f"“{value.en}”") if isinstance(value, Titled) else Text(f"“{name}”", f"“{name}”")


def _shown(part: str, said: Text) -> Text:
    return Text(f"{PARTS[part].zh}：{said.zh}", f"{PARTS[part].en}: {said.en}")


def _prefixed(pair: Pair, kind: str, said: Text) -> Text:
    """A sentence about a child or the programme says so first."""
    if not kind:
        return said
    body = pair.after.edition.sheets[kind].body
    assert isinstance(body, Titled), "all but the process itself have a title"
    return Text(f"［{body.zh}］{said.zh}", f"[{body.en}] {said.en}")


def _touch_of(part: str) -> Touch:
    return NOTHING if part == "registration" else ALL


def _touch(pair: Pair, part: str, name: str, key: str) -> Touch:
    """Which open tasks a change of a part concerns."""
    if key in _UNTOUCHING or part in ("properties", "exhortations", "notices", "publications"):
        return NOTHING
    sheet = pair.before.edition.sheets[pair.conditions.kind]
    if part == "states":
        return Touch(states=frozenset({name}))
    if part == "deadlines":
        return Touch(deadlines=frozenset({name}))
    if part == "transitions" and name in sheet.transitions:
        return Touch(states=frozenset(sources(sheet.body, sheet.transitions[name])))
    if part == "transitions":
        added = pair.after.edition.sheets[pair.conditions.kind]
        return Touch(states=frozenset(sources(added.body, added.transitions[name])))
    return bitten(pair.after.edition, name)[1] if part == "parameters" else ALL


def _bites(pair: Pair, name: str) -> Text:
    """Where a parameter is read."""
    places, _ = bitten(pair.after.edition, name)
    if not places:
        return Text("；无处引用", "; nothing reads it")
    zh, en = "、".join(place.zh for place in places), ", ".join(place.en for place in places)
    return Text(f"；用于 {zh}（param.{name}）", f"; it bites in {en} (`param.{name}`)")


def bitten(edition: Edition, name: str) -> tuple[list[Text], Touch]:
    """The parts that read a parameter, measures followed one step, and the open tasks that they concern."""
    places: list[Text] = []
    states: set[str] = set()
    deadlines: set[str] = set()
    wanted = re.compile(rf"\bparam\.{name}\b")
    for _, body in edition.process.bodies():
        for part in ("transitions", "deadlines", "measures"):
            for own, value in _by_name(body, part).items():
                if wanted.search(value.model_dump_json()):
                    title = _title(own, value)
                    places.append(Text(f"{PARTS[part].zh}{title.zh}", f"{PARTS[part].en} {title.en}"))
                    if part == "deadlines":
                        deadlines.add(own)
                    else:
                        states |= set(sources(body, value)) if part == "transitions" else {"*"}
        if any(wanted.search(each.when) for each in body.signals):
            places.append(PARTS["signals"])
            states.add("*")
    return places, Touch(frozenset(states), frozenset(deadlines))
