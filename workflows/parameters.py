"""Parameters in words, for people to whom a name out of the text says nothing: a value as it is read, and the keys of a
table by the titles of what they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.edition import Edition, Sheet
from engine.events import Json
from engine.model.base import Titled
from engine.model.fields import Field, FieldType
from engine.problems import Language, Text
from engine.terms import Term
from workflows.sentences import said

AT, CODE = Text("{at}：{value}", "{at}: {value}"), Text("代码 {code}", "code {code}")


def in_words(edition: Edition, name: str, value: Json, lang: Language) -> Sequence[str]:
    """The parameter `name`, written or kept in a record as `value`: one text, or one for each key of a table. A record
    sorts its keys; they are said in the order of the definition.
    """
    parameter = edition.process.parameters[name]
    if not isinstance(value, Mapping):
        return [_value(parameter.type, value, _titles_of_values(edition, parameter.type, [value]), lang)]
    titles = _titles_of_values(edition, parameter.type, value.values())
    keys, order = _keys(edition, value, lang), {**(parameter.values or {}), **value}
    return [
        AT.in_(lang).format(at=keys[key], value=_value(parameter.type, value[key], titles, lang))
        for key in order
        if key in value
    ]


def _value(type_: FieldType, value: Json, titles: Mapping[str, Titled], lang: Language) -> str:
    if type_ is FieldType.TERM:
        return Term.parse(str(value)).text(lang)
    if str(value) in titles:
        return titles[str(value)].title(lang)
    return said(value, lang) + ("%" if type_ is FieldType.PERCENT else "")


def _titles_of_values(edition: Edition, type_: FieldType, values: Iterable[Json]) -> Mapping[str, Titled]:
    """Where texts are choices all of them, the choices."""
    return _all_of(_choices(edition), map(str, values)) if type_ in (FieldType.TEXT, FieldType.CHOICE) else {}


def _keys(edition: Edition, keys: Iterable[str], lang: Language) -> Mapping[str, str]:
    """Each key in words: by the one list of names that has them all, else each by the first that has it, else as a code
    that is said to be one.
    """
    known = [*_choices(edition), *_named(edition)]
    whole = _all_of(known, keys)
    found = {key: whole.get(key) or next((names[key] for names in known if key in names), None) for key in keys}
    return {key: titled.title(lang) if titled else CODE.in_(lang).format(code=key) for key, titled in found.items()}


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
