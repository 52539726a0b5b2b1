"""What can be reached, against brute force: small machines whose every situation is gone through by the engine itself.

The machines have two facts that people may change, forms, guards, branches and a deadline that fires: few enough
situations that all of them can be visited and every act tried in each, and so it is known from which of them no way
leads to the end. The brute force knows `decide` and `advance` alone, nothing of places, zones or certain ways.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from engine.commands import Actor, Decision, Fire, Register
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.task import OPEN, Family
from tests.engine.walks import ZONE, calendar
from tests.workflows.proofs import definition, only

CN = calendar()
MANY = 400 if os.environ.get("DUBAN_TORTURE") else 40
OFFICE, BEGAN = Actor("zhang", ("office",)), datetime(2022, 1, 4, 9, tzinfo=ZONE)
STATES = ("s0", "s1", "s2", "s3")
CONDITIONS = (
    *("task.a", "!task.a", "task.b", "!task.b", "task.a && !task.b", "task.a || task.b", "task.a == task.b"),
    *("form.x", "!form.x", "form.x && task.a", "form.x == task.b", "has(form.y)", "has(form.y) && form.y"),
)
FORM = {"x": {"type": "boolean", "required": True}, "y": {"type": "boolean"}}

pytestmark = pytest.mark.torture


def machine(rng: random.Random, *, timed: bool) -> dict[str, Any]:
    """A process of four states and an end; some have no way out, and some only by silence."""
    acts = [_act(rng, f"t{number}") for number in range(rng.randint(4, 8))]
    late = {"trigger": "lapse", "from": "any", "by": "system", "to": _branches(rng, form=False)}
    fires = {"missed": {"fire": "lapse"}} if rng.random() < 0.8 else {}
    owed = {"owed_by": "lead", "starts": {"enter": rng.choice(STATES[1:])}, "due": "5 days after start", "met_by": "t0"}
    fact = {"type": "boolean", "default": False}
    return {
        "fields": {"a": fact, "b": fact},
        "states": {**{name: {"initial": name == "s0"} for name in STATES}, "over": {"final": True}},
        "transitions": [*acts, *([late] if timed else [])],
        "deadlines": {"d": {**owed, **fires}} if timed else {},
        "properties": [{"name": "asked", "can_reach": "over"}],
    }


def _act(rng: random.Random, name: str) -> dict[str, Any]:
    act: dict[str, Any] = {
        "trigger": name,
        "from": rng.sample(STATES, rng.randint(1, 4)),
        "by": "office",
        "form": FORM,
        "to": _branches(rng, form=True),
    }
    if rng.random() < 0.4:
        act["when"] = rng.choice(CONDITIONS)
    if rng.random() < 0.5:
        act["set"] = {rng.choice("ab"): rng.choice(("form.x", "!task.a", "true"))}
    return act


def _branches(rng: random.Random, *, form: bool) -> list[dict[str, Any]]:
    conditions = [each for each in CONDITIONS if form or "form" not in each]
    guarded = [{"state": _target(rng), "when": rng.choice(conditions)}] if rng.random() < 0.4 else []
    return [*guarded, {"state": _target(rng), "otherwise": True}]


def _target(rng: random.Random) -> str:
    return rng.choice((*STATES[1:], *STATES[1:], "over", "stay"))


# -- brute force


Key = tuple[Any, ...]


@dataclass
class Everything:
    """Every situation that the engine comes to, and where each act leads from it."""

    edition: Edition
    timed: bool

    def __post_init__(self) -> None:
        self.leads: dict[Key, set[Key]] = {}
        waiting = list(self._registered())
        while waiting:
            family, now = waiting.pop()
            key = self._key(family)
            if key in self.leads:
                continue
            nexts = list(self._nexts(family, now))
            self.leads[key] = {self._key(each) for each, _ in nexts}
            waiting += nexts
        assert len(self.leads) < 400, "small enough to be gone through"

    def _registered(self) -> Iterator[tuple[Family, datetime]]:
        for a, b in product((False, True), repeat=2):
            made = decide(self.edition, CN, {}, Register("r", "", {"a": a, "b": b}, {}, OFFICE, BEGAN))
            assert isinstance(made, Decision), made
            yield made.family, BEGAN

    def _nexts(self, family: Family, now: datetime) -> Iterator[tuple[Family, datetime]]:
        """Whatever somebody does at once, and what comes where nobody does anything for a month."""
        for trigger in self.edition.sheets[""].transitions:
            for x, y in product((False, True), (None, False, True)):
                form = {"x": x, "y": y} if y is not None else {"x": x}
                done = decide(self.edition, CN, family, Fire("r", trigger, form, OFFICE, present(family, now)))
                if isinstance(done, Decision) and done.family:
                    yield done.family, now
        if self.timed and now < BEGAN + timedelta(days=3000):
            later = now + timedelta(days=31)
            yield advance(self.edition, CN, family, later).family, later

    def _key(self, family: Family) -> Key:
        task = family["r"]
        running = any(one["status"] in OPEN for one in task.deadlines.values())
        return task.state, bool(task.fields["a"]), bool(task.fields["b"]), running

    def trapped(self) -> set[Key]:
        """The situations from which nothing that anybody can do, or leave undone, leads to the end."""
        good = {key for key in self.leads if key[0] == "over"}
        while more := {key for key, leads in self.leads.items() if key not in good and leads & good}:
            good |= more
        return set(self.leads) - good


def machines(*, timed: bool) -> Iterator[tuple[int, Edition]]:
    for seed in range(MANY):
        yield seed, definition(**machine(random.Random(seed), timed=timed))


@pytest.mark.parametrize("timed", [False, True], ids=["acts alone", "with time"])
def test_what_can_be_reached_is_what_brute_force_reaches(timed: bool) -> None:
    """What is proved is trapped nowhere; what is refuted is trapped somewhere; and little stays unknown."""
    answers = Counter[str]()
    for seed, made in machines(timed=timed):
        proof, trapped = only(made, "asked"), Everything(made, timed).trapped()
        answers[proof.answer] += 1
        assert not (proof.answer == "proved" and trapped), (seed, trapped)
        assert not (proof.answer == "refuted" and not trapped), seed
    assert answers["proved"] >= MANY / 5
    assert answers["refuted"] >= MANY / 5
    assert answers["unknown"] <= MANY / 4


def test_brute_force_sees_the_traps_that_guards_make() -> None:
    """The check above can fail: of machines whose states all lead on where guards hold, some are traps all the same."""
    found = 0
    for _, made in machines(timed=False):
        dead = {name for name in STATES if not made.sheets[""].body.states[name].final and not _left(made, name)}
        found += any(key[0] not in dead for key in Everything(made, timed=False).trapped())
    assert found >= MANY / 10


def _left(made: Edition, name: str) -> bool:
    ways = [each for each in made.sheets[""].body.transitions if name in each.from_]
    return any(branch.state not in ("stay", name) for each in ways for branch in each.to)
