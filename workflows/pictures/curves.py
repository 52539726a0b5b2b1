"""A curve over the values of a parameter: how many more or fewer of each occasion there would be.

Lines differ in colour, in dashes and in their marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from workflows.pictures.drawing import COLOURS
from workflows.pictures.svg import FONTS, root_of, write
from workflows.pictures.words import width

LEFT, TOP, WIDE, TALL = 60.0, 60.0, 520.0, 280.0
SMALL = 11.0
MOST = 8
"""More lines than this cannot be told apart: those that vary most are drawn."""

_DASHES = ("", "6 3", "2 3", "8 3 2 3")
_MARKS = "●■▲◆○□△◇"


def drawn(title: str, values: Sequence[str], lines: Mapping[str, Sequence[int]]) -> str:
    """The SVG: `lines` has the numbers of each name, one for each value."""
    shown = dict(sorted(lines.items(), key=lambda each: min(each[1]) - max(each[1]))[:MOST])
    low = min(0, *(number for line in shown.values() for number in line)) if shown else 0
    high = max(1, *(number for line in shown.values() for number in line)) if shown else 1
    names = max((width(name, SMALL) for name in shown), default=0.0)
    tall = TOP + TALL + 56 + 18 * len(shown)
    wide = max(LEFT + WIDE + 30, LEFT + names + 40, LEFT + width(title, 14) + 20)
    root = root_of(wide, tall, title, f"text{{font-family:{FONTS}}}")
    write(root, title, (LEFT, 28), 14, "#111", anchor="start", weight="bold")
    xs = [LEFT + WIDE * (number + 0.5) / len(values) for number in range(len(values))]
    _grid(root, values, xs, low, high)
    for number, (name, line) in enumerate(shown.items()):
        _line(root, number, [(x, _y(each, low, high)) for x, each in zip(xs, line, strict=True)])
        legend = f"{_MARKS[number % len(_MARKS)]} {name}"
        write(root, legend, (LEFT, TOP + TALL + 52 + 18 * number), SMALL, _colour(number), anchor="start")
    return ET.tostring(root, encoding="unicode")


def _y(number: float, low: int, high: int) -> float:
    return TOP + TALL * (high - number) / (high - low)


def _grid(root: ET.Element, values: Sequence[str], xs: Sequence[float], low: int, high: int) -> None:
    step = max(1, (high - low) // 8)
    for number in range(low, high + 1, step):
        y = f"{_y(number, low, high):.1f}"
        look = {"stroke": "#888" if number == 0 else "#ddd", "x1": f"{LEFT:.0f}", "x2": f"{LEFT + WIDE:.0f}"}
        ET.SubElement(root, "line", {**look, "y1": y, "y2": y})
        write(root, f"{number:+d}" if number else "0", (LEFT - 20, float(y) + 4), SMALL, "#333")
    for value, x in zip(values, xs, strict=True):
        write(root, value, (x, TOP + TALL + 22), SMALL, "#333")


def _line(root: ET.Element, number: int, points: Sequence[tuple[float, float]]) -> None:
    look = {"fill": "none", "stroke": _colour(number), "stroke-width": "1.6"}
    if dashes := _DASHES[number % len(_DASHES)]:
        look["stroke-dasharray"] = dashes
    ET.SubElement(root, "polyline", {**look, "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points)})
    for x, y in points:
        write(root, _MARKS[number % len(_MARKS)], (x, y + 4), SMALL, _colour(number))


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
