"""Where findings are collected: from a place in the model to the line and column in the text that its author wrote.

A model knows only long forms; people write short ones (`to: done`, `by: lead`). A path through the model is therefore
followed as far as the text has it, and steps that the short form leaves out are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine.checks import chinese
from engine.document import Document, Path
from engine.expressions import ExpressionError
from engine.problems import Position, Problem, Text, meant

_WORD = re.compile(r"[a-z][a-z0-9_]*")


class Findings:
    """What is wrong with one definition. `lost` are names whose own definition is at fault and was reported already,
    `mended` the places around what was taken out for its fault.
    """

    def __init__(
        self, document: Document, lost: frozenset[str] = frozenset(), mended: frozenset[Position] = frozenset()
    ) -> None:
        self.document, self.lost, self._mended = document, lost, mended
        self.problems: list[Problem] = []

    def add(self, code: str, path: Path, message: Text, cure: Text | None = None, said: str | None = None) -> None:
        """An error at the value of `path`; `said` is the name there that is wrong."""
        self.problems.append(Problem(code, self.document.at(written(self.document, path, said)), message, cure))

    def is_mended(self, path: Path) -> bool:
        """Whether something in the part at `path` was at fault and taken out: what is missing there is no news."""
        return self.document.at(path) in self._mended

    def report(self, code: str, at: Position, message: Text, cure: Text | None = None) -> None:
        """An error at a position."""
        self.problems.append(Problem(code, at, message, cure))

    def warn(self, code: str, at: Position, message: Text, cure: Text) -> None:
        """A warning does not stop a definition from being loaded."""
        self.problems.append(Problem(code, at, message, cure, "warning"))

    def unknown(self, code: str, noun: Text, name: str, known: Iterable[str], path: Path) -> None:
        """A name that nothing bears, with the one that was probably meant."""
        self.unknown_at(code, noun, name, known, self.document.at(written(self.document, path, name)))

    def unknown_at(self, code: str, noun: Text, name: str, known: Iterable[str], at: Position) -> None:
        """The same, at a position."""
        if name not in self.lost:
            message = Text(f"没有名为 `{name}` 的{noun.zh}", f"unknown {noun.en} `{name}`")
            self.problems.append(Problem(code, at, message, meant(name, known)))

    def expression(self, path: Path, text: str, error: ExpressionError) -> None:
        """A text that is no expression, at the very place inside it."""
        if self.lost.isdisjoint(_WORD.findall(text)):
            at = self.inside(path, text, error.line, error.column)
            self.problems.append(Problem("expression", at, chinese.message(error), _cure(error)))

    def cited(self, path: Path) -> list[str]:
        """The rules that the text cites at `path`: one, or a list."""
        value = valued(self.document, path)
        return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]

    def inside(self, path: Path, text: str, line: int, column: int) -> Position:
        """The place in the file of a line and column inside `text`, which stands at `path`, whole or as a part."""
        place = written(self.document, path, text)
        whole = valued(self.document, place)
        offset = whole.find(text) if isinstance(whole, str) else 0
        shift = offset if line == 1 and offset > 0 else 0
        return self.document.inside(place, line, column + shift)


def written(document: Document, path: Path, said: str | None = None) -> Path:
    """The path in the text that stands for `path` in the model; `said` finds one name in a list."""
    here: Path = ()
    before: Path = ()
    for step in path:
        data = valued(document, here)
        held = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if held:
            before, here = here, (*here, step)
    if said is None or _says(document, here, said):
        return here
    near = (each for start in (here, before) for each in _scalars(document, start, 2) if _says(document, each, said))
    return next(near, here)


def _says(document: Document, path: Path, said: str) -> bool:
    value = valued(document, path)
    return isinstance(value, str) and said in value


def _scalars(document: Document, path: Path, depth: int) -> Iterator[Path]:
    data = valued(document, path)
    if isinstance(data, dict | list) and depth:
        for step in data if isinstance(data, dict) else range(len(data)):
            yield from _scalars(document, (*path, step), depth - 1)
    else:
        yield path


def valued(document: Document, path: Path) -> Any:
    """What stands at a path of the text."""
    data: Any = document.data
    for step in path:
        data = data[step]
    return data


def _cure(error: ExpressionError) -> Text:
    if error.names:
        return Text(f"是否想写 `{error.names[0]}`？", f"did you mean `{error.names[0]}`?")
    return chinese.cure(error)
