"""The compiled function of an expression against its arbiter, Google's library: one value, one error, one list of
operands, for every expression of every definition that is at hand and for such as nobody wrote.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.cel.compiled import Program, Undecided, left
from engine.cel.tree import walk
from engine.expressions import Evaluation, Expression, ExpressionError, Function, Kind, Language
from engine.loading import load

VARIABLES = {
    "n": Kind.NUMBER,
    "m": Kind.NUMBER,
    "t": Kind.TEXT,
    "u": Kind.TEXT,
    "day": Kind.DATE,
    "moment": Kind.INSTANT,
    "on": Kind.BOOLEAN,
    "who": Kind.TEXTS,
    "rows": Kind.ROWS,
    "limits": Kind.NUMBERS_BY,
    "words": Kind.TEXTS_BY,
}
FUNCTIONS = [
    Function("planned", (Kind.TEXT,), Kind.NUMBER),
    Function("fired", (Kind.NUMBER,), Kind.BOOLEAN),
    Function("people", (Kind.TEXT,), Kind.TEXTS),
    Function("add", (Kind.DATE, Kind.NUMBER, Kind.TEXT), Kind.DATE),
    Function("today", (), Kind.DATE),
    Function("latest", (Kind.TEXTS,), Kind.DATE),
]
LANGUAGE = Language(VARIABLES, FUNCTIONS)

NUMBERS = [0, -0.0, 1, 2.5, -3, 70.8, 1e308, -1e308, 2**53 + 1, 5e-324]
TEXTS = ["", "x", "2022-03", "2022-03-31", "2022-02-30", "督办", "𝟘", "\uffff", "it's", 'a"b\\n']
VALUES: Mapping[Kind, list[Any]] = {
    Kind.NUMBER: NUMBERS,
    Kind.TEXT: TEXTS,
    Kind.DATE: ["2022-03-31", "2024-02-29", "2022-02-30", ""],
    Kind.INSTANT: ["2022-03-31T16:00:00Z", "2022-03-31T16:00:00.000001Z", "2022-03-31"],
    Kind.BOOLEAN: [True, False],
    Kind.TEXTS: [[], ["x"], ["2022-03", "督办", "x"]],
    Kind.ROWS: [[], [{"a": 1, "b": None}], [{"a": "x"}, {"a": 2.5}]],
    Kind.NUMBERS_BY: [{}, {"x": 1, "2022-03": 70.8}],
    Kind.TEXTS_BY: [{}, {"x": "y", "": "2022-03-31"}],
}
UNFIT = ["text", 1, float("inf"), float("nan"), ["x", 1], {"x": None}, ValueError("no answer"), LookupError()]
"""What no field of that kind holds: the cause is told and nothing is decided by it."""


@dataclass
class Facts:
    """Facts that say what they are told to; a problem among them is raised."""

    values: Mapping[str, Any]
    calls: Mapping[str, Any] = field(default_factory=dict)
    unset: bool = False

    def value(self, name: str) -> Any:
        found = _said(self.values[name])
        if found is None:
            self.unset = True
        return found

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        return _said(self.calls.get(f"{name}{arguments!r}", self.calls.get(name)))


def _said(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


def program(expression: Expression) -> Program:
    """The expression for these facts."""
    functions = {name: partial(_call, name) for name in expression.calls}
    return expression.program(lambda name: lambda at: _said(at.values[name]), functions)


def _call(name: str, at: Facts, *arguments: Any) -> Any:
    return at.call(name, arguments)


def agree(expression: Expression, own: Program, values: Mapping[str, Any], calls: Mapping[str, Any]) -> Evaluation:
    """What the library says, which the compiled function has to say too."""
    asked, told = Facts(values, calls), Facts(values, calls)
    theirs, ours = expression.evaluate(asked), own.evaluate(told)
    assert _plain(ours) == _plain(theirs), expression.text
    assert told.unset == asked.unset
    assert _alone(own, Facts(values, calls)) == repr((theirs.value, theirs.error))
    return theirs


def _alone(own: Program, facts: Facts) -> str:
    try:
        return repr((own.value(facts), None))
    except Undecided as problem:
        return repr((None, str(problem)))


def _plain(found: Evaluation) -> str:
    """With the order of the operands, and -0.0 and 1 told from 0.0 and 1.0."""
    return repr((found.value, found.error, list(found.operands.items())))


# ---- what nobody wrote


def _facts(rng: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and answers; most of them fit, some are not there, a few are nonsense."""
    return (
        {name: _drawn(rng, kind) for name, kind in VARIABLES.items()},
        {each.name: _drawn(rng, each.result) for each in FUNCTIONS},
    )


