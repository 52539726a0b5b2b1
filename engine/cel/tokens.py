"""What the author of an expression wrote, and what CEL is given instead.

CEL refuses to compare an integer with a double, and people write ``form.percent >= 80``. So whole numbers become
doubles here, before the compiler sees the text; and ``has(form.note)`` becomes a hidden boolean variable, because CEL
knows no presence of a dotted variable. Each change is remembered, so that every position still refers to the
author's own text.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate

from engine.once import once

PRESENCE = "__has__."
"""Prefix of the hidden boolean variables that stand for ``has(name)``."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<string>[bB]?[rR][bB]?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"\n]*"|'[^'\n]*')
      |[bB]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<unsigned>(?:0[xX][0-9a-fA-F]+|\d+)[uU])
  | (?P<hex>0[xX][0-9a-fA-F]+)
  | (?P<integer>\d+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One word of an expression: its ``kind`` is a group of the pattern above, ``start`` counts code points from 0."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Edit:
    """``length`` code points at ``start`` of the author's text are replaced by ``text``."""

    start: int
    length: int
    text: str


@dataclass(frozen=True)
class Promoted:
    """The text that CEL compiles, with the way back to the author's text."""

    source: str
    edits: tuple[Edit, ...]

    @once
    def text(self) -> str:
        """The author's text with every edit applied."""
        pieces, done = [], 0
        for edit in self.edits:
            pieces += [self.source[done : edit.start], edit.text]
            done = edit.start + edit.length
        return "".join([*pieces, self.source[done:]])

    @once
    def lines(self) -> list[int]:
        """Offset at which each line of the compiled text begins."""
        return _line_starts(self.text)

    @once
    def _source_lines(self) -> list[int]:
        return _line_starts(self.source)

    def origin(self, offset: int) -> int:
        """The offset in the author's text of an ``offset`` in the compiled text."""
        shift = 0
        for edit in self.edits:
            begins = edit.start + shift
            if offset < begins:
                break
            if offset < begins + len(edit.text):
                return edit.start
            shift += len(edit.text) - edit.length
        return offset - shift

    def locate(self, offset: int, *, name: bool = False) -> str:
        """An ``offset`` in the compiled text as "line:column" of the author's; of the start of its name if asked."""
        origin = self.origin(offset)
        line, column = self.place(self.name_start(origin) if name else origin)
        return f"{line}:{column}"

    def name_start(self, offset: int) -> int:
        """The compiler points at the last dot of a name or at a call's bracket; people look for the start."""
        while offset > 0 and (self.source[offset - 1].isalnum() or self.source[offset - 1] in "_."):
            offset -= 1
        return offset

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an ``offset`` in the author's text."""
        line = bisect_right(self._source_lines, offset)
        return line, offset - self._source_lines[line - 1] + 1


def tokenize(text: str) -> list[Token]:
    """All words of ``text`` but white space and comments."""
    return [
        Token(str(match.lastgroup), match.group(), match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]


def promote(text: str, tokens: list[Token], variables: Collection[str]) -> Promoted:
    """Whole numbers to doubles (not in ``rows[0]``), ``has(variable)`` to its hidden boolean."""
    edits = [*_number_edits(tokens), *_presence_edits(tokens, variables)]
    return Promoted(text, tuple(sorted(edits, key=lambda edit: edit.start)))


def _number_edits(tokens: list[Token]) -> Iterator[Edit]:
    for index, token in enumerate(tokens):
        if token.kind == "integer" and not _is_index(tokens, index):
            yield Edit(token.start + len(token.text), 0, ".0")
        elif token.kind == "hex":
            yield Edit(token.start, len(token.text), f"{int(token.text, 16)}.0")


def _is_index(tokens: list[Token], index: int) -> bool:
    """Is this number the whole content of ``list[...]``?"""
    opening = index - 1
    if opening >= 0 and tokens[opening].text == "-":
        opening -= 1
    if opening < 1 or index + 1 >= len(tokens) or tokens[opening].text != "[" or tokens[index + 1].text != "]":
        return False
    owner = tokens[opening - 1]
    return owner.text in (")", "]", "}") or owner.kind == "string" or (owner.kind == "name" and owner.text != "in")


def _presence_edits(tokens: list[Token], variables: Collection[str]) -> Iterator[Edit]:
    for index, token in enumerate(tokens[:-3]):
        if token.text != "has" or tokens[index + 1].text != "(" or (index and tokens[index - 1].text == "."):
            continue
        closing = next((at for at in range(index + 2, len(tokens)) if tokens[at].text == ")"), None)
        if closing and "".join(part.text for part in tokens[index + 2 : closing]) in variables:
            yield Edit(token.start, len(token.text), "")
            yield Edit(tokens[index + 2].start, 0, PRESENCE)


def _line_starts(text: str) -> list[int]:
    lengths = (len(line) + 1 for line in text.split("\n"))
    return [0, *accumulate(lengths)][:-1]
