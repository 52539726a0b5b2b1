"""What is worked out once keeps nobody else waiting."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from engine.once import once, once_for
from tests.limits import later


@dataclass(frozen=True)
class Slow:
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[int] = field(default_factory=list)

    @once
    def answer(self) -> int:
        """What it comes to."""
        self.asked.append(1)
        assert self.go.wait(10)
        return 42


def test_it_is_worked_out_once_and_by_each_for_itself() -> None:
    one = Slow()
    one.go.set()
    assert (one.answer, one.answer, len(one.asked)) == (42, 42, 1)
    assert replace(one).answer == 42
    assert len(one.asked) == 2
    assert Slow.answer.__doc__ == "What it comes to."


def test_one_that_takes_long_keeps_no_other_waiting() -> None:
    slow, quick = Slow(), Slow()
    quick.go.set()
    waits = later(lambda: slow.answer)
    try:
        assert later(lambda: quick.answer).result(5) == 42
        assert not waits.done()
    finally:
        slow.go.set()
    assert waits.result(10) == 42


def test_a_function_of_an_object_works_once_for_each_object() -> None:
    """What is equal is not the same."""

    @dataclass(frozen=True)
    class Body:
        name: str

    worked = list[str]()

    @once_for
    def shouted(body: Body) -> str:
        worked.append(body.name)
        return body.name.upper()

    one, twin = Body("a"), Body("a")
    assert [shouted(one), shouted(one), shouted(twin), shouted(one)] == ["A"] * 4
    assert worked == ["a", "a"]
    assert one == twin, "what is kept is no part of it"
    assert replace(one, name="b") == Body("b")
    assert shouted(replace(one, name="b")) == "B"
