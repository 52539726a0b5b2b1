"""Writers stand in line: in the order in which they came, without anything that a reader needs."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from storage import StoreBusy, open_store
from storage.line import Line
from storage.sql_store import SqlStore
from tests.limits import later
from tests.storage.stories import registered

WAITERS = 40


def until(line: Line, waiting: int) -> None:
    """So many stand in line."""
    end = time.monotonic() + 10
    while len(line._waiting) != waiting:
        assert time.monotonic() < end, "nobody came"
        time.sleep(0.001)


def test_who_came_first_is_first() -> None:
    line, order = Line(10), list[int]()

    def come(number: int) -> None:
        with line.turn():
            order.append(number)

    came = []
    with line.turn():
        for number in range(WAITERS):
            came.append(later(partial(come, number)))
            until(line, number + 1)
    for each in came:
        each.result(10)
    assert order == list(range(WAITERS))


def test_who_comes_again_and_again_does_not_keep_others_out() -> None:
    """The place is handed to who waits: a sweep of a hundred transactions lets a person in after one."""
    line = Line(10)
    with line.turn():
        person = later(lambda: line.turn().__enter__())
        until(line, 1)
    with pytest.raises(StoreBusy), line.turn(0):
        pass
    person.result(10)


def test_who_waits_too_long_is_told_and_holds_nobody_up() -> None:
    line = Line(0.01)
    with line.turn():
        with pytest.raises(StoreBusy), line.turn():
            pass
        assert not line._waiting
    with line.turn():
        pass


def test_what_fails_hands_on_all_the_same() -> None:
    line = Line(0.01)
    with pytest.raises(RuntimeError), line.turn():
        raise RuntimeError
    with line.turn():
        pass


def test_readers_never_wait_for_a_connection_that_writers_wait_with(tmp_path: Path) -> None:
    """Many want to write while one does: all the others read on, the one who writes too, by a connection of its own."""
    with closing(open_store(f"sqlite:///{tmp_path / 'duban.db'}", create=True)) as store:
        assert isinstance(store, SqlStore)
        registered(store, "t1")
        line = store.engine.get_execution_options()["line"]
        with store.work(["t1"]):
            written = [later(partial(store.set_note, f"n{number}", "1")) for number in range(WAITERS)]
            until(line, WAITERS)
            began = time.monotonic()
            with store.engine.connect() as mine, store.engine.connect() as more:
                assert mine is not more
                assert store.task("t1") is not None
            assert store.engine.pool.checkedout() == 1  # type: ignore[attr-defined]  # the pool of an engine for files
            assert time.monotonic() - began < 5
        for each in written:
            each.result(10)
        assert all(store.note(f"n{number}") == "1" for number in range(WAITERS))


def test_more_readers_than_a_pool_keeps_are_not_made_to_wait(tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'duban.db'}", create=True)) as store, ExitStack() as held:
        assert isinstance(store, SqlStore)
        for _ in range(WAITERS):
            held.enter_context(store.engine.connect())
        asked = threading.Thread(target=store.note, args=("n",), daemon=True)
        asked.start()
        asked.join(5)
        assert not asked.is_alive()
