"""The statements of the transaction that everything rests on, written to be read, constant so that a driver prepares
them once.

They go to the driver's own cursor, and so does the transaction's beginning: SQLAlchemy keeps the connections, and
compiles the rarer questions of `reading.py`. A parameter is `?`. What differs between the two databases stands in
`SQLITE` and `POSTGRES` and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

NOW_SQLITE = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000"
NOW_POSTGRES = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"

LOCK = "SELECT id FROM tasks WHERE id {among} ORDER BY id FOR UPDATE"

AMONG = "{among}"
ROOT_OF = "= (SELECT root FROM tasks WHERE id = ?)"
"""Which family: of the roots that are named, or the one to which a task belongs; a task's root never changes."""

# One row at least: the clock is read even where no family exists yet. SQLite gives a snapshot as bytes: to make
# characters of them, and bytes again for who parses them, is a quarter of what reading it takes.
FAMILIES = """
SELECT clock.now, t.id, t.root, {snapshot}, t.version, t.last_hash, t.last_recorded_at, t.title, t.unit,
       t.span_from, t.span_known, t.span_seq, (SELECT value FROM notes WHERE name = 'calendars')
  FROM (SELECT {now} AS now) AS clock
  LEFT JOIN tasks t ON t.root {among} AND (NOT t.ended OR t.id = t.root)
"""

HEAD = """
SELECT version, last_hash, last_recorded_at, title, unit, span_from, span_known, span_seq FROM tasks WHERE id = ?
"""

EVENTS = """
INSERT INTO events (stream, seq, type, occurred_at, recorded_at, actor, edition, header, payload, salts, prev, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

UNSEALED = "INSERT INTO unsealed (recorded_at, stream, seq) VALUES (?, ?, ?)"

TASKS = """
INSERT INTO tasks (id, root, parent, part_of, process, kind, edition, state, signal, ended, version, title, unit,
                   snapshot, last_hash, last_recorded_at, span_from, span_known, span_seq, heading, due_at, late)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
  edition = excluded.edition, state = excluded.state, signal = excluded.signal, ended = excluded.ended,
  version = excluded.version, title = excluded.title, unit = excluded.unit, snapshot = excluded.snapshot,
  last_hash = excluded.last_hash, last_recorded_at = excluded.last_recorded_at,
  span_from = excluded.span_from, span_known = excluded.span_known, span_seq = excluded.span_seq,
  heading = excluded.heading, due_at = excluded.due_at, late = excluded.late
"""

DEADLINES = """
INSERT INTO deadlines (task, name, key, root, wake_at, who, status, due_at, last_day, provisional)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task, name, key) DO UPDATE SET
  wake_at = excluded.wake_at, who = excluded.who, status = excluded.status, due_at = excluded.due_at,
  last_day = excluded.last_day, provisional = excluded.provisional
"""

DEADLINES_OVER = "DELETE FROM deadlines WHERE task = ? AND name = ? AND key = ?"

BELIEVED = """
SELECT valid_from, known_from, valid_to, closed_at, state, signal, title, unit, ended, seq
  FROM spans WHERE task = ? AND known_to = ? AND valid_to > ?
"""

SPANS = """
INSERT INTO spans (task, valid_from, known_from, valid_to, known_to, closed_at, over_at,
                   state, signal, title, unit, ended, seq)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task, valid_from, known_from) DO UPDATE SET
  valid_to = excluded.valid_to, known_to = excluded.known_to,
  closed_at = excluded.closed_at, over_at = excluded.over_at,
  state = excluded.state, signal = excluded.signal, title = excluded.title, unit = excluded.unit,
  ended = excluded.ended, seq = excluded.seq
