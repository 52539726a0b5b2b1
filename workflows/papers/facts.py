"""What a Word template may use: the facts of an occasion as plain text, less everything personal.

The words of a document come from the definition's `text`. A first line `# …` is its title; of the others each is a
paragraph, and one that begins with 一、 or （一） is a heading of the first or second level, as official documents
number them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.commands import TIME
from engine.events import Json
from engine.moves import bound_units
from engine.problems import Language
from engine.task import Task
from engine.titles import Titles
from engine.turn import Turn
from workflows.audit.sealing.printed import head_lines
from workflows.papers import marks
from workflows.papers.bulletin import Occasion
from workflows.papers.titles import lines
from workflows.papers.values import OFFICIAL, Numbered
from workflows.texts import fill_in

IN_NUMBER = frozenset({"year", "serial", "programme"})
"""What the pattern of a number may use."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_LEVELS = (re.compile(r"[一二三四五六七八九十]+、"), re.compile(r"（[一二三四五六七八九十]+）"))
_DAY = re.compile(r"(?<![\d-])((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d-]) ?")
_MONTH = re.compile(r"(?<![\d-])((?:19|20)\d\d)-(0[1-9]|1[0-2])(?![\d-])")
_LABEL = re.compile(r"([^：:]{1,20})[：:](.*\S.*)")
_MARK = "\ufffc"
_OPEN_END = re.compile(r"[\u3400-\u9fffA-Za-z0-9％%”》）)]$")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a document: its title and its paragraphs."""

    title: str
    lines: Sequence[str]

    @property
    def text(self) -> str:
        """As one text, for whoever reads it on a screen."""
        return "\n".join([self.title, *self.lines])


def written(text: str, title: str, lang: Language) -> Written:
    """The words of a document from what its template made; without a line `# …` it has the publication's title. In
    Chinese dates are said as documents say them: 2022年8月3日.
    """
    text = _in_chinese(text) if lang == "zh" else text
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if found and found[0].startswith("# "):
        title, found = found[0][2:].strip(), found[1:]
    return Written(title, [_ended(line) for line in found] if lang == "zh" else found)


def _ended(line: str) -> str:
    """A paragraph with its full stop: what people fill into a form often lacks one. Headings have none."""
    return line if _level(line) or not _OPEN_END.search(line) else f"{line}。"


def _in_chinese(text: str) -> str:
    said = _DAY.sub(lambda found: f"{found[1]}年{int(found[2])}月{int(found[3])}日", text)
    return _MONTH.sub(lambda found: f"{found[1]}年{int(found[2])}月", said)


def series_of(on: Occasion, pattern: str, row: Mapping[str, Any]) -> str:
    """The series of a number: whose it is, and all that it says but its serial. Raises `TextProblem`."""
    return f"{organ_of(on, row, OFFICIAL)} {_filled(on, pattern, row, _MARK)}".strip().replace(_MARK, "#")


def numbered(on: Occasion, pattern: str, row: Mapping[str, Any], serial: int) -> Numbered:
    """The number with this serial. Raises `TextProblem`."""
    return Numbered(_filled(on, pattern, row, serial), series_of(on, pattern, row), on.day.year, serial)


def _filled(on: Occasion, pattern: str, row: Mapping[str, Any], serial: object) -> str:
    return fill_in(pattern, {"year": on.day.year, "serial": serial, "programme": row}).strip()


def organ_of(on: Occasion, row: Mapping[str, Any], lang: Language) -> str:
    """In whose name it goes out. Raises `TextProblem`."""
    organ = on.rule.organ or on.edition.process.organ
    return fill_in(organ.title(lang), {"programme": row}) if organ else ""


def facts(on: Occasion, told: Mapping[str, Any], words: Written, number: str, lang: Language) -> dict[str, Json]:
    """Everything for the template in one language, as JSON that XML can hold."""
    named: dict[str, Any] = {
        **told,
        "zh": lang == "zh",
        "organ": organ_of(on, told["programme"], lang),
        "number": number,
        "title": words.title,
        "title_lines": lines(words.title),
        "marks": marks.in_language(marks.filled(on.rule, on.marks, told), lang),
        "attendance": attendance(on, told, lang),
        "to": addressed(on, on.rule.to, lang),
        "body": [{"text": line, "level": _level(line)} for line in words.lines],
        "day": said_day(on.day, lang),
        "copies": addressed(on, on.rule.copies, lang),
        "head": head_lines(on.head, lang),
    }
    clean: dict[str, Json] = _clean(named)
    return clean


def attendance(on: Occasion, told: Mapping[str, Any], lang: Language) -> list[dict[str, Json]]:
    """Who was there, by what they are, from lines such as `出席：市督查室、市水务局`. Raises `TextProblem`."""
    text = fill_in(on.rule.attendance.title(lang), told) if on.rule.attendance else ""
    found = (_LABEL.fullmatch(line.strip()) for line in (_in_chinese(text) if lang == "zh" else text).splitlines())
    return [{"label": each[1], "names": each[2].strip()} for each in found if each]


def said_day(day: date, lang: Language) -> str:
    """A date as documents write it: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _level(line: str) -> int:
    return next((level for level, pattern in enumerate(_LEVELS, 1) if pattern.match(line)), 0)


def addressed(on: Occasion, roles: Sequence[str], lang: Language) -> str:
    """The units that hold these roles for the task; a role that is bound to none, by its title."""
    titles = Titles(on.edition, lang, on.about.kind)
    names: list[str] = []
    for role in roles:
        names += _units(on, role) or [_all_of(titles.role(role), lang, everybody=_is_bound(on, role))]
    return ("、" if lang == "zh" else ", ").join(dict.fromkeys(names))


def _is_bound(on: Occasion, role: str) -> bool:
    return on.edition.process.roles[role].unit is not None


def _all_of(title: str, lang: Language, *, everybody: bool) -> str:
    """A role that units hold, where no one of them is meant: 各牵头单位."""
    return f"各{title}" if everybody and lang == "zh" else f"all: {title.lower()}" if everybody else title


def _units(on: Occasion, role: str) -> list[str]:
    family = {each.id: each for each in ancestry(on)}
    turn = Turn(on.edition, on.calendar, TIME, on.as_of, on.as_of, units=on.desk.units, family=family)
    return list(bound_units(turn, on.about, role) or ())


def ancestry(on: Occasion) -> list[Task]:
    """The task and those above it."""
    found = [on.about]
    while (above := found[-1].parent) is not None:
        parent = on.desk.store.task(above)
        assert parent is not None, "a parent stands as long as its children"
        found.append(parent)
    return found


def _clean(value: Any) -> Any:
    """The same as JSON, without what XML cannot hold."""
    if isinstance(value, str):
        return _UNSAFE.sub("", value)
    if isinstance(value, Mapping):
        return {str(name): _clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float) else _UNSAFE.sub("", str(value))
