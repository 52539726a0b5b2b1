"""Work dealt to processes: it comes back in order, and one that falls or hangs ends it with an error."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from multiprocessing import active_children, parent_process
from pathlib import Path
from threading import Event

import pytest

from commands.render import fallen
from commands.session import Session
from tests.test_reasons import english
from workflows.spread import Fallen, awaited, beside, spread

MANY = 3000
"""So many batches of a fiftieth of a second last longer than a process takes to start."""

Bench = list[str]


def begin(stack: ExitStack) -> Bench:
    """A bench that is closed with its stack."""
    bench = ["open"]
    stack.callback(bench.clear)
    return bench


def slowly(stack: ExitStack) -> Bench:
    time.sleep(60)
    return begin(stack)


def doubled(bench: Bench, number: int) -> int:
    assert bench == ["open"]
    return 2 * number


def wrong(_bench: Bench, number: int) -> int:
    raise LookupError(number)


def another(sign: Path) -> bool:
    """Whether this is another process than the test's own, which leaves it time until one is at work."""
    if parent_process() is not None:
        sign.touch()
        return True
    if not sign.exists():
        time.sleep(0.02)
    return False


def falls(sign: Path, bench: Bench, number: int) -> int:
    if another(sign):
        os._exit(1)
    return doubled(bench, number)


def hangs(sign: Path, bench: Bench, number: int) -> int:
    if another(sign):
        time.sleep(600)
    return doubled(bench, number)


def where(sign: Path, _bench: Bench, number: int) -> tuple[int, bool]:
    return number, another(sign)


@pytest.mark.parametrize("processes", [1, 2])
def test_each_batch_is_looked_at_and_comes_back_in_its_place(processes: int) -> None:
    assert list(spread(begin, doubled, range(5), processes)) == [0, 2, 4, 6, 8]


def test_others_work_too_once_they_are_there(tmp_path: Path) -> None:
    """And what they do comes back in its place."""
    found = list(spread(begin, partial(where, tmp_path / "sign"), range(MANY), 2))
    assert [number for number, _ in found] == list(range(MANY))
    assert {there for _, there in found} == {True, False}


def test_nobody_waits_for_a_process_that_was_not_needed() -> None:
    before, start = set(active_children()), time.monotonic()
    assert list(spread(slowly, doubled, range(2), 2, mine=["open"])) == [0, 2]
    assert time.monotonic() - start < 30
    assert set(active_children()) <= before


def manners(_bench: list[str], _number: int) -> tuple[int, int, bool]:
    return os.getpid(), os.nice(0), signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_work_aside_is_done_by_others_that_give_way_and_heed_no_terminal() -> None:
    found = list(spread(begin, manners, range(4), 1, aside=True))
    assert len(found) == 4
    for process, nice, deaf in found:
        assert process != os.getpid()
        assert nice > os.nice(0)
        assert deaf


@pytest.mark.parametrize(("look", "said"), [(falls, "fell"), (hangs, "nothing came")])
def test_a_process_aside_that_falls_or_hangs_is_told(
    tmp_path: Path, look: Callable[[Path, Bench, int], int], said: str
) -> None:
    before = set(active_children())
    with pytest.raises(Fallen, match=said) as told:
        list(spread(begin, partial(look, tmp_path / "sign"), range(4), 1, patience=20, aside=True))
    _in_both(told.value)
    assert set(active_children()) <= before


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_work_itself_says_is_said(processes: int) -> None:
    with pytest.raises(LookupError):
        list(spread(begin, wrong, range(2), processes))


@pytest.mark.parametrize(("look", "said"), [(falls, "fell"), (hangs, "nothing came")])
def test_a_process_that_falls_or_hangs_is_told_and_none_is_left(
    tmp_path: Path, look: Callable[[Path, Bench, int], int], said: str
) -> None:
    before = set(active_children())
    with pytest.raises(Fallen, match=said) as told:
        list(spread(begin, partial(look, tmp_path / "sign"), range(MANY), 2, patience=2))
    _in_both(told.value)
    assert set(active_children()) <= before


def test_what_is_done_beside_is_found_or_raised() -> None:
    assert awaited(beside(lambda: 7), 60) == 7
    with pytest.raises(ZeroDivisionError):
        awaited(beside(lambda: 1 // 0), 60)


def test_what_is_done_beside_and_does_not_come_is_told() -> None:
    held = Event()
    try:
        with pytest.raises(Fallen, match="nothing came") as told:
            awaited(beside(lambda: held.wait(60)), 0.2)
    finally:
        held.set()
    _in_both(told.value)


def fallen_itself(_bench: Bench, _number: int) -> int:
    raise Fallen("甲", "a process of its own fell")


def test_what_fell_in_another_process_is_told_in_both_languages() -> None:
    """It comes as it was raised there."""
    with pytest.raises(Fallen, match="of its own") as told:
        list(spread(begin, fallen_itself, range(1), 1, patience=60, aside=True))
    assert told.value.text == ("甲", "a process of its own fell")


def _in_both(told: Fallen) -> None:
    """What people read of it at the command line has one language in each sentence."""
    for lang in ("zh", "en"):
        said = fallen(Session("sqlite:///x", lang, "a", (), (), "a", json=False), told, "--resume").message
        assert told.text.in_(lang) in said
    assert not english(told.text.zh), told.text
    assert not re.search(r"[\u4e00-\u9fff]", told.text.en), told.text
