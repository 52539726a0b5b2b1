"""A million events verified: the chains alone, and everything, as `duban verify` does it on all cores."""

from __future__ import annotations

import os
import time
from functools import partial

from bench.bulk import Seeds, multiply, rechained
from bench.figures import Budget, Figure
from bench.replays import live
from bench.scale import Scale
from bench.scenes import at, desk
from storage.evidence import open_evidence
from workflows.audit.verifying.running import Asked, Verified, verify


def measure(scale: Scale) -> list[Figure]:
    """Chains, and all of it. Raises where anything is found: what was lived is sound."""
    lived, path = scale.directory / "lived.db", scale.directory / "verified.db"
    each = live(lived, scale.seeds)
    desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True).store.close()
    multiply(path, [Seeds(lived, max(1, round(scale.events / each)))], events=True, whole=True)
    events = rechained(path, lived)
    found = [_figure(f"sqlite:///{path}", events, whole) for whole in (False, True)]
    path.unlink()
    return found


def _figure(url: str, events: int, whole: bool) -> Figure:  # noqa: FBT001 - which of the two
    start, before = time.perf_counter(), processor()
    run = _verified(url, whole)
    took, spent = time.perf_counter() - start, processor() - before
    if not run.sound or run.events < events:
        raise ValueError(f"{run.events} of {events} events, {[each.said('en') for each in run.findings[:3]]}")
    name = f"{'everything about' if whole else 'the chains of'} {events:,} events"
    limit = (90 if whole else 10) * max(events / 1e6, 0.0)
    note = f"{spent / events * 1e6:.0f} µs of the processor an event, {spent / took:.1f} processors"
    return Figure(name, took, "s", Budget("≤", round(limit, 2)), note)


def processor() -> float:
    """Seconds of the processor, of this process and of those that have ended."""
    return sum(os.times()[:4])


def _verified(url: str, whole: bool) -> Verified:  # noqa: FBT001 - which of the two
    return verify(partial(open_evidence, url), Asked("bench", whole, os.cpu_count() or 1))
