"""Small packages of real records: one of everything, with a tree; one of a task; one with personal lines and a move."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.offices import by_task, everything, moved
from tests.packaging.second import Files


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """Packages by name, each as its files."""
    folder: Path = tmp_path_factory.mktemp("packages")
    return {"everything": everything(folder), "by task": by_task(folder), "moved": moved(folder)}
