"""Whatever a definition looks like, it is checked and compared without a crash, and each finding is whole."""

from __future__ import annotations

import random

import pytest

from engine.checks import guards, horizon, whole
from engine.loading import load
from tests.engine.walks import edition_of, random_process, text_of
from workflows.authoring.checking import alone
from workflows.authoring.diff import compare

KNOWN = {*guards.CODES, *whole.CODES, horizon.CODE}


@pytest.mark.parametrize("seed", range(40))
def test_a_random_definition_is_checked(seed: int) -> None:
    text = text_of(random_process(random.Random(seed)))
    lines = text.count("\n") + 1
    for found in alone(load(text)):
        assert found.code in KNOWN
        assert found.message.zh != found.message.en
        assert found.cure is not None
        assert 1 <= found.where.line <= lines


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_two_random_definitions_are_compared(seed: int) -> None:
    one, other = (edition_of(text_of(random_process(random.Random(seed + step)))) for step in (0, 1))
    assert compare(one, other).changes
    assert not compare(one, one).changes
