"""How far counting matters to guards: a count beyond that is told from no other by any of them."""

from __future__ import annotations

import pytest

from engine.proofs.counts import MOST, UNTOLD, counted, fewer, most_told
from engine.proofs.domains import Range, number
from engine.proofs.judging import Ranges
from tests.engine.stage import edition

CALL = "fired('send_back')"


def told(*guards: str) -> int:
    """How far `fired('send_back')` is told by these guards."""
    acts = [
        {"trigger": f"act_{n}", "from": "open", "by": "office", "to": "stay", "when": g} for n, g in enumerate(guards)
    ]
    made = edition(
        {
            "states": {"open": {"initial": True}, "shut": {"final": True}},
            "parameters": {"most": {"type": "integer", "value": 2}},
            "fields": {"level": {"type": "integer", "default": 0}},
            "transitions": [
                {"trigger": "send_back", "from": "open", "by": "office", "to": "stay"},
                {"trigger": "close", "from": "open", "by": "office", "to": "shut"},
                *acts,
            ],
        }
    )
    ranges = Ranges(made, made.sheets[""])
    return most_told(CALL, [ranges.tree(guard) for guard in guards], ranges)


@pytest.mark.parametrize(
    ("guard", "most"),
    [
        (f"{CALL} > 0", 1),
        (f"{CALL} == 0", 1),
        (f"{CALL} < 1", 1),
        (f"0 < {CALL}", 1),
        (f"{CALL} >= 2", 2),
        (f"{CALL} > 1", 2),
        (f"{CALL} == 1", 2),
        (f"{CALL} >= 1.5", 2),
        (f"{CALL} < 1.5", 2),
        (f"{CALL} <= param.most", 3),
        (f"{CALL} > 40", MOST),
        (f"{CALL} + fired('close') < 1", 1),
        (f"{CALL} - fired('close') < 1", UNTOLD),
        (f"{CALL} < task.level", UNTOLD),
        (f"!({CALL} > 0) || task.level > 3", 1),
        ("fired('close') > 5", 0),
    ],
)
def test_a_count_is_told_as_far_as_guards_compare_it(guard: str, most: int) -> None:
    assert told(guard) == most


def test_the_farthest_of_all_guards_counts() -> None:
    assert told(f"{CALL} > 0", f"{CALL} >= 3", "task.level > 7") == 3


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize("bound", [0, 1, 2, 3, 1.5])
def test_no_guard_tells_counts_beyond_it_apart(sign: str, bound: float) -> None:
    """Whatever is counted as the most comes to the same in the guard: no answer hangs on what was not counted."""
    most = told(f"{CALL} {sign} {bound}")
    beyond = {eval(f"{count} {sign} {bound}") for count in range(most, most + 5)}  # noqa: S307 - our own text
    assert len(beyond) == 1


def test_what_stands_at_the_most_may_be_more() -> None:
    assert counted(1, 2) == number(1)
    assert counted(2, 2) == Range((2.0, 0))
    assert counted(0, 0) == Range((0.0, 0)), "what is not counted may be anything"
    assert (fewer(1, 2), fewer(2, 2)) == ([0], [1, 2])
