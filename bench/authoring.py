"""The author's bench: founding definitions are checked, proved and compared, a large one is proved, and a draft is
tried over a million recorded events; and the editor page while somebody writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import TypeVar

from bench import editor, large
from bench.bulk import Seeds, multiply
from bench.figures import Budget, Figure, median
from bench.replays import live
from bench.scale import Scale
from bench.scenes import PROCESS, at, definition, desk
from commands.backtests import opened
from engine.edition import Edition
from engine.loading import Loaded, load
from workflows.authoring.backtesting import Period
from workflows.authoring.checking import problems
from workflows.authoring.diff import compare
from workflows.authoring.proving import givens, prove
from workflows.authoring.refuting.search import Given
from workflows.authoring.trial_results import Result
from workflows.authoring.trials import Trial, families, run
from workflows.sources import calendar_named, definitions_folder

T = TypeVar("T")

FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")
CORES = 2
DRAFTED = (("value: 15 working days", "value: 10 working days"), ("< planned(form.month)", "<= planned(form.month)"))
"""What a draft of a founding definition changes: terms, and a guard."""


def measure(scale: Scale) -> list[Figure]:
    """Seconds of the processor."""
    found = [figure for name in FOUNDING for figure in _founding(scale, name)]
    return [*found, _large(scale), *editor.measure(scale), *_backtest(scale)]


def _founding(scale: Scale, name: str) -> list[Figure]:
    file = definitions_folder() / name / "process.yaml"
    text = file.read_text(encoding="utf-8")
    read = partial(_read, text)
    own = givens(file.parent, _edition(read()))
    checked, _ = _timed(scale, read, lambda loaded: problems(loaded, file))
    proved, (claims, zones) = _timed(scale, read, lambda loaded: _prove(_edition(loaded), own))
    other = _edition(_read(_changed(text)))
    compared, _ = _timed(scale, read, lambda loaded: compare(_edition(loaded), other))
    return [
        Figure(f"check of {name}", checked * 1e3, "ms", Budget("≤", 150), f"{len(text.splitlines()):,} lines"),
        Figure(f"prove of {name}", proved, "s", Budget("≤", 1), f"{claims} claims, {zones:,} zones"),
        Figure(f"diff of {name} and a draft", compared * 1e3, "ms", Budget("≤", 300)),
    ]


def _changed(text: str, changes: Sequence[tuple[str, str]] = DRAFTED) -> str:
    for old, new in changes:
        text = text.replace(old, new)
    return text


def _read(text: str) -> Loaded:
    return load(text, "process.yaml")


def _edition(loaded: Loaded) -> Edition:
    assert loaded.edition is not None, loaded.problems
    return loaded.edition


def _prove(edition: Edition, own: list[Given]) -> tuple[int, int]:
    """So many claims were answered, by so many zones."""
    proofs = list(prove(edition, calendar_named(edition.process.calendar), own))
    return len(proofs), sum(proof.zones for proof in proofs)


def _timed(scale: Scale, ready: Callable[[], Loaded], work: Callable[[Loaded], T]) -> tuple[float, T]:
    """The median of the runs, each on a text that was read anew, and what came of it; the first, which imports, is not
    among them.
    """
    took, found = [], work(ready())
    for _ in range(scale.runs):
        loaded = ready()
        start = time.process_time()
        found = work(loaded)
        took.append(time.process_time() - start)
    return median(took), found


def _large(scale: Scale) -> Figure:
    text = large.text()
    states, deadlines = (len(part) for part in (large.definition()["states"], large.definition()["deadlines"]))
    took, (claims, zones) = _timed(scale, partial(_read, text), lambda loaded: _prove(_edition(loaded), []))
    name = f"prove of a process with {states} states and {deadlines} deadlines"
    return Figure(name, took, "s", Budget("≤", 10), f"{claims} claims, {zones:,} zones")


# -- a backtest

TRIED: Mapping[str, tuple[Sequence[tuple[str, str]], Mapping[str, str]]] = {
    "another term": ((), {"lag_report_term": "3 working days"}),
    "another guard of each report": (DRAFTED[1:], {}),
    "another light": ((), {"lag_threshold": "1"}),
}
"""Drafts of the founding definition: one touches some tasks, one each task from its first report on, one everything."""


def _backtest(scale: Scale) -> list[Figure]:
    path, lived = scale.directory / "backtest.db", scale.directory / "backtest-seeds.db"
    live(lived, scale.seeds)
    copies = max(1, round(scale.events / _events(lived)))
    desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True).store.close()
    multiply(path, [Seeds(lived, copies)], events=True)
    found = [_figure(path, name, *draft) for name, draft in TRIED.items()]
    path.unlink()
    return found


def _figure(path: Path, name: str, changes: Sequence[tuple[str, str]], given: Mapping[str, str]) -> Figure:
    period = Period(datetime(1970, 1, 1, tzinfo=UTC), at("2022-08-05 09:00"))
    trial = Trial(_changed(definition(), changes), period, given)
    wall, before = time.perf_counter(), _processor()
    found = _tried(path, trial)
    wall, worked = time.perf_counter() - wall, _processor() - before
    note = (
        f"{len(found.differing):,} of {found.families:,} families differ, "
        f"{worked / found.events * 1e6:.0f} µs of a core each event; {wall:,.0f} s here"
    )
    said = f"backtest of {found.events:,} events, {name}: events a second on {CORES} cores"
    return Figure(said, found.events / worked * CORES, "", Budget("≥", 20_000), note)


def _events(path: Path) -> int:
    """The events of the tasks in a database."""
    office = desk(f"sqlite:///{path}", at("2022-08-05 09:00"))
    count = sum(len(list(office.store.events(task))) for family in families(office, PROCESS) for task in family)
    office.store.close()
    return count


def _tried(path: Path, trial: Trial) -> Result:
    url = f"sqlite:///{path}"
    with opened(url) as office:
        every = families(office, PROCESS)
    return run(partial(opened, url), trial, every, processes=CORES)


def _processor() -> float:
    """Seconds of the processor that this process and those that it began have taken."""
    used = [getrusage(which) for which in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
