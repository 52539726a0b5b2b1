"""A clock is not believed: what jumps, what goes back, what stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workflows.clock import ClockJumped, VirtualClock, Watch

START = datetime(2022, 1, 20, 1, tzinfo=UTC)


class Hands:
    """A wall clock and a monotonic one, set by hand."""

    def __init__(self) -> None:
        self.now, self.seconds = START, 100.0

    def watch(self) -> Watch:
        return Watch(lambda: self.now, lambda: self.seconds)

    def pass_(self, minutes: float, *, beyond: float = 0) -> None:
        self.now += timedelta(minutes=minutes + beyond)
        self.seconds += minutes * 60


def test_time_that_both_clocks_saw_is_believed() -> None:
    """An hour, then another, with a little drift."""
    hands = Hands()
    watch = hands.watch()
    hands.pass_(60, beyond=2)
    assert watch() == hands.now
    hands.pass_(60, beyond=2)
    assert watch() == hands.now


@pytest.mark.parametrize("beyond", [6, -6])
def test_a_jump_halts_for_good(beyond: float) -> None:
    """Forward or back by more than five minutes; also once the wall clock is right again."""
    hands = Hands()
    watch = hands.watch()
    hands.pass_(1, beyond=beyond)
    with pytest.raises(ClockJumped):
        watch()
    hands.pass_(1, beyond=-beyond)
    with pytest.raises(ClockJumped):
        watch()


def test_a_virtual_clock_stands_and_never_goes_back() -> None:
    """It moves when told."""
    clock = VirtualClock(START)
    clock.move(START + timedelta(days=1))
    assert clock() == START + timedelta(days=1)
    with pytest.raises(ValueError, match="back"):
        clock.move(START)