def _drawn(rng: random.Random, kind: Kind) -> Any:
    found = rng.random()
    return rng.choice(UNFIT) if found < 0.03 else None if found < 0.15 else rng.choice(VALUES[kind])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


_LEAVES: Mapping[str, st.SearchStrategy[str]] = {
    "number": st.sampled_from(["n", "m", "0", "1", "-1", "2.5", "70.8", "1e308", "count(rows)", "count(who)"]),
    "date": st.sampled_from(["day", "day", "today()", "'2022-03-31'"]),
    "text": st.sampled_from(["t", "u", "day", "words['x']", *map(_quoted, TEXTS)]),
    "boolean": st.sampled_from(["on", "true", "false", "has(n)", "has(t)", "has(day)", "t in who", "'x' in who",
                                "'x' in limits", "rows.exists(r, r.a == 'x')", "moment > '2022-03-31T00:00:00Z'"]),
}  # fmt: skip
_SHAPES: Mapping[str, list[tuple[str, tuple[str, ...]]]] = {
    "number": [(f"({{}} {sign} {{}})", ("number", "number")) for sign in "+-*/"]
    + [
        ("(-{})", ("number",)),
        ("({} ? {} : {})", ("boolean", "number", "number")),
        ("planned({})", ("text",)),
        ("limits[{}]", ("text",)),
        ("count({})", ("text",)),
    ],
    "text": [
        ("({} + {})", ("text", "text")),
        ("({} ? {} : {})", ("boolean", "text", "text")),
        ("words[{}]", ("text",)),
        ("latest([{}, {}])", ("text", "text")),
    ],
    "date": [
        ("add({}, {}, {})", ("date", "number", "text")),
        ("({} ? {} : {})", ("boolean", "date", "date")),
        ("({} + '-01')", ("text",)),
    ],
    "boolean": [
        (f"({{}} {sign} {{}})", (kind, kind))
        for sign in ("==", "!=", "<", "<=", ">", ">=")
        for kind in ("number", "text")
    ]
    + [
        ("({} < {})", ("date", "date")),
        ("({} == {})", ("boolean", "boolean")),
        ("({} && {})", ("boolean", "boolean")),
        ("({} || {})", ("boolean", "boolean")),
        ("({} ? {} : {})", ("boolean", "boolean", "boolean")),
        ("(!{})", ("boolean",)),
        ("({} in [{}, {}])", ("number", "number", "number")),
        ("({} in [{}, {}])", ("text", "text", "text")),
        ("({} in people({}))", ("text", "text")),
        ("fired({})", ("number",)),
        ("{}.startsWith({})", ("text", "text")),
        ("{}.endsWith({})", ("text", "text")),
        ("{}.contains({})", ("text", "text")),
        ("{}.matches('^2')", ("text",)),
    ],
}


@st.composite
def _written(draw: st.DrawFn, kind: str, depth: int = 4) -> str:
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(_LEAVES[kind])
    shape, parts = draw(st.sampled_from(_SHAPES[kind]))
    return shape.format(*(draw(_written(part, depth - 1)) for part in parts))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["number", "text", "boolean", "date"]).flatmap(_written), st.integers(0, 2**32))
def test_both_agree_on_what_nobody_wrote(text: str, seed: int) -> None:
    try:
        expression = LANGUAGE.compile(text, None)
    except ExpressionError:
        reject()
    own, rng = program(expression), random.Random(seed)
    for _ in range(20):
        agree(expression, own, *_facts(rng))


