"""The tree over a million events: what appending costs, what a proof weighs, what a check takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pysqlite3 import dbapi2

from bench.figures import Budget, Figure
from bench.replays import live
from bench.scale import Scale
from engine.tree import Edge, Head, edge_root
from storage import open_store
from storage.log import SqlLog
from storage.sql_store import SqlStore
from workflows.audit.sealing.checking import check
from workflows.audit.sealing.checkpoints import Signer, checkpoint
from workflows.audit.sealing.proving import Proof, prove

T = TypeVar("T")
MICROS = 1e6

COPIED = """
INSERT INTO events (stream, seq, type, occurred_at, recorded_at, actor, edition, header, payload, salts, prev, hash)
SELECT stream || '-' || ?, seq, type, occurred_at, recorded_at, actor, edition, header, payload, salts, prev, hash
  FROM events WHERE instr(stream, '-') = 0
"""
WAITING = "INSERT INTO unsealed (recorded_at, stream, seq) SELECT recorded_at, stream, seq FROM events"


def measure(scale: Scale) -> list[Figure]:
    """Append, append to a second tree, prove, check."""
    file = scale.directory / "sealed.db"
    live(file, scale.seeds)
    count = _copied(file, scale.events)
    store = open_store(f"sqlite:///{file}")
    assert isinstance(store, SqlStore)
    log = SqlLog(store.engine)
    grown, took = _timed(log.grow)
    assert grown.appended == count, "every event is what was recorded"
    log.begin("sm3")
    _, beside = _timed(log.grow)
    _signed(log)
    stream = log.leaves(count // 2, count // 2 + 1)[0].stream
    proof, proving = _timed(lambda: prove(log, stream, 1))
    findings, checking = _timed(lambda: list(check(log, virtual=True)))
    assert isinstance(proof, Proof)
    assert not findings
    store.close()
    text = f"{count:,} events"
    return [
        Figure(f"into the tree, {text}, each", took / count * MICROS, "µs", Budget("≤", 25, "µs"), "of the processor"),
        Figure("into a second tree of SM3, each", beside / count * MICROS, "µs", None, "of the processor"),
        Figure(f"a proof among {text}", len(proof.to_text().encode()), "bytes", Budget("≤", 1500, "bytes"),
               f"made in {proving * 1e3:.1f} ms"),
        Figure(f"both trees of {text} checked", checking, "s", None, "of the processor"),
    ]  # fmt: skip


def _copied(file: Path, events: int) -> int:
    """As many events as are wanted, at least, under other streams' names; all of them wait."""
    connection = dbapi2.connect(str(file))
    connection.execute("DELETE FROM unsealed")
    connection.execute("UPDATE events SET stream = replace(stream, '-', '_')")
    (lived,) = connection.execute("SELECT count(*) FROM events").fetchone()
    for number in range(1, max(2, round(events / lived))):
        connection.execute(COPIED, (number,))
    connection.execute(WAITING)
    (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
    connection.commit()
    connection.close()
    return int(count)


def _signed(log: SqlLog) -> None:
    tree = log.trees()["sha256"]
    assert tree.edge != Edge()
    note = checkpoint(Head(tree.size, edge_root(tree.edge)), Signer("duban.example.org", bytes(32)))
    log.keep("sha256", tree.size, note)


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    """What it gave, and the processor's seconds."""
    start = time.process_time()
    return act(), time.process_time() - start
