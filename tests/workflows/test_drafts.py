"""Drafts: kept under a version, so that nobody's text is overwritten by somebody who has not read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from engine.commands import Refusal
from storage import open_store
from workflows.authoring.drafts import LONGEST, Draft, draft, drafts, drop, save
from workflows.clock import VirtualClock
from workflows.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    clock = VirtualClock(datetime(2022, 3, 1, 9, tzinfo=UTC))
    store = open_store("memory://", clock=clock)
    yield Desk(store, clock)
    store.close()


def test_a_draft_counts_how_often_it_was_saved(desk: Desk) -> None:
    first = save(desk, "leak", "a: 1\n", 0, "wang")
    assert isinstance(first, Draft)
    second = save(desk, "leak", "a: 2\n", first.version, "li")
    assert isinstance(second, Draft)
    assert (second.version, second.by, second.text) == (2, "li", "a: 2\n")
    assert draft(desk, "leak") == second
    assert drafts(desk) == [second]


def test_whoever_has_not_read_the_last_text_does_not_overwrite_it(desk: Desk) -> None:
    save(desk, "leak", "mine\n", 0, "wang")
    for version in (0, 2):
        refused = save(desk, "leak", "other\n", version, "li")
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.facts["by"]) == ("draft_stale", "wang")
    kept = draft(desk, "leak")
    assert kept is not None
    assert kept.text == "mine\n"


def test_two_who_save_at_once_are_told_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else saves between the reading and the writing."""
    save(desk, "leak", "first\n", 0, "wang")
    swap = type(desk.store).swap_note

    def overtaken(store: object, name: str, before: str | None, after: str) -> bool:
        monkeypatch.setattr(type(desk.store), "swap_note", swap)
        assert isinstance(save(desk, "leak", "theirs\n", 1, "li"), Draft)
        return swap(store, name, before, after)  # type: ignore[arg-type]  # the store itself

    monkeypatch.setattr(type(desk.store), "swap_note", overtaken)
    refused = save(desk, "leak", "mine\n", 1, "wang")
    assert isinstance(refused, Refusal)
    assert refused.facts["by"] == "li"


def test_a_draft_is_thrown_away_in_the_version_that_was_read(desk: Desk) -> None:
    save(desk, "leak", "a: 1\n", 0, "wang")
    save(desk, "leak", "a: 2\n", 1, "li")
    assert isinstance(drop(desk, "leak", 1), Refusal)
    assert drop(desk, "leak", 2) is None
    assert draft(desk, "leak") is None
    assert drafts(desk) == []
    anew = save(desk, "leak", "anew\n", 0, "wang")
    assert isinstance(anew, Draft)
    for version in (1, 2):
        assert isinstance(save(desk, "leak", "old\n", version, "li"), Refusal), "what was read then is not this text"
        assert isinstance(drop(desk, "leak", version), Refusal)
    assert draft(desk, "leak") == anew


@pytest.mark.parametrize("name", ["", "Leak", "a/b", "1st", "x" * 61, "a b"])
def test_a_name_that_no_process_can_have_is_refused(desk: Desk, name: str) -> None:
    refused = save(desk, name, "", 0, "wang")
    assert isinstance(refused, Refusal)
    assert refused.code == "draft_name"


def test_a_text_that_is_too_long_is_refused(desk: Desk) -> None:
    refused = save(desk, "leak", "x" * (LONGEST + 1), 0, "wang")
    assert isinstance(refused, Refusal)
    assert refused.code == "draft_too_long"
