"""Documents and templates in SQL. What belongs to an event is written in that event's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Engine, or_, select

from engine.chain import canonical, parsed
from engine.events import Json
from storage import reading
from storage.instants import micros, moment_of
from storage.office_tables import documents, templates
from storage.sql_store import SqlChained
from storage.sql_work import SqlWork
from storage.tables import checkpoints, outbox, tasks
from storage.transactions import Transactions
from workflows.audit.sealing.values import MAIN
from workflows.papers.values import OFFICIAL, Document, Numbered, Paper, Template, Void
from workflows.ports import Chained, Work

FILE = "INSERT INTO files (digest, name, content) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"

DOCUMENT = """
INSERT INTO documents (stream, seq, publication, series, year, serial, number, title, language, audience, template,
                       digest, facts, issued_at, issued_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

SETTLE = "UPDATE outbox SET done_at = ? WHERE task = ? AND seq = ? AND kind = 'publication' AND done_at IS NULL"

VOID = "UPDATE documents SET voided_at = ?, voided_by = ?, void_reason = ? WHERE id = ? AND voided_at IS NULL"

_COLUMNS = tuple(column for column in documents.c if column.name != "facts")


class SqlPapers(Transactions):
    """See `workflows.papers.ports.Papers`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._mark = "?" if engine.dialect.name == "sqlite" else "%s"

    def issue(self, work: Work, paper: Paper, content: bytes) -> str:
        digest, number = hashlib.sha256(content).hexdigest(), paper.number
        self._do(work, FILE, (digest, f"{number.text}.docx", content))
        row = (paper.stream, paper.seq, paper.publication, number.series, number.year, number.serial, number.text)
        made = (paper.title, OFFICIAL, paper.audience, paper.template, digest, canonical(paper.facts))
        self._do(work, DOCUMENT, (*row, *made, micros(paper.issued_at), paper.issued_by))
        return digest

    def settle(self, work: Work, task: str, seq: int) -> bool:
        return self._do(work, SETTLE, (micros(work.now), task, seq)) == 1

    def void(self, work: Work, number: int, void: Void) -> bool:
        return self._do(work, VOID, (micros(void.at), void.by, void.reason, number)) == 1

    def _do(self, work: Work, statement: str, values: Sequence[Any]) -> int:
        """Run a statement in the transaction of `work`; returns how many rows it changed."""
        if not isinstance(work, SqlWork):
            raise TypeError("documents are kept in the database that holds the tasks")
        count: int = work.cursor.execute(statement.replace("?", self._mark), tuple(values)).rowcount
        return count

    def waiting(self) -> Sequence[tuple[str, int]]:
        query = select(outbox.c.task, outbox.c.seq).order_by(outbox.c.id)
        with self._read() as connection:
            rows = connection.execute(query.where(outbox.c.kind == "publication", outbox.c.done_at.is_(None)))
            return [(task, seq) for task, seq in rows]

    def documents(
        self, *, task: str | None = None, publication: str | None = None, series: str | None = None
    ) -> Sequence[Document]:
        query = select(*_COLUMNS).order_by(documents.c.id)
        if task is not None:
            family = select(tasks.c.id).where(tasks.c.root == task)
            query = query.where(or_(documents.c.stream == task, documents.c.stream.in_(family)))
        if publication is not None:
            query = query.where(documents.c.publication == publication)
        if series is not None:
            query = query.where(documents.c.series == series)
        with self._read() as connection:
            return [_document(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's name for it

    def document(self, number: int) -> Document | None:
        with self._read() as connection:
            row = connection.execute(select(*_COLUMNS).where(documents.c.id == number)).mappings().first()
            return None if row is None else _document(row)

    def facts(self, number: int) -> Mapping[str, Json]:
        with self._read() as connection:
            text = connection.scalar(select(documents.c.facts).where(documents.c.id == number))
            found: Mapping[str, Json] = {} if text is None else parsed(text)
            return found

    def keep_template(self, template: Template, content: bytes, chain: Chained | None = None) -> None:
        within = nullcontext(chain.connection) if isinstance(chain, SqlChained) else self._write()
        with within as connection:
            digest = reading.keep_file(connection, template.name, content)
            kept = {"process": template.process, "name": template.name, "digest": digest}
            who = {"kept_by": template.kept_by, "kept_at": micros(template.kept_at)}
            connection.execute(templates.insert().values(**kept, **who))

    def templates(self, process: str, name: str | None = None) -> Sequence[Template]:
        query = select(templates).where(templates.c.process == process).order_by(templates.c.id)
        if name is not None:
            query = query.where(templates.c.name == name)
        with self._read() as connection:
            return [_template(row) for row in connection.execute(query).mappings()]

    def file(self, digest: str) -> bytes | None:
        with self._read() as connection:
            return reading.file(connection, digest)

    def head(self) -> str | None:
        query = select(checkpoints.c.note).where(checkpoints.c.tree == MAIN).order_by(checkpoints.c.size.desc())
        with self._read() as connection:
            return connection.scalar(query.limit(1))


def _document(row: Mapping[Any, Any]) -> Document:
    void = None
    if row["voided_at"] is not None:
        void = Void(moment_of(row["voided_at"]), row["voided_by"], row["void_reason"])
    number = Numbered(row["number"], row["series"], row["year"], row["serial"])
    plain = ("id", "stream", "seq", "publication", "title", "language", "audience", "template", "digest", "issued_by")
    return Document(
        **{name: row[name] for name in plain}, number=number, issued_at=moment_of(row["issued_at"]), void=void
    )


def _template(row: Mapping[Any, Any]) -> Template:
    return Template(row["process"], row["name"], row["digest"], row["kept_by"], moment_of(row["kept_at"]))
