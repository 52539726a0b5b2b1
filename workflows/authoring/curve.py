"""A curve over the values of a parameter: what each value would have brought more or less often than was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.edition import Edition
from engine.problems import Language, Text
from workflows.authoring.contrast import Shift, title
from workflows.authoring.trial_results import Result

HEADING = Text(
    "{parameter} 取不同值时，比历史多（+）少（-）几次",
    "By {parameter}: how many more (+) or fewer (-) than recorded",
)
IN_BRACKETS = Text("；括号内为提前或推后几次", "; in brackets, how many earlier or later")


@dataclass(frozen=True)
class Line:
    """One occasion: for each value, how many more (or fewer) there would be, and how many at another time."""

    name: str
    net: Sequence[int]
    moved: Sequence[int]

    @property
    def cells(self) -> list[str]:
        """`+2 (1)` for each value."""
        return [_cell(net, moved) for net, moved in zip(self.net, self.moved, strict=True)]


def curve(draft: Edition, results: Sequence[Result], lang: Language) -> list[Line]:
    """A line for each occasion that differs under any of the values, whose results come in their order."""
    lines = []
    for key in sorted({key for result in results for key in result.sums}):
        fates = [result.sums.get(key, Counter[Shift]()) for result in results]
        name = f"{key[1].in_(lang)} {title(draft, *key, lang)}"
        net = [each[Shift.ANEW] - each[Shift.GONE] for each in fates]
        lines.append(Line(name, net, [each[Shift.EARLIER] + each[Shift.LATER] for each in fates]))
    return lines


def _cell(net: int, moved: int) -> str:
    more = f"{net:+d}" if net else "0"
    return f"{more} ({moved})" if moved else more
