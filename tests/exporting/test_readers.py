"""What programs of others make of the exports of both demonstration years: pm4py and r4pm, in an environment of their
own. They read every form; the years fit the nets to the last trace; and what is planted they find, and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from commands.demo import FOUNDING
from engine.loading import load
from tests.exporting.test_exports import XES, duban

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.torture

Trace = ET.Element
Plant = Callable[[Trace], bool]
"""Changes a trace; whether there was anything to change."""


def told(element: Trace, key: str) -> str:
    """A text of a trace or an event."""
    return next((str(each.get("value")) for each in element.findall(f"{XES}string") if each.get("key") == key), "")


def moves(trace: Trace) -> list[Trace]:
    """The events that lead from one state to another; a change of such a one cannot go unnoticed."""
    found = [event for event in trace.findall(f"{XES}event") if told(event, "duban:edge")]
    return [event for event in found if _ends(event)[0] != _ends(event)[1]]


def _ends(event: Trace) -> tuple[str, str]:
    begins, _, ends = told(event, "duban:edge").split("|")
    return begins, ends


def _named(event: Trace, edge: str) -> None:
    (mine,) = (each for each in event.findall(f"{XES}string") if each.get("key") == "duban:edge")
    mine.set("value", edge)


def skipped(trace: Trace) -> bool:
    """A move in the middle never happened."""
    middle = moves(trace)[1:-1]
    if middle:
        trace.remove(middle[0])
    return bool(middle)


def foreign(trace: Trace) -> bool:
    """Something was done that no definition knows, between two moves; labels of that kind are ignored by a replay."""
    acts = moves(trace)[1:]
    if acts:
        strange = deepcopy(acts[0])
        begins, _ = _ends(acts[0])
        _named(strange, f"{begins}|celebrate|{begins}")
        trace.insert(list(trace).index(acts[0]), strange)
    return bool(acts)


def exchanged(trace: Trace) -> bool:
    """Two moves, one after the other, stand the other way round."""
    acts = moves(trace)[1:3]
    if len(acts) == 2:
        first, second = (list(trace).index(each) for each in acts)
        trace[first], trace[second] = trace[second], trace[first]
    return len(acts) == 2


def repeated(trace: Trace) -> bool:
    """A move was recorded twice."""
    acts = moves(trace)[1:]
    if acts:
        trace.insert(list(trace).index(acts[0]), deepcopy(acts[0]))
    return bool(acts)


def misled(trace: Trace) -> bool:
    """An act led where it cannot lead."""
    acts = moves(trace)[1:]
    if acts:
        begins, trigger, _ = told(acts[-1], "duban:edge").split("|")
        _named(acts[-1], f"{begins}|{trigger}|{begins}{begins}")
    return bool(acts)


def headless(trace: Trace) -> bool:
    """The task was never registered."""
    trace.remove(moves(trace)[0])
    return bool(moves(trace))


PLANTED: Sequence[Plant] = (skipped, foreign, exchanged, repeated, misled, headless)


def _planted(log: Path, body: str, plant: Plant) -> Iterator[tuple[str, bytes]]:
    """One deviation in the first task of a body with room for it, and one in its last: the task, and the log."""
    process, _, kind = body.partition(".")
    tree = ET.parse(log)  # noqa: S314 - our own file
    for last in (False, True):
        whole = deepcopy(tree.getroot())
        mine = [
            trace
            for trace in whole.findall(f"{XES}trace")
            if told(trace, "duban:edition").startswith(f"{process}@") and told(trace, "duban:kind") == kind
        ]
        done = next((trace for trace in (mine[::-1] if last else mine) if plant(trace)), None)
        if done is not None:
            yield told(done, "concept:name"), ET.tostring(whole)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, str]]:
    """What the readers say of both years whole, and where what was planted."""
    python = os.environ.get("DUBAN_ORACLE")
    if not python:
        pytest.skip("DUBAN_ORACLE names no Python with pm4py, r4pm and polars, which are never installed with Duban")
    folder = tmp_path_factory.mktemp("read")
    duban("demo", "--into", str(folder / "demo"))
    where = ("--db", f"sqlite:///{folder / 'demo' / 'duban.db'}", "--as", "auditor", "export", "--format")
    for form, name in {"xes": "log.xes", "ocel": "log.json", "ocel-sqlite": "log.sqlite"}.items():
        duban(*where, form, "--out", str(folder / name))
    for process in FOUNDING:
        _drawn(folder, process)
    asked = {}
    (folder / "planted").mkdir()
    for body in FOUNDING:
        for plant in PLANTED:
            for number, (task, log) in enumerate(_planted(folder / "log.xes", body, plant)):
                name = f"{body}~{plant.__name__}~{number}"
                (folder / "planted" / f"{name}.xes").write_bytes(log)
                asked[name] = task
    call = [python, str(Path(__file__).with_name("oracle.py")), str(folder)]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), asked


def _drawn(folder: Path, process: str) -> None:
    """The net and the picture of each body."""
    edition = load((ROOT / "definitions" / process / "process.yaml").read_bytes(), "process.yaml").edition
    assert edition is not None
    for kind in edition.sheets:
        for form in ("pnml", "bpmn"):
            out = folder / f"{f'{process}.{kind}'.replace('/', '.').removesuffix('.')}.{form}"
            body = ("--body", kind) if kind else ()
            duban("diagram", str(ROOT / "definitions" / process), "--format", form, *body, "--out", str(out))


def test_every_reader_finds_every_event_in_every_form(read: tuple[dict[str, Any], dict[str, str]]) -> None:
    """And all constraints of OCEL hold; the version of XES is a decimal to whoever asks for one."""
    said, _ = read
    assert set(said["events"]) == {said["events"][0]}
    assert said["events"][0] > 2_000
    assert float(said["xes version"])
    assert said["constraints broken"] == []


def test_both_years_fit_their_nets_to_the_last_trace(read: tuple[dict[str, Any], dict[str, str]]) -> None:
    """Tasks, children and programmes, by replay and by alignment; every net is a workflow net, and so drawn as BPMN."""
    bodies = read[0]["bodies"]
    assert {body: each["unfit"] for body, each in bodies.items()} == {body: [[], []] for body in bodies}
    assert all(each["workflow net"] and not each["missing in bpmn"] for each in bodies.values())
    assert all(each["tasks"] > 0 for each in bodies.values()), "no body of the years is without a task"
    assert {body.split(".")[0] for body in bodies} == set(FOUNDING)


def test_what_is_planted_is_found_and_nothing_else(read: tuple[dict[str, Any], dict[str, str]]) -> None:
    """Each kind of deviation, in the first and the last task with room for it, of both processes, by both readers."""
    said, asked = read
    assert {name.rsplit("~", 1)[0] for name in asked} == {f"{p}~{each.__name__}" for p in FOUNDING for each in PLANTED}
    assert said["planted"] == {name: [[task], [task]] for name, task in asked.items()}
