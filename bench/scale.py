"""How much of everything a run does: the budgets' own numbers, or as little as shows that it works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts of one run. `due` deadlines at once and `due_few` in each later sweep stand among `tasks` open tasks;
    `events` are those of `seeds` tasks that were lived, copied. Pages over `board` tasks are asked for `asks` times.
    A list has `rows`, so many `documents` are printed, and a crowd works for some `seconds`.
    """

    directory: Path
    runs: int = 5
    transitions: int = 300
    client_transitions: int = 100
    tasks: int = 1_000_000
    due: int = 100_000
    due_few: int = 10_000
    events: int = 1_000_000
    rehearsed: int = 10_000
    seeds: int = 24
    board: int = 10_000
    asks: int = 40
    rows: int = 10_000
    documents: int = 1_000
    seconds: float = 60.0

    def shrunk(self, by: float) -> Scale:
        """The same with `by` as many tasks and events."""
        return Scale(
            self.directory,
            self.runs,
            max(20, int(self.transitions * by)),
            max(10, int(self.client_transitions * by)),
            max(1_000, int(self.tasks * by)),
            max(100, int(self.due * by)),
            max(20, int(self.due_few * by)),
            max(5_000, int(self.events * by)),
            max(50, int(self.rehearsed * by)),
            self.seeds,
            max(100, int(self.board * by)),
            max(5, int(self.asks * by)),
            max(100, int(self.rows * by)),
            max(10, int(self.documents * by)),
            max(3.0, self.seconds * by),
        )
