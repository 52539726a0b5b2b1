"""What a YAML text says, and where it says it: plain data beside the positions of its keys and values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from engine.problems import Position

Path: TypeAlias = tuple[str | int, ...]
Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | Decimal | bool | None"


@dataclass(frozen=True, slots=True)
class Document:
    """One text, read. A path is the keys (str) and list indices (int) that lead from the root to a value.

    Numbers are `int` or `Decimal`, dates are strings, keys are always strings as written.
    """

    file: str
    data: Data
    positions: Mapping[Path, Position]  # of each value
    keys: Mapping[Path, Position]  # of each key, by the path of its value
    styles: Mapping[Path, str]  # of each string that is not plain: ' " | >
    lines: Sequence[str]

    def at(self, path: Sequence[str | int]) -> Position:
        """The position of the value at `path`, or of the nearest one around it."""
        wanted = tuple(path)
        while wanted not in self.positions:
            if not wanted:
                return Position(self.file)
            wanted = wanted[:-1]
        return self.positions[wanted]

    def key_at(self, path: Sequence[str | int]) -> Position:
        """The position of the key whose value stands at `path`; without such a key, as `at`."""
        return self.keys.get(tuple(path)) or self.at(path)

    def inside(self, path: Sequence[str | int], line: int, column: int) -> Position:
        """Where `line` and `column` (from 1) of the string at `path` stand in the file: an expression's error, placed.

        Exact for plain and quoted strings on one line and for `|` blocks; else the string's start.
        """
        start, style = self.at(path), self.styles.get(tuple(path), "")
        if style == "|":
            return self._inside_block(start, line, column)
        if line != 1 or style == ">":
            return start
        return start._replace(column=start.column + self._width(start, style, column - 1))

    def _inside_block(self, start: Position, line: int, column: int) -> Position:
        below = self.lines[start.line :]
        indent = next((len(each) - len(each.lstrip(" ")) for each in below if each.strip()), 0)
        return Position(self.file, start.line + line, indent + column)

    def _width(self, start: Position, style: str, characters: int) -> int:
        """How many characters of the source hold so many characters of a string that starts there."""
        if not style:
            return characters
        source, at = self.lines[start.line - 1][start.column - 1 :], 1
        for _ in range(characters):
            at += _escape_width(source[at:], style)
        return min(at, max(len(source) - 1, 0))


def _escape_width(source: str, style: str) -> int:
    """The width in the source of the quoted string's next character."""
    if style == "'":
        return 2 if source.startswith("''") else 1
    if not source.startswith("\\"):
        return 1
    return {"x": 4, "u": 6, "U": 10}.get(source[1:2], 2)
