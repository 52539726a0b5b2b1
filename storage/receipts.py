"""Receipts of the public: which child a code belongs to. Of the code only its digest is kept."""

from __future__ import annotations

from sqlalchemy import Engine, select

from storage.office_tables import receipts
from storage.sql import POSTGRES, SQLITE
from storage.sql_store import told_plainly


class SqlReceipts:
    """See `workflows.office.openness.Receipts`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._now = (SQLITE if engine.dialect.name == "sqlite" else POSTGRES).now

    def keep(self, digest: str, task: str) -> None:
        with told_plainly(), self._engine.execution_options(writes=True).begin() as connection:
            now = int(connection.exec_driver_sql(self._now).scalar_one())
            connection.execute(receipts.insert().values(digest=digest, task=task, made_at=now))

    def task(self, digest: str) -> str | None:
        with told_plainly(), self._engine.begin() as connection:
            return connection.scalar(select(receipts.c.task).where(receipts.c.digest == digest))
