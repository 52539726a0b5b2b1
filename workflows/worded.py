"""Values out of a few, each with its words beside it: one table instead of two."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from engine.problems import Language, Text


class Worded(StrEnum):
    """A value as programs know it (its text), and as people do (`words`)."""

    words: Text

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        made = str.__new__(cls, value)
        made._value_ = value
        made.words = Text(zh, en)
        return made

    def in_(self, lang: Language) -> str:
        """Its words in one language."""
        return self.words.in_(lang)
