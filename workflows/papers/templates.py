"""The Word templates of a process: kept by version with who and when, checked before they are accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from engine.commands import Actor, Refusal
from engine.edition import Edition
from engine.events import Json
from engine.model import Publication
from workflows.desk import Desk
from workflows.papers.facts import said_day
from workflows.papers.ports import PressProblem
from workflows.papers.values import NAMES, Template
from workflows.ports import Chained

ADMIN = "admin"
"""The role of those who replace templates."""


def declared(edition: Edition) -> Iterator[tuple[str, str, Publication]]:
    """Every publication that is a document: the kind of its body, its name, itself."""
    for kind, sheet in edition.sheets.items():
        for name, rule in sheet.body.publications.items():
            if rule.template is not None:
                yield kind, name, rule


def keep_found(
    desk: Desk, edition: Edition, found: Callable[[str], bytes | None], actor: str, chain: Chained | None = None
) -> None:
    """Keep the templates that stand beside a definition: each that was never kept under its name. One that an
    administrator has replaced is not brought back by an edition that did not change it. In the transaction of the
    `chain` that publishes the edition: there is never the one without the others.
    """
    if desk.papers is None:
        return
    process = edition.process.process
    for name in dict.fromkeys(rule.template for _, _, rule in declared(edition) if rule.template):
        content = found(name)
        if content is None:
            continue
        digest = sha256(content).hexdigest()
        if digest not in {each.digest for each in desk.papers.templates(process, name)}:
            desk.papers.keep_template(Template(process, name, digest, actor, desk.clock()), content, chain)


def keep_template(desk: Desk, process: str, name: str, content: bytes, actor: Actor) -> Refusal | Template:
    """Replace a template by an uploaded Word file: the next document uses it.

    Only an administrator may. The file is inspected, its names are compared with what a document may say, and it is
    printed once with sample facts of each document that uses it, before it is kept.
    """
    if ADMIN not in actor.roles:
        return Refusal("template_not_admin", {"actor": actor.id})
    if desk.papers is None or desk.press is None:
        return Refusal("no_press", {"publication": name})
    found = desk.latest(process)
    if isinstance(found, Refusal):
        return found
    refusal = _unfit(desk, found[0], name, content)
    if refusal is not None:
        return refusal
    template = Template(process, name, sha256(content).hexdigest(), actor.id, desk.clock())
    desk.papers.keep_template(template, content)
    return template


def _unfit(desk: Desk, edition: Edition, name: str, content: bytes) -> Refusal | None:
    users = [(kind, rule) for kind, _, rule in declared(edition) if rule.template == name]
    if not users:
        known = sorted({rule.template or "" for _, _, rule in declared(edition)})
        return Refusal("unknown_template", {"template": name, "known": known})
    assert desk.press is not None, "whoever keeps has looked for a press"
    try:
        unknown = sorted(desk.press.names(content) - NAMES)
        if unknown:
            facts: dict[str, Json] = {"template": name, "names": unknown, "known": sorted(NAMES)}
            return Refusal("template_names", facts)
        for kind, rule in users:
            for zh in (True, False):
                desk.press.render(content, sample(edition, kind, rule, zh=zh))
    except PressProblem as problem:
        return Refusal("template_unfit", {"template": name, "reason": problem.text.both})
    return None


def sample(edition: Edition, kind: str, rule: Publication, *, zh: bool) -> Mapping[str, Json]:
    """Facts such as a document of this kind may have, to try a template with."""
    row = _row(edition, kind)
    members = [_row(edition, "")] * 2 if kind == "programme" else [row]
    body = edition.sheets[kind].body
    late = {
        "task": "x-01", "title": "事项", "unit": "单位", "status": "missed", "deadline": "时限", "key": "2022-03",
        "last_day": "2022-03-31", "days_late": 3, "working_days_late": 2,
    }  # fmt: skip
    told: dict[str, Any] = {
        "zh": zh, "organ": "督查机关", "number": "督〔2022〕1号", "title": rule.title("zh" if zh else "en"),
        "title_lines": ["关于事项", "的通知"], "attendance": [{"label": "出席", "names": "市督查室、市水务局"}],
        "marks": {"copy_number": "000001", "secrecy": "秘密★1年", "urgency": "特急"}, "to": "各有关单位",
        "body": [{"text": f"段落{level}", "level": level} for level in (0, 1, 2, 0)],
        "day": said_day(date(2022, 3, 31), "zh" if zh else "en"), "copies": "市政府", "key": "2022-03",
        "as_of": "2022-03-31", "since": "2022-03-01", "programme": row, "task": row,
        "parent": _row(edition, kind.rpartition("/")[0]), "form": _texts(edition.sheets[kind].forms),
        "record": _texts(body.fields), "deadlines": dict.fromkeys(body.deadlines, "2022-04-30"), "tasks": members,
        "by_state": [{"state": "s", "title": "状态", "count": 2}],
        "by_signal": [{"signal": "red", "title": "red", "count": 1}],
        "by_unit": [{"unit": "单位", "tasks": members}], "late": [late], "missed": [late],
        "measures": dict.fromkeys(body.measures, 1), "measured": [{"title": "指标", "value": "1"}],
    }  # fmt: skip
    return told


def _row(edition: Edition, kind: str) -> dict[str, Json]:
    body = edition.sheets[kind if kind in edition.sheets else ""].body
    state = next(iter(body.states))
    return {
        "id": "x-01", "title": "事项", "unit": "单位", "others": ["单位"], "state": state,
        "state_title": body.states[state].zh, "signal": "green", "ended": False, "fields": _texts(body.fields),
    }  # fmt: skip


def _texts(fields: Mapping[str, Any]) -> dict[str, Json]:
    return {name: "1" for name, field in fields.items() if not field.personal}
