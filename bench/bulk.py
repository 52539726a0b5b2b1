"""A million tasks out of a few: seeds are lived through the office, and SQL copies their rows under other ids.

The ids of seeds end in SEED, wherever they stand: in columns, snapshots, headers. A copy replaces the ending by a
number of its own. Copied events keep the seeds' hashes, for the sweep, the board and a replay, until `rechained`
computes them anew for whoever verifies.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from engine.chain import GENESIS, seal

SEED = "~0000000"
"""The ending of a seed's id: as long as a copy's, so that what is copied is as large as what was lived."""

_IDS = {
    "tasks": ("id", "root", "parent", "part_of", "title", "snapshot"),
    "deadlines": ("task", "root"),
    "spans": ("task", "title"),
    "events": ("stream", "header", "payload"),
}
"""The columns in which an id may stand. Titles name their task here, and are unique."""

_MORE = {"outbox": ("task", "body"), "parties": ("task",), "facets": ("task",)}
"""The same of what only a whole copy has."""

_FAST = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF")


@dataclass(frozen=True, slots=True)
class Seeds:
    """Tasks that were lived in a database of their own, and how many copies of them there shall be."""

    file: Path
    copies: int


def multiply(path: Path, seeds: Sequence[Seeds], *, events: bool = False, whole: bool = False) -> None:
    """Copy seeds into a database that has an edition and no tasks, at random among one another; `whole` with everything
    that a verification compares.
    """
    connection = dbapi2.connect(str(path), isolation_level=None)
    for pragma in _FAST:
        connection.execute(f"PRAGMA {pragma}")
    numbers = list(range(1, sum(each.copies for each in seeds) + 1))
    random.Random(1).shuffle(numbers)
    for each in seeds:
        mine, numbers = numbers[: each.copies], numbers[each.copies :]
        tables = {**_IDS, **(_MORE if whole else {})}
        _copy(connection, each.file, sorted(mine), [name for name in tables if events or name != "events"])
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _copy(connection: Any, seeds: Path, numbers: Sequence[int], tables: Sequence[str]) -> None:
    connection.execute("ATTACH ? AS seeds", (str(seeds),))
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE copies (number INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO copies VALUES (?)", ((number,) for number in numbers))
    for table in tables:
        only = " WHERE stream IN (SELECT id FROM seeds.tasks)" if table == "events" else ""
        connection.execute(f"{_copying(connection, table)}{only}")
    connection.execute("DROP TABLE copies")
    connection.execute("COMMIT")
    connection.execute("DETACH seeds")


def _copying(connection: Any, table: str) -> str:
    """The statement that copies a table's seeds, in the order of the copies' numbers."""
    columns = [
        row[1] for row in connection.execute(f"PRAGMA table_info({table})") if (table, row[1]) != ("outbox", "id")
    ]
    ids = {**_IDS, **_MORE}[table]
    ending = f"printf('{SEED[0]}%0{len(SEED) - 1}d', c.number)"
    copied = [f"replace(s.{name}, '{SEED}', {ending})" if name in ids else f"s.{name}" for name in columns]
    names, values = ", ".join(columns), ", ".join(copied)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM copies c CROSS JOIN seeds.{table} s"  # noqa: S608 - our own names


def rechained(path: Path, seeds: Path) -> int:
    """Compute the hashes of copied events anew, and take over counters and notes: a database as if it had been lived.
    Returns how many events there are.
    """
    connection = dbapi2.connect(str(path), isolation_level=None)
    for pragma in _FAST:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("ATTACH ? AS seeds", (str(seeds),))
    connection.execute("BEGIN")
    stream, prev, links, ends = "", GENESIS, [], {}
    rows = connection.execute(
        "SELECT e.rowid, stream, header, payload, salts FROM events e JOIN tasks ON id = stream ORDER BY stream, seq"
    )
    for number, mine, header, payload, salts in rows:
        prev = GENESIS if mine != stream else prev
        links.append((prev, link := seal(prev, header, payload, salts), number))
        stream, prev = mine, link
        ends[mine] = link
    connection.executemany("UPDATE events SET prev = ?, hash = ? WHERE rowid = ?", links)
    connection.executemany("UPDATE tasks SET last_hash = ? WHERE id = ?", [(link, name) for name, link in ends.items()])
    connection.execute("INSERT OR REPLACE INTO notes SELECT * FROM seeds.notes")
    connection.execute("INSERT INTO numbers SELECT process, count(*) FROM tasks WHERE id = root GROUP BY process, kind")
    connection.execute("COMMIT")
    count = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return int(count)
