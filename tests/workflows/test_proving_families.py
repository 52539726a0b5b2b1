"""Families: each body is proved alone, and what is proved of it is never broken by its whole family, parent and
children, who do anything at any time. The walks know the engine alone.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from engine.commands import TIME
from engine.edition import Edition
from engine.facts import Situation
from engine.proofs.building import Ground
from engine.proofs.claims import Claim, claims_of
from engine.proofs.verdicts import verdicts
from engine.task import Task
from engine.turn import Turn
from tests.engine.stage import edition
from tests.engine.walks import Walk, calendar
from tests.workflows.family_breaks import broken

CN = calendar()
ZONES = 600
STATES, KID = ["s0", "s1", "s2"], ["k0", "k1"]


def random_family(seed: int) -> Edition:
    """A parent and a kind of children that act upon each other: they tell, wait, stop, cancel, block and outlive."""
    rng = random.Random(seed)
    acts = [_act(rng, f"t{number}", STATES, "stay") for number in range(3)]
    acts[0] |= {"from": "any", "then": [{"open": "kid", "when": "open_children('kid') < 2"}]}
    acts[0]["to"] = "stay"
    acts.append({**_act(rng, "t3", STATES, "over"), "to": "over"})
    if rng.random() < 0.6:
        acts[1]["then"] = [{"fire": "stop", "on": "kid"}]
    told = [{**_act(rng, name, STATES, "over"), "by": ["system", "office"]} for name in ("told", "heard", "late")]
    rule: dict[str, Any] = {
        "owed_by": "lead",
        "while": rng.sample(STATES, 2),
        "due": "6 days after start",
        "met_by": "t2",
    }
    rule |= {"pause": {"while_open": "kid"}} if rng.random() < 0.5 else {}
    parent: dict[str, Any] = {
        "fields": {"unit": {"type": "unit", "required": True}},
        "roles": {"office": {}, "lead": {"unit": "task.unit"}},
        "states": {name: {"initial": name == "s0"} for name in STATES} | {"over": {"final": True}},
        "transitions": [*acts, *told],
        "deadlines": {"d0": {**rule, "missed": {"fire": "late"}}},
        "children": {"kid": _kid(rng)},
        "properties": _parents_claims(rng),
    }
    return edition(parent)


def _act(rng: random.Random, name: str, states: list[str], final: str) -> dict[str, Any]:
    start = rng.sample(states, rng.randint(1, len(states)))
    form = {"x": {"type": "integer"}, "y": {"type": "integer"}}  # what walks fill in
    return {"trigger": name, "from": start, "by": "office", "form": form, "to": rng.choice([*states, "stay", final])}


def _kid(rng: random.Random) -> dict[str, Any]:
    give, tell = _act(rng, "give", KID, "done"), _act(rng, "tell", KID, "done")
    tell["then"] = [{"fire": "told", "on": "parent"}]
    if rng.random() < 0.4:
        give["when"] = f"parent.state == '{rng.choice(STATES)}'"
    silence = {**_act(rng, "silence", KID, "done"), "by": ["system", "office"]}
    stop = {"trigger": "stop", "from": "any", "by": "system", "to": rng.choice(["k1", "done", "dropped"])}
    rule = {"open_to": "lead", "starts": "registered", "due": "4 days after start", "met_by": "give"}
    return {
        "cancelled": "dropped",
        "on_parent_end": rng.choice(["cancel", "keep", "block"]),
        "on_end": {"wait_for": rng.choice(["all", "any", 2]), "fire": "heard"},
        "states": {"k0": {"initial": True}, "k1": {}, "done": {"final": True}, "dropped": {"final": True}},
        "transitions": [give, tell, silence, stop],
        "deadlines": {"answer": {**rule, "lapsed": {"fire": "silence"}}},
        "properties": _childs_claims(rng),
    }


def _parents_claims(rng: random.Random) -> list[dict[str, Any]]:
    state, other = rng.choice(STATES), rng.choice(STATES)
    return [
        {"name": "ends alone", "never": "state == 'over' && open_children('kid') > 0"},
        {"name": "children", "never": f"state == '{state}' && open_children('kid') > 1"},
        {"name": "state", "never": {"state": rng.choice([*STATES, "over"])}},
        {"name": "heard", "never": f"state == '{state}' && fired('heard') > 0"},
        {"name": "told", "always": f"state != '{other}' || fired('told') == 0"},
        {"name": "runs", "never": f"state == '{state}' && running('d0')"},
        {"name": "owed", "never": f"state == '{other}' && missed('d0') > 0"},
        {"name": "in time", "from": state, "reaches": sorted({other, "over"} - {state}), "within": "8 days"},
    ]


def _childs_claims(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {"name": "ends with its parent", "never": "state == 'k0' && parent.state == 'over'"},
        {"name": "never there", "never": {"state": rng.choice([*KID, "done", "dropped"])}},
        {"name": "stopped", "never": f"state == '{rng.choice(KID)}' && fired('stop') > 0"},
        {"name": "lapses", "never": f"state == '{rng.choice(KID)}' && lapsed('answer') > 0"},
        {"name": "silent", "never": f"state == 'done' && fired('{rng.choice(['give', 'tell', 'silence'])}') > 0"},
        {"name": "answered", "from": "k0", "reaches": ["k1", "done", "dropped"], "within": "5 days"},
        {"name": "ended", "from": KID, "reaches": ["done", "dropped"], "within": "9 days"},
    ]


def proved(made: Edition, kind: str) -> list[Claim]:
    """What is proved of a body, but for what can be reached, which is no matter of one walk."""
    ground, found = Ground.of(made, CN, kind, ZONES), []
    for claim in claims_of(kind, made.sheets[kind]):
        last = next((each for each in verdicts(ground, claim) if each.answer != "open"), None)
        if last is not None and last.answer == "proved" and claim.shape not in ("reach", "consequence"):
            found.append(claim)
    return found


def members(walk: Walk, kind: str, known: dict[str, Task]) -> list[Task]:
    """The members of a kind; one that has ended is kept as it was last."""
    known |= walk.family
    return [task for task in known.values() if task.kind == kind]


def holds(walk: Walk, claim: Claim, task: Task, known: dict[str, Task]) -> bool:
    """Whether what is never so is so."""
    at = Situation(Turn(walk.edition, CN, TIME, walk.now, walk.now, family=dict(known)), task)
    falses = [at.evaluate(text) for text in claim.fails]
    truths = all(at.evaluate(text).holds for text in claim.holds)
    return task.state in claim.states and truths and all(not each.error and not each.holds for each in falses)


def breaks_of(made: Edition, claims: list[Claim], seed: int) -> set[str]:
    """The claims that one walk of the whole family breaks."""
    walk, known, found = Walk(made, CN, random.Random(seed)), dict[str, Task](), set[str]()
    for number in range(46):
        walk.step() if number < 45 else walk.pass_time(walk.now + timedelta(days=60))
        for claim in claims:
            if claim.shape == "never":
                told = members(walk, claim.kind, known)
                found |= {claim.title.en for task in told if holds(walk, claim, task, known)}
    return found | {claim.title.en for claim in claims if broken(walk, claim)}


@pytest.mark.parametrize("seed", range(16))
def test_what_is_proved_of_one_body_is_not_broken_by_its_family(seed: int) -> None:
    made = random_family(seed)
    claims = [*proved(made, ""), *proved(made, "kid")]
    assert claims
    for number in range(10):
        assert not breaks_of(made, claims, 1000 * seed + number), f"walk {number}"


def test_the_walks_would_see_a_false_proof() -> None:
    """What is not proved is broken by some walk, often: of the parent, and of its children."""
    found = {"": 0, "kid": 0}
    for seed in range(8):
        made = random_family(seed)
        for kind in found:
            claims = [each for each in claims_of(kind, made.sheets[kind]) if each.own is not None]
            found[kind] += len(breaks_of(made, claims, seed))
    assert min(found.values()) >= 6
