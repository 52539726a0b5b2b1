"""The sequencer, and all that is kept of the tree over committed events (`engine/tree.py`).

One sequencer at a time: on SQLite the writer is alone, on PostgreSQL it takes an advisory lock. It works on what is
committed only, a page in a transaction, and looks again at each row before it appends it: a leaf is for ever, and so
a row that was damaged meanwhile must not become one (as one flipped bit did to the public log Yeti 2022). Such a row
waits, and is told each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy import Row as Row_

from engine.chain import GENESIS, seal
from engine.problems import Text
from engine.tree import HASHES, TILE, grown
from storage.instants import moment_of
from storage.log_rows import damaged, dated, edge_in, fits
from storage.reading import driver_rows
from storage.tables import checkpoints, events, leaves, tiles, trees, unsealed
from storage.transactions import Transactions
from workflows.audit.sealing.values import MAIN, Checkpoint, Grown, Kept, Leaf, Outside, Row, Tree, Unfit

SEQUENCING = 0x6475_6262
"""The advisory lock of the sequencer on PostgreSQL."""

PAGE, READ = 1_000, 5_000
"""Events of one transaction, in which on SQLite nobody else writes; and rows that a reader takes at once."""

Waiting: TypeAlias = tuple[int, str, int]
"""An event that waits: when it was recorded, its stream and number."""

FIRST: Waiting = (-1, "", 0)

# For each event that waits: what was recorded, the leaf of the event before it, and its own if it has one.
WAITING = """
SELECT u.recorded_at, u.stream, u.seq, e.header, e.payload, e.salts, e.prev, e.hash, before.hash, mine.position
  FROM unsealed u
  LEFT JOIN events e ON e.stream = u.stream AND e.seq = u.seq
  LEFT JOIN leaves before ON before.stream = u.stream AND before.seq = u.seq - 1
  LEFT JOIN leaves mine ON mine.stream = u.stream AND mine.seq = u.seq
 WHERE (u.recorded_at, u.stream, u.seq) > (?, ?, ?)
 ORDER BY u.recorded_at, u.stream, u.seq LIMIT ?
"""

LEAVES = "INSERT INTO leaves (position, stream, seq, hash) VALUES (?, ?, ?, ?)"
WAITS_NO_MORE = "DELETE FROM unsealed WHERE recorded_at = ? AND stream = ? AND seq = ?"

# A page that was taken whole, where nobody writes at the same time: one statement for all of it.
NONE_WAITS = """
DELETE FROM unsealed WHERE (recorded_at, stream, seq) > (?, ?, ?) AND (recorded_at, stream, seq) <= (?, ?, ?)
"""

# A server is told of a page at once, a column each: a statement for each row costs it ten times as much.
LEAVES_AT_ONCE = """
INSERT INTO leaves (position, stream, seq, hash)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::integer[], %s::text[])
"""
WAIT_NO_MORE = """
DELETE FROM unsealed u USING unnest(%s::bigint[], %s::text[], %s::integer[]) AS done (recorded_at, stream, seq)
 WHERE u.recorded_at = done.recorded_at AND u.stream = done.stream AND u.seq = done.seq
