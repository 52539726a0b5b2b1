"""The whole database as one file, and back: the same archive for SQLite and PostgreSQL, so that either restores the
other's.

It is a zip of `tables/NAME.ndjson` (one row a line, a JSON array in the order of the manifest's columns; bytes as
base64) and `manifest.json`, which names the schema's revision and holds of each table its columns, its number of rows
and the SHA-256 of its lines, and of the chains how many there are and the SHA-256 of their heads. It is read in one
transaction that sees one moment and makes no writer wait. Sessions and workers stay behind: they are of a machine, and
whoever restores signs in anew. So does the secret that signs what pages carry: who reads a backup forges nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Table, func, insert, inspect, select, text, update

from engine.problems import Text
from engine.reasons import named, reason_of
from storage import schema
from storage.errors import BackupBroken, BackupNewer, StoreDamaged, StoreOccupied
from storage.tables import events, metadata, notes
from storage.transactions import of_one_moment, told_plainly
from workflows.people.ports import SEAL

FORMAT, VERSION = "duban-backup", 1
LEFT_OUT = frozenset({"sessions", "workers"})
PAGE = 500
MANIFEST = "manifest.json"

Progress = Callable[[str, int], None]
"""Told the name of a table and how many rows of it are done."""


@dataclass(frozen=True)
class Kept:
    """What an archive holds: the schema's revision, rows by table, chains, and the digest of their heads."""

    revision: str
    rows: Mapping[str, int]
    chains: int
    heads: str

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


# -- out


def back_up(engine: Engine, file: BinaryIO, progress: Progress = lambda _name, _rows: None) -> Kept:
    """Write an archive of this moment. Raises a `StoreProblem`."""
    with (
        told_plainly(engine),
        _moment(engine) as connection,
        ZipFile(file, "w", ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        tables = [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]
        told = [_table_out(connection, table, archive, progress) for table in tables]
        heads = _heads(connection)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "revision": schema.revision(connection),
            "database": engine.dialect.name,
            "tables": told,
            "chains": heads,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return _kept(manifest)


def _kept(manifest: Mapping[str, Any]) -> Kept:
    rows = {each["name"]: each["rows"] for each in manifest["tables"]}
    return Kept(manifest["revision"], rows, manifest["chains"]["count"], manifest["chains"]["digest"])


@contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    with of_one_moment(engine).connect() as connection, connection.begin():
        yield connection


def _table_out(connection: Connection, table: Table, archive: ZipFile, progress: Progress) -> dict[str, Any]:
    binary = [isinstance(column.type, LargeBinary) for column in table.columns]
    query = select(table).order_by(*table.primary_key.columns)
    if table is notes:
        query = query.where(notes.c.name != SEAL)
    digest, count = sha256(), 0
    with archive.open(f"tables/{table.name}.ndjson", "w", force_zip64=True) as out:
        result = connection.execution_options(stream_results=True, yield_per=PAGE).execute(query)
        for page in result.partitions():
            lines = b"".join(_line(table, row, binary) for row in page)
            digest.update(lines)
            out.write(lines)
            count += len(page)
            progress(table.name, count)
    columns = [{"name": c.name, **({"binary": True} if b else {})} for c, b in zip(table.columns, binary, strict=True)]
    return {"name": table.name, "columns": columns, "rows": count, "sha256": digest.hexdigest()}


def _line(table: Table, row: Sequence[Any], binary: Sequence[bool]) -> bytes:
    try:
        told = [base64.b64encode(v).decode() if b and v is not None else v for v, b in zip(row, binary, strict=True)]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except (TypeError, UnicodeEncodeError) as error:  # bytes where a text stands, or the other way
        why = reason_of(error)
        raise StoreDamaged(Text(f"表 `{table.name}`：{why.zh}", f"{table.name}: {why.en}")) from error


def _heads(connection: Connection) -> dict[str, Any]:
    """How many chains there are, and one digest over the last event of each."""
    last = select(events.c.stream, func.max(events.c.seq).label("seq")).group_by(events.c.stream).subquery()
    on = (events.c.stream == last.c.stream) & (events.c.seq == last.c.seq)
    query = select(events.c.stream, events.c.seq, events.c.hash).join(last, on)
    lines = sorted(f"{stream} {seq} {head}\n".encode() for stream, seq, head in connection.execute(query))
    return {"count": len(lines), "digest": sha256(b"".join(lines)).hexdigest()}


# -- back


def restore(engine: Engine, file: Path, progress: Progress = lambda _name, _rows: None) -> Kept:
    """Fill an empty database from an archive, in one transaction: all of it, verified, or nothing. An older archive is
    brought to this program's schema. Raises `StoreOccupied`, `BackupBroken`, `BackupNewer` and other problems.
    """
    with told_plainly(), _archive(file) as (archive, manifest):
        if manifest["revision"] not in schema.REVISIONS:
            raise BackupNewer(str(manifest["revision"]))
        with engine.execution_options(writes=True).begin() as connection:
            _require_empty(connection)
            schema.upgrade_on(connection, manifest["revision"])
            _tables_in(connection, archive, manifest, progress)
            if _heads(connection) != manifest["chains"]:
                raise BackupBroken("chains")
            schema.upgrade_on(connection, "head")
            _settle(connection)
    return _kept(manifest)


@contextmanager
def _archive(file: Path) -> Iterator[tuple[ZipFile, Mapping[str, Any]]]:
    try:
        with ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
                raise BackupBroken(MANIFEST)
            yield archive, manifest
    except (BadZipFile, KeyError, ValueError, EOFError) as error:
        raise BackupBroken(named(error)) from error


def _require_empty(connection: Connection) -> None:
    if schema.revision(connection) is not None or not metadata.tables.keys().isdisjoint(
        inspect(connection).get_table_names()
    ):
        raise StoreOccupied


def _tables_in(connection: Connection, archive: ZipFile, manifest: Mapping[str, Any], progress: Progress) -> None:
    reflected = MetaData()
    reflected.reflect(connection, only=[each["name"] for each in manifest["tables"]])
    for told in manifest["tables"]:
        table = reflected.tables[told["name"]]
        _table_in(connection, table, archive, told, progress)


def _table_in(
    connection: Connection, table: Table, archive: ZipFile, told: Mapping[str, Any], progress: Progress
) -> None:
    digest, count = sha256(), 0
    with archive.open(f"tables/{table.name}.ndjson") as lines:
        for page in _pages(lines):
            for line in page:
                digest.update(line)
            connection.execute(insert(table), [_row(line, told["columns"]) for line in page])
            count += len(page)
            progress(table.name, count)
    found = connection.scalar(select(func.count()).select_from(table))
    if (count, found, digest.hexdigest()) != (told["rows"], told["rows"], told["sha256"]):
        raise BackupBroken(table.name)


def _pages(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    page: list[bytes] = []
    for line in lines:
        page.append(line)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _row(line: bytes, columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    values = json.loads(line)
    return {
        column["name"]: base64.b64decode(value) if column.get("binary") and value is not None else value
        for column, value in zip(columns, values, strict=True)
    }


def _settle(connection: Connection) -> None:
    """Numbers go on after the last one, and what a worker was doing waits for another."""
    jobs = metadata.tables["jobs"]
    connection.execute(update(jobs).where(jobs.c.state == "running").values(state="waiting", worker=None))
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.identity is not None:
                highest = connection.scalar(select(func.max(column)))
                told = {"table": table.name, "column": column.name, "value": highest or 1, "called": bool(highest)}
                sequence = "SELECT setval(pg_get_serial_sequence(:table, :column), :value, :called)"
                connection.execute(text(sequence), told)
