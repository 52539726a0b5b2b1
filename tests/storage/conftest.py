"""The three stores behind one fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import open_store
from tests.storage.stories import Clock
from workflows.ports import Store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of each kind."""
    if request.param == "memory":
        return "memory://"
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return str(request.getfixturevalue("founded_postgres"))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind: stores that others can open too."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return str(request.getfixturevalue("fresh_postgres"))


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """An empty store of each kind on a virtual clock."""
    opened = open_store(url, create=True, clock=clock)
    yield opened
    opened.close()