"""


class _Page(NamedTuple):
    """What becomes of a page of rows."""

    leaves: list[Leaf]
    unfit: list[Unfit]
    done: list[Waiting]


class SqlLog(Transactions):
    """See `workflows.audit.sealing.ports.Log`."""

    # -- appending

    def grow(self) -> Grown:
        appended, unfit, after = 0, list[Unfit](), FIRST
        while True:
            with self._write() as connection:
                self._alone(connection)
                kept = self._in_step(connection)
                if kept is None:
                    return Grown(appended, tuple(unfit), torn=True)
                rows = driver_rows(connection, self._said(WAITING), (*after, PAGE))
                page = _looked_at(rows)
                self._append(connection, kept, page)
                self._wait_no_more(connection, page.done, after, whole=len(page.done) == len(rows))
            appended, unfit = appended + len(page.leaves), unfit + page.unfit
            if len(rows) < PAGE:
                return Grown(appended, tuple(unfit))
            after = rows[-1][:3]

    def _said(self, statement: str) -> str:
        """In the words of this driver: these run for each event, and SQLAlchemy takes longer to write them."""
        return statement.replace("?", self._sql.mark)

    @staticmethod
    def _alone(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({SEQUENCING})"))

    def _in_step(self, connection: Connection) -> dict[str, Tree] | None:
        """The trees, all with every leaf in them; None where the leaves are not as many as they must be."""
        found = _trees(connection)
        last = connection.scalar(select(func.max(leaves.c.position)))
        if MAIN not in found and last is None:
            self._begin(connection, MAIN)
            found = _trees(connection)
        size = 0 if last is None else last + 1
        if MAIN not in found or found[MAIN].size != size or any(tree.size > size for tree in found.values()):
            return None
        for tree in found.values():
            while found[tree.name].size < size:
                more = _leaves(connection, found[tree.name].size, found[tree.name].size + READ)
                if not more:
                    return None
                found[tree.name] = self._grown(connection, found[tree.name], more)
        return found

    def begin(self, tree: str) -> None:
        with self._write() as connection:
            self._alone(connection)
            if tree not in _trees(connection):
                self._begin(connection, tree)

    def _begin(self, connection: Connection, tree: str) -> None:
        connection.execute(insert(trees).values(tree=tree, size=0, edge="", grown_at=self._micros(connection)))

    def _append(self, connection: Connection, kept: Mapping[str, Tree], page: _Page) -> None:
        if page.leaves:
            start = kept[MAIN].size
            rows = [(at, *leaf) for at, leaf in enumerate(page.leaves, start)]
            self._each(connection, LEAVES, LEAVES_AT_ONCE, rows)
            for tree in kept.values():
                self._grown(connection, tree, page.leaves)

    def _wait_no_more(self, connection: Connection, done: list[Waiting], after: Waiting, *, whole: bool) -> None:
        if done and whole and connection.dialect.name == "sqlite":
            connection.exec_driver_sql(NONE_WAITS, (*after, *done[-1]))
        elif done:
            self._each(connection, WAITS_NO_MORE, WAIT_NO_MORE, done)

    @staticmethod
    def _each(connection: Connection, one: str, at_once: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Do something with each row: by itself, or on a server with all at once."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(at_once, tuple(list(column) for column in zip(*rows, strict=True)))
        else:
            connection.exec_driver_sql(one, list(rows))

    def _grown(self, connection: Connection, tree: Tree, more: Sequence[Leaf]) -> Tree:
        hashed = HASHES[tree.name]
        edge, filled = grown(tree.edge, [leaf.digest(hashed) for leaf in more], hashed)
        now = self._micros(connection)
        kept = {"size": edge.size, "edge": edge.to_text(), "grown_at": now}
        connection.execute(update(trees).where(trees.c.tree == tree.name).values(kept))
        first = tree.size // TILE
        rows = [{"tree": tree.name, "number": first + n, "root": root.hex()} for n, root in enumerate(filled)]
        if rows:
            connection.execute(insert(tiles), rows)
        return Tree(tree.name, edge, moment_of(now))

    # -- reading

    def waiting(self, most: int) -> int:
        some = select(unsealed.c.seq).limit(most).subquery()
        with self._read() as connection:
            return connection.scalar(select(func.count()).select_from(some)) or 0

    def trees(self) -> Mapping[str, Tree]:
        with self._read() as connection:
            return _trees(connection)

    def leaves(self, start: int, end: int) -> Sequence[Leaf]:
        with self._read() as connection:
            return _leaves(connection, start, end)

    def row(self, stream: str, seq: int) -> Row | None:
        query = select(*(events.c[name] for name in Row._fields)).where(events.c.stream == stream, events.c.seq == seq)
        with self._read() as connection:
            found = connection.execute(query).first()
        return Row(*found) if found is not None else None

    def position(self, stream: str, seq: int) -> int | None:
        query = select(leaves.c.position).where(leaves.c.stream == stream, leaves.c.seq == seq)
        with self._read() as connection:
            return connection.scalar(query)

    def tiles(self, tree: str) -> Sequence[bytes]:
        query = select(tiles).where(tiles.c.tree == tree).order_by(tiles.c.number)
        with self._read() as connection:
            found = {row.number: bytes.fromhex(row.root) for row in connection.execute(query) if fits(tiles, row)}
        return [found.get(number, b"") for number in range(len(found))]

    # -- heads

    def keep(self, tree: str, size: int, note: str) -> None:
        same = (checkpoints.c.tree == tree) & (checkpoints.c.size == size)
        with self._write() as connection:
            connection.execute(delete(checkpoints).where(same))
            row = {"tree": tree, "size": size, "note": note, "signed_at": self._micros(connection)}
            connection.execute(insert(checkpoints).values(row))

    def checkpoint(self, tree: str, size: int | None = None) -> Checkpoint | None:
        query = select(checkpoints).where(checkpoints.c.tree == tree).order_by(checkpoints.c.size.desc()).limit(1)
        with self._read() as connection:
            row = connection.execute(query if size is None else query.where(checkpoints.c.size == size)).first()
        return _checkpoint(row) if row is not None and fits(checkpoints, row) else None

    def recent(self, tree: str, most: int) -> Sequence[Checkpoint]:
        query = select(checkpoints).where(checkpoints.c.tree == tree).order_by(checkpoints.c.size.desc()).limit(most)
        with self._read() as connection:
            return [_checkpoint(row) for row in connection.execute(query) if fits(checkpoints, row)]

    def checkpoints(self, tree: str) -> Sequence[Checkpoint]:
        query = select(checkpoints).where(checkpoints.c.tree == tree).order_by(checkpoints.c.size)
        with self._read() as connection:
            return [_checkpoint(row) for row in connection.execute(query) if fits(checkpoints, row)]

    # -- looking

    def kept(self, until: int, *, start: int = 0, texts: bool = False) -> Iterator[Kept]:
        pointed = (events.c.stream == leaves.c.stream) & (events.c.seq == leaves.c.seq)
        more = (events.c.prev, events.c.header, events.c.payload, events.c.salts) if texts else ()
        query = (
            select(leaves, events.c.recorded_at, events.c.hash.label("now"), *more)
            .select_from(leaves.outerjoin(events, pointed))
            .order_by(leaves.c.position)
            .limit(READ)
        )
        after = start - 1
        while True:
            page = query.where(leaves.c.position > after, leaves.c.position < until)
            with self._read() as connection:
                rows = connection.execute(page).all()
            for position, stream, seq, mine, recorded_at, now, *told in (row for row in rows if fits(leaves, row)):
                at = moment_of(recorded_at) if dated(recorded_at) else None
                found = _sealed(*told) if told and now == mine else now
                yield Kept(position, Leaf(stream, seq, mine), found, at)
            if len(rows) < READ:
                return
            after = rows[-1].position

    def outside(self) -> Iterator[Outside]:
        mine = (leaves.c.stream == events.c.stream) & (leaves.c.seq == events.c.seq)
        told = (unsealed.c.stream == events.c.stream) & (unsealed.c.seq == events.c.seq)
        waits = (unsealed.c.recorded_at == events.c.recorded_at) & told
        query = (
            select(events.c.stream, events.c.seq, unsealed.c.seq.is_not(None), events.c.recorded_at)
            .select_from(events.outerjoin(leaves, mine).outerjoin(unsealed, waits))
            .where(leaves.c.position.is_(None))
            .order_by(events.c.stream, events.c.seq)
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        for stream, seq, waiting, recorded_at in rows:
            at = moment_of(recorded_at) if dated(recorded_at) else None
            yield Outside(str(stream), seq if isinstance(seq, int) else 0, bool(waiting), at)

    def damaged(self) -> Iterator[Text]:
        with self._read() as connection:
            yield from list(damaged(connection))


def _looked_at(rows: Sequence[Any]) -> _Page:
    """Sort a page into what may become a leaf and what may not. What is a leaf already waits no more."""
    page, heads = _Page([], [], []), dict[str, tuple[int, str]]()
    for recorded_at, stream, seq, header, payload, salts, prev, link, before, position in rows:
        if position is None:
            last, follows = heads.get(stream, (0, ""))
            follows = follows if last == seq - 1 and last else before or (GENESIS if seq == 1 else "")
            why = _unfit(header, payload, salts, prev, link, follows)
            if why:
                page.unfit.append(Unfit(stream, seq, why))
                continue
            page.leaves.append(Leaf(stream, seq, link))
            heads[stream] = seq, link
        page.done.append((recorded_at, stream, seq))
    return page


def _unfit(header: str | None, payload: str, salts: str, prev: str, link: str, follows: str) -> str:
    """Why an event is not what was recorded, or nothing."""
    if header is None:
        return "missing"
    if prev != follows:
        return "unchained"
    return "" if _sealed(prev, header, payload, salts) == link else "altered"


def _sealed(prev: str, header: str, payload: str, salts: str) -> str:
    """The hash of an event by its texts; none where salts and lines do not fit."""
    try:
        return seal(prev, header, payload, salts)
    except (AttributeError, TypeError, ValueError):
        return ""


def _trees(connection: Connection) -> dict[str, Tree]:
    """A tree whose edge is none of its size is no tree."""
    rows = connection.execute(select(trees).order_by(trees.c.tree)).all()
    found = ((row, edge_in(row.size, row.edge)) for row in rows if fits(trees, row))
    return {row.tree: Tree(row.tree, edge, moment_of(row.grown_at)) for row, edge in found if edge is not None}


def _leaves(connection: Connection, start: int, end: int) -> list[Leaf]:
    columns = (leaves.c.stream, leaves.c.seq, leaves.c.hash)
    query = select(*columns).where(leaves.c.position >= start, leaves.c.position < end).order_by(leaves.c.position)
    return [Leaf(*row) for row in connection.execute(query)]


def _checkpoint(row: Row_[Any]) -> Checkpoint:
    return Checkpoint(row.tree, row.size, row.note, moment_of(row.signed_at))
