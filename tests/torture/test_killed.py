"""kill -9 at any instant: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import pytest

from tests.torture.executions import executions
from tests.torture.stage import size

KILLS = size(500, 10_000)


@pytest.mark.torture
def test_no_kill_loses_or_tears_a_transition() -> None:
    """After each kill every acknowledged transition is there; beyond them at most the one that was under way; events,
    chain, tasks, snapshots, deadlines, board, outbox and answers agree; and no earlier event has changed.
    """
    found = executions(KILLS)
    assert found.wrong == []
    assert found.kills == KILLS
    assert found.acknowledged > KILLS // 2
    assert found.in_flight > 0, "no kill fell between a commit and its acknowledgement: the instants are badly chosen"


@pytest.mark.torture
@pytest.mark.parametrize("fault", ["in_two_transactions", "acknowledged_too_early"])
def test_a_planted_fault_does_not_survive_the_killing(fault: str) -> None:
    """Projections in a second transaction leave something torn, an early acknowledgement something lost."""
    found = executions(KILLS, fault)
    assert found.wrong
