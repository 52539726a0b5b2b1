"""What a deadline answers to an act is worked out once for what it is at: the models that are explored are the same,
place by place, as if it were worked out each time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.edition import Edition
from engine.model import Deadline
from engine.proofs import reacting
from engine.proofs.building import Ground, Wish
from engine.proofs.explore import Edge, Graph
from tests.engine.walks import calendar, edition_of, random_process, text_of
from tests.workflows.proofs import DEFINITIONS, founding

CN = calendar()
FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")
EXAMPLES = sorted(f"examples/{each.name}" for each in (DEFINITIONS / "examples").iterdir() if each.is_dir())


def everything(edition: Edition, most: int) -> Iterator[Graph]:
    """What can be reached in each body, up to so many zones: with every deadline watched and what their own guards hang
    on kept, and with time looked at.
    """
    for kind, sheet in edition.sheets.items():
        ground = Ground.of(edition, CN, kind, most)
        rules = sheet.body.deadlines.values()
        guards = [
            text for rule in rules for text in (rule.when, *(way.when for way in rule.met_by)) if text is not None
        ]
        watched = Wish(guards=tuple(guards), also=tuple(sheet.body.deadlines))
        yield from (ground.explored(watched), ground.explored(replace(watched, timed=True)))


def told(graph: Graph) -> object:
    """A graph, to compare it with one of another model."""
    steps = [(node.place, node.zone, node.step) for node in graph.nodes]
    return steps, list[Edge](graph.edges), graph.stopped


def made(seed: int) -> Edition:
    return edition_of(text_of(random_process(random.Random(seed))))


def _alike(monkeypatch: pytest.MonkeyPatch, edition: Edition, guarded: Callable[[Deadline, str], bool]) -> bool:
    """Whether an edition is explored alike with another word on whose answers are kept."""
    kept = [told(graph) for graph in everything(edition, 300)]
    with monkeypatch.context() as patched:
        patched.setattr(reacting, "_guarded", guarded)
        return [told(graph) for graph in everything(edition, 300)] == kept


@pytest.mark.parametrize("seed", range(16))
def test_random_processes_are_explored_alike_with_nothing_kept(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    assert _alike(monkeypatch, made(seed), lambda *_: True)


@pytest.mark.parametrize("name", [*FOUNDING, *EXAMPLES])
def test_definitions_are_explored_alike_with_nothing_kept(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert _alike(monkeypatch, founding(name), lambda *_: True)


def test_answers_that_hang_on_a_guard_must_not_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison sees it where they are."""
    found = [_alike(monkeypatch, founding(name), lambda *_: False) for name in (*FOUNDING, *EXAMPLES)]
    assert not all(found)
