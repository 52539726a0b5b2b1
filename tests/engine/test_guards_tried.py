"""What is said of guards is tried against brute force: random guards, random facts, the engine's own evaluation."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.edition import Edition, Sheet
from engine.guards import Answer, Literal, questions
from engine.guards.quick import Quick
from engine.guards.trying import Found, comes_out
from tests.engine.stage import edition

NUMBERS = ["task.percent", "form.percent", "param.limit", "planned('2022-03')", "planned(form.month)", "task.visits"]
NUMBERS += ["fired('report')", "fired_since('report', 'close')", "measure.behind", "0", "10", "3", "count(task.units)"]
DAYS = ["task.due", "today", "form.day", "'2022-03-15'", "add(task.due, 2, 'days')", "month_end(form.month)"]
MONTHS = ["form.month", "this_month", "last_month", "'2022-03'", "month_of(today)"]
TEXTS = ["task.grade", "state", "'one'", "'open'", "task.unit", "actor_of('report')", "'x'"]
ATOMS = ["task.stopped", "has(task.due)", "has(form.day)", "running('d')", "'x' in task.units", "true"]
ATOMS += ["task.grade in ['one', 'x']", "measure.stuck", "task.due < today", "param.terms[task.grade] > 7"]
SETS = {"percent": "form.percent", "due": "form.day", "stopped": "true", "visits": "task.visits + 1"}
ORDERS, SAME = ["<", "<=", ">", ">=", "=="], ["==", "!="]


def number(draw: random.Random) -> str:
    if draw.random() < 0.25:
        return f"({draw.choice(NUMBERS)} {draw.choice('+-*/')} {draw.choice(NUMBERS)})"
    return draw.choice(NUMBERS)


def atom(draw: random.Random) -> str:
    kind = draw.randrange(5)
    if kind == 0:
        return f"{number(draw)} {draw.choice(ORDERS)} {number(draw)}"
    if kind == 1:
        return f"{draw.choice(DAYS[:3])} {draw.choice(ORDERS)} {draw.choice(DAYS)}"
    if kind == 2:
        return f"{draw.choice(MONTHS[:3])} {draw.choice(ORDERS)} {draw.choice(MONTHS)}"
    if kind == 3:
        return f"{draw.choice(TEXTS[:2])} {draw.choice(SAME)} {draw.choice(TEXTS)}"
    return draw.choice(ATOMS)


def guard(draw: random.Random, depth: int = 2) -> str:
    if depth == 0 or draw.random() < 0.3:
        return atom(draw)
    one, other = guard(draw, depth - 1), guard(draw, depth - 1)
    match draw.randrange(4):
        case 0:
            return f"({one} && {other})"
        case 1:
            return f"({one} || {other})"
        case 2:
            return f"!({one})"
        case _:
            return f"({atom(draw)} ? {one} : {other})"


def body(guards: list[str]) -> Edition:
    form = {
        "month": {"type": "month", "required": True},
        "percent": {"type": "percent", "required": True},
        "day": {"type": "date"},
    }
    branches = [{"state": "open", "when": each} for each in dict.fromkeys(guards)]
    report = {"trigger": "report", "from": "open", "by": "lead", "form": form}
    return edition(
        {
            "parameters": {
                "limit": {"type": "percent", "value": 10},
                "terms": {"type": "decimal", "values": {"one": 5, "two": 15}},
            },
            "fields": {
                "percent": {"type": "percent", "default": 0},
                "grade": {"type": "choice", "choices": {"one": {}, "two": {}}, "required": True},
                "unit": {"type": "text"},
                "due": {"type": "date"},
                "stopped": {"type": "boolean"},
                "visits": {"type": "integer", "default": 0, "minimum": 0},
                "units": {"type": "units"},
            },
            "milestones": {"zh": "节点", "en": "Nodes", "fields": {"planned": {"type": "percent"}}},
            "states": {"open": {"initial": True}, "closed": {"final": True}},
            "transitions": [
                {**report, "to": [*branches, {"state": "stay", "otherwise": True}]},
                {**report, "trigger": "change", "set": SETS, "to": "stay"},
                {"trigger": "close", "from": "open", "by": "office", "to": "closed"},
            ],
            "deadlines": {"d": {"owed_by": "lead", "starts": "registered", "due": "5 days after start"}},
            "measures": {
                "behind": {"value": "planned(last_month) - task.percent"},
                "stuck": {"type": "boolean", "value": "task.due < today && task.visits > 1"},
            },
        }
    )


@dataclass
class Point(Found):
    """Random facts that obey the vocabulary; what is asked is made up when it is asked, once."""

    draw: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        draw = self.draw
        day = draw.choice(["2022-02-28", "2022-03-01", "2022-03-14", "2022-03-15", "2022-04-30"])
        this = day[:7]
        fired = float(draw.randrange(3))
        self.values = {
            "task.percent": float(draw.choice([0, 3, 7, 10, 20, 100])),
            "task.grade": draw.choice(["one", "two"]),
            "task.unit": draw.choice([None, "x", "one", "y"]),
            "task.due": draw.choice([None, "2022-02-27", "2022-03-12", "2022-03-15", "2022-03-31"]),
            "task.stopped": draw.random() < 0.5,
            "task.visits": float(draw.randrange(4)),
            "task.units": draw.choice([[], ["x"], ["x", "y"], ["z"]]),
            "form.month": draw.choice(["2022-01", "2022-02", "2022-03", "2022-04"]),
            "form.percent": float(draw.choice([0, 3, 10, 50])),
            "form.day": draw.choice([None, "2022-03-15", "2022-03-17", "2022-02-28"]),
            "state": draw.choice(["open", "closed"]),
            "today": day,
            "this_month": this,
            "last_month": {"2022-02": "2022-01", "2022-03": "2022-02", "2022-04": "2022-03"}[this],
        }
        self.calls = {
            ("fired", ("report",)): fired,
            ("fired_since", ("report", "close")): float(draw.randint(0, int(fired))),
            ("actor_of", ("report",)): draw.choice(["x", "z"]) if fired else "",
            ("running", ("d",)): draw.random() < 0.5,
            **{("planned", (f"2022-0{month}",)): float(draw.choice([0, 3, 10, 60])) for month in range(1, 5)},
        }


def outcome(made: Edition, text: str, point: Found) -> bool | None:
    return comes_out(made, made.sheets[""], text, point)


def replayed(made: Edition, sheet: Sheet, answer: Answer, text: str) -> bool | None:
    """What a guard comes to for the words of a witness, read back from its labels."""
    facts = dict(answer.witness)
    values: dict[str, Any] = dict.fromkeys(("form.day", "task.due", "task.unit"))
    values |= {name: value for name, value in facts.items() if "(" not in name and " in " not in name}
    count = facts.get("count(task.units)")
    has = facts.get("'x' in task.units")
    members = ["x"] if has else []
    values["task.units"] = [*members, *(f"m{n}" for n in range(int(float(str(count or 0))) - len(members)))]
    calls = {
        ("fired", ("report",)): facts.get("fired('report')"),
        ("fired_since", ("report", "close")): facts.get("fired_since('report', 'close')"),
        ("actor_of", ("report",)): facts.get("actor_of('report')"),
        ("running", ("d",)): facts.get("running('d')"),
        ("planned", ("2022-03",)): facts.get("planned('2022-03')"),
    }
    for name in ("form.month", "last_month"):
        if f"planned({name})" in facts:
            calls["planned", (str(facts[name]),)] = facts[f"planned({name})"]
    return comes_out(made, sheet, text, Found(values, calls))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_nothing_that_happens_was_called_impossible(seed: int) -> None:
    """Facts under which guards come out so disprove `impossible` and `always`; each witness makes them come out so."""
    draw = random.Random(seed)
    texts = [guard(draw) for _ in range(3)]
    made = body(texts)
    sheet = made.sheets[""]
    guards = questions(made, sheet)
    points = [Point(draw=draw) for _ in range(80)]
    literals = [Literal(text, holds=draw.random() < 0.6) for text in texts]
    for wanted in (literals[:1], literals[:2], literals):
        answer = guards.possible(wanted, trigger="report")
        seen = any(all(outcome(made, each.text, point) is each.holds for each in wanted) for point in points)
        seen = seen or Quick(made, sheet).seen(wanted, ["open"], "report")
        assert not (seen and answer.impossible), (wanted, answer)
        if answer.possible:
            assert answer.certain
            for each in wanted:
                assert replayed(made, sheet, answer, each.text) is each.holds, (each, answer)
    broken = [point for point in points if outcome(made, texts[0], point) is not True]
    assert not (guards.always(texts[0], trigger="report") and broken)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_what_follows_a_transition_is_among_the_cubes(seed: int) -> None:
    """A record that is changed by a transition lies in one of the cubes that were said to follow its own."""
    draw = random.Random(seed)
    texts = [guard(draw), guard(draw)]
    chosen = {name: text for name, text in SETS.items() if draw.random() < 0.5}
    made = body(texts)
    guards = questions(made, made.sheets[""])
    atoms = guards.atoms(texts)
    apart = {text: body([text]) for text in atoms}

    def cube(point: Point) -> dict[str, bool]:
        return {text: outcome(apart[text], text, point) is True for text in atoms}

    for _ in range(10):
        point = Point(draw=draw)
        before, came = cube(point), outcome(made, texts[0], point)
        when = [] if came is None else [Literal(texts[0], holds=came)]
        following = guards.after(before, when, chosen, atoms, trigger="change")
        fresh = {
            "percent": point.values["form.percent"],
            "due": point.values["form.day"],
            "stopped": True,
            "visits": point.values["task.visits"] + 1,
        }
        point.values |= {f"task.{name}": fresh[name] for name in chosen}
        assert cube(point) in following
