"""The checks that find tampering, each as what has to be replaced to switch it off: who shows that a check finds
something also shows that without it nothing does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine.events import Json
from engine.tree import Head
from storage.evidence import SqlEvidence
from workflows.audit.sealing import checking, claims
from workflows.audit.sealing.checkpoints import claimed
from workflows.audit.verifying import bench, chains, house, redacted, running, sealed


def _nothing(*_args: object, **_more: object) -> tuple[()]:
    return ()


def _no_family(*_args: object) -> tuple[tuple[()], dict[str, Json]]:
    return (), {}


def _unverified(note: str, _key: object) -> Head:
    return claimed(note)[1]


CHECKS: dict[str, tuple[Any, str, Any]] = {
    "chain": (chains, "check", _nothing),
    "erased": (redacted, "check", _nothing),
    "life": (bench.Bench, "_family", _no_family),
    "house": (house, "check", _nothing),
    "strays": (running, "strays", _nothing),
    "database": (SqlEvidence, "faults", _nothing),
    "tree": (sealed, "check", _nothing),
}
"""What looks without anything from outside: chains, lines that are gone, families lived again, what is kept for the
house, rows of nobody's, the database's own check, the tree with its heads.
"""

DECISIVE: dict[str, tuple[Any, str, Any]] = {
    "head_bad": (claims, "head_of", _unverified),
    "head_overdue": (checking, "_overdue", _nothing),
    "head_unmet": (checking._Build, "_met", _nothing),
    "rolled_back": (checking._Build, "ended", _nothing),
}
"""By which function a head or a key from outside finds."""


@contextmanager
def off(*switches: tuple[Any, str, Any]) -> Iterator[None]:
    """Without some checks."""
    with pytest.MonkeyPatch.context() as patch:
        for switch in switches:
            patch.setattr(*switch)
        yield