@pytest.mark.parametrize(
    ("text", "values", "answer", "value"),
    [
        ("n / m", {"n": 1, "m": 0}, None, None),
        ("n < 1 || on", {"n": None, "on": True}, None, True),
        ("n < 1 && on", {"n": None, "on": False}, None, False),
        ("n * n", {"n": 1e308}, None, None),
        ("n * n > 1", {"n": 1e308}, None, True),
        ("n * n - n * n < 1", {"n": 1e308}, None, False),
        ("-n", {"n": 0}, None, 0.0),
        ("n == 9007199254740992", {"n": 2**53 + 1}, None, True),
        ("n", {"n": 10**400}, None, None),
        ("t == u", {"t": None, "u": None}, None, None),
        ("t < u", {"t": "\uffff", "u": "𝟘"}, None, True),
        ("count(t)", {"t": "𝟘督"}, None, 2.0),
        ("planned(t) > 1 && planned(t) > planned(u)", {"t": "x", "u": "x"}, 2, False),
        ("planned(t) > 1 || on", {"t": "x", "on": True}, ValueError("no answer"), True),
        ("planned(t) + n", {"t": "x", "n": None}, 2, None),
        ("limits[t]", {"t": "x", "limits": {}}, None, None),
        ("'' in limits || limits[t] > 1", {"t": "x", "limits": {"x": 2}}, None, True),
        ("n in [1, m]", {"n": 1, "m": None}, None, None),
    ],
)
def test_both_agree_at_the_edges(text: str, values: dict[str, Any], answer: Any, value: Any) -> None:
    expression = LANGUAGE.compile(text, None)
    assert repr(agree(expression, program(expression), values, {"planned": answer}).value) == repr(value)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 2), (2, 1)])
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!=", "-", "/", "+", "*"])
def test_each_operator_is_the_librarys_below_at_and_above(sign: str, one: int, other: int) -> None:
    expression = LANGUAGE.compile(f"n {sign} m", None)
    assert agree(expression, program(expression), {"n": one, "m": other}, {}).error is None
    if sign in "<=>=!=" or sign == "+":
        expression = LANGUAGE.compile(f"t {sign} u", None)
        assert agree(expression, program(expression), {"t": "ab"[:one], "u": "ab"[:other]}, {}).error is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("t.startsWith(u)", True),
        ("u.startsWith(t)", False),
        ("t.endsWith(u)", False),
        ("t.endsWith('c')", True),
        ("t.contains(u)", True),
        ("u.contains(t)", False),
        ("t in who", True),
        ("u in who", False),
        ("t in limits", True),
        ("count(who)", 2.0),
        ("count(t)", 3.0),
        ("on ? t : u", "abc"),
        ("!on ? t : u", "ab"),
        ("!(on && has(n))", True),
        ("!on && has(n) || on", True),
        ("(on ? 1 : 2) + 3", 4.0),
        ("m - (m - 1)", 1.0),
        ("m / (m / 2)", 2.0),
        ("-m * m", -9.0),
        ("planned(t) + planned(u)", 3.0),
        ("planned(t) - planned('abc')", 0.0),
        ("planned(t + '') > planned(u + '') && planned(t + '') == 2", True),
        ("(m < 4) == on", True),
        ("fired(count(who))", True),
        ("fired(count(u))", True),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, value: Any) -> None:
    """Each form by itself, with an answer that the other way round has not."""
    values = {"t": "abc", "u": "ab", "who": ["abc", "c"], "limits": {"abc": 1}, "on": True, "n": None, "m": 3}
    calls = {"planned('abc',)": 2, "planned('ab',)": 1, "fired(2.0,)": True, "fired": False}
    expression = LANGUAGE.compile(text, None)
    own = program(expression)
    assert own.run is not left
    found = agree(expression, own, values, calls)
    assert repr(found.value) == repr(value)


def test_no_function_is_asked_about_what_is_not_set() -> None:
    """It might have an answer; the library does not come so far."""
    expression = LANGUAGE.compile("latest(who) == '2022-03-31'", None)
    found = agree(expression, program(expression), {"who": None}, {"latest": "2022-03-31"})
    assert found.error == "`who` is not set"


@pytest.mark.parametrize(
    "literal",
    [
        r"\'); __import__(\'os\')._exit(7) #",
        r"{0}{n}%s",
        r"\"\"\"",
        r"\\",
        r"\n    return True",
        r"\u2028",
        r"\U0010ffff",
    ],
)
def test_what_stands_in_quotes_is_a_text_and_no_program(literal: str) -> None:
    for text in (f"t == '{literal}'", f"planned('{literal}') > n", f"'{literal}' + t", f"words['{literal}'] == t"):
        expression = LANGUAGE.compile(text, None)
        own = program(expression)
        assert own.run is not left
        (written,) = {each["value"] for each in walk(expression.root) if each["type"] == "text" and "value" in each}
        values = {"t": written, "n": 1, "words": {written: written}}
        assert agree(expression, own, values, {"planned": 2}).error is None


