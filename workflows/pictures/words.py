"""How wide words are, as far as one can know without their font: a Chinese character is as wide as it is high."""

from __future__ import annotations

from unicodedata import east_asian_width

_NARROW = 0.56
"""The width of a Latin letter, as a share of its height: a little more than the fonts that are likely need."""


def width(text: str, size: float) -> float:
    """The width of a line of text in the unit of `size`, the height of its letters."""
    return sum(size if east_asian_width(letter) in "WF" else size * _NARROW for letter in text)


def broken(text: str, most: float, size: float) -> list[str]:
    """The text in lines no wider than `most`: broken at spaces where it has any, otherwise anywhere."""
    if width(text, size) <= most:
        return [text]
    lines, line = list[str](), ""
    for part in _parts(text):
        if line and width(line + part.rstrip(), size) > most:
            lines.append(line.rstrip())
            line = ""
        line += part if line else part.lstrip()
    return [*lines, line.rstrip()]


def _parts(text: str) -> list[str]:
    """What may not be torn: words with the space behind them, Chinese characters one by one."""
    parts = [""]
    for letter in text:
        wide = east_asian_width(letter) in "WF"
        if wide or (parts[-1] and (parts[-1][-1] == " " or east_asian_width(parts[-1][-1]) in "WF")):
            parts.append("")
        parts[-1] += letter
    return [part for part in parts if part]
