"""Where a part of an edition stands in its text: the line that an auditor is shown, with its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.checks.sites import sites
from engine.document import Document, Path
from engine.edition import Edition
from engine.events import Json
from engine.reading import read


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an edition's text: `number` counts from 1, `part` names what stands there as a path."""

    edition: str
    number: int
    text: str
    part: str

    @property
    def place(self) -> str:
        """`process@edition:line`."""
        return f"{self.edition}:{self.number}"

    def to_json(self) -> Json:
        """For programs."""
        return {"edition": self.edition, "line": self.number, "text": self.text, "part": self.part}


class Lines:
    """The text of one edition, read with its positions."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._document = _document(edition.text, edition.name)
        self._roots: Mapping[str, Path] = {site.kind: site.path for site in sites(edition.process)}

    def of(self, kind: str, *path: str | int) -> Line:
        """The line on which a part of a body begins; of a part that is written within another, the other's."""
        whole = (*self._roots[kind], *path)
        number = self._document.key_at(whole).line
        return Line(self._edition.name, number, self._document.lines[number - 1].strip(), _named(whole))

    def process(self, *path: str | int) -> Line:
        """The same for a part of the process itself, such as a parameter."""
        return self.of("", *path)


@lru_cache(maxsize=32)
def _document(text: str, name: str) -> Document:
    found = read(text, f"{name}.yaml")
    assert isinstance(found, Document), "it was published, and so it was read before"
    return found


def _named(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
