"""The schema that migrations lead to is the schema that the program means, and opening is cheap and careful."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, inspect, make_url

from storage import open_store, schema, upgrade_store
from storage.engines import resets_safely, sqlite_engine
from storage.errors import (
    StoreAddress,
    StoreForeign,
    StoreMissing,
    StoreNewer,
    StoreOlder,
    StoreUnreachable,
    StoreUnsafe,
)
from storage.opening import opened_engine
from storage.sql_store import SqlStore
from storage.tables import VERSION_TABLE, metadata
from tests.conftest import database_of
from tests.schema_once import Once

pytestmark = pytest.mark.usefixtures("by_migrations")


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """The engine of a database that has just been made."""
    with closing(open_store(url, create=True)) as store:
        assert isinstance(store, SqlStore)
        yield store.engine


def meant_for(engine: Engine) -> Callable[..., bool]:
    """Leave out what the metadata keeps for another kind of database."""
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    others = {index.name for index in indexes if index.info.get("dialect", engine.dialect.name) != engine.dialect.name}
    return lambda _, name, *__: name not in others


def differences(engine: Engine, wanted: MetaData) -> list[object]:
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": VERSION_TABLE, "include_object": meant_for(engine)}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, wanted))


def test_migrations_lead_to_the_metadata(database: str) -> None:
    """No table, column, type, index or constraint is missing or left over; a planted column is found."""
    planted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(planted)
    planted.tables["notes"].append_column(Column("planted", Integer))
    Table("planted", planted, Column("n", Integer))
    with engine_of(database) as engine:
        assert differences(engine, metadata) == []
        assert len(differences(engine, planted)) == 2


def test_primary_keys_and_checks_are_those_of_the_metadata(database: str) -> None:
    """What the comparison of Alembic does not look at."""
    with engine_of(database) as engine:
        asked = inspect(engine)
        for name, table in metadata.tables.items():
            assert asked.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
        checks = {check["name"] for check in asked.get_check_constraints("spans")}
    assert checks == {"spans_valid_check", "spans_known_check"}


def tables(engine: Engine) -> list[list[str]]:
    said = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'duban_version' ORDER BY type, name"
    with engine.connect() as connection:
        return [[" ".join(str(part).split()) for part in row] for row in connection.exec_driver_sql(said)]


def test_sqlite_tables_are_word_for_word_those_of_the_metadata(tmp_path: Path) -> None:
    direct = create_engine(f"sqlite:///{tmp_path / 'b.db'}", module=dbapi2)
    metadata.create_all(direct)
    with engine_of(f"sqlite:///{tmp_path / 'a.db'}") as migrated:
        assert tables(migrated) == tables(direct)
    direct.dispose()


def test_the_program_knows_the_last_revision() -> None:
    """The cheap check at the start and Alembic's scripts agree."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.HEAD]
    assert [each.revision for each in scripts.walk_revisions()] == list(reversed(schema.REVISIONS))


def test_no_table_bears_a_name_that_a_job_library_uses() -> None:
    """Another library may keep its own tables in the same file."""
    assert metadata.tables.keys().isdisjoint(
        {"notifications", "queues", "streams", "workflow_status", "operation_outputs"}
    )


def imported(code: str) -> set[str]:
    ask = f"import sys; {code}; print(*[m for m in ('alembic', 'sqlalchemy', 'psycopg') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", ask], check=True, timeout=300, capture_output=True, text=True)
    return set(done.stdout.split())


def test_opening_a_database_that_is_up_to_date_imports_no_alembic(tmp_path: Path) -> None:
    """A slow import is paid where it works only: making the schema needs it, opening does not."""
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    opening = f"from storage import open_store; open_store({url!r}, create=%s)"
    assert imported(opening % True) == {"alembic", "sqlalchemy"}
    assert imported(opening % False) == {"sqlalchemy"}


def test_a_rehearsal_imports_no_database_library() -> None:
    assert imported("from storage import open_store; open_store('memory://', clock=lambda: None)") == set()


def test_creating_twice_keeps_what_is_there(database: str) -> None:
    with closing(open_store(database, create=True)) as store:
        store.set_note("purpose", "live")
    with closing(open_store(database, create=True)) as store:
        assert store.note("purpose") == "live"
    upgrade_store(database)
    with closing(open_store(database)) as store:
        assert store.note("purpose") == "live"


