"""A ledger that is kept up to date event by event holds what one made anew from the task holds."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from engine.ledger import Ledger, Ledgers
from engine.task import Occurrence, Task

STATUSES = ("running", "paused", "met", "met_late", "missed", "lapsed", "cancelled", "superseded")


def _occurrence(rng: random.Random, n: int, at: int) -> Occurrence:
    due_at = rng.choice([None, f"2022-{rng.randint(1, 12):02d}-01T00:00:00.000000Z"])
    made: dict[str, Any] = {
        "n": n,
        "name": rng.choice(["a", "b"]),
        "key": rng.choice(["1", "2", "3", "4"]),
        "status": rng.choice(STATUSES),
        "started_at": f"2021-01-01T00:00:{at:02d}.000000Z",
        "due_at": due_at,
        "remind": rng.choice([[], ["2022-02-01T00:00:00.000000Z"], ["2022-05-01T00:00:00.000000Z"] * 2]),
    }
    return made  # type: ignore[return-value]  # a TypedDict of which only these keys are asked


def _seen(ledger: Ledger) -> Any:
    names = ("a", "b", "c")
    return (
        [list(ledger.of(name)) for name in names],
        [list(ledger.open_of(name)) for name in names],
        ledger.first,
        sorted(ledger.waking.items()),
        sorted(ledger.open),
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_ledger_that_follows_events_is_the_ledger_of_the_task(seed: int) -> None:
    rng = random.Random(seed)
    deadlines: dict[str, Occurrence] = {}
    ledger = Ledger(deadlines)
    for at in range(30):
        changed = _occurrence(rng, rng.choice([at + 1, rng.randint(1, at + 1)]), at)
        deadlines = {**deadlines, f"{changed['name']}/{changed['key']}": changed}
        handed = [ledger.of(name) for name in "ab"], [ledger.open_of(name) for name in "ab"]
        as_it_was = copy.deepcopy(handed)
        ledger.follow(deadlines, changed)
        assert ledger.source is deadlines
        assert _seen(ledger) == _seen(Ledger(deadlines))
        assert handed == as_it_was, "whoever goes through occurrences may change one of them meanwhile"


@pytest.mark.parametrize(
    ("status", "due_at", "remind", "wakes_at"),
    [
        ("running", "2022-03", ["2022-02"], "2022-02"),
        ("running", "2022-03", ["2022-04"], "2022-03"),
        ("running", "2022-03", [], "2022-03"),
        ("paused", None, ["2022-02"], "2022-02"),
        ("paused", None, [], None),
        ("missed", "2022-03", ["2022-04"], "2022-04"),
        ("missed", "2022-03", [], None),
        ("met", "2022-03", ["2022-04"], None),
        ("cancelled", "2022-03", [], None),
    ],
)
def test_what_is_owed_wakes_and_what_is_over_does_not(
    status: str, due_at: str | None, remind: list[str], wakes_at: str | None
) -> None:
    made: Any = {
        "n": 1,
        "name": "a",
        "key": "1",
        "status": status,
        "started_at": "",
        "due_at": due_at,
        "remind": remind,
    }
    found = Ledger({"a/1": made}).waking
    assert found == ({} if wakes_at is None else {"a/1": (wakes_at, "a", "1")})


def _task(deadlines: dict[str, Occurrence]) -> Task:
    return Task("t", "t", None, None, "", "e@1", 1, "open", "", "", deadlines=deadlines)


def test_a_task_whose_deadlines_were_put_back_has_another_ledger() -> None:
    """A correction is no event of an occurrence, which a ledger could follow."""
    rng, ledgers = random.Random(1), Ledgers()
    one, two = _occurrence(rng, 1, 1), _occurrence(rng, 2, 2)
    before, after = _task({"a/1": one}), _task({"a/2": two})
    first = ledgers.of(before)
    assert ledgers.of(before) is first, "it is made once"
    assert _seen(ledgers.of(after)) == _seen(Ledger(after.deadlines))
    ledgers.follow(before, after, two)
    assert _seen(ledgers.of(after)) == _seen(Ledger(after.deadlines)), "what it does not know it does not follow"


def test_a_ledger_that_is_kept_follows_and_is_not_made_anew() -> None:
    rng, ledgers = random.Random(1), Ledgers()
    one, two = _occurrence(rng, 1, 1), _occurrence(rng, 2, 2)
    key = f"{two['name']}/{two['key']}"
    before = _task({f"{one['name']}/{one['key']}": one})
    after = _task({**before.deadlines, key: two})
    ledgers.of(before)
    ledgers.follow(before, after, two)
    assert ledgers._known["t"].source is after.deadlines
    assert _seen(ledgers.of(after)) == _seen(Ledger(after.deadlines))
