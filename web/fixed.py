"""What the author of a definition fixed where its source leaves it open: parameters in words, for people to whom a name
out of the text says nothing. The keys of a table are said by the titles of what they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.edition import Edition, Sheet
from engine.model.base import Titled
from engine.model.fields import Field, FieldType, Parameter
from engine.problems import Language
from web.words import Words as WebWords
from workflows.authoring.diff.wording import Words


@dataclass(frozen=True)
class Fixed:
    """A value that the source text leaves open: what it is fixed at, by key where it is a table, and why."""

    title: str
    values: Sequence[str]
    note: str


def parameters(words: WebWords, edition: Edition) -> Iterator[Fixed]:
    """All of a definition, in its order."""
    for each in edition.process.parameters.values():
        table = each.values or {"": each.value}
        texts = _all_of(_choices(edition), map(str, table.values()))
        keys = _titles(words, edition, table) if each.values else {}
        said = {at: _value(words.lang, edition, each, value, texts) for at, value in table.items()}
        values = [words("process_fixed", at=keys[at], value=value) if at else value for at, value in said.items()]
        note = each.note.title(words.lang) if isinstance(each.note, Titled) else each.note or ""
        yield Fixed(each.title(words.lang), values, note)


def _value(lang: Language, edition: Edition, of: Parameter, value: Any, texts: Mapping[str, Titled]) -> str:
    if of.type is FieldType.TEXT and value in texts:
        return texts[value].title(lang)
    unit = "%" if of.type is FieldType.PERCENT else ""
    return Words(edition, "").of(value, "term" if of.type is FieldType.TERM else "").in_(lang) + unit


def _titles(words: WebWords, edition: Edition, keys: Iterable[str]) -> Mapping[str, str]:
    """Each key in words: by the one list of names that has them all, else each by the first that has it, else as a code
    that is said to be one.
    """
    known = [*_choices(edition), *_named(edition)]
    whole = _all_of(known, keys)
    found = {key: whole.get(key) or next((names[key] for names in known if key in names), None) for key in keys}
    return {
        key: titled.title(words.lang) if titled else words("process_key", code=key) for key, titled in found.items()
    }


def _all_of(known: Iterable[Mapping[str, Titled]], names: Iterable[str]) -> Mapping[str, Titled]:
    """The first list that has all of these names; an empty one where none has."""
    wanted = set(names)
    return next((each for each in known if wanted <= each.keys()), {})


def _choices(edition: Edition) -> list[Mapping[str, Titled]]:
    """Every list of choices: of fields, of forms, and of the columns of tables."""
    return [each.choices for sheet in edition.sheets.values() for each in _fields(sheet) if each.choices]


def _fields(sheet: Sheet) -> Iterator[Field]:
    for each in [*sheet.body.fields.values(), *sheet.forms.values(), *sheet.named.values()]:
        if isinstance(each, Field):
            yield each
            yield from (each.columns or {}).values()


def _named(edition: Edition) -> Iterator[Mapping[str, Titled]]:
    """The other names by which a table may be read: states, acts, deadlines, kinds of children, fields, roles."""
    for sheet in edition.sheets.values():
        body = sheet.body
        yield from (body.states, sheet.transitions, body.deadlines, body.children, sheet.named)
    yield edition.process.roles
