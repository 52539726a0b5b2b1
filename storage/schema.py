"""The schema's revision: read cheaply at every start, changed by Alembic only.

Alembic is imported where it works, and nowhere else: opening a database that is up to date needs the one row of
`duban_version`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from engine.problems import Text
from storage import (
    as_made,
    office_tables,  # noqa: F401  # its tables belong to the metadata
)
from storage.errors import (
    StoreDamaged,
    StoreForeign,
    StoreMissing,
    StoreNewer,
    StoreOlder,
    names_what_is_not_there,
)
from storage.otherwise import altered, foreign, lacks, thing
from storage.tables import VERSION_TABLE, metadata

HEAD = "0005"
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every revision this program knows, oldest first."""

MIGRATIONS = Path(__file__).with_name("migrations")


def revision(connection: Connection) -> str | None:
    """The revision that the database says it has, or None where it says nothing. Raises StoreDamaged if it cannot."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    try:
        return connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 - a constant
    except DBAPIError as error:
        if names_what_is_not_there(error):
            raise StoreDamaged(lacks([f"{VERSION_TABLE}.version_num"])) from error
        raise


def require_current(engine: Engine) -> None:
    """Raise StoreMissing, StoreForeign, StoreOlder or StoreNewer unless the schema is this program's."""
    found = require_known(engine)
    if found != HEAD:
        raise StoreOlder(found)


def require_known(engine: Engine) -> str:
    """The revision, this program's or an older one. Raise StoreMissing, StoreForeign or StoreNewer otherwise."""
    with engine.connect() as connection:
        found = revision(connection)
        if found is None:
            raise StoreForeign if inspect(connection).get_table_names() else StoreMissing
    if found not in REVISIONS:
        raise StoreNewer(found)
    return found


def create(engine: Engine) -> None:
    """Make the tables where there are none. Raises StoreForeign where tables of these names belong to somebody else."""
    with engine.connect() as connection:
        if revision(connection) is not None:
            return
        if not metadata.tables.keys().isdisjoint(inspect(connection).get_table_names()):
            raise StoreForeign
    upgrade(engine)


UPGRADING = 0x6475_6261
"""The advisory lock of whoever changes the schema on PostgreSQL; on SQLite a writer is alone already."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the schema to a revision, in one transaction."""
    with engine.execution_options(writes=True).begin() as connection:
        upgrade_on(connection, to)


def upgrade_on(connection: Connection, to: str) -> None:
    """The same within a transaction. Two who upgrade at once do it one after the other; the second finds it done."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADING})")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


# -- is it still as it was made?


def lacking(connection: Connection) -> list[str]:
    """The tables of this program that a database has not, and the columns (`table.column`) that one of them has not."""
    found = inspect(connection)
    there = {name: {each["name"] for each in found.get_columns(name)} for name in found.get_table_names()}
    gone = [name for name in metadata.tables if name not in there]
    wanted = [(name, each.name) for name, table in metadata.tables.items() for each in table.columns if name in there]
    return gone + [f"{name}.{column}" for name, column in wanted if column not in there[name]]


OBJECTS = {
    "sqlite": "SELECT type || ' ' || name, tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master",
    "postgresql": """
SELECT 'trigger ' || tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'rule ' || rulename, tablename FROM pg_rules WHERE schemaname = current_schema()
UNION ALL SELECT 'view ' || viewname, definition FROM pg_views WHERE schemaname = current_schema()
""",
}
"""What stands in a schema: names and how each was made."""


def strange(found: Mapping[str, str], kind: str) -> list[Text]:
    """What stands in the schema and is not ours, or is not as we made it, of what `OBJECTS` answers on a `kind` of
    database: whoever adds a trigger or swaps an index changes what a program reads without touching a row. Tables of
    others are none of our business.
    """
    ours = _fresh() if kind == "sqlite" else {}
    wrong = [altered(_named(name)) for name, said in ours.items() if found.get(name) != said]
    kinds = ("trigger ", "rule ", "view ")
    planted = [
        name for name in found if name.startswith(kinds) or (name.startswith("index ") and _on_ours(found[name]))
    ]
    return wrong + [foreign(_named(name)) for name in planted if name not in ours]


def _named(name: str) -> Text:
    """What `OBJECTS` answers: its kind, and what it is called."""
    kind, _, called = name.partition(" ")
    return thing(kind, called)


def _on_ours(said: str) -> bool:
    """Whether what `OBJECTS` answers of an index begins with a table of ours."""
    return said.partition(" ")[0] in metadata.tables


def otherwise(connection: Connection) -> list[Text]:
    """How the schema of a database is otherwise than this program makes it."""
    kind = connection.dialect.name
    found = strange({str(name): str(said) for name, said in connection.exec_driver_sql(OBJECTS[kind])}, kind)
    return found + list(as_made.otherwise(connection)) if kind == "postgresql" else found


@cache
def _fresh() -> Mapping[str, str]:
    """The schema of a new database, by kind and name."""
    from pysqlite3 import dbapi2
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", module=dbapi2, poolclass=StaticPool)
    try:
        upgrade(engine)
        with engine.connect() as connection:
            return dict(connection.exec_driver_sql(OBJECTS["sqlite"]).all())
    finally:
        engine.dispose()
