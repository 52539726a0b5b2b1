"""Texts that are being written are loaded once, whoever asks and however many do; only the last ones are kept."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from engine.loading import Loaded
from engine.loading import load as by_itself
from tests.limits import at_once
from tests.workflows.proofs import DEFINITIONS
from workflows.authoring import loaded
from workflows.authoring.loaded import KEPT, Texts

TEXT = (DEFINITIONS / "examples" / "petition" / "process.yaml").read_text(encoding="utf-8")


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was loaded."""
    counted: Counter[str] = Counter()

    def load(text: str, file: str) -> Loaded:
        counted[text] += 1
        return by_itself(text, file)

    monkeypatch.setattr(loaded, "load", load)
    return counted


def test_who_asks_at_the_same_time_waits_for_one_loading(loads: Counter[str]) -> None:
    texts = Texts()
    found = at_once(*[partial(texts.load, TEXT)] * 3)
    assert loads == {TEXT: 1}
    assert found[0] is found[1] is found[2]
    assert found[0].edition is not None
    assert [each.message for each in found[0].problems] == [each.message for each in by_itself(TEXT).problems]


def test_another_text_is_another_one(loads: Counter[str]) -> None:
    """One character is enough, and what does not load says so each time."""
    texts, other = Texts(), TEXT.replace("15 ", "14 ", 1)
    assert other != TEXT
    one, two = texts.load(TEXT).edition, texts.load(other).edition
    assert one is not None
    assert two is not None
    assert (one.text, two.text) == (TEXT, other)
    assert texts.load("states: 1").problems == texts.load("states: 1").problems != []
    assert loads["states: 1"] == 1


def test_only_the_last_texts_are_kept(loads: Counter[str]) -> None:
    texts = Texts()
    many = [f"states: {number}" for number in range(KEPT + 1)]
    for text in many:
        texts.load(text)
    texts.load(many[-1])
    texts.load(many[1])
    assert set(loads.values()) == {1}
    texts.load(many[0])
    assert loads[many[0]] == 2, "the first was let go of"
    assert len(texts._kept) == KEPT
