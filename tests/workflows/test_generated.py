"""Definitions that hypothesis makes: a rehearsal says the same thing every time, and what the engine says; its picture
is drawn; and each refutation is a scenario that runs and shows what it claims.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.proofs.building import Ground
from engine.proofs.claims import Claim, claims_of
from engine.task import Family, Task, evolve
from tests.engine.walks import ZONE, calendar, edition_of, random_process, text_of
from tests.workflows.proofs import check
from workflows.authoring.grammar import Doer, Facts
from workflows.authoring.proving import answered
from workflows.authoring.refuting.search import Search
from workflows.authoring.rehearse import Rehearsal, rehearse
from workflows.authoring.reporting import report
from workflows.authoring.scenarios import parse
from workflows.authoring.story import Act, Registration, Story
from workflows.pictures.timeline import drawn
from workflows.sources import ListRow

CN = calendar()
FIRST, LAST = date(2022, 1, 4), date(2022, 12, 31)
ENTERED = datetime(2022, 1, 4, 9, tzinfo=ZONE)
ROW = ListRow(2, {"unit": "bureau"}, {})

chances = st.randoms(use_true_random=False)
some = settings(max_examples=20, suppress_health_check=list(HealthCheck))
few = settings(max_examples=4, suppress_health_check=list(HealthCheck))


def lived(made: Edition, rng: random.Random) -> tuple[Family, list[Act]]:
    """A family that lives by the engine alone until the end of the year, time run only where somebody acts; and the
    acts that were not refused.
    """
    office = Actor("office", ("office",))
    family = _after(decide(made, CN, {}, Register("random-01", "", ROW.fields, {}, office, ENTERED)))
    acts: list[Act] = []
    now = ENTERED
    for _ in range(rng.randint(0, 12)):
        now += timedelta(hours=rng.choice([1, 30, 200, 700]))
        if now.date() >= LAST:
            break
        family = advance(made, CN, family, now).family
        trigger, form = rng.choice(sorted(made.sheets[""].transitions)), {"x": rng.randint(0, 6)}
        role = rng.choice(["office", "lead"])
        actor = Actor(role, (role,), ("bureau",) if role == "lead" else ())
        given = form if trigger.startswith("t") else {}
        outcome = decide(made, CN, family, Fire("random-01", trigger, given, actor, present(family, now)))
        if not isinstance(outcome, Refusal):
            family = outcome.family
            acts.append(Act(at=f"{now:%Y-%m-%d %H:%M}", task=1, as_=Doer(role=role), do=trigger, with_=given))
    return advance(made, CN, family, datetime(2022, 12, 31, 23, 59, 59, 999999, ZONE)).family, acts


def _after(outcome: Decision | Refusal) -> Family:
    assert isinstance(outcome, Decision), outcome
    return outcome.family


def rehearsed(made: Edition, acts: Sequence[Act]) -> Rehearsal:
    plan = Registration(at="2022-01-04 09:00", as_=Doer(role="office"))
    story = Story(story="made", zh="生成", en="Made", register_=plan, steps=tuple(acts))
    return rehearse(made, CN, [ROW], story, since=FIRST, until=LAST)


def replayed(found: Rehearsal) -> dict[str, Task]:
    """The tasks to which the events add up once they have been written down and read again."""
    tasks: dict[str, Task] = {}
    for event in found.events:
        tasks[event.task] = evolve(tasks.get(event.task), event.under(found.edition.name))
    return tasks


@some
@given(chances)
def test_a_rehearsal_is_what_the_engine_says_and_says_it_again(rng: random.Random) -> None:
    """Time is run at each end of a month here, and only where somebody acts there: it comes to the same."""
    made = edition_of(text_of(random_process(rng)))
    family, acts = lived(made, rng)
    found, again = rehearsed(made, acts), rehearsed(made, acts)
    assert not found.stops
    assert found.events == again.events
    assert (report(found, "zh"), report(found, "en")) == (report(again, "zh"), report(again, "en"))
    tasks = replayed(found)
    for task in family.values():
        assert (tasks[task.id].state, tasks[task.id].signal) == (task.state, task.signal)
        assert tasks[task.id].fields == task.fields
        assert tasks[task.id].deadlines == task.deadlines
    assert found.board[LAST] == _lights(tasks["random-01"])


def _lights(task: Task) -> Counter[tuple[str, str]]:
    shown = [("state", task.state), *([("signal", task.signal)] if task.signal is not None else [])]
    return Counter(shown)


@some
@given(chances, st.sampled_from(["zh", "en"]))
def test_the_picture_of_a_rehearsal_is_drawn(rng: random.Random, lang: Any) -> None:
    """A picture with a lane for the task, of which every number is one."""
    made = edition_of(text_of(random_process(rng)))
    found = rehearsed(made, lived(made, rng)[1])
    text = drawn(made, found.events, FIRST, LAST, lang)
    root = ET.fromstring(text)  # noqa: S314  # of our own making
    assert root.tag.endswith("svg")
    numbers = [float(each.attrib[key]) for each in root.iter() for key in ("x", "y", "width") if key in each.attrib]
    assert numbers
    assert all(map(isfinite, numbers))
    assert text == drawn(made, found.events, FIRST, LAST, lang)


@few
@given(chances)
def test_each_refutation_is_a_scenario_that_shows_it(rng: random.Random) -> None:
    """It runs (`check`), and its last step says what the claim says is never so."""
    process = random_process(rng)
    state = rng.choice(sorted(process["states"]))
    process["properties"] = [
        {"name": "state", "never": {"state": state}},
        {"name": "counted", "always": f"task.n < {rng.randint(1, 4)}"},
        {"name": "in time", "from": "s0", "reaches": "over", "within": "9 working days"},
        {"name": "starved", "no_starvation": True},
    ]
    made = edition_of(text_of(process))
    search = Search(made, CN, most=12, tries=300)
    for kind in ("", "kid"):
        ground = Ground.of(made, CN, kind, 150)
        for claim in claims_of(kind, made.sheets[kind]):
            proof = answered(search, ground, claim)
            check(made, proof)
            if proof.answer == "refuted" and (kept := proof.scenario()) is not None:
                assert shows(proof.claim, kept[1]), kept[1]


def shows(claim: Claim, text: str) -> bool:
    """Whether the last step of a scenario says that the claim is broken."""
    steps = parse(text, "kept.yaml").scenarios[0].steps
    last: Any = steps[-1].expect
    seen: Facts = next(iter(last.on.values())) if last.on else last
    match claim.shape:
        case "never" | "reach":
            return seen.state in claim.states
        case "within":
            return seen.state not in claim.goals
        case "final":
            return seen.state not in claim.states
        case "fires" | "total":
            return any("TriggerIgnored" in step.expect.events or step.refused for step in steps)
    return "DeadlineSuperseded" in json.dumps(list(last.events))