def test_a_missing_database_is_said_to_be_missing(tmp_path: Path, fresh_postgres: str) -> None:
    """Nothing is made by mistake: neither a file nor a table."""
    path = tmp_path / "none.db"
    with pytest.raises(StoreMissing, match="duban init"):
        open_store(f"sqlite:///{path}")
    assert not path.exists()
    with pytest.raises(StoreMissing):
        open_store(fresh_postgres)
    with pytest.raises(StoreUnreachable, match="--db"):
        open_store(fresh_postgres.replace("/t_", "/u_"))


def test_a_database_of_somebody_else_is_left_alone(database: str, tmp_path: Path) -> None:
    module = {"module": dbapi2} if database.startswith("sqlite") else {}
    engine = create_engine(database, **module)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE events (n integer)")
    engine.dispose()
    for create in (False, True):
        with pytest.raises(StoreForeign):
            open_store(database, create=create)
    (tmp_path / "letter.txt").write_text("敬启者" * 500)
    with pytest.raises(StoreForeign):
        open_store(f"sqlite:///{tmp_path / 'letter.txt'}")


def test_a_schema_of_another_version_is_refused_with_its_cure(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_of(database) as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE duban_version SET version_num = '9999'")
    with pytest.raises(StoreNewer, match="9999"):
        open_store(database)
    monkeypatch.setattr(schema, "REVISIONS", ("9999", "0001"))
    with pytest.raises(StoreOlder, match="duban upgrade"):
        open_store(database)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense"])
def test_an_address_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(StoreAddress, match="sqlite:///PATH"):
        open_store(url)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_libraries_with_the_wal_reset_defect_are_refused(version: tuple[int, ...], safe: bool, tmp_path: Path) -> None:
    assert resets_safely(version) is safe
    url = f"sqlite:///{tmp_path / 'duban.db'}"
    if safe:
        sqlite_engine(make_url(url), create=True, version=version).dispose()
    else:
        with pytest.raises(StoreUnsafe, match="pysqlite3"):
            sqlite_engine(make_url(url), create=True, version=version)


def test_sqlite_is_told_to_keep_its_word(tmp_path: Path) -> None:
    """Write-ahead log, a flush at each commit, foreign keys, patience."""
    with engine_of(f"sqlite:///{tmp_path / 'duban.db'}") as engine, engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert found == ["wal", 2, 1, 10_000]


def test_a_postgresql_that_may_lose_work_is_refused(fresh_postgres: str) -> None:
    """Unless a test says that it means it."""
    open_store(fresh_postgres, create=True).close()
    engine = create_engine(fresh_postgres)
    name = engine.url.database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    engine.dispose()
    with pytest.raises(StoreUnsafe, match="synchronous_commit = on"):
        open_store(fresh_postgres)
    open_store(fresh_postgres, unsafe=True).close()


def test_the_schema_that_other_tests_repeat_is_the_one_of_the_migrations(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Made by the migrations, listened to, and made again by what was heard: the same tables, indexes and revision."""
    heard = Once(schema.upgrade)
    made = []
    other = f"sqlite:///{tmp_path / 'b.db'}" if "sqlite" in database else str(request.getfixturevalue("fresh_other"))
    for url in (database, other):
        with opened_engine(url, create=True) as engine:
            heard(engine)
            schema.require_current(engine)
            assert differences(engine, metadata) == []
            made.append(inspected(engine))
    assert made[0] == made[1]
    assert len(made[0]) > 20


def inspected(engine: Engine) -> dict[str, object]:
    """All that a database says of its schema: how each thing was made, or what it is."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            return dict(connection.exec_driver_sql(schema.OBJECTS["sqlite"]).all())
    asked = (
        """SELECT table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
             FROM information_schema.columns WHERE table_schema = 'public'""",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    )
    with engine.connect() as connection:
        return {name: told for said in asked for name, told in connection.exec_driver_sql(said)}


@pytest.fixture
def fresh_other(postgres_url: str) -> Iterator[str]:
    """A second empty database."""
    yield from database_of(postgres_url)
