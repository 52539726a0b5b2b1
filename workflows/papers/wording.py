"""How the facts of a document come from its occasion, by version; an event names that of its document.

Facts are made again when a database is verified, and have to come out as they were printed. A program that words or
counts something otherwise takes a new number here, keeps what it did before under the old one, and issues by the
highest. An event without a number is of version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from engine.problems import Language
from workflows.papers.bulletin import Occasion, contents
from workflows.papers.issuing import Made, make

Told = Mapping[Language, Mapping[str, Any]]


class Wording(NamedTuple):
    """What a template may use of an occasion, and the document that is made of it before it is printed."""

    contents: Callable[[Occasion, Language], Mapping[str, Any]]
    make: Callable[[Occasion, Told, Callable[[str], int]], Made]


WORDINGS: dict[int, Wording] = {1: Wording(contents, make)}
"""What this program knows, by version. A number that was released never changes its meaning."""


def contents_now(on: Occasion, lang: Language) -> Mapping[str, Any]:
    """What a template may use of an occasion, as documents are issued now."""
    return WORDINGS[max(WORDINGS)].contents(on, lang)


def made_now(on: Occasion, told: Told, take: Callable[[str], int]) -> Made:
    """A document as it is issued now. Raises `TextProblem`, `PressProblem`."""
    version = max(WORDINGS)
    return replace(WORDINGS[version].make(on, told, take), wording=version)
