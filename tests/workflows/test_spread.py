"""Work dealt to processes: it comes back in order, and one that falls or hangs ends it with an error."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import active_children

import pytest

from workflows.spread import Fallen, spread


def begin(stack: ExitStack) -> list[str]:
    """A bench that is closed with its stack."""
    bench = ["open"]
    stack.callback(bench.clear)
    return bench


def doubled(bench: list[str], number: int) -> int:
    assert bench == ["open"]
    return 2 * number


def wrong(_bench: list[str], number: int) -> int:
    raise LookupError(number)


def falls(bench: list[str], number: int) -> int:
    if number == 0:
        os._exit(1)
    return doubled(bench, number)


def hangs(bench: list[str], number: int) -> int:
    if number == 0:
        time.sleep(600)
    return doubled(bench, number)


@pytest.mark.parametrize("processes", [1, 2])
def test_each_batch_is_looked_at_and_comes_back_in_its_place(processes: int) -> None:
    assert list(spread(begin, doubled, range(5), processes)) == [0, 2, 4, 6, 8]


def where(_bench: list[str], _number: int) -> tuple[int, int, bool]:
    return os.getpid(), os.nice(0), signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_work_aside_is_done_by_others_that_give_way_and_heed_no_terminal() -> None:
    found = list(spread(begin, where, range(4), 1, aside=True))
    assert len(found) == 4
    for process, nice, deaf in found:
        assert process != os.getpid()
        assert nice > os.nice(0)
        assert deaf


@pytest.mark.parametrize(("look", "said"), [(falls, "fell"), (hangs, "nothing came")])
def test_a_process_aside_that_falls_or_hangs_is_told(look: Callable[[list[str], int], int], said: str) -> None:
    before = set(active_children())
    with pytest.raises(Fallen, match=said):
        list(spread(begin, look, range(4), 1, patience=20, aside=True))
    assert set(active_children()) <= before


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_work_itself_says_is_said(processes: int) -> None:
    with pytest.raises(LookupError):
        list(spread(begin, wrong, range(2), processes))


@pytest.mark.parametrize(("look", "said"), [(falls, "fell"), (hangs, "nothing came")])
def test_a_process_that_falls_or_hangs_is_told_and_none_is_left(
    look: Callable[[list[str], int], int], said: str
) -> None:
    before = set(active_children())
    with pytest.raises(Fallen, match=said):
        list(spread(begin, look, range(4), 2, patience=20))
    assert set(active_children()) <= before
