"""A bit of the file turns: whatever that makes of the record is found, and nothing else is said.

A flip changes meaning when somebody who reads the tables would read something else, or nothing any more. SQLite's own
check finds few of them, for it looks at the shape of pages and not at what stands there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pysqlite3 import dbapi2

from storage import StoreProblem
from storage.evidence import open_evidence
from tests.torture.stage import in_memory, size, url_of
from tests.workflows.verified import lived
from workflows.audit.verifying.running import Asked, verify

FLIPS = size(60, 1000)

UNCHAINED = {
    "sessions": None,
    "files": {"name"},
    "documents": {"id"},
    "outbox": {"id", "done_at"},
    "editions": {"id"},
    "templates": {"id", "kept_by", "kept_at", "name", "process"},
    "users": {"channels", "password", "created_at"},
    "units": {"title_en", "valid_from"},
    "holders": {"id"},
    "keys": {"request", "answered_at"},
    "notes": None,
    "duban_version": None,
}
"""What stands in no chained record, table by table (None: the whole of it), as `docs/audit.md` says."""


@pytest.fixture(scope="module")
def original() -> Iterator[Path]:
    with in_memory() as folder:
        path = folder / "duban.db"
        lived(url_of(path))
        connection = dbapi2.connect(str(path))
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()
        yield path


def test_every_flip_that_changes_meaning_is_found(original: Path) -> None:
    """And where the tables read the same something is found only if SQLite itself says that a page, such as one of an
    index, is damaged.
    """
    chance, tally, missed = Random(11), Counter[str](), list[int]()
    content, before = original.read_bytes(), read(original)
    assert len(before["events"]) > 80
    flipped = original.with_name("flipped.db")
    for _ in range(FLIPS):
        at = chance.randrange(len(content) * 8)
        flipped.write_bytes(turned(content, at))
        meant, found = read(flipped) != before, told(flipped)
        tally[f"{'changed' if meant else 'same'}, {'found' if found else 'silent'}"] += 1
        if meant and not found:
            missed.append(at)
        assert meant or not found or {"database_fault", "unreadable"} & set(found), (at, found)
    assert missed == [], tally
    assert tally["changed, found"] > FLIPS // 10, tally


def test_without_its_chains_flips_are_missed(original: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: a verification that asks SQLite alone overlooks most of them."""
    monkeypatch.setattr("workflows.audit.verifying.bench.Bench.look", lambda *_: [])
    monkeypatch.setattr("workflows.audit.verifying.house.check", lambda *_: ())
    monkeypatch.setattr("workflows.audit.verifying.rights.check", lambda *_: ())
    content, before, chance = original.read_bytes(), read(original), Random(11)
    flipped, changed, silent = original.with_name("flipped.db"), 0, 0
    for _ in range(60):
        flipped.write_bytes(turned(content, chance.randrange(len(content) * 8)))
        if read(flipped) != before:
            changed += 1
            silent += not told(flipped)
    assert silent > changed // 2


def turned(content: bytes, at: int) -> bytes:
    """The same with one bit the other way."""
    byte, bit = divmod(at, 8)
    return content[:byte] + bytes([content[byte] ^ (1 << bit)]) + content[byte + 1 :]


def told(path: Path) -> list[str]:
    """The codes of what is found; a database that cannot be opened at all says so."""
    try:
        run = verify(partial(open_evidence, url_of(path)), Asked("flips"))
    except StoreProblem as problem:
        return ["database_fault", type(problem).__name__][:1]
    return sorted({each.code for each in run.findings})


def read(path: Path) -> Any:
    """All that stands in the chained tables, row by row and past every index."""
    connection = dbapi2.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        return _read(connection)
    except dbapi2.DatabaseError as error:
        return str(error)
    finally:
        connection.close()


def _read(connection: Any) -> Any:
    names = [
        row[0].decode(errors="replace")
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    found: dict[str, Any] = {"": connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()}
    for name in names:
        left_out = UNCHAINED.get(name, set())
        if left_out is not None:
            columns = [row[1].decode(errors="replace") for row in connection.execute(f'PRAGMA table_info("{name}")')]
            wanted = ", ".join(f'"{column}", typeof("{column}")' for column in columns if column not in left_out)
            said = f'SELECT {wanted} FROM "{name}" NOT INDEXED ORDER BY rowid'  # noqa: S608 - our own names
            found[name] = connection.execute(said).fetchall()
    return found
