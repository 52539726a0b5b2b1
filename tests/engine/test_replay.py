"""Properties that hold for every definition: replay equals live, the same inputs give the same bytes, backtest
reproduces.
"""

from __future__ import annotations

import json
import os
import random

import pytest

from engine.chain import canonical
from engine.events import Event
from engine.task import Task, evolve, replay
from tests.engine.walks import Walk, calendar, edition_of, random_process, text_of
from workflows.authoring.backtest import backtest

MANY = 1000 if os.environ.get("DUBAN_TORTURE") else 100
CN = calendar()

pytestmark = pytest.mark.torture


def _stored(event: Event) -> Event:
    """An event as it comes back from a store: its payload has been text."""
    payload = json.loads(canonical(dict(event.payload)))
    return Event(
        event.type,
        event.task,
        event.seq,
        event.occurred_at,
        event.due_at,
        event.actor,
        event.cause,
        event.edition,
        payload,
    )


@pytest.mark.parametrize("seed", range(MANY))
def test_after_every_step_of_a_random_walk_the_replayed_task_is_the_live_one(seed: int) -> None:
    rng = random.Random(seed)
    walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
    replayed: dict[str, Task] = {}
    seen = 0
    for _ in range(25):
        for event in walk.events[seen:]:
            replayed[event.task] = evolve(replayed.get(event.task), _stored(event))
        seen = len(walk.events)
        assert replayed == dict(walk.family)
        reloaded = {name: Task.from_json(json.loads(canonical(task.to_json()))) for name, task in walk.family.items()}
        walk.family = reloaded
        walk.step()
    assert walk.events


@pytest.mark.parametrize("seed", range(20))
def test_an_edition_reproduces_its_own_history_byte_for_byte(seed: int) -> None:
    rng = random.Random(seed)
    walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
    for _ in range(25):
        walk.step()
    assert backtest(walk.edition, CN, [_stored(event) for event in walk.events]) is None


def test_a_changed_definition_diverges_from_the_history_of_another() -> None:
    rng = random.Random(1)
    process = random_process(rng)
    walk = Walk(edition_of(text_of(process)), CN, rng)
    for _ in range(25):
        walk.step()
    process["states"]["s0"], process["signals"] = process["states"]["s0"], [{"blue": True}]
    assert backtest(edition_of(text_of(process)), CN, walk.events) is not None


def test_random_walks_exercise_acts_refusals_misses_children_and_corrections() -> None:
    """The walks are no use if nothing happens on them."""
    kinds: set[str] = set()
    refusals = 0
    for seed in range(30):
        rng = random.Random(seed)
        walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
        for _ in range(25):
            walk.step()
        kinds |= {event.type.value for event in walk.events}
        refusals += walk.refusals
    wanted = {
        "TriggerFired",
        "DeadlineMissed",
        "DeadlineMet",
        "DeadlineReminded",
        "ChildOpened",
        "ChildEnded",
        "ActCorrected",
    }
    wanted |= {
        "DeadlinePaused",
        "DeadlineResumed",
        "DeadlineExtended",
        "DeadlineLapsed",
        "SignalChanged",
        "DeadlineSuperseded",
    }
    assert wanted <= kinds
    assert refusals > 50


def test_a_stream_that_lost_an_event_does_not_replay() -> None:
    rng = random.Random(3)
    walk = Walk(edition_of(text_of(random_process(rng))), CN, rng)
    for _ in range(10):
        walk.step()
    stream = [event for event in walk.events if event.task == "r"]
    with pytest.raises(Exception, match="does not follow"):
        replay([*stream[:2], *stream[3:]])
