"""Each form of expression by the compiled function alone: where the library may be asked, a function that comes to
nothing would only be slow, and nobody would see it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from engine.cel.compiled import DEEPEST, Program, Undecided, compiled, left
from engine.expressions import Evaluation, Kind
from tests.engine.test_compiled import LANGUAGE, Facts, agree, program

VALUES: dict[str, Any] = {
    "n": 0.0,
    "m": 3,
    "t": "abc",
    "u": "",
    "on": False,
    "day": "2022-03-31",
    "moment": "2022-03-31T16:00:00Z",
    "who": ["abc", "c"],
    "rows": [{"a": 1}],
    "limits": {"abc": 2, "": 5},
    "words": {"abc": "x", "": "y"},
}
"""Values that Python takes for false are among them."""
ANSWERS: dict[str, Any] = {
    "planned('abc',)": 2,
    "planned('',)": 1,
    "planned": 9,
    "fired(0.0,)": True,
    "fired": False,
    "people": ["abc"],
    "today": "2022-04-01",
    "latest": "2022-04-02",
    "add('2022-03-31', 2.0, 'abc')": "2022-04-05",
    "add('2022-03-31', 2.0, 'days')": "2022-04-06",
    "add('2022-03-31', 9.0, '')": "2022-04-07",
    "add": "1999-01-01",
}


def unasked(_facts: Any) -> Evaluation:
    raise AssertionError("the library is asked")


@pytest.mark.parametrize(
    ("text", "value", "calls"),
    [
        ("n", 0.0, []),
        ("u", "", []),
        ("day", "2022-03-31", []),
        ("on", False, []),
        ("!on", True, []),
        ("on == false", True, []),
        ("(n == m) == on", True, []),
        ("(n != m) != on", True, []),
        ("n == 0 && u == '' && !on", True, []),
        ("on ? m : n", 0.0, []),
        ("-(n - m)", 3.0, []),
        ("m / (m - 1)", 1.5, []),
        ("m * m + n", 9.0, []),
        ("(m > n) == (t > u)", True, []),
        ("m >= 3 && m <= 3 && t >= u && u <= t", True, []),
        ("u + t + 'd'", "abcd", []),
        ("t.startsWith('a') && t.endsWith('c') && t.contains('b')", True, []),
        ("count(who) + count(t) + count(u)", 5.0, []),
        ("n in [1, m, 0]", True, []),
        ("m in [3, n] && t in [t, u]", True, []),
        ("n in [1, m]", False, []),
        ("(n in [1, m]) == on", True, []),
        ("t in [u, t]", True, []),
        ("t in who && !(u in who)", True, []),
        ("t in limits && t in words && !('x' in limits)", True, []),
        ("limits[t] - limits[u]", -3.0, []),
        ("words[t] + words[u]", "xy", []),
        ("has(n) && has(u) && has(on)", True, []),
        ("today() > day", True, ["today()"]),
        ("planned(t) - planned(u)", 1.0, ["planned('')", "planned('abc')"]),
        ("planned('abc') + 1", 3.0, ["planned('abc')"]),
        ("fired(0) && !fired(1)", True, ["fired(0)", "fired(1)"]),
        ("fired(n) && planned(t) == 2", True, ["fired(0)", "planned('abc')"]),
        ("t in people(u)", True, ["people('')"]),
        ("latest(who)", "2022-04-02", ["latest(['abc', 'c'])"]),
        ("add(day, planned(t), t)", "2022-04-05", ["add('2022-03-31', 2, 'abc')", "planned('abc')"]),
        ("add('2022-03-31', 2, 'days')", "2022-04-06", ["add('2022-03-31', 2, 'days')"]),
        ("add(day, m * m, u)", "2022-04-07", ["add('2022-03-31', 9, '')"]),
    ],
)
def test_each_form_is_answered_without_the_library(text: str, value: Any, calls: list[str]) -> None:
    """With the operands, and without them; and the library would say the same."""
    expression = LANGUAGE.compile(text, None)
    own = program(expression)
    alone = msgspec.structs.replace(own, arbiter=unasked)
    found = alone.evaluate(Facts(VALUES, ANSWERS))
    assert repr((found.value, found.error)) == repr((value, None))
    assert [label for label in found.operands if "(" in label and not label.startswith("has(")] == calls
    assert repr(alone.bare(Facts(VALUES, ANSWERS))) == repr(value)
    agree(expression, own, VALUES, ANSWERS)


@pytest.mark.parametrize(("expect", "text"), [(Kind.DATE, "t + '-01'"), (Kind.INSTANT, "t + '-01T00:00:00Z'")])
def test_a_text_put_together_is_a_time_where_it_is_one(expect: Kind, text: str) -> None:
    own = program(LANGUAGE.compile(text, expect))
    alone = msgspec.structs.replace(own, arbiter=unasked)
    assert str(alone.evaluate(Facts({**VALUES, "t": "2022-03"})).value).startswith("2022-03-01")
    assert str(alone.bare(Facts({**VALUES, "t": "2022-03"}))).startswith("2022-03-01")
    for wrong in ("2022-3", "2022-13", ""):
        with pytest.raises(AssertionError):
            alone.evaluate(Facts({**VALUES, "t": wrong}))
        with pytest.raises(Undecided):
            own.value(Facts({**VALUES, "t": wrong}))


@pytest.mark.parametrize("wrong", [1, 0, "true", None])
def test_what_is_no_truth_is_none(wrong: Any) -> None:
    """Also where Python would take it for one."""
    own = program(LANGUAGE.compile("on", None))
    with pytest.raises(Undecided):
        own.value(Facts({**VALUES, "on": wrong}))
    assert own.evaluate(Facts({**VALUES, "on": wrong})).error


def test_a_function_is_asked_once_for_the_same() -> None:
    asked = Counter[str]()

    class Counting(Facts):
        def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
            asked[f"{name}{arguments!r}"] += 1
            return super().call(name, arguments)

    own = program(LANGUAGE.compile("planned(t) + planned(t) + planned('abc') == 6", None))
    assert own.evaluate(Counting(VALUES, ANSWERS)).value is True
    assert asked == {"planned('abc',)": 1}


@pytest.mark.parametrize(("deep", "is_left"), [(DEEPEST - 1, False), (DEEPEST, False), (DEEPEST + 1, True)])
def test_a_tree_is_compiled_as_deep_as_python_reads_it_back(deep: int, is_left: bool) -> None:
    """The language bounds what people write before; a tree that came deeper all the same would end the process."""
    tree = LANGUAGE.compile("m", None).root
    for _ in range(deep):
        tree = {"node": "call", "function": "-_", "overload": "negate_double", "arguments": [tree], "type": "number"}
    found = compiled(tree, Kind.NUMBER, {"m": lambda at: at.value("m")}, {})
    assert (found is None) is is_left
    if found is not None:
        assert found[1](Facts({"m": 3.0})) == (-3.0 if deep % 2 else 3.0)


def test_a_function_that_nobody_answers_is_left_to_the_library() -> None:
    expression = LANGUAGE.compile("planned(t) > 1", None)
    own: Program = expression.program(lambda name: lambda at: at.value(name), {})
    assert own.run is left
    assert own.bare is left
