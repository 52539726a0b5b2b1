"""Where the headings of a list stand and what they say: in one row, or in two of which the upper one is merged.

Offices write “责任单位” over “牵头” and “配合”, and merge what has nothing below it over both rows. Of a merged cell
only the upper left corner holds the word; some programs repeat it in every cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.cells import Table

Known = Callable[[str], bool]
"""Whether a heading names a column."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Of one column: as people read it, by what it is looked up, and in which row it stands (from 1)."""

    shown: str
    key: str
    row: int


@dataclass(frozen=True, slots=True)
class Headings:
    """All of them, and the rows from `first` to `last` in which they stand."""

    columns: Sequence[Heading]
    first: int
    last: int


def headings_of(table: Table, known: Known) -> Headings:
    """The headings of a sheet. Above them may stand lines with a single cell, such as the title of the list."""
    top = _top(table, known)
    upper = _texts(table[top - 1])
    lower = _texts(table[top]) if top < len(table) else []
    merged = _merged(upper, lower, known)
    if merged is None:
        return Headings([Heading(text, text, top) for text in upper], top, top)
    lowers = Counter(filter(None, lower))
    columns = [
        Heading(f"{over} {low}", _key(over, low, known, alone=lowers[low] == 1), top + 1)
        if low
        else Heading(over, over, top)
        for over, low in merged
    ]
    return Headings(columns, top, top + 1)


def _top(table: Table, known: Known) -> int:
    for number, cells in enumerate(table, 1):
        texts = _texts(cells)
        below = _texts(table[number]) if number < len(table) else []
        if any(map(known, texts)) or _merged(texts, below, known) is not None:
            return number
        if sum(map(bool, texts)) > 1:
            break
    return 1


def _texts(cells: Sequence[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]


def _key(over: str, low: str, known: Known, *, alone: bool) -> str:
    """What a column under a merged heading is looked up by: both words, or the lower one where no other has it."""
    tries = [f"{over} {low}", *([low] if alone else []), f"{low}{over}", f"{over}{low}"]
    return next((text for text in tries if known(text)), f"{over} {low}")


def _merged(upper: Sequence[str], lower: Sequence[str], known: Known) -> list[tuple[str, str]] | None:
    """The two words of each column, the lower one "" where there is none; None where the second row is no heading.

    It is one where it says something under merged headings alone, something under each of their columns, and at least
    one of these columns is known: a row with a task says something under the other headings.
    """
    if sum(map(bool, upper)) < 2:  # the title of a list stands over all columns
        return None
    size = max(len(upper), len(lower))
    above, below = [*upper, *[""] * (size - len(upper))], [*lower, *[""] * (size - len(lower))]
    found: list[tuple[str, str]] = []
    for first, last in _groups(above, below):
        alone, over = first == last, above[first]
        lows = ["" if low == over and alone else low for low in below[first : last + 1]]
        if (not over and any(lows)) or (alone and lows[0]) or (not alone and not all(lows)):
            return None
        found += [(over, low) for low in lows]
    counts = Counter(low for _, low in found if low)
    columns = [(over, low) for over, low in found if low]
    fits = any(known(_key(over, low, known, alone=counts[low] == 1)) for over, low in columns)
    return found if fits else None


def _groups(above: Sequence[str], below: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and the last column of each heading of the upper row."""
    first = 0
    for place in range(1, len(above) + 1):
        ends = place == len(above) or (above[place] and above[place] != above[first])
        if ends or (not above[place] and not below[place]):
            yield first, place - 1
            first = place