@pytest.mark.parametrize("expect", [Kind.DATE, Kind.INSTANT])
@pytest.mark.parametrize("text", ["day", "moment", "t + '-01'", "on ? '2022-03-31' : t + ''", "words[t] + ''"])
def test_a_text_that_is_no_time_is_an_error_to_both(text: str, expect: Kind) -> None:
    if {"day": Kind.INSTANT, "moment": Kind.DATE}.get(text) is expect:
        return
    if text.startswith("on") and expect is Kind.INSTANT:
        text = text.replace("2022-03-31", "2022-03-31T16:00:00Z")
    expression = LANGUAGE.compile(text, expect)
    own, rng, errors = program(expression), random.Random(text), set[bool]()
    for _ in range(100):
        values = {name: rng.choice([*VALUES[kind], None]) for name, kind in VARIABLES.items()}
        errors.add(agree(expression, own, values, {}).error is None)
    assert False in errors


# ---- what stands in definitions

FOLDERS = [Path(__file__).parents[2] / "definitions", Path(__file__).parents[1]]


def _definitions() -> list[Path]:
    files = (each for folder in FOLDERS for each in sorted(folder.rglob("*.yaml")))
    return [each for each in files if "\nstates:" in each.read_text(encoding="utf-8")]


def _expressions(path: Path) -> dict[str, Expression]:
    edition = load(path.read_text(encoding="utf-8"), path.name).edition
    sheets = edition.sheets.values() if edition else ()
    return {f"{sheet.kind}: {text}": each for sheet in sheets for text, each in sheet.expressions.items()}


@pytest.mark.parametrize("path", _definitions(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_both_agree_on_every_expression_of_a_definition(path: Path) -> None:
    rng = random.Random(path.name)
    for expression in _expressions(path).values():
        own = program(expression)
        nodes = [node for node in walk(expression.root) if node["node"] == "ident" and "kind" in node]
        kinds = {node["name"]: Kind(node["kind"]) for node in nodes}
        literals = expression.text.split("'")[1::2] or ["x"]
        for number in range(60):
            values = {name: rng.choice([*_of(kind, literals), *_rarely(number)]) for name, kind in kinds.items()}
            agree(
                expression, own, values, {name: _answer(rng, expression, name, literals) for name in expression.calls}
            )


def _of(kind: Kind, literals: list[str]) -> list[Any]:
    return [*VALUES[kind], *(literals if kind is Kind.TEXT else [])]


def _rarely(number: int) -> list[Any]:
    return [None] if number % 3 == 0 else UNFIT[:2] if number % 17 == 0 else []


def _answer(rng: random.Random, expression: Expression, name: str, literals: list[str]) -> Any:
    kind = next(Kind(node["kind"]) for node in walk(expression.root) if node.get("function") == name)
    return rng.choice([*_of(kind, literals), ValueError("no answer")])


@pytest.mark.parametrize("name", ["dalian-livelihood", "shanwei-key-tasks"])
def test_what_founding_definitions_say_is_compiled(name: str) -> None:
    """Else the comparison above is one of the library with itself."""
    found = _expressions(FOLDERS[0] / name / "process.yaml")
    uncompiled = [each for each in found.values() if program(each).run is left]
    assert {each.kind for each in uncompiled} <= {Kind.TEXTS, Kind.ROWS}, "lists as they stand"
    assert len(found) > 40


def test_the_library_is_not_asked_where_there_is_a_value() -> None:
    expression = LANGUAGE.compile("t == 'x' && n < planned(t) || has(day)", None)
    own = program(expression)

    def unasked(_facts: Any) -> Evaluation:
        raise AssertionError

    alone = Program(unasked, own.run, own.bare, own.names, own.variable, own.sorts)
    values = {"t": "x", "n": 1, "day": None}
    found = alone.evaluate(Facts(values, {"planned": 2}))
    assert found.value is True
    assert alone.value(Facts(values, {"planned": 2})) is True
    assert list(found.operands) == ["day", "has(day)", "n", "planned('x')", "t"]
    with pytest.raises(AssertionError):
        alone.evaluate(Facts({**values, "t": None}, {}))


@pytest.mark.parametrize("text", ["rows.exists(r, r.a == 1)", "t.matches('x')", "rows[0].a == 1", "who", "[n] == [m]"])
def test_what_is_not_compiled_is_left_to_the_library(text: str) -> None:
    expression = LANGUAGE.compile(text, None)
    own = program(expression)
    assert own.run is left
    agree(expression, own, {"rows": [{"a": 1}], "t": "x", "who": ["x"], "n": 1, "m": 2}, {})
