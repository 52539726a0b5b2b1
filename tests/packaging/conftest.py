"""Small packages of real records: one of everything, with a tree; one of a task; two with a move; two of what was
erased; one with both trees; one of all sorts of things.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packaging.offices import both_trees, by_task, everything, moved, moved_plan, redacted, until_before
from tests.packaging.second import Files
from tests.packaging.various import various


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """Packages by name, each as its files."""
    folder: Path = tmp_path_factory.mktemp("packages")
    made = {"everything": everything, "by task": by_task, "moved": moved, "redacted": redacted, "before": until_before}
    made |= {"both trees": both_trees, "moved plan": moved_plan, "various": various}
    return {name: make(folder) for name, make in made.items()}
