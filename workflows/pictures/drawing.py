"""A picture of states as SVG: black on white, printed as well as shown, with no script and nothing from elsewhere.

Everybody who acts has a colour and a number, so that nothing is said by colour alone; what time does is dashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from engine.problems import Language, Text
from workflows.pictures.placing import WHOLE, Bound, Box, Led, Line, Placed, Point, place
from workflows.pictures.states import Label, Meeting, Picture, State, Way
from workflows.pictures.svg import FONTS, root_of, write
from workflows.pictures.words import broken, width

TITLE, NAME, SMALL = 17.0, 14.0, 11.5
"""The heights of letters, in points."""
LEAD = 1.35
"""From line to line, as a share of the height of letters."""
MARGIN, PAD = 16.0, 12.0
WIDEST = 150.0
"""Labels are broken into lines of this width."""

TIME = "#5a5a5a"
COLOURS = ("#0b5394", "#a33c00", "#1b6e3c", "#6a3d9a", "#8a1538", "#00687a", "#5b4a00", "#3d3d8f")
"""Each has a contrast of 5 to 1 with white at least."""

_LEGEND = Text("谁操作", "Who acts")
_DASHED = Text("虚线：到期或由子事项触发，无人操作", "Dashed: nobody acts; a deadline or a child does it")
_DUE = Text("【到期】", "[due] ")
_TASKS = Text("未办结 {count} 项", "{count} open")

_STYLE = (
    f"text{{font-family:{FONTS}}}"
    ".way{fill:none;stroke-width:1.4}.time{stroke-dasharray:5 4}"
    ".box{fill:#fff;stroke:#222;stroke-width:1.3}.inner{fill:none;stroke:#222}"
    ".any{stroke-dasharray:2 3}.halo{stroke:#fff;stroke-width:4;stroke-linejoin:round;paint-order:stroke}"
)


@dataclass(frozen=True)
class Drawing:
    """A picture as a text that stands alone, its size in points, and where its states are: x, y, width and height."""

    svg: str
    width: float
    height: float
    states: Mapping[str, tuple[float, float, float, float]]


def drawn(picture: Picture, lang: Language, bound: Bound = WHOLE) -> str:
    """The SVG, a text that stands alone. Raises `placing.NoPicture`, and `TooLarge` for what is beyond a bound."""
    return drawing(picture, lang, bound).svg


def drawing(picture: Picture, lang: Language, bound: Bound = WHOLE) -> Drawing:
    """The SVG, and where things are on it. Raises as `drawn`."""
    labels = [_lines(way.labels, lang) for way in picture.ways]
    rank = _ranks(picture)
    lines = [_line(way, said, rank) for way, said in zip(picture.ways, labels, strict=True)]
    placed = place(_boxes(picture, lang), lines, bound)
    legend = _legend(picture, lang)
    wide = max(placed.width, width(picture.title, TITLE), *(width(line, SMALL) + 40 for line in legend)) + 2 * MARGIN
    down = MARGIN + TITLE * 2
    tall = down + placed.height + MARGIN + len(legend) * SMALL * LEAD * 1.25 + MARGIN
    root = root_of(wide, tall, picture.title, _STYLE)
    write(root, picture.title, (wide / 2, MARGIN + TITLE), TITLE, "#111", weight="bold")
    left = (wide - placed.width) / 2
    inside = ET.SubElement(root, "g", {"transform": f"translate({left:.1f} {down:.1f})"})
    _draw(inside, picture, placed, labels, lang)
    _write_legend(root, picture, legend, (MARGIN, down + placed.height + MARGIN + SMALL))
    states = {state.id: _place(state, placed.boxes[state.id], (left, down)) for state in picture.states}
    return Drawing(ET.tostring(root, encoding="unicode"), wide, tall, states)


def _place(state: State, middle: Point, corner: Point) -> tuple[float, float, float, float]:
    wide, tall = _size(state)
    return corner[0] + middle[0] - wide / 2, corner[1] + middle[1] - tall / 2, wide, tall


# What is placed --------------------------------------------------------------------------------------------------


def _ranks(picture: Picture) -> dict[str, float]:
    """The order of the story: that of the states in the definition, a meeting of ways just before where it leads."""
    rank = {state.id: float(number) for number, state in enumerate(picture.states)}
    for way in picture.ways:
        if way.start not in rank:
            rank[way.start] = rank[way.end] - 0.5
    return rank


def _boxes(picture: Picture, lang: Language) -> list[Box]:
    meetings = [Box(each.id, *_pill(_said(each.label, lang))) for each in picture.meetings]
    return [*(Box(state.id, *_size(state)) for state in picture.states), *meetings]


def _pill(lines: Sequence[str]) -> tuple[float, float]:
    return max(width(line, SMALL) for line in lines) + 2 * PAD, len(lines) * SMALL * LEAD + PAD


def _size(state: State) -> tuple[float, float]:
    lines = broken(state.title, WIDEST, NAME)
    counted = SMALL * LEAD if state.tasks is not None else 0.0
    wide = max(max(width(line, NAME) for line in lines) + 2 * PAD, 64.0 if counted else 0.0)
    return wide, len(lines) * NAME * LEAD + PAD + counted


def _line(way: Way, lines: Sequence[tuple[str, Label]], rank: Mapping[str, float]) -> Line:
    wide = max((width(line, SMALL) for line, _ in lines), default=0.0)
    back = rank[way.start] > rank[way.end]
    return Line(way.start, way.end, wide and wide + 8, len(lines) * SMALL * LEAD + 4, way.arrow, back)


def _lines(labels: Sequence[Label], lang: Language) -> list[tuple[str, Label]]:
    return [(line, label) for label in labels for line in _said(label, lang)]


def _said(label: Label, lang: Language) -> list[str]:
    numbers = "".join(_number(actor) for actor in label.actors)
    due = _DUE.in_(lang) if label.timed else ""
    return broken(f"{due}{numbers}{' ' if numbers else ''}{label.title}", WIDEST, SMALL)


def _number(actor: int) -> str:
    """① for the first who acts; the system has none."""
    return chr(0x245F + actor) if 0 < actor <= 20 else ""


# What is drawn ---------------------------------------------------------------------------------------------------


def _draw(
    root: ET.Element, picture: Picture, placed: Placed, labels: Sequence[Sequence[tuple[str, Label]]], lang: Language
) -> None:
    for way, led in zip(picture.ways, placed.lines, strict=True):
        _draw_way(root, way, led)
    for state in picture.states:
        _draw_state(root, state, placed.boxes[state.id], lang)
    for meeting in picture.meetings:
        _draw_meeting(root, meeting, placed.boxes[meeting.id], lang)
    for said, led in zip(labels, placed.lines, strict=True):
        if led.label is not None:
            colours = [_colour(label.actors) for _, label in said]
            _stack(root, [line for line, _ in said], led.label, SMALL, colours, "halo")


def _draw_meeting(root: ET.Element, meeting: Meeting, middle: Point, lang: Language) -> None:
    lines, colour = _said(meeting.label, lang), _colour(meeting.label.actors)
    wide, tall = _pill(lines)
    _rect(root, middle, wide, tall, {"class": "box", "rx": f"{tall / 2:.1f}", "style": f"stroke:{colour}"})
    _stack(root, lines, middle, SMALL, [colour] * len(lines))


def _draw_way(root: ET.Element, way: Way, led: Led) -> None:
    colour = _colour(way.actors)
    first, *rest = led.curve
    curve = " ".join(f"{x:.1f},{y:.1f}" for x, y in rest)
    timed = " time" if way.actors == (0,) else ""
    path = {"class": f"way{timed}", "stroke": colour, "d": f"M{first[0]:.1f},{first[1]:.1f}C{curve}"}
    ET.SubElement(root, "path", path)
    if led.tip is not None:
        ET.SubElement(root, "polygon", {"fill": colour, "points": _arrow(led.curve[-1], led.tip)})


def _arrow(base: Point, tip: Point) -> str:
    along = (tip[0] - base[0], tip[1] - base[1])
    across = (-along[1] * 0.38, along[0] * 0.38)
    corners = [tip, (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1])]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _draw_state(root: ET.Element, state: State, middle: Point, lang: Language) -> None:
    wide, tall = _size(state)
    kind = "box any" if state.anywhere else "box"
    _rect(root, middle, wide, tall, {"class": kind, "rx": "8"})
    if state.final:
        _rect(root, middle, wide - 7, tall - 7, {"class": "inner", "rx": "5"})
    if state.initial:
        dot = {"cx": f"{middle[0] - wide / 2:.1f}", "cy": f"{middle[1] - tall / 2:.1f}", "r": "5", "fill": "#222"}
        ET.SubElement(root, "circle", dot)
    lines = broken(state.title, WIDEST, NAME)
    if state.tasks is None:
        _stack(root, lines, middle, NAME, ["#111"] * len(lines))
        return
    _stack(root, lines, (middle[0], middle[1] - SMALL * LEAD / 2), NAME, ["#111"] * len(lines))
    below = middle[1] + tall / 2 - PAD / 2 - SMALL * 0.35
    said = _TASKS.in_(lang).format(count=state.tasks)
    write(root, said, (middle[0], below), SMALL, "#111" if state.tasks else "#666")


def _rect(root: ET.Element, middle: Point, wide: float, tall: float, look: dict[str, str]) -> None:
    place = {"x": f"{middle[0] - wide / 2:.1f}", "y": f"{middle[1] - tall / 2:.1f}"}
    ET.SubElement(root, "rect", {**place, "width": f"{wide:.1f}", "height": f"{tall:.1f}", **look})


def _stack(
    root: ET.Element, lines: Sequence[str], middle: Point, size: float, colours: Sequence[str], look: str = ""
) -> None:
    """Lines under each other around a middle."""
    top = middle[1] - len(lines) * size * LEAD / 2 + size
    for number, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        write(root, line, (middle[0], top + number * size * LEAD), size, colour, look=look)


def _colour(actors: Sequence[int]) -> str:
    """Of the first who acts; grey where nobody but time does."""
    people = [actor for actor in actors if actor]
    return COLOURS[(people[0] - 1) % len(COLOURS)] if people else TIME


# The legend ------------------------------------------------------------------------------------------------------


def _legend(picture: Picture, lang: Language) -> list[str]:
    """The lines under the picture: everybody who acts, then what dashes and clocks mean where there are any."""
    labels = [*(label for way in picture.ways for label in way.labels), *(each.label for each in picture.meetings)]
    met = {actor for label in labels for actor in label.actors}
    people = [f"{_number(number)} {title}" for number, title in enumerate(picture.actors) if number in met and number]
    lines = [f"{_LEGEND.in_(lang)}{'：' if lang == 'zh' else ': '}", *people] if people else []
    return [*lines, *([_DASHED.in_(lang)] if 0 in met else [])]


def _write_legend(root: ET.Element, picture: Picture, lines: Sequence[str], at: Point) -> None:
    colours = {f"{_number(number)} {title}": _colour((number,)) for number, title in enumerate(picture.actors)}
    for number, line in enumerate(lines):
        spot = (at[0], at[1] + number * SMALL * LEAD * 1.25)
        write(root, line, spot, SMALL, colours.get(line, "#333"), anchor="start")
