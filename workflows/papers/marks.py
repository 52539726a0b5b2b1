"""密级、紧急程度、份号: the marks at the head of a document, where the definition or whoever issues it gives them.

A document that bears a degree of secrecy bears a copy number too (党政机关公文处理工作条例, 9): what is kept as
issued is the first copy. Nothing for the public is secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.model import Publication
from engine.problems import Language, Text
from workflows.papers.ports import PressProblem
from workflows.texts import fill_in

NAMES = ("copy_number", "secrecy", "urgency")
"""In the order in which they stand under one another."""

SECRECY: Mapping[str, str] = {"绝密": "TOP SECRET", "机密": "SECRET", "秘密": "CONFIDENTIAL"}
URGENCY: Mapping[str, str] = {"特急": "EXTRA URGENT", "加急": "URGENT"}
_TERM = re.compile(r"([1-9]\d?)(年|个月|天)|长期")
_UNITS: Mapping[str, str] = {"年": "years", "个月": "months", "天": "days"}
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Given:
    """The marks that whoever issues a document gives; one that is given counts before the definition's."""

    secrecy: str = ""
    urgency: str = ""
    copy_number: str = ""


def filled(rule: Publication, given: Given, told: Mapping[str, Any]) -> dict[str, str]:
    """Each mark as the document bears it, "" where it has none. Raises `TextProblem`, and `PressProblem` for one that
    the standard does not know.
    """
    found = {name: _one(rule, given, name, told) for name in NAMES}
    if found["secrecy"] and not found["copy_number"]:
        found["copy_number"] = "1"
    problem = next((said for name, value in found.items() if value and (said := wrong(name, value))), None)
    if problem is None and found["secrecy"] and rule.audience == "public":
        problem = OPEN
    if problem is not None:
        raise PressProblem("marks", problem)
    return {**found, "copy_number": found["copy_number"] and found["copy_number"].zfill(_DIGITS)}


def _one(rule: Publication, given: Given, name: str, told: Mapping[str, Any]) -> str:
    own = str(getattr(given, name)).strip()
    pattern = getattr(rule.marks, name) if rule.marks else None
    return own or (fill_in(pattern, told).strip() if pattern else "")


OPEN = Text("面向公众的文件不得标注密级", "what is for the public bears no degree of secrecy")


def wrong(name: str, value: str) -> Text | None:
    """What is wrong with a mark, if anything is."""
    match name:
        case "secrecy":
            degree, star, term = value.partition("★")
            fits = degree in SECRECY and (not star or _TERM.fullmatch(term) is not None)
            zh, en = "、".join(SECRECY), "with a term such as ★1年"
            return None if fits else Text(f"密级应为{zh}，可带期限，如 秘密★1年", f"secrecy is one of {zh}, {en}")
        case "urgency":
            zh = "、".join(URGENCY)
            return None if value in URGENCY else Text(f"紧急程度应为{zh}", f"urgency is one of {zh}")
        case _:
            fits = value.isascii() and value.isdigit() and 0 < int(value) < 10**_DIGITS
            return None if fits else Text("份号应为至多六位数字", "a copy number has at most six digits")


def in_language(marks: Mapping[str, str], lang: Language) -> dict[str, str]:
    """The marks as a copy in another language says them."""
    if lang == "zh":
        return dict(marks)
    degree, _, term = marks["secrecy"].partition("★")
    secrecy = SECRECY.get(degree, "") + (f" ★ {_term(term)}" if term else "")
    return {**marks, "secrecy": secrecy, "urgency": URGENCY.get(marks["urgency"], "")}


def _term(term: str) -> str:
    found = _TERM.fullmatch(term)
    if found is None or found[1] is None:
        return "indefinitely"
    return f"{found[1]} {_UNITS[found[2]]}" if found[1] != "1" else f"1 {_UNITS[found[2]].removesuffix('s')}"
