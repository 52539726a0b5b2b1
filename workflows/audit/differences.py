"""What is otherwise between two boards: two days as they were, or one day as it was known at two times.

Whoever asks reads both boards by one rule, so that the same comparison tells what happened between two days and what
was learned late about one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.events import Json
from engine.problems import Language, Text
from engine.titles import COLOURS
from workflows.office.views import Shown

COMPARED = ("state", "signal", "title", "unit", "ended")
"""What a board shows of a task and what can change."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One task that looks otherwise. `before` is None where it was not there yet, `after` where it is not there (any
    more); `changed` names what differs.
    """

    task: str
    before: Shown | None
    after: Shown | None
    changed: Sequence[str]

    def to_json(self) -> dict[str, Json]:
        """For programs: both faces and the names of what differs."""
        return {
            "task": self.task,
            "before": self.before and self.before.row._asdict(),
            "after": self.after and self.after.row._asdict(),
            "changed": list(self.changed),
        }


ABSENT, ENDED, OPEN = Text("无此事项", "not there"), Text("已办结", "ended"), Text("在办", "open")


def face(difference: Difference, side: Shown | None, lang: Language) -> str:
    """What differs, on one side, in words."""
    if side is None:
        return ABSENT.in_(lang)
    row = side.row
    said = {
        "state": side.state,
        "signal": COLOURS[row.signal].in_(lang) if row.signal else "—",
        "title": row.title or "—",
        "unit": row.unit or "—",
        "ended": (ENDED if row.ended else OPEN).in_(lang),
    }
    told = [said[name] for name in (difference.changed if difference.before and difference.after else COMPARED[:2])]
    return ("，" if lang == "zh" else ", ").join(told)


def differences(before: Sequence[Shown], after: Sequence[Shown]) -> list[Difference]:
    """The tasks that look otherwise, by id."""
    return list(_differences({one.row.task: one for one in before}, {one.row.task: one for one in after}))


def _differences(before: dict[str, Shown], after: dict[str, Shown]) -> Iterator[Difference]:
    for task in sorted({*before, *after}):
        was, now = before.get(task), after.get(task)
        if was is None or now is None:
            yield Difference(task, was, now, COMPARED)
        elif changed := [name for name in COMPARED if getattr(was.row, name) != getattr(now.row, name)]:
            yield Difference(task, was, now, changed)
