"""Receipts of the public: which child a code belongs to. Of the code only its digest is kept."""

from __future__ import annotations

from sqlalchemy import select

from storage.office_tables import receipts
from storage.transactions import Transactions


class SqlReceipts(Transactions):
    """See `workflows.office.openness.Receipts`."""

    def keep(self, digest: str, task: str) -> None:
        with self._write() as connection:
            connection.execute(receipts.insert().values(digest=digest, task=task, made_at=self._micros(connection)))

    def task(self, digest: str) -> str | None:
        with self._read() as connection:
            return connection.scalar(select(receipts.c.task).where(receipts.c.digest == digest))
