"""The plan of a task against what was achieved, as a drawing: where each bar, line and word stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.edition import Sheet
from engine.events import Json
from engine.model.fields import FieldType
from engine.values import as_number

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 12, 28


@dataclass(frozen=True)
class Bar:
    """What was achieved at one node."""

    x: float
    y: float
    width: float
    height: float
    behind: bool


@dataclass(frozen=True)
class Chart:
    """A drawing of `WIDTH` by `HEIGHT`; `grid` are heights with what they stand for, `labels` places with their
    words.
    """

    bars: Sequence[Bar]
    dots: Sequence[tuple[float, float]]
    line: str
    grid: Sequence[tuple[float, str]]
    labels: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def chart(sheet: Sheet, plan: Mapping[str, Json]) -> Chart | None:
    """The drawing for a plan with two percentages, planned and achieved; None where there is nothing to draw."""
    names = percentages(sheet)
    if len(names) < 2 or not plan:
        return None
    planned, actual = ({key: as_number(row.get(name)) for key, row in plan.items()} for name in names[:2])
    keys = sorted(plan)
    most = max([100.0, *(value for each in (planned, actual) for value in each.values() if value is not None)])
    step = (WIDTH - LEFT - RIGHT) / len(keys)
    middles = {key: LEFT + step * (number + 0.5) for number, key in enumerate(keys)}
    dots = [(round(middles[key], 1), _y(value, most)) for key in keys if (value := planned[key]) is not None]
    return Chart(
        bars=[
            _bar(middles[key], step, value, planned[key], most) for key in keys if (value := actual[key]) is not None
        ],
        dots=dots,
        line=" ".join(f"{x},{y}" for x, y in dots),
        grid=[(_y(each, most), f"{each}%") for each in (0, 25, 50, 75, 100)],
        labels=[(round(middles[key], 1), _short(key, len(keys))) for key in keys],
    )


def percentages(sheet: Sheet) -> list[str]:
    """The percentages of a plan: `planned` and `actual` by their names, else in the order of the definition."""
    fields = sheet.body.milestones.fields if sheet.body.milestones else {}
    found = [name for name, field in fields.items() if field.type is FieldType.PERCENT and not field.personal]
    return sorted(found, key=lambda name: {"planned": 0, "actual": 1}.get(name, 2))


def _y(value: float, most: float) -> float:
    return round(HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM), 1)


def _bar(middle: float, step: float, value: float, planned: float | None, most: float) -> Bar:
    width, y = round(min(step * 0.55, 36), 1), _y(value, most)
    behind = planned is not None and value < planned
    return Bar(round(middle - width / 2, 1), y, width, round(HEIGHT - BOTTOM - y, 1), behind)


def _short(key: str, many: int) -> str:
    return key[5:] if many > 6 else key
