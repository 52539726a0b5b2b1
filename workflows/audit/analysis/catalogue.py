"""Every report over histories, by name, and how one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.problems import Language
from workflows.audit.analysis import bottlenecks, deviations, gaming, margins, streaks
from workflows.audit.analysis.lives import Life, lives
from workflows.audit.analysis.report import Asked, Line, Period, Report
from workflows.desk import Desk

Figure = Callable[[Iterable[Life], Period], list[Line]]

REPORTS: Mapping[str, tuple[Asked, Figure]] = {
    asked.name: (asked, figure)
    for asked, figure in (
        (bottlenecks.ASKED, bottlenecks.bottlenecks),
        (deviations.ASKED, deviations.deviations),
        (margins.ASKED, margins.near_misses),
        (gaming.EDITS, gaming.late_edits),
        (gaming.RESETS, gaming.resets),
        (streaks.ASKED, streaks.streaks),
    )
}


@dataclass
class _Counted:
    """Lets histories through and counts them."""

    tasks: int = 0
    events: int = 0

    def through(self, found: Iterable[Life]) -> Iterator[Life]:
        for life in found:
            self.tasks += 1
            self.events += len(life.recorded)
            yield life


def report(
    desk: Desk,
    name: str,
    tasks: Sequence[str],
    period: Period,
    lang: Language,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """A report over the histories of these tasks. Raises KeyError for a name that is none."""
    asked, figure = REPORTS[name]
    counted = _Counted()
    lines = figure(counted.through(lives(desk, tasks, lang, progress)), period)
    return Report(asked, lines, counted.tasks, counted.events)
