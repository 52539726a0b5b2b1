"""A hundred thousand events packaged with their tree, and verified at home by the file that goes with the package."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from bench.bulk import Seeds, multiply, rechained
from bench.figures import Budget, Figure
from bench.replays import live
from bench.scale import Scale
from bench.scenes import at, desk, engine_of
from bench.verifying import processor
from engine.chain import canonical
from engine.tree import Edge, Head, append, edge_root
from storage.log import SqlLog
from storage.moment import moment
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.values import SEAL_KEYS
from workflows.packaging.bagged import Bag, Folder
from workflows.packaging.taking import VERIFIER, Taken, books, noted, written
from workflows.packaging.values import Scope

EACH = 100
"""Events after which the standing job signs a head."""

SHARE = 10
"""Of the events of other measurements, so many fewer: a package is of one office."""


def measure(scale: Scale) -> list[Figure]:
    """Both halves, and their sum against the budget. Raises where what was lived does not hold."""
    scale = replace(scale, events=scale.events // SHARE)
    database, package = _lived(scale), scale.directory / "package"
    start, before = time.perf_counter(), processor()
    taken = _packaged(database, package)
    packaged, between = time.perf_counter() - start, processor()
    start = time.perf_counter()
    call = [sys.executable, "-I", "-S", str(package / VERIFIER), "--lang", "en"]
    done = subprocess.run(call, capture_output=True, encoding="utf-8", check=False, timeout=600)  # noqa: S603 - our own
    verified, after = time.perf_counter() - start, processor()
    if done.returncode != 0:
        raise ValueError(done.stdout[-2000:] + done.stderr[-2000:])
    limit = round(60 * taken.events / 100_000, 2)
    size = f"{taken.bytes / 1e6:,.0f} MB; {between - before:.1f} s of the processor"
    outside = f"{taken.leaves // EACH:,} signatures; {after - between:.1f} s of the processor"
    return [
        Figure(f"a package of {taken.events:,} events taken", packaged, "s", None, size),
        Figure("the same verified outside, one process", verified, "s", None, outside),
        Figure("both together", packaged + verified, "s", Budget("≤", limit)),
    ]


def _lived(scale: Scale) -> Path:
    """A database of many events, as if it had been lived, and sealed."""
    lived, path = scale.directory / "lived-package.db", scale.directory / "packaged.db"
    each = live(lived, scale.seeds)
    desk(f"sqlite:///{path}", at("2022-02-10 09:00"), create=True).store.close()
    multiply(path, [Seeds(lived, max(1, round(scale.events / each)))], events=True, whole=True)
    rechained(path, lived)
    _sealed(path)
    return path


def _sealed(path: Path) -> None:
    """A tree over all events with a head each hundred, as an office's day makes it."""
    office = desk(f"sqlite:///{path}", at("2022-09-01 09:00"))
    engine = engine_of(office).engine
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM unsealed"))
        connection.execute(text("INSERT INTO unsealed SELECT recorded_at, stream, seq FROM events"))
    log, signer, edge = SqlLog(engine), Signer("duban.example.org", bytes(32)), Edge()
    size = edge.size + log.grow().appended
    while edge.size < size:
        more = log.leaves(edge.size, min(size, edge.size + EACH))
        edge = append(edge, [leaf.digest() for leaf in more])
        log.keep("sha256", edge.size, checkpoint(Head(edge.size, edge_root(edge)), signer))
    office.store.set_note(SEAL_KEYS, canonical({"sha256": str(signer.verifier)}))
    office.store.close()


def _packaged(database: Path, package: Path) -> Taken:
    office = desk(f"sqlite:///{database}", at("2022-09-01 09:00"))
    engine, known = engine_of(office).engine, books(office)
    ref = noted(office, "bench", Scope(), known)
    with moment(engine) as now:
        taken = written(office, now, Bag(Folder(package)), Scope(), known, ref, lambda _: None)
    office.store.close()
    return taken
