"""What an expression came to before is what it comes to now: remembering changes no value, no operand and no error."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.cel.known import LONGEST, MOST
from engine.expressions import Function, Kind, Language

LANGUAGE = Language(
    {"n": Kind.NUMBER, "m": Kind.NUMBER, "t": Kind.TEXT, "on": Kind.BOOLEAN, "who": Kind.TEXTS},
    [
        Function("planned", (Kind.TEXT,), Kind.NUMBER),
        Function("fired", (Kind.NUMBER,), Kind.BOOLEAN),
        Function("people", (Kind.TEXT,), Kind.TEXTS),
    ],
)
TEXTS = (
    "n > m",
    "n / m",
    "has(n) && n > 1",
    "on ? planned(t) : n",
    "planned(t) > planned('x') && fired(planned(t))",
    "fired(n) || fired(m)",
    "t in who",
    "t in people(t)",
    "t + '!'",
)


@dataclass
class Answers:
    """Facts that say what they are told to, and count what they are asked."""

    values: Mapping[str, Any]
    plans: Mapping[str, float]
    calls: list[str] = field(default_factory=list)

    def value(self, name: str) -> Any:
        return self.values[name]

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        self.calls.append(name)
        if name == "planned":
            return self.plans[arguments[0]]
        return arguments[0] > 1 if name == "fired" else ["x", "y"]


def _answers(rng: random.Random) -> Answers:
    values = {
        "n": rng.choice([None, 0, -0.0, 1, 2.5]),
        "m": rng.choice([0, 1, 2]),
        "t": rng.choice(["x", "y", "z", "", None]),
        "on": rng.choice([True, False]),
        "who": rng.choice([["x"], []]),
    }
    return Answers(values, {"x": rng.choice([0.0, 1.0, 2.0]), "y": rng.choice([0.0, -0.0, 3.0])})


@pytest.mark.parametrize("text", TEXTS)
def test_an_expression_that_remembers_answers_as_one_that_does_not(text: str) -> None:
    """Values, errors and operands, in their order; and the facts are asked the same, for they may have changed."""
    rng = random.Random(text)
    seasoned = LANGUAGE.compile(text, None)
    for _ in range(200):
        facts = _answers(rng)
        found, asked = seasoned.evaluate(facts), list(facts.calls)
        facts.calls.clear()
        fresh = LANGUAGE.compile(text, None).evaluate(facts)
        assert (found.value, found.error, list(found.operands.items())) == (
            fresh.value, fresh.error, list(fresh.operands.items())
        )  # fmt: skip
        assert type(found.value) is type(fresh.value)
        if fresh.error is None:
            assert asked == facts.calls


def test_what_is_remembered_has_a_bound() -> None:
    expression = LANGUAGE.compile("n > m", None)
    for number in range(MOST + 10):
        assert expression.evaluate(Answers({"n": number, "m": 5}, {})).value is (number > 5)
    assert expression._known._count == 10
    long = LANGUAGE.compile("t + '!'", None)
    for length in (LONGEST, LONGEST + 1):
        assert long.evaluate(Answers({"t": "x" * length}, {})).value == "x" * length + "!"
    assert long._known._count == 1


def test_an_outcome_is_remembered_once_and_found_again() -> None:
    expression = LANGUAGE.compile("planned(t) > planned('x')", None)
    for _ in range(3):
        assert expression.evaluate(Answers({"t": "y"}, {"x": 1.0, "y": 2.0})).value is True
    assert expression._known._count == 1


@pytest.mark.parametrize("text", ["people(t)", "t in people(t)"])
def test_lists_are_not_remembered_neither_as_outcome_nor_on_the_way(text: str) -> None:
    expression = LANGUAGE.compile(text, None)
    expression.evaluate(Answers({"t": "x"}, {}))
    assert expression._known._count == 0


@pytest.mark.parametrize(("length", "count"), [(LONGEST, 1), (LONGEST + 1, 0)])
def test_a_long_text_among_short_ones_is_not_remembered(length: int, count: int) -> None:
    expression = LANGUAGE.compile("on ? t : '!'", None)
    assert expression.evaluate(Answers({"on": True, "t": "x" * length}, {})).value == "x" * length
    assert expression._known._count == count
