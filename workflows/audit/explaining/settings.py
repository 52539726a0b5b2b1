"""The value of a parameter as people read it: a term in words, a table with its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.edition import Edition
from engine.events import Json
from engine.model.base import Titled
from engine.model.fields import FieldType
from engine.problems import Language
from engine.terms import Term
from workflows.sentences import said


def setting(edition: Edition, name: str, value: Json, lang: Language) -> str:
    """What the parameter `name` of an edition was, as a guard saw it."""
    if not isinstance(value, Mapping):
        return _one(edition, name, value, lang)
    titles = _choices(edition, value)
    told = (
        f"{titles[key].title(lang) if key in titles else key} {_one(edition, name, value[key], lang)}" for key in value
    )
    return ("、" if lang == "zh" else ", ").join(told)


def _one(edition: Edition, name: str, value: Json, lang: Language) -> str:
    if edition.process.parameters[name].type is FieldType.TERM:
        return Term.parse(str(value)).text(lang)
    titles = _choices(edition, [value]) if isinstance(value, str) else {}
    return titles[value].title(lang) if value in titles else said(value, lang)


def _choices(edition: Edition, names: Iterable[str]) -> Mapping[str, Titled]:
    """The titles of some names: those of a choice that has them all."""
    wanted = set(names)
    every = (
        field for sheet in edition.sheets.values() for field in (*sheet.body.fields.values(), *sheet.forms.values())
    )
    return next((field.choices for field in every if field.choices and wanted <= field.choices.keys()), {})
