"""The values that cross between those who issue documents, the store that keeps them, and the press that prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.events import Json

Language = Literal["zh", "en"]

OFFICIAL: Language = "zh"
"""The language in which a document is issued; a copy in the other one is made from the same facts, for reading."""

BASIS = "basis"
"""Beside the facts of a document by language: what of the record they were made from."""

NAMES = frozenset({
    "zh", "organ", "number", "title", "title_lines", "marks", "attendance", "to", "body", "day", "copies", "key",
    "as_of", "since", "programme", "task", "parent", "form", "record", "deadlines", "tasks", "by_state", "by_signal",
    "by_unit", "late", "missed", "measures", "measured",
})  # fmt: skip
"""What a Word template may use."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A document number: `text` as printed. Documents of one `series` (the text less its serial) count together."""

    text: str
    series: str
    year: int
    serial: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that is about to be kept: to which event it belongs, and all that it was made of.

    `facts` are those of its template by language, so that a copy can be printed again, and their `BASIS`; `template` is
    a digest.
    """

    stream: str
    seq: int
    publication: str
    number: Numbered
    title: str
    audience: str
    template: str
    facts: Mapping[str, Json]
    issued_at: datetime
    issued_by: str


@dataclass(frozen=True, slots=True)
class Void:
    """Who declared a document void, when and why. Its number is not used again."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document on record."""

    id: int
    stream: str
    seq: int
    publication: str
    number: Numbered
    title: str
    language: str
    audience: str
    template: str
    digest: str
    issued_at: datetime
    issued_by: str
    void: Void | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a Word template of a process, with who kept it and when."""

    process: str
    name: str
    digest: str
    kept_by: str
    kept_at: datetime
