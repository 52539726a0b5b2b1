"""How each room of the database reads and writes: one transaction at a time, and every driver's error as a problem
with a cure. Whoever keeps something in the tables stands on `Transactions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, Engine

from storage import schema
from storage.engines import turn
from storage.errors import StoreBusy, StoreDamaged, StoreProblem, of_a_driver, translated
from storage.otherwise import lacks, one_after_another
from storage.sql import POSTGRES, SQLITE


class told_plainly:  # noqa: N801 - it is said as a sentence: `with told_plainly():`
    """Let no driver's error out: what a person can meet becomes a `StoreProblem`. Whether the schema was altered, or a
    statement is a fault of the program, is asked of the `engine`'s schema.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        """There is nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, StoreProblem):
            return
        problem = translated(error) or (_altered(error, self._engine) if self._engine is not None else None)
        if problem is not None:
            raise problem from error


def _altered(error: Exception, engine: Engine) -> StoreProblem | None:
    """A statement that a database cannot do, by a schema that is not ours any more: a column of another type, a view
    where a table was, a trigger. By our own schema it is a fault of the program.
    """
    if not of_a_driver(error):
        return None
    with told_plainly(), engine.connect() as connection:
        gone = schema.lacking(connection)
        otherwise = [] if gone else schema.otherwise(connection)
    if gone:
        return StoreDamaged(lacks(gone))
    return StoreDamaged(one_after_another(otherwise[:3])) if otherwise else None


def of_one_moment(engine: Engine) -> Engine:
    """The same engine, whose transactions only read and see one moment: SQLite's readers do by themselves."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


class Transactions:
    """An engine with its two kinds of transaction: on SQLite a writer takes its lock when it begins."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self._hasty = engine.execution_options(writes="now")
        self._sql = SQLITE if engine.dialect.name == "sqlite" else POSTGRES

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with told_plainly(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with told_plainly(self.engine), turn(self.engine), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _spare(self) -> Iterator[Connection | None]:
        """To write where nobody else does at this moment; None where somebody does."""
        with told_plainly(self.engine), ExitStack() as held:
            yield self._begun(held)

    def _begun(self, held: ExitStack) -> Connection | None:
        try:
            with told_plainly():
                held.enter_context(turn(self.engine, 0))
                return held.enter_context(self._hasty.begin())
        except StoreBusy:
            return None

    def _micros(self, connection: Connection) -> int:
        """The database's clock, in microseconds since 1970."""
        return int(connection.exec_driver_sql(self._sql.now).scalar_one())
