"""What keeps documents and what prints them, as those who issue see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from engine.events import Json
from engine.problems import Spoken, Text
from workflows.papers.values import Document, Paper, Template, Void
from workflows.ports import Chained, Work


class PressProblem(Spoken):
    """A template that is no sane Word file, that cannot be filled in, or that takes too long or too much memory."""

    def __init__(self, code: str, said: Text) -> None:
        super().__init__(*said)
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.text)


class Press(Protocol):
    """Prints documents."""

    def names(self, template: bytes) -> set[str]:
        """The names that a template needs. Raises `PressProblem`."""
        ...

    def catalogue(self, facts: Mapping[str, Json]) -> bytes:
        """A list of `rows` (path, Chinese and English title, digest) as a `.docx`, under `title`, `task` and `day`."""
        ...

    def render(self, template: bytes, facts: Mapping[str, Json]) -> bytes:
        """A `.docx` made of plain facts: the same facts, the same bytes. Raises `PressProblem`."""
        ...


class Papers(Protocol):
    """Keeps documents and templates."""

    def issue(self, work: Work, paper: Paper, content: bytes) -> str:
        """Keep a document in the transaction of its event; returns the digest of its bytes."""
        ...

    def settle(self, work: Work, task: str, seq: int) -> bool:
        """Mark an order as done in the transaction of what it ordered; False where that was done before."""
        ...

    def waiting(self) -> Sequence[tuple[str, int]]:
        """Orders (task and number of the event) of publications that have not been issued, in their order."""
        ...

    def documents(
        self, *, task: str | None = None, publication: str | None = None, series: str | None = None
    ) -> Sequence[Document]:
        """Documents in the order in which they were issued; of a task, those of its children too."""
        ...

    def document(self, number: int) -> Document | None: ...

    def facts(self, number: int) -> Mapping[str, Json]:
        """What a document was made of, by language."""
        ...

    def void(self, work: Work, number: int, void: Void) -> bool:
        """Declare a document void in the transaction of its event; False where it is void already, or not there."""
        ...

    def keep_template(self, template: Template, content: bytes, chain: Chained | None = None) -> None:
        """Keep a version of a template, in the transaction of a `chain` where there is one; it is the one in use from
        now on.
        """
        ...

    def templates(self, process: str, name: str | None = None) -> Sequence[Template]:
        """All versions, the oldest first."""
        ...

    def file(self, digest: str) -> bytes | None: ...

    def head(self) -> str | None:
        """The head of the tree over all that is recorded here which was signed last, as a checkpoint; None without."""
        ...
