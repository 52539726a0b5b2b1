"""Every word of every page, in Chinese and in English: a module for each part of the web, one table over them.

A template says `{{ t("key") }}`, or `{{ t("key", n=3) }}` where the words have `{n}`. Sentences about events, refusals
and dates come from the rooms that know them; what stands here are the pages' own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from engine.problems import Language, Text

Catalogue = Mapping[str, Text]


def _joined(catalogues: Iterable[Catalogue]) -> dict[str, Text]:
    """All catalogues as one. Raises ValueError where a key is said twice."""
    joined: dict[str, Text] = {}
    for catalogue in catalogues:
        twice = joined.keys() & catalogue.keys()
        if twice:
            raise ValueError(f"said twice: {sorted(twice)}")
        joined |= catalogue
    return joined


WORDS: Catalogue = _joined(import_module(f"web.words.{each.name}").WORDS for each in iter_modules(__path__))
"""Every key with its words; each module beside this one gives its `WORDS`."""


class Words:
    """The words of one language."""

    def __init__(self, lang: Language) -> None:
        self.lang: Language = lang

    def __call__(self, key: str, **facts: object) -> str:
        """The words for a key. Raises KeyError where there are none: a page never shows a key."""
        text = WORDS[key].in_(self.lang)
        return text.format_map(facts) if facts else text
