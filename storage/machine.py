"""What an operator asks of the database itself: how large it is, and which one."""

from __future__ import annotations

from sqlalchemy import Engine

from storage import schema
from storage.transactions import told_plainly

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
_NAME = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def size(engine: Engine) -> int:
    """Bytes. Raises a `StoreProblem`."""
    with told_plainly(engine), engine.begin() as connection:
        return int(connection.exec_driver_sql(_SIZE[engine.dialect.name]).scalar_one())


def described(engine: Engine) -> str:
    """The product with its version, and the schema. Raises a `StoreProblem`."""
    kind = engine.dialect.name
    with told_plainly(engine), engine.begin() as connection:
        version = connection.exec_driver_sql(_VERSION[kind]).scalar_one()
        return f"{_NAME[kind]} {version}, {schema.revision(connection)}"


def require(engine: Engine) -> None:
    """Raise a `StoreProblem` unless the schema is this program's: somebody may upgrade it while a server runs."""
    with told_plainly():
        schema.require_current(engine)
