"""Where everything in a picture stands, by Graphviz: `dot` draws layers, and keeps ways apart.

Graphviz is told how large each box and each label is, because it knows no Chinese letters; it is asked for places only.
It is a program of its own, which a wheel brings.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]

PROGRAM = "graphviz-pure"
SECONDS = 20.0
"""How long a picture may take; a hundred states take a second."""
_INCH = 72.0


@dataclass(frozen=True)
class Bound:
    """How much is drawn: so many boxes and ways together, in so many seconds."""

    parts: int
    seconds: float


WHOLE = Bound(100_000, SECONDS)
PAGE = Bound(220, 4.0)
"""For whoever waits before a page."""


class NoPicture(RuntimeError):
    """Graphviz is missing, or has failed: the message says which."""


class TooLarge(NoPicture):
    """More than a bound lets through."""


@dataclass(frozen=True)
class Box:
    """What is to be placed: its size in points."""

    id: str
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A way to be led: between two boxes, with a label of this size, or none where it is 0 by 0. One that leads `back`,
    to what comes earlier in the story, is led upwards.
    """

    start: str
    end: str
    width: float = 0.0
    height: float = 0.0
    arrow: bool = True
    back: bool = False


@dataclass(frozen=True)
class Led:
    """How a way goes: points of Bézier curves, the tip of its arrow if it has one, and the middle of its label."""

    curve: Sequence[Point]
    tip: Point | None
    label: Point | None


@dataclass(frozen=True)
class Placed:
    """The whole: its size, the middle of each box, and the ways in the order in which they were given. y grows
    downwards.
    """

    width: float
    height: float
    boxes: Mapping[str, Point]
    lines: Sequence[Led]


def place(boxes: Sequence[Box], lines: Sequence[Line], bound: Bound = WHOLE) -> Placed:
    """Find a place for everything. Raises `NoPicture`, and `TooLarge`."""
    if len(boxes) + len(lines) > bound.parts:
        raise TooLarge(f"{len(boxes)} boxes and {len(lines)} ways")
    return _placed(tuple(boxes), tuple(lines), bound.seconds)


@lru_cache(maxsize=64)
def _placed(boxes: tuple[Box, ...], lines: tuple[Line, ...], seconds: float) -> Placed:
    names = {box.id: f"n{number}" for number, box in enumerate(boxes)}
    found = json.loads(_asked("\n".join(_text(boxes, lines, names)), seconds))
    left, bottom, right, top = (float(part) for part in found["bb"].split(","))
    middles = {each["name"]: _point(each["pos"], top) for each in found["objects"] if "pos" in each}
    ordered = sorted(found.get("edges", ()), key=lambda edge: int(edge["id"]))
    return Placed(
        width=right - left,
        height=top - bottom,
        boxes={box.id: middles[names[box.id]] for box in boxes},
        lines=[_led(edge, top) for edge in ordered],
    )


def _text(boxes: Sequence[Box], lines: Sequence[Line], names: Mapping[str, str]) -> Iterator[str]:
    yield "digraph {"
    yield "graph [rankdir=TB nodesep=0.35 ranksep=0.55 splines=true]"
    yield 'node [shape=box fixedsize=true label=""]'
    for box in boxes:
        yield f"{names[box.id]} [width={box.width / _INCH:.3f} height={box.height / _INCH:.3f}]"
    for number, line in enumerate(lines):
        label = f" label={_sized(line)}" if line.width else ""
        ends = (line.end, line.start) if line.back else (line.start, line.end)
        head = "none" if not line.arrow else "back" if line.back else "forward"
        yield f"{names[ends[0]]} -> {names[ends[1]]} [id={number} dir={head}{label}]"
    yield "}"


def _sized(line: Line) -> str:
    size = f'WIDTH="{line.width:.0f}" HEIGHT="{line.height:.0f}" FIXEDSIZE="TRUE"'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"><TR><TD {size}></TD></TR></TABLE>>'


def _asked(text: str, seconds: float) -> bytes:
    program = shutil.which(PROGRAM, path=sysconfig.get_path("scripts")) or shutil.which(PROGRAM)
    if program is None:
        raise NoPicture(f"{PROGRAM} is not installed in {Path(sysconfig.get_path('scripts'))}")
    try:
        done = subprocess.run(  # noqa: S603 - the program that our own requirements install, fed by us
            [program, "-Kdot", "-Tjson"], input=text.encode(), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TooLarge(f"{PROGRAM} took more than {seconds:.0f} s") from error
    if done.returncode:
        raise NoPicture(f"{PROGRAM}: {done.stderr.decode(errors='replace').strip()[:300]}")
    return done.stdout


def _led(edge: Mapping[str, Any], top: float) -> Led:
    """`e,x,y` begins with the tip of an arrow at the end, `s,x,y` with one at the start; the curve follows."""
    parts = edge["pos"].split()
    tipped = parts.pop(0) if parts[0][:2] in ("e,", "s,") else None
    curve = [_point(part, top) for part in parts]
    tip = _point(tipped[2:], top) if tipped else None
    label = _point(edge["lp"], top) if "lp" in edge else None
    return Led(curve[::-1] if tipped and tipped[0] == "s" else curve, tip, label)


def _point(text: str, top: float) -> Point:
    x, y = (float(part) for part in text.split(",")[:2])
    return round(x, 1), round(top - y, 1)
