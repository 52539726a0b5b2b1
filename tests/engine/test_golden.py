"""What released versions recorded is read by this one: every stream replays to its task, and every chain holds."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from engine.chain import GENESIS, recorded_event, seal
from engine.events import Event
from engine.task import Task, replay

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/*.ndjson"))


def _streams(file: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        kept = json.loads(line)
        found[json.loads(kept["header"])["task"]].append(kept)
    return found


def _event(kept: dict[str, str]) -> Event:
    event, _ = recorded_event(kept["header"], kept["payload"], kept["salts"])
    return event


def test_every_release_has_golden_streams() -> None:
    assert {file.parent.name for file in GOLDEN} >= {"0.1.0"}


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_golden_stream_replays_to_its_task(file: Path) -> None:
    tasks = json.loads(file.with_suffix(".tasks.json").read_text(encoding="utf-8"))
    replayed = {name: replay(map(_event, stream)) for name, stream in _streams(file).items()}
    assert replayed == {task["id"]: Task.from_json(task) for task in tasks}


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_golden_chain_holds(file: Path) -> None:
    for stream in _streams(file).values():
        prev = GENESIS
        for kept in stream:
            assert kept["prev"] == prev
            prev = seal(prev, kept["header"], kept["payload"], kept["salts"])
            assert kept["hash"] == prev
