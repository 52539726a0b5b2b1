"""What the author of a definition fixed where its source leaves it open: each parameter in words, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.edition import Edition
from engine.model.base import Titled
from engine.problems import Language
from workflows.parameters import in_words


@dataclass(frozen=True)
class Fixed:
    """A value that the source text leaves open: what it is fixed at, by key where it is a table, and why."""

    title: str
    values: Sequence[str]
    note: str


def parameters(lang: Language, edition: Edition) -> Iterator[Fixed]:
    """All of a definition, in its order."""
    for name, each in edition.process.parameters.items():
        note = each.note.title(lang) if isinstance(each.note, Titled) else each.note or ""
        yield Fixed(each.title(lang), in_words(edition, name, each.values or each.value, lang), note)