"""

SPANS_DROPPED = "DELETE FROM spans WHERE task = ? AND valid_from = ? AND known_from = ?"

JOINED = "INSERT INTO parties (task, unit) VALUES (?, ?) ON CONFLICT (task, unit) DO NOTHING"

LEFT = "DELETE FROM parties WHERE task = ? AND unit = ?"

FACETS = """
INSERT INTO facets (task, name, value) VALUES (?, ?, ?)
ON CONFLICT (task, name) DO UPDATE SET value = excluded.value
"""

FACETS_OVER = "DELETE FROM facets WHERE task = ? AND name = ?"

OUTBOX = "INSERT INTO outbox (task, seq, kind, name, body) VALUES (?, ?, ?, ?, ?)"

ANSWER = "SELECT request, answer FROM keys WHERE actor = ? AND key = ?"

REMEMBER = "INSERT INTO keys (actor, key, request, answer, answered_at) VALUES (?, ?, ?, ?, ?)"

NUMBER = """
INSERT INTO numbers (series, last) VALUES (?, 1)
ON CONFLICT (series) DO UPDATE SET last = numbers.last + 1 RETURNING last
"""

DUE = """
SELECT root FROM deadlines WHERE wake_at <= ? ORDER BY wake_at, root LIMIT ?
"""

STREAM = "SELECT header, payload, salts, prev, hash FROM events WHERE stream = ? ORDER BY seq"

# Not ordered here: asked for an order, SQLite walks the primary key and reads every span there is. Not asked for it by
# name, it reads each task's row, snapshot and all, although an index has all that is needed.
AS_OF = """
SELECT s.task, t.process, t.kind, s.state, s.signal, s.title, s.unit, t.part_of, s.ended
  FROM spans s JOIN tasks t {board} ON t.id = s.task
 WHERE s.over_at > ? AND s.valid_from <= ? AND s.known_from <= ? AND s.known_to > ?
   AND (s.valid_to > ? OR s.closed_at > ?)
"""


Among: TypeAlias = Callable[[Sequence[str] | Sequence[int]], Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The statements as one database says them."""

    mark: str
    """How its driver writes a parameter."""
    begin: str | None
    """How a writer begins; None where the driver does it with the first statement."""
    lock: str | None
    lock_of: str | None
    """Of named roots, and of the root of a task. None where beginning to write is itself the lock."""
    batch: Callable[[Any], AbstractContextManager[Any]]
    """In which a cursor sends statements without waiting for the answer to each. No COMMIT belongs there: psycopg,
    losing its server in a pipeline, does not always say so."""
    among: Among
    """Many ids as the one parameter of `{among}`."""
    families: str
    family_of: str
    head: str
    events: str
    unsealed: str
    tasks: str
    deadlines: str
    deadlines_over: str
    believed: str
    spans: str
    spans_dropped: str
    joined: str
    left: str
    facets: str
    facets_over: str
    outbox: str
    answer: str
    remember: str
    number: str
    due: str
    stream: str
    as_of: str
    now: str


def _dialect(
    *,
    mark: str,
    now: str,
    among: str,
    ids: Among,
    locks: bool,
    snapshot: str = "t.snapshot",
    board: str = "",
) -> Dialect:
    def said(statement: str) -> str:
        told = statement.replace("{among}", among).replace("{now}", now).replace("{snapshot}", snapshot)
        return told.replace("?", mark)

    return Dialect(
        mark=mark,
        begin=None if locks else "BEGIN IMMEDIATE",
        lock=said(LOCK) if locks else None,
        lock_of=said(LOCK.replace(AMONG, ROOT_OF)) if locks else None,
        batch=(lambda cursor: cursor.connection.pipeline()) if locks else nullcontext,
        among=ids,
        families=said(FAMILIES),
        family_of=said(FAMILIES.replace(AMONG, ROOT_OF)),
        head=said(HEAD),
        events=said(EVENTS),
        unsealed=said(UNSEALED),
        tasks=said(TASKS),
        deadlines=said(DEADLINES),
        deadlines_over=said(DEADLINES_OVER),
        believed=said(BELIEVED),
        spans=said(SPANS),
        spans_dropped=said(SPANS_DROPPED),
        joined=said(JOINED),
        left=said(LEFT),
        facets=said(FACETS),
        facets_over=said(FACETS_OVER),
        outbox=said(OUTBOX),
        answer=said(ANSWER),
        remember=said(REMEMBER),
        number=said(NUMBER),
        due=said(DUE),
        stream=said(STREAM),
        as_of=said(AS_OF).replace("{board} ", board),
        now=said(f"SELECT {now}"),
    )


SQLITE = _dialect(
    mark="?",
    now=NOW_SQLITE,
    among="IN (SELECT value FROM json_each(?))",
    ids=lambda ids: json.dumps(list(ids)),
    locks=False,
    snapshot="CAST(t.snapshot AS BLOB)",
    board="INDEXED BY tasks_board ",
)
POSTGRES = _dialect(mark="%s", now=NOW_POSTGRES, among="= ANY(?)", ids=list, locks=True)
