"""The plan of a task against what was achieved, as a drawing: where each bar, line and word stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.edition import Sheet
from engine.events import Json
from engine.model.fields import FieldType
from engine.values import as_number

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 12, 28


Told: TypeAlias = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""Of one event: the month in which it occurred, the fields that it set, and the form that was filled in."""


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


def chart(sheet: Sheet, plan: Mapping[str, Json], told: Iterable[Told] = ()) -> Chart | None:
    """The drawing for a plan with a percentage planned; None where there is nothing to draw.

    What was achieved is the plan's second percentage. Where a definition keeps none beside its plan, it is what the
    record said of it month by month, as `told` by the events of the task in their order.
    """
    names = percentages(sheet)
    if not names or not plan:
        return None
    planned = _column(plan, names[0])
    actual = _column(plan, names[1]) if len(names) > 1 else reported(sheet, plan, told)
    keys = sorted(plan)
    most = max([100.0, *(value for each in (planned, actual) for value in each.values())])
    step = (WIDTH - LEFT - RIGHT) / len(keys)
    middles = {key: LEFT + step * (number + 0.5) for number, key in enumerate(keys)}
    dots = [(round(middles[key], 1), _y(planned[key], most)) for key in keys if key in planned]
    return Chart(
        bars=[_bar(middles[key], step, actual[key], planned.get(key), most) for key in keys if key in actual],
        dots=dots,
        line=" ".join(f"{x},{y}" for x, y in dots),
        grid=[(_y(each, most), f"{each}%") for each in (0, 25, 50, 75, 100)],
        labels=[(round(middles[key], 1), _short(key, len(keys))) for key in keys],
    )


def _column(plan: Mapping[str, Json], name: str) -> dict[str, float]:
    numbers = {key: as_number(row.get(name)) for key, row in plan.items()}
    return {key: value for key, value in numbers.items() if value is not None}


def reported(sheet: Sheet, plan: Mapping[str, Json], told: Iterable[Told]) -> dict[str, float]:
    """The percentage of the record at each node, from the first that was told of to the last."""
    name = _percentage_of(sheet)
    found: dict[str, float] = {}
    for occurred, values, form in told:
        value = as_number(values.get(name)) if name in values else None
        if value is not None and form:
            month = next((each for each in form.values() if isinstance(each, str) and each in plan), occurred)
            found[month] = value
    filled: dict[str, float] = {}
    for key in sorted(plan):
        earlier = [month for month in found if month <= key]
        if earlier and key <= max(found):
            filled[key] = found[max(earlier)]
    return filled


def _percentage_of(sheet: Sheet) -> str:
    fields = sheet.body.fields
    names = [name for name, field in fields.items() if field.type is FieldType.PERCENT and not field.personal]
    return "percent" if "percent" in names else next(iter(names), "")


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
