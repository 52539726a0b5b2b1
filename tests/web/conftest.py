"""A house for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.stage import Stage, raise_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The house of `stage.py`, new."""
    made = raise_stage(tmp_path)
    yield made
    made.close()
