"""Streams that are no task's: what was done to people and rights (`organisation`), and each notice sent
(`post:<task>`).

Their events have the shape of tasks' events, word for word (`engine.chain`), so that one verifier reads all: `task`
names the stream, `cause` and `edition` are empty. Their types are their own, and so they are read here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text

from engine.chain import GENESIS, canonical, parsed, recorded_text, salt_bytes, salted, seal
from engine.events import Json, iso
from engine.lines import readable
from storage.instants import micros, moment_of
from storage.tables import events, unsealed
from workflows.people.values import Entry

ORGANISATION = "organisation"


def lock(connection: Connection, stream: str) -> None:
    """Be the only one to append to a stream (or to whatever else has a name) until the transaction ends. SQLite's
    writers are alone already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:stream))"), {"stream": stream})


def locked(connection: Connection, stream: str) -> bool:
    """The same without waiting: whether nobody else is."""
    if connection.dialect.name != "postgresql":
        return True
    asked = text("SELECT pg_try_advisory_xact_lock(hashtext(:stream))")
    return bool(connection.execute(asked, {"stream": stream}).scalar_one())


def append(
    connection: Connection, stream: str, kind: str, actor: str, payload: Mapping[str, Json], now: datetime
) -> str:
    """Chain an event onto a stream, in the transaction of `connection`; returns its name, `stream#seq`.

    What may tell of a person stands under one of the names in `engine.chain.APART`, each value on a line of its own, so
    that it can be erased with every proof intact.
    """
    lock(connection, stream)
    seq, prev, last = _head(connection, stream)
    recorded_at = max(micros(now), last)
    top, said = _header(stream, seq, kind, actor, moment_of(recorded_at)), recorded_text(payload)
    salts = salted(os.urandom(salt_bytes(said)))
    row = {"type": kind, "occurred_at": recorded_at, "recorded_at": recorded_at, "actor": actor, "edition": ""}
    proof = {"header": top, "payload": said, "salts": salts, "prev": prev, "hash": seal(prev, top, said, salts)}
    connection.execute(events.insert().values(stream=stream, seq=seq, **row, **proof))
    connection.execute(unsealed.insert().values(recorded_at=recorded_at, stream=stream, seq=seq))
    return f"{stream}#{seq}"


def _head(connection: Connection, stream: str) -> tuple[int, str, int]:
    """The next number, the hash to follow, and the instant before which nothing may be recorded."""
    columns = (events.c.seq, events.c.hash, events.c.recorded_at)
    last = connection.execute(
        select(*columns).where(events.c.stream == stream).order_by(events.c.seq.desc()).limit(1)
    ).first()
    return (1, GENESIS, 0) if last is None else (last[0] + 1, last[1], last[2])


def _header(stream: str, seq: int, kind: str, actor: str, at: datetime) -> str:
    told = {"v": 1, "type": kind, "task": stream, "seq": seq, "occurred_at": iso(at), "recorded_at": iso(at)}
    return canonical({**told, "due_at": None, "actor": actor, "cause": "", "edition": ""})


def read(connection: Connection, stream: str, after: int = 0) -> Sequence[Entry]:
    """The events of a stream, in order, from the one that follows `after`."""
    query = select(*_ENTRY).where(events.c.stream == stream, events.c.seq > after).order_by(events.c.seq)
    return [_entry(*row) for row in connection.execute(query)]


def read_back(
    connection: Connection, stream: str, most: int, *, before: int | None = None, actor: str = "", naming: str = ""
) -> Sequence[Entry]:
    """At most so many events of a stream, the latest first; see `workflows.ports.Store.chain_back`."""
    query = select(*_ENTRY).where(events.c.stream == stream).order_by(events.c.seq.desc()).limit(most)
    if before is not None:
        query = query.where(events.c.seq < before)
    if actor:
        query = query.where(events.c.actor == actor)
    if naming:
        query = query.where(events.c.payload.contains(naming, autoescape=True))
    return [_entry(*row) for row in connection.execute(query)]


_ENTRY = (events.c.seq, events.c.type, events.c.actor, events.c.recorded_at, events.c.payload, events.c.salts)


def _entry(seq: int, kind: str, actor: str, at: int, payload: str, salts: str) -> Entry:
    return Entry(seq, kind, actor, moment_of(at), parsed(readable(payload, salts)))
