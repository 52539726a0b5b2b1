"""A walk that broke a claim, told: in words with its dates, and as a scenario that `duban check --scenarios` runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.cel.tree import walk as nodes
from engine.events import Event, EventType, instant
from engine.model.base import Titled
from engine.problems import Language, Text
from engine.proofs.claims import Claim
from engine.titles import Titles
from workflows.authoring.refuting import breaks
from workflows.authoring.refuting.walk import Done, Walk
from workflows.sayings import say


def story(claim: Claim, walk: Walk, lang: Language) -> list[str]:
    """What happened, line by line, each with its date; the last line says how the claim is broken."""
    lines = [line for done in walk.done for line in _told(claim, walk, done, lang)]
    return [*lines, _end(claim, walk, lang)]


def _told(claim: Claim, walk: Walk, done: Done, lang: Language) -> Iterator[str]:
    for event in done.events:
        said = _said(claim, walk, done, event, lang)
        if said is not None:
            moment = event.occurred_at.astimezone(walk.edition.zone)
            yield f"{moment:%Y-%m-%d %H:%M}  {said}"
    yield from _refused(walk, done, lang)


def _refused(walk: Walk, done: Done, lang: Language) -> Iterator[str]:
    """An act that was refused."""
    if done.refused is not None and done.doer is not None:
        kind = walk.family.tasks[done.on or walk.root.id].kind
        titles = Titles(walk.edition, lang, kind)
        act = f"{titles.role(done.doer.role)}: {titles.trigger(str(done.do))}{_form(done, titles)}"
        refused = Text("被拒绝", "is refused").in_(lang)
        yield f"{done.at:%Y-%m-%d %H:%M}  {act} {refused}: {say(done.refused, walk.edition, lang, kind)}"


def _said(claim: Claim, walk: Walk, done: Done, event: Event, lang: Language) -> str | None:
    kind = walk.family.tasks[event.task].kind
    titles, told = Titles(walk.edition, lang, kind), event.payload
    match event.type:
        case EventType.TASK_REGISTERED:
            what = Text("立项", "registered") if not told["parent"] else Text("另立", "opened")
            record = _record(claim, walk, told["fields"], titles) if kind == claim.kind else ""
            return f"{what.in_(lang)} {_name(walk, kind, lang)}{record} [{titles.state(told['state'])}]"
        case EventType.TRIGGER_FIRED:
            who = titles.role(event.actor if event.actor == "system" or done.doer is None else done.doer.role)
            form = _form(done, titles) if told["trigger"] == done.do else ""
            return f"{who}: {titles.trigger(told['trigger'])}{form} → [{titles.state(told['to'])}]"
        case EventType.DEADLINE_MISSED:
            return f"{Text('逾期', 'missed').in_(lang)} {titles.deadline(told['occurrence']['name'])}"
        case EventType.DEADLINE_LAPSED:
            return f"{Text('届满', 'lapsed').in_(lang)} {titles.deadline(told['occurrence']['name'])}"
        case EventType.TRIGGER_IGNORED:
            words = Text("未能执行", "was not possible").in_(lang)
            return f"{titles.trigger(told['trigger'])} {words} ({told['code']})"
        case EventType.DEADLINE_SUPERSEDED if claim.shape == "starved":
            return f"{Text('重新起算', 'starts anew').in_(lang)} {titles.deadline(told['occurrence']['name'])}"
    return None


def _name(walk: Walk, kind: str, lang: Language) -> str:
    body = walk.edition.sheets[kind].body
    titled = body if isinstance(body, Titled) else walk.edition.process.title
    return titled.title(lang)


def _form(done: Done, titles: Titles) -> str:
    return _values(done.form, titles)


def _record(claim: Claim, walk: Walk, fields: Mapping[str, Any], titles: Titles) -> str:
    """What the claim reads of the record with which a task began."""
    return _values({name: fields[name] for name in _read(claim, walk) if name in fields}, titles)


def _values(values: Mapping[str, Any], titles: Titles) -> str:
    shown = [f"{titles.field(name)} {titles.value(name, value)}" for name, value in values.items() if _short(value)]
    return f" ({titles.listed(shown)})" if shown else ""


def _short(value: Any) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= 12)


def _end(claim: Claim, walk: Walk, lang: Language) -> str:
    task = walk.member(claim.kind)
    assert task is not None, "a claim is broken by a member of the family"
    titles, day = Titles(walk.edition, lang, claim.kind), f"{walk.now:%Y-%m-%d %H:%M}"
    if claim.shape == "within":
        since = breaks.waiting_since(claim, walk, task) or walk.now
        count = walk.calendar.working_days_between(since.date(), walk.now.date())
        zh = f"仍为[{titles.state(task.state)}]，已 {count} 个工作日、{(walk.now - since).days} 天"
        en = f"still [{titles.state(task.state)}], {count} working days ({(walk.now - since).days} days)"
        return f"{day}  {Text(zh, en).in_(lang)}"
    if claim.shape == "starved":
        again = Text("不断重新起算，从未届满", "begins anew again and again, and never passes").in_(lang)
        return f"{day}  {again}"
    return f"{day}  [{titles.state(task.state)}] {Text('即违反该性质', 'breaks the claim').in_(lang)}"


# -- as a scenario


def scenario(claim: Claim, walk: Walk) -> str:
    """The walk as a file of scenarios: it runs, and its last step expects what breaks the claim."""
    head = {"scenario": slug(claim), "zh": f"反例：{claim.title.zh}", "en": f"Refutes: {claim.title.en}"}
    lines = [f"- scenario: {head['scenario']}"]
    lines += [f"  {key}: {_json(head[key])}" for key in ("zh", "en")]
    lines += [f"  given: {_json(walk.given)}", "  steps:"]
    return "\n".join([*lines, *(f"    - {_json(step)}" for step in _steps(claim, walk))]) + "\n"


def _steps(claim: Claim, walk: Walk) -> Iterator[dict[str, Any]]:
    """The acts, and at last the break; what each brought, time before it included, where the break is among that."""
    events: list[Event] = []
    for done in walk.done[1:]:
        events += done.events
        if done.do is not None:
            shown = _shown(claim, events)
            yield _step(done) | ({"expect": {"events": shown}} if shown else {})
            events = []
    shown = _shown(claim, events)
    expected = _expected(claim, walk) | ({"events": shown} if shown else {})
    yield {"at": f"{walk.now:%Y-%m-%d %H:%M}", "expect": expected}


def _shown(claim: Claim, events: Sequence[Event]) -> list[str]:
    """The events that show the break, by type, where no state does."""
    wanted = _BREAKING.get(claim.shape)
    return [event.type.value for event in events if event.type is wanted][-breaks.STARVED :]


_BREAKING: Mapping[str, EventType] = {
    "fires": EventType.TRIGGER_IGNORED,
    "total": EventType.TRIGGER_IGNORED,
    "starved": EventType.DEADLINE_SUPERSEDED,
}


def _step(done: Done) -> dict[str, Any]:
    assert done.doer is not None, "somebody does it"
    doer = {"role": done.doer.role} | ({"person": done.doer.person} if done.doer.person else {})
    step: dict[str, Any] = {"at": f"{done.at:%Y-%m-%d %H:%M}", "do": done.do, "as": doer}
    step |= {"on": done.on} if done.on else {}
    step |= {"with": dict(done.form)} if done.form else {}
    step |= {"refused": done.refused.code} if done.refused else {}
    return step


def _expected(claim: Claim, walk: Walk) -> dict[str, Any]:
    task = walk.member(claim.kind)
    assert task is not None, "a claim is broken by a member of the family"
    facts: dict[str, Any] = {"state": task.state}
    fields = {name: task.fields[name] for name in _read(claim, walk) if name in task.fields}
    facts |= {"fields": fields} if fields else {}
    if claim.about:
        latest = [each for each in task.deadlines.values() if each["name"] == claim.about]
        facts |= {"deadlines": {claim.about: {"status": latest[-1]["status"]}}} if latest else {}
    return facts if task.id == walk.root.id else {"on": {task.id: facts}}


def _read(claim: Claim, walk: Walk) -> list[str]:
    """The fields of the record that the claim is about."""
    texts = [text for text in (*claim.holds, *claim.fails) if text in walk.edition.sheets[claim.kind].expressions]
    trees = [walk.edition.sheets[claim.kind].expressions[text].tree() for text in texts]
    names = [node["name"] for tree in trees for node in nodes(tree) if node["node"] == "ident"]
    return sorted({name.removeprefix("task.") for name in names if name.startswith("task.")})


def slug(claim: Claim) -> str:
    """A name for the file and the scenario."""
    plain = re.sub(r"[^a-z0-9]+", "-", claim.title.en.lower()).strip("-")
    where = f"{claim.kind.replace('/', '-')}-" if claim.kind else ""
    return f"refuted-{where}{plain or 'claim'}"[:60].rstrip("-").replace("_", "-")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


__all__ = ["instant", "scenario", "slug", "story"]
