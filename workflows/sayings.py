"""Refusals in words: those of the engine as it says them, and those of every room of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine import refusals
from engine.commands import Refusal
from engine.edition import Edition
from engine.events import instant
from engine.problems import Language, Text, fact_in
from workflows.audit.sealing import sayings as sealing
from workflows.audit.sealing.stamping import sayings as stamping
from workflows.authoring import sayings as authoring
from workflows.labour import sayings as labour
from workflows.office import sayings as office
from workflows.papers import sayings as papers
from workflows.people import sayings as people
from workflows.redaction import sayings as redaction

_WHY: Mapping[str, tuple[Text, Text]] = {
    **office.WHY,
    **authoring.WHY,
    **people.WHY,
    **redaction.WHY,
    **labour.WHY,
    **papers.WHY,
    **sealing.WHY,
    **stamping.WHY,
}


_NOTHING_YET = (
    Text("没有流程 {process}，还没有发布过流程", "there is no process {process}: none is published here"),
    Text("请先由管理员发布：duban publish", "let an administrator publish it first: duban publish"),
)
"""Where a list of what there is would be empty."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def say(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """The reason and the cure in one sentence."""
    if refusal.code not in _WHY:
        return refusals.say(refusal, edition, lang, kind)
    why, cured = _said(refusal, lang)
    if cured.endswith(("？", "?")):
        return f"{why}；{cured}" if lang == "zh" else f"{why[:1].upper()}{why[1:]}; {cured}"
    return f"{why}；{cured}。" if lang == "zh" else f"{why[:1].upper()}{why[1:]}; {cured}."


def plainly(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """As `say`, for those who did not write the definition: see `engine.refusals.plainly`."""
    spoken = say if refusal.code in _WHY else refusals.plainly
    return spoken(refusal, edition, lang, kind)


def cure_of(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """What would help, alone and without a full stop."""
    return _said(refusal, lang)[1] if refusal.code in _WHY else refusals.cure(refusal, edition, lang, kind)


def _said(refusal: Refusal, lang: Language) -> tuple[str, str]:
    facts = {name: _shown(value, lang) for name, value in refusal.facts.items()}
    saying = (
        _NOTHING_YET if refusal.code == "unknown_process" and not refusal.facts.get("known") else _WHY[refusal.code]
    )
    why, cured = (text.in_(lang).format_map(facts) for text in saying)
    return why, cured


def _shown(value: object, lang: Language) -> str:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return f"{instant(value):%Y-%m-%d %H:%M} UTC"
    if not isinstance(value, list):
        return str(fact_in(value, lang))
    nothing = "无" if lang == "zh" else "none"
    return ("、" if lang == "zh" else ", ").join(map(str, value)) or nothing
