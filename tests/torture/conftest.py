"""A folder in memory, where there is such a thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.stage import in_memory


@pytest.fixture
def memory() -> Iterator[Path]:
    """For files that outlive no more than a process: waiting for a disk would find nothing more."""
    with in_memory() as folder:
        yield folder
