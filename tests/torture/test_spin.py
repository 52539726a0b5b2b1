"""SPIN, the model checker of Debian, as an oracle: small definitions are written down a second time in Promela, day by
day and without zones, from the words of `docs/language.md`; both have to agree on what is answered in time.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.proofs.building import Ground
from engine.proofs.claims import claims_of
from engine.proofs.verdicts import verdicts
from tests.engine.stage import edition
from tests.engine.walks import calendar
from tests.torture.stage import size

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(
        not (shutil.which("spin") and shutil.which("gcc")),
        reason="spin and gcc are not installed (Debian: `apt install spin`)",
    ),
]

MANY = size(20, 60)
Model = dict[str, Any]


def random_model(rng: random.Random) -> Model:
    """States, acts between them, two deadlines in days that fire something, and a claim with a term in days."""
    states = [f"s{number}" for number in range(rng.randint(2, 4))]
    acts = [_act(rng, f"t{number}", states) for number in range(rng.randint(1, 4))]
    fired = [
        {
            "trigger": f"late{number}",
            "from": rng.sample(states, rng.randint(1, len(states))),
            "to": rng.choice([*states, "over"]),
        }
        for number in range(2)
    ]
    deadlines = {f"d{number}": _deadline(rng, number, states, acts) for number in range(2)}
    origins = rng.sample(states, 1)
    goals = [*rng.sample([state for state in states if state not in origins], rng.randint(0, len(states) - 1)), "over"]
    claim = {"from": origins, "reaches": goals, "within": rng.randint(1, 14)}
    return {"states": [*states, "over"], "acts": acts, "fired": fired, "deadlines": deadlines, "claim": claim}


def _act(rng: random.Random, name: str, states: Sequence[str]) -> Mapping[str, Any]:
    return {"trigger": name, "from": rng.sample(states, rng.randint(1, len(states))), "to": rng.choice(list(states))}


def _deadline(
    rng: random.Random, number: int, states: Sequence[str], acts: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    rule: dict[str, Any] = {"days": rng.randint(0, 6), "fires": f"late{number}", "met_by": []}
    if rng.random() < 0.6:
        rule["while"] = rng.sample(states, rng.randint(1, len(states)))
    else:
        rule["starts"] = rng.choice(acts)["trigger"]
    if rng.random() < 0.4:
        rule["met_by"] = [rng.choice(acts)["trigger"]]
    return rule


# -- the definition


def definition(model: Model) -> Any:
    """The model as a definition."""
    states = {name: {"initial": name == "s0", "final": name == "over"} for name in model["states"]}
    acts = [{**act, "by": "office"} for act in model["acts"]] + [{**act, "by": "system"} for act in model["fired"]]
    deadlines = {}
    for name, rule in model["deadlines"].items():
        made: dict[str, Any] = {"owed_by": "lead", "due": f"{rule['days']} days after start", "met_by": rule["met_by"]}
        made |= {"while": rule["while"]} if "while" in rule else {"starts": rule["starts"]}
        deadlines[name] = {**made, "missed": {"fire": rule["fires"]}}
    claim = {"name": "asked", **model["claim"], "within": f"{model['claim']['within']} days"}
    return edition({"states": states, "transitions": acts, "deadlines": deadlines, "properties": [claim]})


def proved(model: Model) -> bool:
    """What zones say."""
    made = definition(model)
    ground = Ground.of(made, calendar("plain"), "")
    claim = next(claims_of("", made.sheets[""]))
    return any(verdict.answer == "proved" for verdict in verdicts(ground, claim))


# -- the same in Promela


def promela(model: Model) -> str:
    """Day by day: people act any number of times, then it is midnight and what is over passes, in any order."""
    ids = {name: number for number, name in enumerate(model["states"])}
    return "\n".join(_lines(model, ids)) + "\n"


def _lines(model: Model, ids: Mapping[str, int]) -> Iterator[str]:
    claim, deadlines = model["claim"], model["deadlines"]
    yield f"byte s = {ids['s0']}; byte old; int x = -1;"
    yield from (f"int {name} = -1;" for name in deadlines)
    in_ = {"origins": claim["from"], "goals": claim["reaches"]}
    origin, goal = ("(" + (" || ".join(f"s == {ids[name]}" for name in in_[each]) or "false") + ")" for each in in_)
    yield "inline ask() {"
    yield f"  if :: {goal} -> x = -1 :: else -> if :: (x < 0 && {origin}) -> x = 0 :: else -> skip fi fi"
    yield "}"
    for act in (*model["acts"], *model["fired"]):
        yield f"inline {act['trigger']}() {{ old = s; s = {ids[act['to']]};"
        for name, rule in deadlines.items():
            yield from _answer(name, rule, act["trigger"], ids)
        yield "  ask() }"
    yield "active proctype day() { d_step { ask();"
    for name, rule in deadlines.items():
        inside = _among("s", rule.get("while", ()), ids)
        yield f"  if :: {inside} -> {name} = 0 :: else -> skip fi;"
    yield "  } do"
    for act in model["acts"]:
        yield f"  :: d_step {{ {_among('s', act['from'], ids)} -> {act['trigger']}() }}"
    yield "  :: atomic { true;"  # an `else` at the head of an option would ask about the other options too
    for clock in (*deadlines, "x"):
        most = claim["within"] + 1 if clock == "x" else deadlines[clock]["days"] + 1
        yield f"    if :: ({clock} >= 0 && {clock} < {most}) -> {clock}++ :: else -> skip fi;"
    yield "    do"
    for name, rule in deadlines.items():
        fired = next(act for act in model["fired"] if act["trigger"] == rule["fires"])
        fires = f"if :: {_among('s', fired['from'], ids)} -> {fired['trigger']}() :: else -> skip fi"
        yield f"    :: ({name} > {rule['days']}) -> {name} = -1; {fires}"
    over = " && ".join(f"({name} <= {rule['days']})" for name, rule in deadlines.items())
    yield f"    :: ({over}) -> break"
    yield f"    od; assert(x <= {claim['within']}) }}"
    yield "  od }"


def _answer(name: str, rule: Mapping[str, Any], trigger: str, ids: Mapping[str, int]) -> Iterator[str]:
    """What a deadline does at a trigger: met, cancelled, started."""
    if trigger in rule["met_by"]:
        yield f"  {name} = -1;"
    if "while" in rule:
        was, now = _among("old", rule["while"], ids), _among("s", rule["while"], ids)
        yield f"  if :: ({now} && !{was}) -> {name} = 0 :: (!{now}) -> {name} = -1 :: else -> skip fi;"
    elif trigger == rule["starts"]:
        yield f"  {name} = 0;"
    yield f"  if :: (s == {ids['over']}) -> {name} = -1 :: else -> skip fi;"


def _among(variable: str, names: Sequence[str], ids: Mapping[str, int]) -> str:
    return "(" + (" || ".join(f"{variable} == {ids[name]}" for name in names) or "false") + ")"


def holds(model: Model, folder: Path) -> bool:
    """What SPIN says."""
    (folder / "model.pml").write_text(promela(model), encoding="utf-8")
    for command in (["spin", "-a", "model.pml"], ["gcc", "-O0", "-w", "-DSAFETY", "-o", "pan", "pan.c"]):
        subprocess.run(command, cwd=folder, check=True, timeout=300, capture_output=True)
    told = subprocess.run(
        ["./pan", "-m1000000"], cwd=folder, check=True, timeout=300, capture_output=True, text=True
    ).stdout
    assert "max search depth too small" not in told
    return "errors: 0" in told


def test_zones_and_spin_agree(tmp_path: Path) -> None:
    """Nothing is proved that SPIN breaks, and what SPIN cannot break is proved but for a few."""
    rng, both, missed = random.Random(20), 0, []
    for number in range(MANY):
        model, folder = random_model(rng), tmp_path / str(number)
        folder.mkdir()
        zones, spin = proved(model), holds(model, folder)
        assert spin or not zones, f"proved, and SPIN breaks it: {model}"
        both += zones and spin
        if spin and not zones:
            missed.append(model)
    assert both >= MANY // 10, "too few models hold: the comparison says little"
    assert len(missed) <= MANY // 20, missed
