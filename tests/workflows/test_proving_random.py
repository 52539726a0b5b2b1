"""Random definitions: what is proved is never broken by people who do anything at any time, and what is refuted is
broken by its own story. The walks know the engine alone, nothing of places, zones or claims.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from engine import dues
from engine.commands import TIME
from engine.edition import Edition
from engine.events import Event, EventType, instant
from engine.facts import Situation
from engine.proofs.building import Ground
from engine.proofs.claims import Claim, claims_of
from engine.proofs.verdicts import verdicts
from engine.terms import Term
from engine.turn import Turn
from tests.engine.walks import ZONE, Walk, calendar, edition_of, random_process, text_of
from tests.workflows.proofs import check
from workflows.authoring.proving import answered
from workflows.authoring.refuting.search import Search

CN = calendar()
ZONES = 800
"""Beyond so many the answer is unknown here: the checks are to be many, not deep."""


def random_claims(rng: random.Random, process: dict[str, Any]) -> list[dict[str, Any]]:
    """Claims of every shape about states, deadlines and history at random."""
    states = [name for name in process["states"] if name != "over"]
    some = rng.sample(states, rng.randint(1, len(states)))
    return [
        {"name": "state", "never": {"state": rng.choice([*states, "over"])}},
        {"name": "guard", "never": f"state == '{rng.choice(states)}' && task.n > {rng.randint(0, 4)}"},
        {"name": "runs", "never": f"state == '{rng.choice(states)}' && running('d0')"},
        {"name": "owed", "always": f"state != '{rng.choice(states)}' || missed('d0') == 0"},
        {"name": "fired", "never": f"state == '{rng.choice(states)}' && fired('t0') < 1"},
        {"name": "people", "never": {"state": "over"}, "when": "actor_of('t0') == actor_of('t1')"},
        {"name": "in time", "from": some, "reaches": [*rng.sample(states, 1), "over"], "within": _term(rng)},
        {"name": "starved", "no_starvation": True},
    ]


def _term(rng: random.Random) -> str:
    return rng.choice(["3 working days", "10 working days", "25 days", "2 months"])


@cache
def made(seed: int) -> Edition:
    rng = random.Random(seed)
    process = random_process(rng)
    if rng.random() < 0.5:  # what may be entered late, or taken back, hides much that would be proved
        process["transitions"] = [each for each in process["transitions"] if each["trigger"] != "correct"]
        del process["roles"]["office"]["backdate"]
    return edition_of(text_of({**process, "properties": random_claims(rng, process)}))


@cache
def proved_in(seed: int) -> Sequence[Claim]:
    """The claims on the process itself that are proved, and are about what a walk can see."""
    edition = made(seed)
    ground = Ground.of(edition, CN, "", ZONES)
    seen = [
        claim for claim in claims_of("", edition.sheets[""]) if claim.shape in ("never", "within", "final", "fires")
    ]
    return [claim for claim in seen if _is_proved(ground, claim)]


def _is_proved(ground: Ground, claim: Claim) -> bool:
    for number, verdict in enumerate(verdicts(ground, claim)):
        if verdict.answer == "proved":
            return True
        if number == 2 or verdict.zones > 600:
            return False
    return False


@pytest.mark.parametrize("seed", range(24))
def test_what_is_proved_is_never_broken_by_a_walk(seed: int) -> None:
    """People do anything at any time, enter it late, take it back; time runs punctually."""
    edition = made(seed)
    claims = proved_in(seed)
    for number in range(6):
        walk = Walk(edition, CN, random.Random(1000 * seed + number))
        for _ in range(40):
            walk.step()
            for claim in claims:
                if claim.shape == "never":
                    assert not holds(walk, claim), f"{claim.title.en}: seed {seed}, walk {number}"
        walk.pass_time(walk.now + timedelta(days=200))
        for claim in claims:
            assert not any(broken(walk, claim)), f"{claim.title.en}: seed {seed}, walk {number}"


def holds(walk: Walk, claim: Claim) -> bool:
    """Whether what is never so is so."""
    task = walk.family["r"]
    at = Situation(Turn(walk.edition, CN, TIME, walk.now, walk.now, family=dict(walk.family)), task)
    falses = [at.evaluate(text) for text in claim.fails]
    return (
        task.state in claim.states
        and all(at.evaluate(text).holds for text in claim.holds)
        and all(each.error is None and not each.holds for each in falses)
    )


def broken(walk: Walk, claim: Claim) -> Iterator[bool]:
    """Whether the events of a walk break a claim that is about what happens."""
    if claim.shape == "within":
        yield from _late(walk, claim)
    for event in walk.events:
        if claim.shape == "final" and event.type is EventType.TRIGGER_FIRED and event.task == "r" and event.due_at:
            yield event.payload["from"] in claim.states and event.payload["to"] not in claim.states
        if claim.shape == "fires" and event.type is EventType.TRIGGER_IGNORED:
            cause = next((other for other in walk.events if other.ref == event.cause), None)
            passed = cause is not None and cause.type in (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED)
            yield (
                passed
                and cause is not None
                and cause.payload["occurrence"]["name"] == claim.about
                and cause.task == "r"
            )


def _passed(event: Event, claim: Claim) -> bool:
    over = event.type in (EventType.DEADLINE_MISSED, EventType.DEADLINE_LAPSED) and event.task == "r"
    return over and event.payload["occurrence"]["name"] == claim.about


def _late(walk: Walk, claim: Claim) -> Iterator[bool]:
    waiting: datetime | None = None
    for moment, state in (*decisions(walk), (walk.now + timedelta(days=200), "")):
        if waiting is not None:
            due = dues.plan(CN, ZONE, waiting, [Term.parse(str(claim.term))]).due_at
            assert due is not None
            yield moment > due
        if state in claim.goals:
            waiting = None
        elif waiting is None and state in claim.states:
            waiting = moment.astimezone(ZONE)


def decisions(walk: Walk) -> Iterator[tuple[datetime, str]]:
    """The state after each decision, and the instant at which it was made."""
    last: tuple[datetime, str] | None = None
    for event in walk.events:
        if "command" in event.payload and last is not None:
            yield last
            last = None
        state = _state(event)
        if state is not None:
            last = _made_at(event, last), state
    if last is not None:
        yield last


def _made_at(event: Event, last: tuple[datetime, str] | None) -> datetime:
    command = event.payload.get("command")
    said = command["at"] if command else event.payload.get("now")
    return instant(str(said)) if said else max(event.occurred_at, last[0]) if last else event.occurred_at


def _state(event: Event) -> str | None:
    if event.task != "r":
        return None
    if event.type is EventType.TASK_REGISTERED:
        return str(event.payload["state"])
    return str(event.payload["to"]) if event.type in (EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED) else None


@pytest.mark.parametrize("seed", range(100, 108))
def test_what_is_refuted_is_broken_by_its_own_story(seed: int) -> None:
    """Whatever is refuted is saved as a scenario that runs on the same definition; something is, in most."""
    edition = made(seed)
    ground, search = Ground.of(edition, CN, "", ZONES), Search(edition, CN, most=25, tries=1200)
    answers = set()
    for claim in [claim for claim in claims_of("", edition.sheets[""]) if claim.own is not None]:
        proof = answered(search, ground, claim)
        answers.add(proof.answer)
        check(edition, proof)
    assert "refuted" in answers


def test_much_is_proved() -> None:
    """The check above is not empty: of each shape something is proved somewhere, and a term is."""
    proved = [claim for seed in range(24) for claim in proved_in(seed)]
    assert len(proved) >= 60
    assert {"never", "within", "final", "fires"} <= {claim.shape for claim in proved}


def test_the_walks_would_see_a_false_proof() -> None:
    """Claims that are plainly false are broken by some walk: the check can fail."""
    seen = 0
    for seed in range(12):
        edition = made(seed)
        false = [
            claim for claim in claims_of("", edition.sheets[""]) if claim.own is not None and claim.shape == "never"
        ]
        walk = Walk(edition, CN, random.Random(seed))
        for _ in range(30):
            walk.step()
            seen += sum(holds(walk, claim) for claim in false)
    assert seen > 10
