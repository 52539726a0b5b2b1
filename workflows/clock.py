"""The one place that reads a clock, and the reasons not to believe it.

Deadlines cost people something, so a clock that jumps must not fire them: while a process runs, the wall clock is held
against the monotonic one, which nobody can set. What a clock says at the start is held against what has been recorded.
A rehearsal has a clock of its own, which moves only when told.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

JUMP = timedelta(minutes=5)
"""How far the wall clock may drift from the monotonic one before nothing is decided any more."""

GAP = timedelta(days=7)
"""How long nobody may have swept before a sweep asks whether the clock is right."""

Clock = Callable[[], datetime]


def wall() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only ever grow, from an arbitrary start."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


class ClockJumped(Exception):
    """The wall clock moved by `jump` beyond what the monotonic clock allows: nothing may be decided."""

    def __init__(self, jump: timedelta) -> None:
        super().__init__(f"the wall clock jumped by {jump}")
        self.jump = jump


@dataclass
class Watch:
    """The wall clock under guard. Raises `ClockJumped` from the first jump on, until the program is started again."""

    wall: Clock = wall
    monotonic: Callable[[], float] = monotonic
    _wall_at: datetime = field(init=False)
    _monotonic_at: float = field(init=False)
    _jump: timedelta | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._wall_at, self._monotonic_at = self.wall(), self.monotonic()

    def __call__(self) -> datetime:
        now, elapsed = self.wall(), timedelta(seconds=self.monotonic() - self._monotonic_at)
        jump = now - self._wall_at - elapsed
        if self._jump is None and abs(jump) > JUMP:
            self._jump = jump
        if self._jump is not None:
            raise ClockJumped(self._jump)
        return now


@dataclass
class VirtualClock:
    """The clock of a rehearsal or a demonstration: it stands until it is moved, and never goes back."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime) -> None:
        """Let the clock go on. Raises ValueError where `to` is before its present."""
        if to < self.now:
            raise ValueError(f"a clock does not go back from {self.now} to {to}")
        self.now = to
