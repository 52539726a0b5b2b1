"""The facts of documents are made again with so much of the record in memory at a time, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from storage.evidence import open_evidence
from tests.workflows.attackers import url_of
from tests.workflows.verified import codes, lived, looked
from workflows.audit.verifying import reprinted
from workflows.audit.verifying.reprinted import _Lives


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small office of two months."""
    path: Path = tmp_path_factory.mktemp("reprinted") / "duban.db"
    lived(url_of(path))
    return url_of(path)


@dataclass
class _Counted:
    """Evidence that counts how often a stream is read."""

    evidence: Any
    read: Counter[str] = field(default_factory=Counter)

    def rows(self, streams: Sequence[str]) -> Mapping[str, Any]:
        self.read.update(streams)
        found: Mapping[str, Any] = self.evidence.rows(streams)
        return found


def _asked(url: str, most: int) -> tuple[_Lives, Counter[str]]:
    """Three tasks by turns, at their first event and then at their last."""
    with open_evidence(url) as evidence:
        counted = _Counted(evidence)
        lives = _Lives(counted, most)  # type: ignore[arg-type]  # as much of it as lives read
        names = [f"promises-{n:02}" for n in range(1, 4)]
        ends = [len(lives.told(name)) for name in names]
        for seqs in ([1, 1, 1], ends):
            for name, seq in zip(names, seqs, strict=True):
                assert (lives.task(name, seq).id, lives.task(name, seq).seq) == (name, seq)
    return lives, counted.read


def test_a_record_that_has_room_is_read_once(url: str) -> None:
    _, read = _asked(url, 10_000)
    assert set(read.values()) == {1}


def test_what_was_asked_for_longest_ago_is_let_go_and_lived_again(url: str) -> None:
    """With room for one task each is read at every turn, and comes to the same."""
    lives, read = _asked(url, 1)
    assert set(read.values()) == {3}
    assert len(lives._told) == len(lives._tasks) == 1
    assert lives._held == len(lives.told("promises-03")) + 1


def test_documents_that_ask_for_more_than_has_room_find_most_of_it_again(url: str) -> None:
    """The same four tasks for each of ten documents, with room for three; and when something was recorded, or erased,
    is known of all.
    """
    names = [f"promises-{n:02}" for n in range(1, 5)]
    with open_evidence(url) as evidence:
        counted = _Counted(evidence)
        ends = {name: len(_Lives(evidence).told(name)) for name in names}
        lives = _Lives(counted, sum(sorted(ends.values())[1:]) + 4)  # type: ignore[arg-type]  # as above
        for lives.document in range(1, 11):
            for name in names:
                assert lives.task(name, ends[name]).seq == ends[name]
        assert sum(counted.read.values()) <= len(names) + 2 * 10
        before = sum(counted.read.values())
        for name in names:
            told = _Lives(evidence).told(name)
            assert [lives.recorded_at(name, each.event.seq) for each in told] == [each.recorded_at for each in told]
            assert lives.recorded_at(name, ends[name] + 1) is None
            assert lives.erasing(name) == ()
        assert sum(counted.read.values()) == before


def test_what_the_last_document_did_not_ask_for_goes_first(url: str) -> None:
    with open_evidence(url) as evidence:
        counted = _Counted(evidence)
        lives = _Lives(counted, max(len(_Lives(evidence).told(f"promises-{n:02}")) for n in range(1, 5)) * 2)  # type: ignore[arg-type]
        lives.told("promises-01")
        for lives.document in range(3, 9):
            lives.told("promises-02")
            lives.told("promises-03")
    assert counted.read["promises-01"] == counted.read["promises-02"] == 1
    assert counted.read["promises-03"] <= 2


def test_whatever_has_room_the_findings_are_the_same(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reprinted._Lives, "__init__", _with_room_for(1, reprinted._Lives.__init__))
    assert codes(looked(url).findings) == set()


def _with_room_for(most: int, init: Any) -> Any:
    return lambda lives, evidence: init(lives, evidence, most)
