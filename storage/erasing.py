"""Values that go for good: their rows rewritten in the transaction that says so, and the database's own files wiped.

SQLite keeps what was overwritten in free parts of its pages and in its log until it is written anew (`VACUUM`) and the
log is cut; PostgreSQL keeps dead rows until their table is (`VACUUM FULL`). Both need the database, or a table, for
themselves: where others are in the way nothing is lost, and it is tried again. What a server's log of changes, its
replicas and backups hold is not in reach from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from engine.chain import quoted
from engine.lines import PERSONAL
from storage.engines import turn
from storage.errors import StoreBusy
from storage.office_tables import documents
from storage.rebuilding import SHAPES, rebuilt
from storage.sql_store import SqlChained
from storage.sql_work import SqlWork
from storage.tables import events, files, tasks
from storage.transactions import Transactions, told_plainly
from workflows.audit.verifying.values import Life, Raw
from workflows.ports import Chained, Work
from workflows.redaction.ports import Kept, Within

_COLUMNS = ", ".join(Raw._fields)

FAMILY = f"SELECT {_COLUMNS} FROM events WHERE stream IN (SELECT id FROM tasks WHERE root = (SELECT root FROM tasks WHERE id = ?)) ORDER BY stream, seq"  # noqa: S608, E501 - constants
ROWS = f"SELECT {_COLUMNS} FROM events WHERE stream = ? ORDER BY seq"  # noqa: S608 - constants
REWRITE = "UPDATE events SET payload = ?, salts = ? WHERE stream = ? AND seq = ?"
OUTBOX = "UPDATE outbox SET body = ? WHERE task = ? AND seq = ? AND kind = ? AND name = ? AND body <> ?"

TOLD = """
SELECT d.id, d.subject, d.text FROM deliveries d JOIN outbox o ON o.id = d.parcel WHERE o.task = ?
"""
RETELL = "UPDATE deliveries SET subject = ?, text = ? WHERE id = ?"
FORGET_KEY = "DELETE FROM keys WHERE actor = ? AND key = ?"
FORGET_FILE = "DELETE FROM files WHERE digest = ?"

ACCOUNT = (
    "UPDATE users SET name = '<personal>', mail = NULL, channels = '[]', subject = NULL, password = NULL WHERE id = ?",
    "UPDATE deliveries SET address = '<personal> ' || id, error = NULL WHERE recipient = ?",
    'DELETE FROM sessions WHERE "user" = ?',
    'DELETE FROM views WHERE "user" = ?',
)
"""What is kept of a person beside the record."""

OVER = "state IN ('done', 'failed', 'cancelled')"
ENDED = (
    (f"SELECT id, body, result FROM jobs WHERE {OVER}", "UPDATE jobs SET body = ?, result = ? WHERE id = ?", 1),  # noqa: S608 - constants
    (
        f"SELECT job, n, subject, detail FROM fates WHERE job IN (SELECT id FROM jobs WHERE {OVER})",  # noqa: S608 - the same
        "UPDATE fates SET subject = ?, detail = ? WHERE job = ? AND n = ?",
        2,
    ),
)
"""What is kept of jobs for a while: they ask for acts and lists in the words of whoever asked. One that is not over is
left: it would do something else."""

REWRITTEN = (
    "events",
    "tasks",
    "spans",
    "facets",
    "outbox",
    "deliveries",
    "keys",
    "files",
    "users",
    "sessions",
    "views",
    "jobs",
    "fates",
)
"""The tables in which something may have stood."""


class SqlEraser(Transactions):
    """See `workflows.redaction.ports.Eraser`."""

    # -- within a transaction

    def family(self, within: Work, task: str) -> Mapping[str, Sequence[Raw]]:
        rows = map(Raw._make, self._do(within, FAMILY, (task,)).fetchall())
        return {stream: list(mine) for stream, mine in groupby(rows, key=itemgetter(0))}

    def rows(self, within: Within, stream: str) -> Sequence[Raw]:
        return [Raw._make(row) for row in self._do(within, ROWS, (stream,)).fetchall()]

    def rewrite(self, within: Within, rows: Sequence[Raw]) -> None:
        for row in rows:
            self._do(within, REWRITE, (row.payload, row.salts, row.stream, row.seq))

    def put_back(self, within: Work, life: Life) -> None:
        found = rebuilt(life)
        for row in found["tasks"]:
            self._do(within, self._sql.tasks, row, said=True)
        mine = [row[0] for row in found["tasks"]]
        for table in ("deadlines", "spans", "parties", "facets"):
            for task in mine:
                self._do(within, f"DELETE FROM {table} WHERE task = ?", (task,))  # noqa: S608 - names of our own
            names = SHAPES[table].columns
            marks = ", ".join("?" for _ in names)
            for row in found[table]:
                self._do(within, f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", row)  # noqa: S608 - the same
        for task, seq, kind, name, body in found["outbox"]:
            self._do(within, OUTBOX, (body, task, seq, kind, name, body))

    def forget(
        self, within: Work, tasks: Collection[str], words: Collection[str], keys: Collection[tuple[str, str]]
    ) -> None:
        for task in tasks if words else ():
            for number, subject, text in self._do(within, TOLD, (task,)).fetchall():
                told = _less(subject, words), _less(text, words)
                if told != (subject, text):
                    self._do(within, RETELL, (*told, number))
        for select_, update_, count in ENDED if words else ():
            self._forget_in(within, select_, update_, count, words)
        for key in sorted(keys):
            self._do(within, FORGET_KEY, key)

    def _forget_in(self, within: Work, select_: str, update_: str, keys: int, words: Collection[str]) -> None:
        """Take words out of the columns of a question; the first `keys` of them are the row's key."""
        told = {*words, *map(quoted, words)}
        for row in self._do(within, select_, ()).fetchall():
            less = [text and _less(text, told) for text in row[keys:]]
            if less != list(row[keys:]):
                self._do(within, update_, (*less, *row[:keys]))

    def forget_files(self, within: Work, digests: Collection[str]) -> None:
        for digest in sorted(digests):
            self._do(within, FORGET_FILE, (digest,))

    def forget_user(self, within: Chained, user: str) -> None:
        for statement in ACCOUNT:
            self._do(within, statement, (user,))

    def _do(self, within: Within, statement: str, values: Sequence[Any], *, said: bool = False) -> Any:
        """Run a statement in that transaction (`said`: in the driver's own words); returns the driver's cursor."""
        cursor = _cursor(within)
        cursor.execute(statement if said else statement.replace("?", self._sql.mark), tuple(values))
        return cursor

    # -- looking

    def named_by(self, digest: str) -> Sequence[str]:
        with self._read() as connection:
            found = connection.scalars(
                select(events.c.stream).distinct().where(events.c.payload.contains(digest, autoescape=True))
            ).all()
            roots = dict(connection.execute(select(tasks.c.id, tasks.c.root).where(tasks.c.id.in_(found))).all())
        return sorted({roots.get(stream, stream) for stream in found})

    def files(self) -> Iterator[Kept]:
        with self._read() as connection:
            issued = dict(connection.execute(select(documents.c.digest, documents.c.number)).all())
            for digest, name in connection.execute(select(files.c.digest, files.c.name).order_by(files.c.name)).all():
                content = connection.scalar(select(files.c.content).where(files.c.digest == digest))
                yield Kept(digest, name, bytes(content or b""), issued.get(digest))

    def documents(self) -> Iterator[tuple[str, str]]:
        with self._read() as connection:
            rows = connection.execute(select(documents.c.number, documents.c.facts)).all()
        return ((number, facts) for number, facts in rows)

    def snapshots(self) -> Iterator[tuple[str, str]]:
        with self._read() as connection:
            rows = connection.execute(select(tasks.c.root, tasks.c.snapshot)).all()
        return ((root, snapshot) for root, snapshot in rows)

    # -- wiping

    def wipe(self) -> bool:
        try:
            with told_plainly(self.engine), turn(self.engine):
                return self._wiped_file() if self.engine.dialect.name == "sqlite" else self._wiped_tables()
        except StoreBusy:
            return False

    def _wiped_file(self) -> bool:
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        finally:
            connection.close()

    def _wiped_tables(self) -> bool:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in REWRITTEN:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
        return True


def _cursor(within: Within) -> Any:
    if isinstance(within, SqlWork | SqlChained):
        return within.cursor
    raise TypeError("values are erased in the database that holds the tasks")


def _less(text: str, words: Collection[str]) -> str:
    """A text without these words, the longest first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, PERSONAL)
    return text
