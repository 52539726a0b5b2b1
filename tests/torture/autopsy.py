"""Is everything in a database of one piece? Read behind the store's back and computed anew from the events.

Of each stream: numbers without a gap, the chain from the first event on, times that do not go back, columns that say
what the header says. Of a task's stream, moreover: its row and snapshot, its deadlines, the believed board and the
outbox must each be what the events add up to, and every remembered answer must speak of events that exist. `examine`
answers with sentences; none of them means sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.chain import GENESIS, canonical, recorded_event, seal
from engine.events import Event, instant
from engine.task import Task, evolve
from engine.wakes import SIGNAL, wakes
from storage.instants import FOREVER, micros
from storage.rows import owed, snapshot
from tests.torture.stage import Wish, book
from workflows.changes import parcels
from workflows.ports import CALENDARS, EDITIONS

EVENTS = """
SELECT stream, seq, type, occurred_at, recorded_at, actor, edition, header, payload, salts, prev, hash
  FROM events ORDER BY stream, seq
"""
TASKS = """
SELECT id, state, signal, ended, version, snapshot, last_hash, last_recorded_at, root, span_from, span_known, span_seq
  FROM tasks ORDER BY id
"""
DEADLINES = "SELECT task, name, key, wake_at, who, status, due_at, last_day, provisional, root FROM deadlines"
BELIEVED = f"""
SELECT task, valid_from, valid_to, state, signal, ended, known_from, seq
  FROM spans WHERE known_to = {FOREVER} ORDER BY task, valid_from
"""  # noqa: S608  # a constant
OUTBOX = "SELECT task, seq, kind, name, body FROM outbox ORDER BY id"
KEYS = "SELECT actor, key, answer FROM keys"

OTHERS = {EDITIONS, CALENDARS}
"""Streams that are chained as a task's is and add up to no task."""

Rows = Sequence[Sequence[Any]]


class Life:
    """One stream, lived again: the task it adds up to, its events, and what is wrong with it."""

    def __init__(self, rows: Rows) -> None:
        self.task: Task | None = None
        self.events: list[Event] = []
        self.board: list[tuple[int, str, str | None, bool]] = []
        self.wrong: list[str] = []
        self.seq, self.hash, self.recorded_at = 0, GENESIS, 0
        for row in rows:
            self._live(row)

    def _live(self, row: Sequence[Any]) -> None:
        stream, seq, *columns, header, payload, salts, prev, seal = row
        told, recorded_at, ref = json.loads(header), columns[2], f"{stream}#{seq}"
        if (told["task"], told["seq"], seq) != (stream, self.seq + 1, self.seq + 1):
            self.wrong.append(f"{ref} stands where #{self.seq + 1} should")
            return
        if columns != _columns(told):
            self.wrong.append(f"{ref}: the columns differ from the header")
        if prev != self.hash or _sealed(prev, header, payload, salts) != seal:
            self.wrong.append(f"{ref}: the chain is broken")
        if recorded_at < self.recorded_at:
            self.wrong.append(f"{ref} was recorded before its forerunner")
        self.seq, self.hash, self.recorded_at = seq, seal, recorded_at
        if stream not in OTHERS:
            self._evolve(recorded_event(header, payload, salts)[0])

    def _evolve(self, event: Event) -> None:
        self.task = evolve(self.task, event)
        self.events.append(event)
        self._paint(micros(event.occurred_at))

    def _paint(self, at: int) -> None:
        """The board as events in their order leave it; of one instant the last counts."""
        assert self.task is not None
        while self.board and self.board[-1][0] >= at:
            self.board.pop()
        face = (self.task.state, self.task.signal, self.task.ended)
        if not self.board or self.board[-1][1:] != face:
            self.board.append((at, *face))


def _columns(told: dict[str, Any]) -> list[Any]:
    occurred_at, recorded_at = (micros(datetime.fromisoformat(told[each])) for each in ("occurred_at", "recorded_at"))
    return [told["type"], occurred_at, recorded_at, told["actor"], told["edition"]]


def _sealed(prev: str, header: str, payload: str, salts: str) -> str:
    try:
        return seal(prev, header, payload, salts)
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _life(rows: tuple[tuple[Any, ...], ...]) -> Life:
    """Streams that are equal in many images of one database are lived once."""
    return Life(rows)


