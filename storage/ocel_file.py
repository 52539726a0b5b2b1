"""OCEL 2.0 in its SQLite form: a file of its own that others read, with the keys that the standard asks for.

Tables of types are named by `object_map_type` and `event_map_type`; their names are plain ASCII, for activities may be
Chinese. No other table begins as these do: validators find tables by their names.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from workflows.exporting.values import ATTRIBUTES, Happening, Object, Ocel, attributes_of

_SCHEMA = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
  ocel_event_id TEXT NOT NULL REFERENCES event (ocel_id), ocel_object_id TEXT NOT NULL REFERENCES object (ocel_id),
  ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
  ocel_source_id TEXT NOT NULL REFERENCES object (ocel_id), ocel_target_id TEXT NOT NULL REFERENCES object (ocel_id),
  ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""

_START = "1970-01-01T00:00:00Z"


def write_ocel(log: Ocel, path: Path) -> None:
    """Write the file anew. Raises OSError where it cannot be written."""
    path.write_bytes(b"")  # whoever may read it stays as it is
    try:
        with closing(sqlite3.connect(path)) as file, file:
            file.executescript(_SCHEMA)
            _objects(file, log)
            _events(file, log)
    except sqlite3.OperationalError as error:
        full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


def _objects(file: sqlite3.Connection, log: Ocel) -> None:
    types = {name: f"o{number:03d}" for number, name in enumerate(log.object_types())}
    file.executemany("INSERT INTO object_map_type VALUES (?, ?)", types.items())
    file.executemany("INSERT INTO object VALUES (?, ?)", ((each.id, each.type) for each in log.objects.values()))
    for name, short in types.items():
        columns = attributes_of(name)
        mine = [each for each in log.objects.values() if each.type == name]
        more = "".join(f", {column} TEXT" for column in columns)
        key = "ocel_id TEXT NOT NULL REFERENCES object (ocel_id), ocel_time TEXT NOT NULL, ocel_changed_field TEXT"
        file.execute(f"CREATE TABLE object_{short} ({key}{more})")
        _insert(file, f"object_{short}", (row for each in mine for row in _states(each, columns)), 3 + len(columns))
    links = ((each.id, other, name) for each in log.objects.values() for other, name in each.links)
    _insert(file, "object_object", links, 3)


def _states(each: Object, columns: Sequence[str]) -> Iterable[tuple[str | None, ...]]:
    """The object as it is at first, then a row for each change of one attribute."""
    first = {name: value for name, at, value in each.attributes if at == _START}
    yield each.id, _START, None, *(first.get(column) for column in columns)
    for name, at, value in each.attributes:
        if at != _START:
            yield each.id, at, name, *(value if column == name else None for column in columns)


def _events(file: sqlite3.Connection, log: Ocel) -> None:
    types = {name: f"e{number:03d}" for number, name in enumerate(log.event_types())}
    file.executemany("INSERT INTO event_map_type VALUES (?, ?)", types.items())
    file.executemany("INSERT INTO event VALUES (?, ?)", ((each.id, each.type) for each in log.events))
    more = "".join(f", {column} TEXT" for column in ATTRIBUTES)
    for short in types.values():
        key = "ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), ocel_time TEXT NOT NULL"
        file.execute(f"CREATE TABLE event_{short} ({key}{more})")
    by_type: dict[str, list[Happening]] = {name: [] for name in types}
    for each in log.events:
        by_type[each.type].append(each)
    for name, found in by_type.items():
        rows = ((each.id, each.time, *each.attributes) for each in found)
        _insert(file, f"event_{types[name]}", rows, 2 + len(ATTRIBUTES))
    links = dict.fromkeys((each.id, other, name) for each in log.events for other, name in each.links)
    _insert(file, "event_object", links, 3)


def _insert(file: sqlite3.Connection, table: str, rows: Iterable[Sequence[str | None]], width: int) -> None:
    marks = ", ".join("?" * width)
    file.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names
