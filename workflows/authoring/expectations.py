"""What a scenario expects against what was found: every difference is a value, none stops the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.document import Path
from engine.events import Event, EventType, Json, instant
from engine.facts import occurrences
from engine.model.fields import Field
from engine.problems import Text, ValueProblem
from engine.task import Occurrence, Task
from engine.undecided import undecided
from engine.values import parse_value
from workflows.authoring.grammar import Absent, DeadlineFacts, Expect, Facts
from workflows.authoring.virtual import VirtualFamily

_NONE = Text("没有", "nothing")


@dataclass(frozen=True)
class Difference:
    """What was expected at a path inside the expectation, and what was found."""

    path: Path
    expected: Text
    found: Text


@dataclass(frozen=True)
class Scene:
    """The families by the id of their root, the instant, and what the step brought."""

    families: Mapping[str, VirtualFamily]
    root: str
    at: datetime
    events: Sequence[Event]

    def member(self, name: str) -> tuple[VirtualFamily, Task] | None:
        """The family member of that id or kind, with its family."""
        for root in (self.root, *self.families):
            task = self.families[root].latest(name)
            if task is not None:
                return self.families[root], task
        return None


def differences(scene: Scene, expect: Expect) -> Iterator[Difference]:
    """Everything in which a scene is not as expected, in the order of the grammar."""
    family = scene.families[scene.root]
    if scene.root in family.tasks:
        yield from _of_member(family, family.tasks[scene.root], expect, scene.at, ())
    for name, facts in expect.on.items():
        member = scene.member(name)
        if member is None:
            yield Difference(("on", name), Text(f"有 {name}", f"a {name}"), _NONE)
        else:
            yield from _of_member(*member, facts, scene.at, ("on", name))
    yield from _brought(scene, expect)
    yield from _in_order(scene.events, expect)
    yield from _absent(scene, expect.absent)


# -- one member


def _of_member(family: VirtualFamily, task: Task, facts: Facts, at: datetime, path: Path) -> Iterator[Difference]:
    body = family.edition.sheets[task.kind].body
    for name, found in (("state", task.state), ("signal", task.signal), ("ended", task.ended)):
        wanted = getattr(facts, name)
        if wanted is not None and wanted != found:
            yield Difference((*path, name), _plain(name, wanted), _plain(name, found))
    for name, wanted in facts.fields.items():
        yield from _field(body.fields.get(name), task, name, wanted, (*path, "fields", name))
    for name, deadline in facts.deadlines.items():
        yield from _deadline(task, name, deadline, family.edition.zone, (*path, "deadlines", name))
    for name, wanted in facts.measures.items():
        yield from _measure(family, task, name, wanted, at, (*path, "measures", name))


def _plain(name: str, value: Any) -> Text:
    shown = "—" if value is None else str(value)
    return Text(f"{name}: {shown}", f"{name}: {shown}")


def _field(field: Field | None, task: Task, name: str, wanted: Any, path: Path) -> Iterator[Difference]:
    if field is None:
        yield Difference(path, _plain(name, wanted), Text(f"没有字段 {name}", f"there is no field {name}"))
        return
    try:
        value = parse_value(field, wanted)
    except ValueProblem as problem:
        yield Difference(path, _plain(name, wanted), problem.text)
        return
    if value != task.fields.get(name):
        yield Difference(path, _plain(name, value), _plain(name, task.fields.get(name)))


def _found(task: Task, name: str) -> Occurrence | None:
    """The occurrence `name/key`, or the one of that name that started last."""
    if "/" in name:
        return task.deadlines.get(name)
    return next(reversed(occurrences(task, name)), None)


def _deadline(task: Task, name: str, facts: DeadlineFacts, zone: ZoneInfo, path: Path) -> Iterator[Difference]:
    found = _found(task, name)
    if found is None:
        there = ", ".join(f"{key} ({one['status']})" for key, one in task.deadlines.items())
        yield Difference(
            path, _plain(name, "…"), Text(f"没有；有 {there or '—'}", f"not there; there are {there or '—'}")
        )
        return
    seen: dict[str, Json] = {**found, "due": _due(found, zone, to_the_minute=" " in (facts.due or ""))}
    for key in facts.model_fields_set:
        wanted, value = getattr(facts, key), seen.get(key)
        if wanted != value:
            yield Difference((*path, key), _plain(f"{name}.{key}", wanted), _plain(f"{name}.{key}", value))


def _due(found: Occurrence, zone: ZoneInfo, *, to_the_minute: bool) -> str | None:
    due_at = found.get("due_at")
    if not to_the_minute or not due_at:
        return found.get("last_day")
    return f"{instant(due_at).astimezone(zone):%Y-%m-%d %H:%M}"


def _measure(
    family: VirtualFamily, task: Task, name: str, wanted: Any, at: datetime, path: Path
) -> Iterator[Difference]:
    if name not in family.edition.sheets[task.kind].body.measures:
        yield Difference(path, _plain(name, wanted), Text(f"没有指标 {name}", f"there is no measure {name}"))
        return
    try:
        value = family.situation(task, at).value(f"measure.{name}")
    except LookupError as error:
        zh, en = undecided(str(error))
        yield Difference(path, _plain(name, wanted), Text(f"无法计算：{zh}", f"it cannot be computed: {en}"))
        return
    same = abs(float(wanted) - value) < 1e-9 if isinstance(value, float) else str(wanted) == str(value)
    if not same:
        yield Difference(path, _plain(name, wanted), _plain(name, value))


# -- what the step brought


def named(event: Event) -> tuple[str, str] | None:
    """What an event brought that scenarios ask for by name: a notice, a publication, a child, a reminder."""
    match event.type:
        case EventType.NOTICE_RAISED:
            return "notices", str(event.payload["notice"])
        case EventType.PUBLICATION_ORDERED:
            return "publications", str(event.payload["publication"])
        case EventType.CHILD_OPENED:
            return "opened", str(event.payload["kind"]).rpartition("/")[2]
        case EventType.DEADLINE_REMINDED:
            return "reminded", str(event.payload["occurrence"]["name"])
    return None


_KINDS = ("reminded", "notices", "publications", "opened")


def _names(scene: Scene, kind: str) -> list[str]:
    return [what[1] for event in scene.events if (what := named(event)) is not None and what[0] == kind]


def _listed(names: Sequence[str]) -> Text:
    shown = ", ".join(dict.fromkeys(names))
    return Text(shown or _NONE.zh, shown or _NONE.en)


def _brought(scene: Scene, expect: Expect) -> Iterator[Difference]:
    for kind in _KINDS:
        found = _names(scene, kind)
        left = list(found)
        for name in getattr(expect, kind):
            if name in left:
                left.remove(name)
            else:
                yield Difference((kind,), _plain(kind, name), _listed(found))


def _in_order(events: Sequence[Event], expect: Expect) -> Iterator[Difference]:
    found = iter([event.type.value for event in events])
    if not all(wanted in found for wanted in expect.events):
        yield Difference(("events",), _listed(expect.events), _listed([event.type.value for event in events]))


def _absent(scene: Scene, absent: Absent) -> Iterator[Difference]:
    task = scene.families[scene.root].tasks.get(scene.root)
    for name in absent.deadlines:
        found = _found(task, name) if task else None
        if found is not None:
            there = f"{found['name']}/{found['key']}: {found['status']}"
            yield _unwanted("deadlines", name, there)
    present = {**{kind: _names(scene, kind) for kind in _KINDS}, "events": [event.type.value for event in scene.events]}
    for kind, names in present.items():
        for name in getattr(absent, kind):
            if name in names:
                yield _unwanted(kind, name, name)


def _unwanted(kind: str, name: str, found: str) -> Difference:
    return Difference(("absent", kind), Text(f"没有 {name}", f"no {name}"), Text(found, found))
