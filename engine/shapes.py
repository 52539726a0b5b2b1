"""From Pydantic's complaints to problems at the lines that people wrote.

A complaint has a location: keys, indices and, where a union was tried, the names of its members. It is followed through
the document to find the line; `engine/fieldnames.py` follows it through the model to find the names that would fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine.document import Data, Document, Path
from engine.fieldnames import known_names
from engine.problems import Mistake, Problem, Text, in_order, meant, suggest
from engine.sayings import cure_of, kind_expected, kinds_expected, saying

MOST = 200
"""So many errors of one text are told; a text with more is told of these first."""

_Choice = tuple[Path, str]  # where a union stands in the document, and the member that was tried


@dataclass(frozen=True)
class _Complaint:
    """One error of Pydantic: `path` leads through the document as far as it goes."""

    type: str
    path: Path
    last: str | int
    choices: tuple[_Choice, ...]
    steps: tuple[str | int, ...]
    value: Any
    said: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def problems_of(error: ValidationError, document: Document, model: Any, under: Path = ()) -> list[Problem]:
    """Every error as a problem at the nearest position, in order.

    `model` is the type that was validated (a model, or what a TypeAdapter took), `under` the path in the document of
    the part that was. Of a union's members only the one that was probably meant speaks. A validator speaks both
    languages by raising `Mistake`.
    """
    complaints = [_complaint(each, document, under) for each in error.errors(include_url=False)[:MOST]]
    for depth in range(max((len(each.choices) for each in complaints), default=0), 0, -1):
        complaints = _settle(complaints, depth)
    complaints = _without_echoes(complaints, document, model)
    return in_order(_problem(each, document, model) for each in complaints)


def _complaint(error: Any, document: Document, under: Path) -> _Complaint:
    location = tuple(error["loc"])
    choices: list[_Choice] = []
    path, data = under, _value_at(document.data, under)
    for index, step in enumerate(location):
        if _holds(data, step):
            path, data = (*path, step), data[step]
        elif step != "[key]" and not (error["type"] == "missing" and index == len(location) - 1):
            choices.append((path, str(step)))
    last = next((step for step in reversed(location) if step != "[key]"), "")
    facts = error.get("ctx", {})
    return _Complaint(error["type"], path, last, tuple(choices), location, error["input"], error["msg"], facts)


def _value_at(data: Data, path: Path) -> Any:
    value: Any = data
    for step in path:
        value = value[step]
    return value


def _holds(data: Any, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data)


def _without_echoes(complaints: list[_Complaint], document: Document, model: Any) -> list[_Complaint]:
    """Without the missing keys that stand there misspelt: one slip, one problem."""
    misspelt = {
        (each.path[:-1], suggest(str(each.last), _free_names(each, document, model)))
        for each in complaints
        if each.type == "extra_forbidden"
    }
    return [each for each in complaints if each.type != "missing" or (each.path, each.last) not in misspelt]


def _free_names(complaint: _Complaint, document: Document, model: Any) -> set[str]:
    """The names that could still stand beside an unknown key."""
    return known_names(model, complaint.steps[:-1]) - set(_value_at(document.data, complaint.path[:-1]))


def _settle(complaints: list[_Complaint], depth: int) -> list[_Complaint]:
    """At each union that stands `depth` unions deep, let one member speak."""
    unions: dict[object, dict[str, list[_Complaint]]] = {}
    settled = [each for each in complaints if len(each.choices) < depth]
    for each in complaints:
        if len(each.choices) >= depth:
            where, member = each.choices[depth - 1]
            unions.setdefault((each.choices[: depth - 1], where), {}).setdefault(member, []).append(each)
    for members in unions.values():
        settled += _speaker(list(members.values()), depth)
    return settled


def _speaker(members: list[list[_Complaint]], depth: int) -> list[_Complaint]:
    """The complaints of the member that was probably meant; one for all when the value's kind fits none of them."""
    where = members[0][0].choices[depth - 1][0]
    fitting = [own for own in members if not all(each.path == where and _kind(each) for each in own)]
    if fitting:
        return min(fitting, key=_distance)
    kinds = [kind for own in members for each in own if (kind := _kind(each))]
    first = members[0][0]
    choices, facts = first.choices[: depth - 1], {"kinds": kinds}
    return [_Complaint("kinds", where, first.last, choices, first.steps, first.value, first.said, facts)]


def _kind(complaint: _Complaint) -> Text | None:
    return kind_expected(complaint.type, complaint.facts, complaint.value)


def _distance(complaints: list[_Complaint]) -> tuple[int, int]:
    """How far the text is from a member: names that do not fit weigh most, then the number of complaints."""
    names = sum(each.type in ("extra_forbidden", "missing", "literal_error") for each in complaints)
    return names, len(complaints)


def _torn(key: str, value: Any) -> Text | None:
    """The cure where a comma inside `{…}` has torn a text in two: its rest reads as a key of its own."""
    if value is not None or not any(letter in key for letter in " ，。；、.;"):
        return None
    return Text("花括号内含逗号的文字要加引号", "quote the text before it: inside {…} a comma ends a text")


def _problem(complaint: _Complaint, document: Document, model: Any) -> Problem:
    at, last = document.at(complaint.path), str(complaint.last)
    match complaint.type:
        case "extra_forbidden":
            message = Text(f"未知的键 `{last}`", f"unknown key `{last}`")
            cure = _torn(last, complaint.value) or meant(last, _free_names(complaint, document, model))
            cure = cure or Text("请删去", "remove it")
            return Problem("unknown-key", document.key_at(complaint.path), message, cure)
        case "missing":
            where = document.key_at(complaint.path)
            message = Text(f"缺少 `{last}`", f"`{last}` is missing")
            return Problem("missing-key", where, message, Text(f"请加上 `{last}: …`", f"add `{last}: …`"))
        case "value_error" if isinstance(complaint.facts.get("error"), Mistake):
            mistake: Mistake = complaint.facts["error"]
            return Problem(mistake.code, at, mistake.message, mistake.cure)
        case "kinds":
            return Problem("wrong-kind", at, kinds_expected(complaint.facts["kinds"], complaint.value))
    return _value_problem(complaint, document)


def _value_problem(complaint: _Complaint, document: Document) -> Problem:
    """A value, or a key of a free group, that does not fit."""
    message = saying(complaint.type, complaint.facts, complaint.value, complaint.said)
    cure = cure_of(complaint.type, complaint.facts, complaint.value)
    if complaint.steps[-1:] == ("[key]",):
        named = Text(f"键 {message.zh}", f"the key {message.en}")
        return Problem("wrong-key", document.key_at(complaint.path), named, cure)
    return Problem("wrong-kind" if _kind(complaint) else "wrong-value", document.at(complaint.path), message, cure)