def _by_first(rows: Rows) -> dict[str, tuple[tuple[Any, ...], ...]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(tuple(row))
    return {name: tuple(mine) for name, mine in found.items()}


def lives(ask: Wish) -> dict[str, Life]:
    """All streams by name."""
    return {name: _life(rows) for name, rows in _by_first(ask(EVENTS)).items()}


def examine(ask: Wish) -> list[str]:
    """Everything that is wrong with a database."""
    found = lives(ask)
    tasks, deadlines, spans = (_by_first(ask(said)) for said in (TASKS, DEADLINES, BELIEVED))
    wrong = [fault for life in found.values() for fault in life.wrong]
    for name in sorted({*found, *tasks, *deadlines, *spans} - OTHERS, key=str):  # a damaged row may have none
        life = found.get(name)
        if life is None or life.task is None:
            wrong.append(f"{name} stands in a table and has no event")
        elif name not in tasks:
            wrong.append(f"{name} has events and no row")
        else:
            wrong += _task(life, life.task, tasks[name][0])
            wrong += _deadlines(life.task, deadlines.get(name, ()))
            wrong += _board(life, tasks[name][0], spans.get(name, ()))
    return [*wrong, *_outbox(found, ask(OUTBOX)), *_keys(found, ask(KEYS))]


def _task(life: Life, task: Task, row: Sequence[Any]) -> Iterator[str]:
    _, state, signal, ended, version, kept, last_hash, last_recorded_at, root, *_ = row
    if kept != snapshot(task):
        yield f"{task.id}: the snapshot at {version} is not what {task.seq} events add up to"
    told = (state, signal, bool(ended), version, last_hash, last_recorded_at, root)
    if told != (task.state, task.signal, task.ended, task.seq, life.hash, life.recorded_at, task.root):
        yield f"{task.id}: the row says {told}"


def _deadlines(task: Task, rows: Rows) -> Iterator[str]:
    """All but the wake for the light follow from the task alone; that one follows from when it was looked at last."""
    edition, _ = book()
    told = {(name, key): tuple(values) for _, name, key, *values in rows}
    light = told.pop((SIGNAL, ""), None)
    expected = owed(task, wakes(edition, task, instant(task.touched_at)))
    first = expected.pop((SIGNAL, ""), None)
    if told != {key: (*each.duty(), task.root) for key, each in expected.items()}:
        yield f"{task.id}: the deadlines say {sorted(told)}, the task owes {sorted(expected)}"
    if (light is None) != (first is None) or (light and first and light[0] < (first.duty().wake_at or 0)):
        yield f"{task.id}: the light wakes at {light}"


def _board(life: Life, row: Sequence[Any], rows: Rows) -> Iterator[str]:
    ends = [*(at for at, *_ in life.board[1:]), FOREVER]
    expected = [(at, end, *face) for (at, *face), end in zip(life.board, ends, strict=True)]
    told = [(start, end, state, signal, bool(ended)) for _, start, end, state, signal, ended, *_ in rows]
    if told != expected:
        yield f"{row[0]}: the board says {told}, the events {expected}"
    elif tuple(row[-3:]) != (rows[-1][1], *rows[-1][6:]):
        yield f"{row[0]}: the row points at another span than the open one"


def _outbox(found: dict[str, Life], rows: Rows) -> Iterator[str]:
    edition, _ = book()
    family = {name: life.task for name, life in found.items() if life.task is not None}
    sent = [each for life in found.values() for each in parcels(edition, family, life.events)]
    expected = sorted((each.task, each.seq, each.kind, each.name, canonical(each.body)) for each in sent)
    if sorted(tuple(row) for row in rows) != expected:
        yield f"the outbox holds {len(rows)} parcels, the events ask for {len(expected)}"


def _keys(found: dict[str, Life], rows: Rows) -> Iterator[str]:
    refs = {event.ref for life in found.values() for event in life.events}
    for actor, key, answer in rows:
        lost = [ref for ref in json.loads(answer)["events"] if ref not in refs]
        if lost:
            yield f"the answer to {actor}'s {key} speaks of {lost}, which do not exist"


def refs(ask: Wish) -> set[str]:
    """The names of all events that are there."""
    return {f"{stream}#{seq}" for stream, seq in ask("SELECT stream, seq FROM events")}


def seals(ask: Wish) -> dict[str, str]:
    """The hashes of all events by their names."""
    return {f"{stream}#{seq}": seal for stream, seq, seal in ask("SELECT stream, seq, hash FROM events")}


def commands(ask: Wish) -> list[tuple[str, str]]:
    """(task, key) of every act of a person that was recorded under a key."""
    found = []
    for stream, payload in ask("SELECT stream, payload FROM events"):
        command = json.loads(payload).get("command")
        if command and command["do"] == "fire" and command["key"]:
            found.append((stream, command["key"]))
    return found


def overdue(ask: Wish, now: datetime) -> list[tuple[str, str, str]]:
    """Occurrences that ran out by `now` and of which nothing was said."""
    said = f"SELECT task, name, key FROM deadlines WHERE status = 'running' AND due_at <= {micros(now)}"  # noqa: S608
    return [(task, name, key) for task, name, key in ask(said)]
