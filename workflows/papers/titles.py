"""The lines of a title (标题): none with a lone character at its end, and no word torn that can be told.

GB/T 9704-2012 asks for lines whose words are whole, whose lengths are balanced, in a trapezium or a diamond. Chinese
writes no spaces, so where a word ends is guessed by quotation marks, by what joins, and by what titles are made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

LINE = 20.0
"""Characters of 二号 that fit on a line."""

_WORDS = re.compile(r"[A-Za-z0-9.,%’'/-]+|\s+|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：？！”’）》〉】〕％%的和与及等之了部局委办室会")
_NOT_LAST = frozenset("“‘（《〈【〔")
_JOINS = frozenset("的和与及等对就部局")
"""After these a line may well end."""
_STARTS = (
    "重点", "进行", "限期", "逾期", "情况", "专项", "进展", "全年", "季度", "公开", "问责", "督办", "整改", "约谈",
    "未兑现", "填报",
)  # fmt: skip
_ENDS = ("通知", "通报", "报告", "建议", "纪要", "督办单")
"""With what the parts of such titles begin and end."""

_TORN = 40.0
"""What a break within a word costs, in the square of characters by which lines differ."""


def lines(title: str, width: float = LINE) -> list[str]:
    """The title in as few lines as it takes, of nearly one length."""
    pieces = _WORDS.findall(" ".join(title.split()))
    needed = max(1, -int(-_wide("".join(pieces)) // width))
    for count in range(needed, needed + 3):
        found = min(_cuts(pieces, count, width), key=lambda cut: _cost(pieces, cut), default=None)
        if found is not None:
            return ["".join(pieces[a:b]).strip() for a, b in zip((0, *found), (*found, len(pieces)), strict=True)]
    return [title]


def _wide(text: str) -> float:
    """How many Chinese characters wide."""
    return sum(1.0 if ord(each) > 0x2000 else 0.55 for each in text)


def _cuts(pieces: Sequence[str], count: int, width: float) -> Iterator[tuple[int, ...]]:
    may = [place for place in range(1, len(pieces)) if _may(pieces, place)]
    for cut in combinations(may, count - 1):
        if all(_wide(text) <= width for text in _parts(pieces, cut)):
            yield cut


def _may(pieces: Sequence[str], place: int) -> bool:
    """Whether a line may begin here."""
    before, after = pieces[place - 1], pieces[place]
    if after[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
        return False
    return before.isspace() or not _latin(before) or not _latin(after)


def _latin(piece: str) -> bool:
    return piece[0].isascii()


def _parts(pieces: Sequence[str], cut: Sequence[int]) -> list[str]:
    return ["".join(pieces[a:b]).strip() for a, b in zip((0, *cut), (*cut, len(pieces)), strict=True)]


def _cost(pieces: Sequence[str], cut: Sequence[int]) -> float:
    lengths = [_wide(text) for text in _parts(pieces, cut)]
    mean = sum(lengths) / len(lengths)
    return sum((length - mean) ** 2 for length in lengths) + sum(_tears(pieces, place) for place in cut)


def _tears(pieces: Sequence[str], place: int) -> float:
    before, after = pieces[place - 1], "".join(pieces[place : place + 3])
    if before.isspace() or before in "”》）、" or after[0] in "“《（":
        return 0.0
    if _quoted(pieces, place):
        return 2 * _TORN
    if before in _JOINS or after.startswith((*_STARTS, *_ENDS)):
        return _TORN / 8
    return _TORN


def _quoted(pieces: Sequence[str], place: int) -> bool:
    before = "".join(pieces[:place])
    return before.count("“") > before.count("”") or before.count("《") > before.count("》")
