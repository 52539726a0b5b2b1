"""What may be known of a value without knowing it: the range of a number, the words a text is or is not, a truth or
neither. Everything a value may be is in its domain; a domain may hold more.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Edge: TypeAlias = tuple[float, int]
"""An end of a range: a number, and -1 or 1 where the range stops just before or begins just after it."""


class Range(NamedTuple):
    """Numbers from an edge through another."""

    low: Edge = (float("-inf"), 0)
    high: Edge = (float("inf"), 0)

    @property
    def empty(self) -> bool:
        """Whether no number is in it."""
        return self.low > self.high


class Words(NamedTuple):
    """Texts: one of `among` (None: any) but none of `but`."""

    among: frozenset[str] | None = None
    but: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether no text is in it."""
        return self.among is not None and not self.among - self.but


class Row(NamedTuple):
    """One row of a list that somebody fills in: what each column is."""

    columns: tuple[tuple[str, Value], ...]

    def column(self, name: str) -> Value:
        """What a column is; nothing is known of one that is not there."""
        return dict(self.columns).get(name)


class Rows(NamedTuple):
    """A list of these rows, no more and no less."""

    rows: tuple[Row, ...]


Value: TypeAlias = "bool | Range | Words | Row | Rows | None"
"""A domain. None is a truth that may be either, or a value of which nothing is known."""


def number(value: float) -> Range:
    """The range of one number."""
    return Range((float(value), 0), (float(value), 0))


def word(text: str) -> Words:
    """The domain of one text."""
    return Words(frozenset({text}))


def exactly(value: Any) -> Value:
    """The domain of one value; nothing is known of those that guards only hand on."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return number(value)
    return word(value) if isinstance(value, str) else None


def joined(one: Value, other: Value) -> Value:
    """A domain in which both are."""
    if isinstance(one, Range) and isinstance(other, Range):
        return Range(min(one.low, other.low), max(one.high, other.high))
    if isinstance(one, Words) and isinstance(other, Words):
        among = None if one.among is None or other.among is None else one.among | other.among
        return Words(among, one.but & other.but) if among is None else Words(among)
    return one if one == other else None


def met(one: Value, other: Value) -> Value:
    """What is in both; an empty range or empty words where nothing is."""
    if isinstance(one, Range) and isinstance(other, Range):
        return Range(max(one.low, other.low), min(one.high, other.high))
    if isinstance(one, Words) and isinstance(other, Words):
        among = one.among if other.among is None else other.among if one.among is None else one.among & other.among
        return Words(among, one.but | other.but)
    return other if one is None else one


def is_less(one: Value, other: Value) -> bool | None:
    """Whether a value is less than another, where that is sure."""
    if isinstance(one, Range) and isinstance(other, Range):
        if one.high < other.low:
            return True
        return False if one.low >= other.high else None
    texts = _texts(one, other)
    return texts[0] < texts[1] if texts else None


def is_equal(one: Value, other: Value) -> bool | None:
    """Whether a value equals another, where that is sure."""
    if isinstance(one, Range) and isinstance(other, Range):
        if one.high < other.low or other.high < one.low:
            return False
        return True if one == other and one.low == one.high else None
    if isinstance(one, Words) and isinstance(other, Words):
        texts = _texts(one, other)
        return texts[0] == texts[1] if texts else False if met(one, other).empty else None  # type: ignore[union-attr]
    return one == other if isinstance(one, bool) and isinstance(other, bool) else None


def _texts(one: Value, other: Value) -> tuple[str, str] | None:
    """The two texts, where each is known."""
    if not (isinstance(one, Words) and isinstance(other, Words)) or not one.among or not other.among:
        return None
    if len(one.among) > 1 or len(other.among) > 1:
        return None
    return next(iter(one.among)), next(iter(other.among))


def total(one: Range, other: Range) -> Range:
    """The range of a sum."""
    return Range(_sum(one.low, other.low, 1), _sum(one.high, other.high, -1))


def _sum(one: Edge, other: Edge, side: int) -> Edge:
    return one[0] + other[0], side if one[1] or other[1] else 0


def negative(one: Range) -> Range:
    """The range of a number with its sign changed."""
    return Range((-one.high[0], -one.high[1]), (-one.low[0], -one.low[1]))
